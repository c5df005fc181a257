//! What happened in a ledger day by day.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::attempt::Status;
use super::id::{AttemptId, RunId};
use super::metric::Direction;
use super::number;
use super::view::{ExperimentView, RunView};

/// One day.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Day {
    /// The date, as `2026-11-16`, in the ledger's time zone.
    pub date: String,
    /// Attempts that started on it.
    pub attempts: usize,
    /// Those of them that finished.
    pub finished: usize,
    /// Those that failed.
    pub failed: usize,
    /// Those that were interrupted.
    pub interrupted: usize,
    /// Seconds from start to end, of all of them together.
    pub seconds: f64,
    /// The experiments that asked for them.
    pub experiments: BTreeSet<String>,
    /// Notes that were written on it.
    pub notes: usize,
    /// The experiments whose best run by the goal changed, the last change of each.
    pub records: Vec<Record>,
}

/// A run that became the best of its experiment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record {
    /// The experiment.
    pub experiment: String,
    /// The run.
    pub run: RunId,
    /// Its label.
    pub label: String,
    /// The goal's metric.
    pub metric: String,
    /// Its value.
    #[serde(with = "number::json")]
    pub value: f64,
}

/// The days on which something happened, the latest first. Each attempt counts once, whichever
/// experiments show its run.
pub fn history(experiments: &[ExperimentView], time_zone: &str) -> Vec<Day> {
    let mut days: BTreeMap<String, Day> = BTreeMap::new();
    let mut seen: BTreeSet<AttemptId> = BTreeSet::new();
    let mut noted: BTreeSet<RunId> = BTreeSet::new();
    for run in experiments.iter().flat_map(|experiment| &experiment.runs) {
        for attempt in &run.attempts {
            let day = days.entry(attempt.started.date(time_zone)).or_default();
            day.experiments.insert(run.experiment.clone());
            if seen.insert(attempt.attempt) {
                day.attempts += 1;
                match attempt.status {
                    Status::Finished => day.finished += 1,
                    Status::Failed => day.failed += 1,
                    Status::Interrupted => day.interrupted += 1,
                    Status::Running => {}
                }
                let span = attempt.ended.microseconds() - attempt.started.microseconds();
                day.seconds += span as f64 / 1e6;
            }
        }
        if noted.insert(run.id) {
            for note in &run.notes {
                days.entry(note.time.date(time_zone)).or_default().notes += 1;
            }
        }
    }
    for experiment in experiments {
        for (date, record) in records(experiment, time_zone) {
            days.entry(date).or_default().records.push(record);
        }
    }
    let named = days.into_iter().map(|(date, day)| Day { date, ..day });
    named.rev().collect()
}

/// The best run of each day on which it changed; of equals the earlier one stays.
fn records(experiment: &ExperimentView, time_zone: &str) -> BTreeMap<String, Record> {
    let (metric, direction) = (&experiment.goal.metric, experiment.goal.direction);
    let value = |run: &RunView| run.metrics.get(metric).copied().filter(|value| !value.is_nan());
    let mut finished: Vec<(&RunView, f64)> = experiment
        .runs
        .iter()
        .filter(|run| run.status == Status::Finished)
        .filter_map(|run| Some((run, value(run)?)))
        .collect();
    finished.sort_by_key(|(run, _)| (run.ended, run.attempt));
    let (mut best, mut records) = (None, BTreeMap::new());
    for (run, value) in finished {
        if best.is_none_or(|best| Direction::better(direction, value, best)) {
            best = Some(value);
            let record = Record {
                experiment: experiment.name.clone(),
                run: run.id,
                label: run.label.clone(),
                metric: metric.clone(),
                value,
            };
            records.insert(run.started.date(time_zone), record);
        }
    }
    records
}

#[cfg(test)]
mod tests;
