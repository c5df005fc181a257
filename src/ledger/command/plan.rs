//! The runs that a spec with a command asks for.

use toml::{Table, Value};

use super::check::check;
use super::request::{ByCommand, CommandData, CommandFacts, RequestCommand};
use crate::ledger::evaluate::RequestEvaluate;
use crate::ledger::plan::{Plan, Planned, Surroundings, file_of, guide, label_of, walk};
use crate::ledger::problem::Problem;
use crate::ledger::replicates;
use crate::ledger::request::Request;
use crate::ledger::selection::CROSS_VALIDATED;
use crate::ledger::source::Source;
use crate::ledger::spec::{Command, Spec};
use crate::ledger::sweep;

/// The runs that a spec with a command asks for, as far as the results so far decide them.
///
/// # Errors
/// Every mistake of the spec, in file order.
pub(in crate::ledger) fn plan(
    experiment: &str,
    source: &Source,
    spec: &Spec,
    command: &Command,
    around: Surroundings<'_>,
) -> Result<Plan, Vec<Problem>> {
    let spec = &as_written(spec, source);
    let mut problems = check(spec, command, source);
    problems.extend(replicates::check(spec, around.defaults.seed, source));
    problems.extend(sweep::check(spec, source, &[]));
    let none = CommandFacts::default();
    let facts = match around.command {
        Some(Ok(facts)) => facts,
        Some(Err(wrong)) => {
            problems.extend(wrong.clone());
            &none
        }
        None => &none,
    };
    // Which metrics a command reports is known when it has; the one that guides is taken on trust.
    let named = spec.sweep.as_ref().and_then(|sweep| sweep.metric.as_deref());
    let metric = named.or(around.goal.map(|goal| goal.metric.as_str()));
    let metric = metric.map(|name| name.strip_prefix(CROSS_VALIDATED).unwrap_or(name).to_owned());
    let evaluate = RequestEvaluate::of(metric.into_iter().collect());
    let guide = guide(spec, source, &evaluate, around, &mut problems);
    if !problems.is_empty() {
        problems.sort_by_key(|problem| problem.span.start);
        problems.dedup();
        return Err(problems);
    }
    let resolve = Resolve { experiment, source, spec, command, facts, around };
    walk(spec, source, guide, around.results, &|point| resolve.point(point))
}

/// The spec with its params as the file has them: on their way through serde dates became texts.
fn as_written(spec: &Spec, source: &Source) -> Spec {
    let mut spec = spec.clone();
    let written = |table: &Table| table.get("params").and_then(Value::as_table).cloned();
    if let Some(params) = written(&source.table) {
        spec.params = params;
    }
    let sweep = source.table.get("sweep").and_then(Value::as_table).and_then(written);
    if let (Some(own), Some(params)) = (&mut spec.sweep, sweep) {
        own.params = params;
    }
    spec
}

/// Everything that is the same for all runs of a spec.
struct Resolve<'a> {
    experiment: &'a str,
    source: &'a Source,
    spec: &'a Spec,
    command: &'a Command,
    facts: &'a CommandFacts,
    around: Surroundings<'a>,
}

impl Resolve<'_> {
    /// The runs of one point, one for each seed; at least one.
    fn point(&self, point: &Table) -> Result<Vec<Planned>, Problem> {
        let seeds = replicates::seeds(self.spec, self.around.defaults.seed, point);
        seeds.map(|seed| self.run(point, seed)).collect()
    }

    /// Fixes everything that determines one run.
    fn run(&self, point: &Table, seed: i64) -> Result<Planned, Problem> {
        let mut params = point.clone();
        params.remove("seed");
        let mut names = params.clone();
        names.insert("seed".into(), Value::Integer(seed));
        let (command, facts) = (self.command, self.facts);
        let request = Request::by_command(&ByCommand {
            seed,
            command: RequestCommand {
                run: command.run.clone(),
                directory: directory(command).to_owned(),
                version: facts.version.clone(),
                metrics: command.metrics,
                inputs: facts.inputs.clone(),
                lock: facts.lock.clone(),
                environment: facts.environment.clone(),
            },
            params,
            data: facts.data.map(|digest| CommandData { digest }),
        })
        .map_err(|error| self.source.at_value(&[], error.to_string()))?;
        Ok(Planned {
            experiment: self.experiment.to_owned(),
            spec: file_of(self.source).to_owned(),
            label: label_of(self.spec, self.source, point, &names),
            description: self.spec.description.clone(),
            tags: self.spec.tags.clone(),
            data: self.spec.data.as_ref().map(|data| data.path.clone()).unwrap_or_default(),
            command: Some(command.clone()),
            request,
        })
    }
}

/// The folder of a command, empty for the ledger's root.
fn directory(command: &Command) -> &str {
    command.directory.as_deref().filter(|directory| *directory != ".").unwrap_or_default()
}
