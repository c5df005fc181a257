//! `fairledger diff`

use std::collections::BTreeMap;

use clap::Args;
use serde_json::{Value, json};

use crate::engine::{Error, Ledger, count};
use crate::ledger::comparison::Part;
use crate::ledger::number;
use crate::ledger::statistics::{Noise, Summary, Verdict};
use crate::ledger::view::RunView;

use super::exit::Exit;
use super::output::{self, Align, line};

/// Compare runs: what was asked and what came out, only what differs
///
/// Params, data, code, environment and metrics; numbers with their distance from the baseline's.
#[derive(Debug, Args)]
pub(super) struct Diff {
    /// The runs; without --baseline the others are compared with the first
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<String>,
    /// The run to compare with
    #[arg(long, value_name = "RUN")]
    baseline: Option<String>,
    /// Also show what is equal, and what ledger.toml ignores
    #[arg(long)]
    all: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Diff {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let names = self.baseline.iter().chain(&self.runs);
        let found = names.map(|name| ledger.find_run(name)).collect::<Result<Vec<_>, _>>()?;
        let mut runs: Vec<&RunView> = Vec::new();
        for run in &found {
            // The baseline may be named among the others too.
            if self.baseline.is_none() || !runs.iter().any(|known| known.id == run.id) {
                runs.push(run);
            }
        }
        if runs.len() < 2 {
            output::note("error: it takes two runs to compare");
            output::note("  hint: fairledger diff RUN RUN, or fairledger diff RUN --baseline RUN");
            return Ok(Exit::Usage);
        }
        let mut parts = ledger.compare(&runs)?;
        if !self.all {
            parts.retain(|part| part.differs(0));
            let differing = parts.len();
            parts.retain(|part| !ledger.ignores(&part.name));
            if parts.len() < differing {
                let left = count(differing - parts.len(), "part");
                output::note(format!(
                    "{left} left out as ledger.toml ignores them; --all shows all"
                ));
            }
        }
        let noises = noises(ledger, &runs)?;
        if self.json {
            output::json(&json(&runs, &parts, &noises));
        } else {
            show(&runs, &parts, &noises);
        }
        Ok(Exit::Done)
    }
}

fn show(runs: &[&RunView], parts: &[Part], noises: &[Option<(String, Noise)>]) {
    let (baseline, others) = (runs[0], &runs[1..]);
    if parts.is_empty() {
        let labels: Vec<&str> = runs.iter().map(|run| run.label.as_str()).collect();
        line(format!("{} do not differ", labels.join(" and ")));
        return;
    }
    let mut columns = vec![("part", Align::Left), (baseline.label.as_str(), Align::Right)];
    for run in others {
        columns.extend([(run.label.as_str(), Align::Right), ("difference", Align::Right)]);
    }
    let rows = parts.iter().map(|part| {
        let mut row = vec![part.name.clone(), cell(&part.values[0])];
        for (at, value) in part.values.iter().enumerate().skip(1) {
            let difference = part.difference(0, at).filter(|difference| *difference != 0.0);
            row.extend([cell(value), difference.map_or(String::new(), signed)]);
        }
        row
    });
    output::table(&columns, rows.collect());
    for (run, noise) in others.iter().zip(noises) {
        if let Some((metric, noise)) = noise {
            let whose = match others {
                [_] => "their cells".to_owned(),
                _ => format!("the cells of {} and {}", baseline.label, run.label),
            };
            line(format!("the difference in {metric} between {whose} is {}", noise.words()));
        }
    }
    line(format!("next: fairledger show {}", others[0].short));
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "—".to_owned(),
        Value::Number(number) if number.is_f64() => {
            number::for_people(number.as_f64().unwrap_or(f64::NAN))
        }
        other => super::show::text(other),
    }
}

fn signed(difference: f64) -> String {
    let sign = if difference > 0.0 { "+" } else { "" };
    format!("{sign}{}", number::for_people(difference))
}

/// What a program reads: the values of each part run by run, the baseline first. Of two runs also as
/// `before` and `after`.
fn json(runs: &[&RunView], parts: &[Part], noises: &[Option<(String, Noise)>]) -> Value {
    let ids: Vec<_> = runs.iter().map(|run| run.id).collect();
    let noise = |noise: &Option<(String, Noise)>| {
        noise.as_ref().map(
            |(metric, noise)| json!({ "metric": metric, "verdict": noise.verdict, "p": noise.p }),
        )
    };
    let two = runs.len() == 2;
    let part = |part: &Part| {
        let differences: Vec<_> =
            (0..part.values.len()).map(|run| part.difference(0, run)).collect();
        let mut value =
            json!({ "part": part.name, "values": part.values, "differences": differences });
        if two {
            value["before"] = part.values[0].clone();
            value["after"] = part.values[1].clone();
            value["difference"] = json!(differences[1]);
        }
        value
    };
    let mut value = json!({
        "baseline": ids[0],
        "runs": ids,
        "parts": parts.iter().map(part).collect::<Vec<_>>(),
        "noises": noises.iter().map(noise).collect::<Vec<_>>(),
    });
    if two {
        value["before"] = json!(ids[0]);
        value["after"] = json!(ids[1]);
        value["noise"] = json!(noise(&noises[0]));
    }
    value
}

/// Whether the goal of each other run's cell differs from the baseline's by more than noise, where
/// replicates tell.
fn noises(ledger: &Ledger, runs: &[&RunView]) -> Result<Vec<Option<(String, Noise)>>, Error> {
    let mut goals: BTreeMap<&str, String> = BTreeMap::new();
    for run in runs[1..].iter().filter(|run| run.cell != runs[0].cell) {
        if !goals.contains_key(run.experiment.as_str()) {
            goals.insert(&run.experiment, ledger.goal_of(&run.experiment)?.metric);
        }
    }
    let noise = |run: &&RunView| noise(goals.get(run.experiment.as_str())?, runs[0], run);
    Ok(runs[1..].iter().map(noise).collect())
}

fn noise(metric: &str, before: &RunView, after: &RunView) -> Option<(String, Noise)> {
    if before.cell == after.cell {
        return None;
    }
    let summary = |run: &RunView| match &run.replicates {
        Some(replicates) => replicates.metrics.get(metric).copied(),
        None => Summary::of(&[*run.metrics.get(metric)?]),
    };
    let noise = Noise::between(&summary(before)?, &summary(after)?);
    (noise.verdict != Verdict::Unknown).then(|| (metric.to_owned(), noise))
}
