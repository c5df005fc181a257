//! The metadata of a run as a Process Run Crate 0.5, an RO-Crate 1.1 about one execution of one program.

use serde_json::{Value, json};

use crate::ledger::layout::PARAMS;
use crate::ledger::view::{LedgerView, RunView};

use super::contents::CrateFile;
use super::describe::{self, Root};
use super::graph::{Entity, Graph};
use super::swhid::Swhids;
use super::who;

pub use super::describe::METADATA;

/// A run as a crate describes it.
#[derive(Clone, Copy, Debug)]
pub struct RunCrate<'a> {
    /// The ledger, for what it declares.
    pub ledger: &'a LedgerView,
    /// The run.
    pub run: &'a RunView,
    /// Its files.
    pub files: &'a [CrateFile],
    /// The data file it read.
    pub data: Option<&'a CrateFile>,
    /// Files about the crate, such as how to cite it.
    pub beside: &'a [CrateFile],
    /// Its identifiers in git.
    pub swhids: &'a Swhids,
    /// Whether the names of users and machines are left out.
    pub anonymous: bool,
}

impl RunCrate<'_> {
    /// The bytes of `ro-crate-metadata.json`.
    pub fn metadata(&self) -> Vec<u8> {
        let (run, mut graph) = (self.run, Graph::default());
        let creators = who::creators(&mut graph, &self.ledger.about);
        let agents = who::agents(&mut graph, &self.ledger.about, &creators);
        let mut parts = Vec::new();
        let mut add = |graph: &mut Graph, file: &CrateFile| {
            let id = describe::file(graph, file);
            if file.missing.is_none() {
                parts.push(id.clone());
            }
            id
        };
        let mut used = Vec::new();
        let mut results = Vec::new();
        for file in self.files {
            let id = add(&mut graph, file);
            if file.path == PARAMS { used.push(id) } else { results.push(id) }
        }
        used.extend(self.data.map(|data| add(&mut graph, data)));
        for file in self.beside {
            add(&mut graph, file);
        }
        let seed = [("seed".to_owned(), json!(run.seed))];
        for (name, value) in
            run.params.iter().map(|(name, value)| (name.clone(), value.clone())).chain(seed)
        {
            used.push(describe::value(&mut graph, "param", &name, value));
        }
        for (name, value) in &run.metrics {
            results.push(describe::value(&mut graph, "metric", name, describe::number(*value)));
        }
        let environment = self.environment(&mut graph);
        let instrument = describe::instrument(&mut graph, run);
        let action = graph.add(
            describe::action(run, self.anonymous)
                .refer("instrument", &[instrument])
                .refer("agent", &agents)
                .refer("object", &used)
                .refer("result", &results)
                .refer("environment", &environment),
        );
        describe::root(&mut graph, self.ledger, self.root(parts, action, &creators));
        graph.document(&describe::context())
    }

    fn environment(&self, graph: &mut Graph) -> Vec<String> {
        let run = self.run;
        let mut facts: Vec<(String, Value)> = vec![
            ("target".into(), json!(run.host.target)),
            ("cores".into(), json!(run.host.cores)),
        ];
        if !self.anonymous {
            facts.push(("host".into(), json!(run.host.name)));
        }
        facts.extend(
            run.versions
                .iter()
                .map(|(name, version)| (format!("version of {name}"), json!(version))),
        );
        let facts = facts.into_iter().filter(|(_, value)| value.as_str() != Some(""));
        facts.map(|(name, value)| describe::value(graph, "environment", &name, value)).collect()
    }

    fn root<'c>(&self, parts: Vec<String>, action: String, creators: &'c [String]) -> Root<'c> {
        let run = self.run;
        let label = if run.label.is_empty() { &run.short } else { &run.label };
        let description = if run.description.is_empty() {
            format!(
                "One {} run of {} in the experiment {}",
                run.status.word(),
                run.trainer,
                run.experiment
            )
        } else {
            run.description.clone()
        };
        let mut identifiers = vec![format!("urn:fairledger:run:{}", run.id)];
        identifiers.extend(self.swhids.directory.clone());
        Root {
            name: format!("{label} ({}), a run of {}", run.short, self.ledger.title),
            description,
            date: run.ended.date(&self.ledger.time_zone),
            identifiers,
            keywords: describe::keywords([run]),
            parts,
            actions: vec![action],
            creators,
        }
    }
}

/// One run among several in [`super::collection`]: what it read and where its files lie.
pub(super) fn in_collection(
    graph: &mut Graph,
    run: &RunView,
    folder: &str,
    (used, agents): (Vec<String>, &[String]),
    anonymous: bool,
) -> String {
    let instrument = describe::instrument(graph, run);
    let mut results = vec![folder.to_owned()];
    for (name, value) in &run.metrics {
        let id = format!("#metric-{}-{}", run.id, super::graph::address(name));
        let value = Entity::new(id, "PropertyValue")
            .set("name", name.as_str())
            .set("value", describe::number(*value));
        results.push(graph.add(value));
    }
    graph.add(
        describe::action(run, anonymous)
            .refer("instrument", &[instrument])
            .refer("agent", agents)
            .refer("object", &used)
            .refer("result", &results),
    )
}
