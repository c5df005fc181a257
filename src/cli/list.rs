//! `fairledger list`

use std::collections::BTreeMap;

use clap::Args;
use serde_json::json;

use crate::engine::{Error, Ledger, find_experiment};
use crate::ledger::number;
use crate::ledger::view::{ExperimentView, RunView};

use super::exit::Exit;
use super::output::{self, Align, line};

/// List the runs of the ledger, newest first
#[derive(Debug, Args)]
pub(super) struct List {
    /// Only the runs of these experiments
    #[arg(value_name = "EXPERIMENT")]
    experiments: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let view = ledger.view()?;
        let chosen: Vec<&ExperimentView> = if self.experiments.is_empty() {
            view.experiments.iter().collect()
        } else {
            let names = self.experiments.iter();
            names.map(|name| find_experiment(&view, name)).collect::<Result<_, _>>()?
        };
        if self.json {
            let runs = chosen.iter().flat_map(|experiment| &experiment.runs);
            output::json(&runs.map(row_json).collect::<Vec<_>>());
            return Ok(Exit::Done);
        }
        for experiment in &chosen {
            if !experiment.runs.is_empty() {
                show(experiment);
                line("");
            }
        }
        match chosen.iter().find_map(|experiment| experiment.runs.first()) {
            Some(run) => line(format!("next: fairledger show {}", run.short)),
            None => line("No runs yet.\nnext: fairledger run"),
        }
        Ok(Exit::Done)
    }
}

fn show(experiment: &ExperimentView) {
    let mut metrics: Vec<&str> = vec![&experiment.goal.metric];
    let names = experiment.runs.iter().flat_map(|run| run.metrics.keys());
    for name in names.map(String::as_str).filter(|name| !name.starts_with("train_")) {
        if !metrics.contains(&name) {
            metrics.push(name);
        }
    }
    let mut columns: Vec<(&str, Align)> = ["", "run", "label", "status", "started"]
        .into_iter()
        .map(|name| (name, Align::Left))
        .collect();
    columns.extend(metrics.iter().map(|name| (*name, Align::Right)));
    columns.push(("files", Align::Left));
    let rows = experiment.runs.iter().map(|run| {
        let mark = if experiment.best == Some(run.id) { "*" } else { "" };
        let mut row = vec![mark.to_owned(), run.short.clone(), run.label.clone()];
        row.push(run.status.word().to_owned());
        row.push(run.started.minute());
        for name in &metrics {
            let value = run.metrics.get(*name);
            row.push(value.map_or("—".into(), |value| number::for_people(*value)));
        }
        row.push(super::show::files_in_words(run));
        row
    });
    line(format!("{} ({})", experiment.title, experiment.name));
    output::table(&columns, rows.collect());
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
