//! The metadata of several runs, such as those of an experiment, as one Process Run Crate.
//!
//! Each run's folder is a crate by itself. The outer crate says nothing of the inner metadata files: a reader
//! would take each of them for a second root.

use std::collections::BTreeMap;

use crate::ledger::digest::Digest;
use crate::ledger::view::{LedgerView, RunView};

use super::contents::CrateFile;
use super::describe::{self, Root};
use super::graph::{Entity, Graph};
use super::who;

/// Several runs as a crate describes them.
#[derive(Clone, Copy, Debug)]
pub struct Collection<'a> {
    /// The ledger, for what it declares.
    pub ledger: &'a LedgerView,
    /// The title.
    pub title: &'a str,
    /// What they are about.
    pub description: &'a str,
    /// The runs, each once.
    pub runs: &'a [&'a RunView],
    /// The data files they read, each state of one once.
    pub data: &'a [CrateFile],
    /// Specs, descriptions, the table of runs, how to cite it.
    pub beside: &'a [CrateFile],
    /// What it can be known by in git.
    pub identifiers: &'a [String],
    /// Whether the names of users and machines are left out.
    pub anonymous: bool,
    /// Whether the folders of runs are in the crate; without them, only the metadata is.
    pub with_files: bool,
}

/// The folder of a run's files in the crate, with a slash at the end.
pub fn folder(run: &RunView) -> String {
    format!("runs/{}/", run.id)
}

impl Collection<'_> {
    /// The bytes of `ro-crate-metadata.json`.
    pub fn metadata(&self) -> Vec<u8> {
        let mut graph = Graph::default();
        let creators = who::creators(&mut graph, &self.ledger.about);
        let agents = who::agents(&mut graph, &self.ledger.about, &creators);
        let (mut parts, mut data) = (Vec::new(), BTreeMap::<Digest, String>::new());
        for (file, is_data) in
            self.data.iter().map(|it| (it, true)).chain(self.beside.iter().map(|it| (it, false)))
        {
            let id = describe::file(&mut graph, file);
            if is_data {
                data.insert(file.blake3, id.clone());
            }
            if file.missing.is_none() {
                parts.push(id);
            }
        }
        let mut actions = Vec::new();
        for run in self.runs {
            let folder = self.folder(&mut graph, run);
            let used = run.data.iter().filter_map(|file| data.get(&file.blake3).cloned()).collect();
            let used = (used, agents.as_slice());
            actions.push(super::run_crate::in_collection(
                &mut graph,
                run,
                &folder,
                used,
                self.anonymous,
            ));
            parts.push(folder);
        }
        let date = self.runs.iter().map(|run| run.ended).max();
        let root = Root {
            name: self.title.to_owned(),
            description: self.description.to_owned(),
            date: date.map(|date| date.date(&self.ledger.time_zone)).unwrap_or_default(),
            identifiers: self.identifiers.to_vec(),
            keywords: describe::keywords(self.runs.iter().copied()),
            parts,
            actions,
            creators: &creators,
        };
        describe::root(&mut graph, self.ledger, root);
        graph.document(&describe::context())
    }

    fn folder(&self, graph: &mut Graph, run: &RunView) -> String {
        let label = if run.label.is_empty() { &run.short } else { &run.label };
        let what = if self.with_files {
            "the files of one run, a crate by itself"
        } else {
            "one run; its files are in the ledger"
        };
        graph.add(
            Entity::new(folder(run), "Dataset")
                .set("name", format!("{label} ({})", run.short))
                .set("description", format!("{}: {what}", run.status.word()))
                .set("identifier", format!("urn:fairledger:run:{}", run.id)),
        )
    }
}
