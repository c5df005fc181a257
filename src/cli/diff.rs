//! `fairledger diff`

use std::collections::BTreeMap;

use clap::Args;
use serde_json::{Value, json};

use crate::engine::{Error, Ledger, find_run};
use crate::ledger::number;
use crate::ledger::statistics::{Noise, Summary, Verdict};
use crate::ledger::view::{LedgerView, RunView};

use super::exit::Exit;
use super::output::{self, Align, line};

/// Compare two runs: what was asked and what came out, only what differs
#[derive(Debug, Args)]
pub(super) struct Diff {
    /// The run to compare with
    before: String,
    /// The run to compare
    after: String,
    /// Also show what is equal
    #[arg(long)]
    all: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Diff {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let view = ledger.outline()?;
        let (before, after) = (find_run(&view, &self.before)?, find_run(&view, &self.after)?);
        let (left, right) = (parts(before), parts(after));
        let mut names: Vec<&String> = left.keys().chain(right.keys()).collect();
        names.sort_unstable();
        names.dedup();
        names.retain(|name| self.all || left.get(*name) != right.get(*name));
        let rows: Vec<Row> = names
            .into_iter()
            .map(|name| Row {
                part: name.clone(),
                before: left.get(name).cloned().unwrap_or_default(),
                after: right.get(name).cloned().unwrap_or_default(),
            })
            .collect();
        let noise = noise(&view, before, after);
        if self.json {
            output::json(&json!({
                "before": before.id,
                "after": after.id,
                "parts": rows.iter().map(Row::json).collect::<Vec<_>>(),
                "noise": noise.as_ref().map(|(metric, noise)| {
                    json!({ "metric": metric, "verdict": noise.verdict, "p": noise.p })
                }),
            }));
            return Ok(Exit::Done);
        }
        if rows.is_empty() {
            line(format!("{} and {} do not differ", before.label, after.label));
            return Ok(Exit::Done);
        }
        let columns = [
            ("part", Align::Left),
            (before.label.as_str(), Align::Right),
            (after.label.as_str(), Align::Right),
            ("difference", Align::Right),
        ];
        output::table(&columns, rows.iter().map(Row::text).collect());
        if let Some((metric, noise)) = noise {
            line(format!("the difference in {metric} between their cells is {}", noise.words()));
        }
        line(format!("next: fairledger show {}", after.short));
        Ok(Exit::Done)
    }
}

/// Whether the cells of two runs differ in the goal by more than noise, where replicates tell.
fn noise<'v>(view: &'v LedgerView, before: &RunView, after: &RunView) -> Option<(&'v str, Noise)> {
    if before.cell == after.cell {
        return None;
    }
    let experiment = view.experiments.iter().find(|it| it.name == after.experiment)?;
    let metric = experiment.goal.metric.as_str();
    let summary = |run: &RunView| match &run.replicates {
        Some(replicates) => replicates.metrics.get(metric).copied(),
        None => Summary::of(&[*run.metrics.get(metric)?]),
    };
    let noise = Noise::between(&summary(before)?, &summary(after)?);
    (noise.verdict != Verdict::Unknown).then_some((metric, noise))
}

struct Row {
    part: String,
    before: Value,
    after: Value,
}

impl Row {
    fn difference(&self) -> Option<f64> {
        Some(self.after.as_f64()? - self.before.as_f64()?)
    }

    fn json(&self) -> Value {
        let (before, after) = (&self.before, &self.after);
        json!({ "part": self.part, "before": before, "after": after, "difference": self.difference() })
    }

    fn text(&self) -> Vec<String> {
        let cell = |value: &Value| match value {
            Value::Null => "—".to_owned(),
            Value::Number(number) if number.is_f64() => {
                number::for_people(number.as_f64().unwrap_or(f64::NAN))
            }
            other => super::show::text(other),
        };
        let difference = self.difference().map_or(String::new(), |difference| {
            let sign = if difference > 0.0 { "+" } else { "" };
            format!("{sign}{}", number::for_people(difference))
        });
        vec![self.part.clone(), cell(&self.before), cell(&self.after), difference]
    }
}

/// The parts of a run that are worth comparing, by dotted name.
fn parts(run: &RunView) -> BTreeMap<String, Value> {
    let metrics = super::list::metrics_json(&run.metrics);
    let tables = [
        ("params", json!(run.params)),
        ("metrics", metrics),
        ("tags", json!(run.tags)),
        ("versions", json!(run.versions)),
        ("model", json!(run.model)),
    ];
    let mut parts = BTreeMap::from([
        ("trainer".to_owned(), json!(run.trainer)),
        ("trainer_version".to_owned(), json!(run.trainer_version)),
        ("seed".to_owned(), json!(run.seed)),
        ("status".to_owned(), json!(run.status)),
        ("data.digest".to_owned(), json!(run.data_digest)),
        ("data.features".to_owned(), json!(run.features.join(", "))),
        ("data.target".to_owned(), json!(run.target)),
        ("data.split".to_owned(), json!(run.split)),
        ("host.target".to_owned(), json!(run.host.target)),
        ("git.commit".to_owned(), json!(run.git.as_ref().map(|git| &git.commit))),
    ]);
    for (name, table) in tables {
        for (key, value) in table.as_object().into_iter().flatten() {
            parts.insert(format!("{name}.{key}"), value.clone());
        }
    }
    parts.retain(|_, value| !value.is_null());
    parts
}
