//! `fairledger list`

use std::collections::BTreeMap;

use clap::Args;
use serde_json::json;

use crate::engine::{Error, Ledger};
use crate::ledger::cell::{Cell, cells};
use crate::ledger::goal;
use crate::ledger::id::RunId;
use crate::ledger::view::{ExperimentView, RunView};
use crate::ledger::{metric, number};

use super::exit::Exit;
use super::output::{self, Align, line};

/// List the runs of the ledger, newest first
///
/// Runs that differ in nothing but the seed share a line: the mean of each metric over the finished
/// ones, and half the 95 % confidence interval of that mean.
#[derive(Debug, Args)]
pub(super) struct List {
    /// Only the runs of these experiments, or those that meet a filter such as
    /// `metrics.r2 > 0.8 and params.max_depth = 10 order by metrics.rmse`
    #[arg(value_name = "FILTER")]
    filter: Vec<String>,
    /// Give each run a line of its own
    #[arg(long)]
    each: bool,
    /// Print JSON; each run is an item of its own
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let view = ledger.chosen(&self.filter)?;
        let chosen = &view.experiments;
        if self.json {
            let runs = chosen.iter().flat_map(|experiment| &experiment.runs);
            output::json(&runs.map(row_json).collect::<Vec<_>>());
            return Ok(Exit::Done);
        }
        for experiment in chosen {
            if !experiment.runs.is_empty() {
                show(experiment, self.each);
                line("");
            }
        }
        match chosen.iter().find_map(|experiment| experiment.runs.first()) {
            Some(run) => line(format!("next: fairledger show {}", run.short)),
            None if self.filter.is_empty() => line("No runs yet.\nnext: fairledger run"),
            None => line("No run meets this filter.\nnext: fairledger list"),
        }
        Ok(Exit::Done)
    }
}

fn show(experiment: &ExperimentView, each: bool) {
    let lines: Vec<Cell<'_>> = if each {
        experiment.runs.iter().map(Cell::alone).collect()
    } else {
        cells(&experiment.runs)
    };
    let seeds = experiment.runs.iter().any(|run| run.replicates.is_some());
    let metrics = metrics(experiment);
    let mut columns: Vec<(&str, Align)> = ["", "run", "label", "status", "started"]
        .into_iter()
        .map(|name| (name, Align::Left))
        .collect();
    if seeds {
        columns.push((if each { "seed" } else { "seeds" }, Align::Right));
    }
    columns.extend(metrics.iter().map(|name| (*name, Align::Right)));
    columns.push(("files", Align::Left));
    let rows = lines.iter().map(|cell| {
        let run = standing(cell, experiment.best);
        let mark = if experiment.best == Some(run.id) { "*" } else { "" };
        let label = if each { &run.label } else { cell.label() };
        let mut row = vec![mark.to_owned(), run.short.clone(), label.to_owned(), status(cell)];
        row.push(run.started.minute());
        if seeds {
            row.push(if each { run.seed.to_string() } else { cell.runs.len().to_string() });
        }
        for name in &metrics {
            row.push(measured(cell, name));
        }
        row.push(super::show::files_in_words(run));
        row
    });
    line(format!("{} ({})", experiment.title, experiment.name));
    output::table(&columns, rows.collect());
    if let Some(words) = goal::without_value(experiment) {
        line(format!("no best: {words}"));
    }
}

/// The metrics of an experiment on test rows, the goal first.
fn metrics(experiment: &ExperimentView) -> Vec<&str> {
    let mut metrics: Vec<&str> = vec![&experiment.goal.metric];
    let names = experiment.runs.iter().flat_map(|run| run.metrics.keys());
    for name in names.map(String::as_str).filter(|name| metric::is_listed(name)) {
        if !metrics.contains(&name) {
            metrics.push(name);
        }
    }
    metrics
}

/// The run that stands for a line: the best one of the experiment, else the first finished, else the first.
fn standing<'r>(cell: &Cell<'r>, best: Option<RunId>) -> &'r RunView {
    let own = cell.runs.iter().copied().find(|run| Some(run.id) == best);
    own.or_else(|| cell.finished().next()).unwrap_or(cell.runs[0])
}

/// What the runs of a line measured; a run by itself is shown however it ended.
fn measured(cell: &Cell<'_>, name: &str) -> String {
    let value = match cell.runs.as_slice() {
        [run] => metric::for_people(&run.metrics, name),
        _ => cell.summary(name).map(|summary| summary.for_people()),
    };
    value.unwrap_or("—".into())
}

/// How the runs of a line ended: one word when it is the same for all.
fn status(cell: &Cell<'_>) -> String {
    let first = cell.runs[0].status;
    if cell.runs.iter().all(|run| run.status == first) {
        return first.word().to_owned();
    }
    format!("{} of {} finished", cell.finished().count(), cell.runs.len())
}

/// A run in a JSON list: what identifies it, what was asked and what came out.
pub(super) fn row_json(run: &RunView) -> serde_json::Value {
    json!({
        "id": run.id,
        "short": run.short,
        "label": run.label,
        "experiment": run.experiment,
        "spec": run.spec,
        "status": run.status,
        "cause": run.cause,
        "trainer": run.trainer,
        "seed": run.seed,
        "cell": run.cell,
        "replicates": run.replicates,
        "params": run.params,
        "metrics": metrics_json(&run.metrics),
        "tags": run.tags,
        "timings": metrics_json(&run.timings),
        "started": run.started,
        "ended": run.ended,
        "deterministic": run.deterministic,
        "directory": run.directory,
    })
}

/// Numbers by name; one that JSON cannot hold becomes its name.
pub(super) fn metrics_json(metrics: &BTreeMap<String, f64>) -> serde_json::Value {
    #[derive(serde::Serialize)]
    struct Numbers<'a>(#[serde(with = "number::json_map")] &'a BTreeMap<String, f64>);
    serde_json::to_value(Numbers(metrics)).unwrap_or_default()
}
