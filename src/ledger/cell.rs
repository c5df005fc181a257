//! Cells: runs that differ in nothing but the seed, and what they tell together.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::attempt::Status;
use super::id::{CellId, RunId};
use super::statistics::Summary;
use super::view::RunView;

/// The runs that differ from a run in nothing but the seed, that run among them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Replicates {
    /// Number of runs, however they ended.
    pub runs: usize,
    /// The seeds of the finished ones, ascending.
    pub seeds: Vec<i64>,
    /// What the finished ones measured, by metric.
    pub metrics: BTreeMap<String, Summary>,
}

/// What stands in a cell: a run, or what an index tells of one.
pub trait Replicate {
    /// The run.
    fn id(&self) -> RunId;
    /// The cell it belongs to.
    fn cell(&self) -> CellId;
    /// Its label.
    fn label(&self) -> &str;
    /// Its seed.
    fn seed(&self) -> i64;
    /// How it ended.
    fn status(&self) -> Status;
    /// The final value of a metric.
    fn measured(&self, metric: &str) -> Option<f64>;
}

impl Replicate for RunView {
    fn id(&self) -> RunId {
        self.id
    }

    fn cell(&self) -> CellId {
        self.cell
    }

    fn label(&self) -> &str {
        &self.label
    }

    fn seed(&self) -> i64 {
        self.seed
    }

    fn status(&self) -> Status {
        self.status
    }

    fn measured(&self, metric: &str) -> Option<f64> {
        self.metrics.get(metric).copied()
    }
}

/// The runs of a cell, at least one.
#[derive(Clone, Debug)]
pub struct Cell<'r, R = RunView> {
    /// What they have in common.
    pub id: CellId,
    /// The runs by seed.
    pub runs: Vec<&'r R>,
}

/// Puts runs into cells, those in the order in which the first of each comes.
pub fn cells<'r, R: Replicate>(runs: impl IntoIterator<Item = &'r R>) -> Vec<Cell<'r, R>> {
    let mut places: BTreeMap<CellId, usize> = BTreeMap::new();
    let mut cells: Vec<Cell<'_, R>> = Vec::new();
    for run in runs {
        let place = *places.entry(run.cell()).or_insert_with(|| {
            cells.push(Cell { id: run.cell(), runs: Vec::new() });
            cells.len() - 1
        });
        cells[place].runs.push(run);
    }
    for cell in &mut cells {
        cell.runs.sort_by_key(|run| run.seed());
    }
    cells
}

impl<'r, R: Replicate> Cell<'r, R> {
    /// A run by itself.
    pub fn alone(run: &'r R) -> Self {
        Self { id: run.cell(), runs: vec![run] }
    }

    /// The runs that finished, by seed.
    pub fn finished(&self) -> impl Iterator<Item = &'r R> {
        self.runs.iter().copied().filter(|run| run.status() == Status::Finished)
    }

    /// What the finished runs measured of a metric; `None` when none did.
    pub fn summary(&self, metric: &str) -> Option<Summary> {
        let values: Vec<f64> = self.finished().filter_map(|run| run.measured(metric)).collect();
        Summary::of(&values)
    }

    /// What the runs are called: their label, or the beginning that their labels share.
    pub fn label(&self) -> &'r str {
        let first = self.runs.first().map_or("", |run| run.label());
        let shared = self.runs.iter().fold(first.len(), |shared, run| {
            let pairs = first.char_indices().zip(run.label().chars());
            let differs = pairs.clone().find(|((_, a), b)| a != b).map(|((at, _), _)| at);
            shared.min(differs.unwrap_or(run.label().len()))
        });
        if shared == first.len() {
            return first;
        }
        // `rf-42` and `rf-43` share more than the name: a digit of the seed.
        let common = first[..shared].trim_end_matches(|c: char| c.is_ascii_digit());
        let common = common.trim_end_matches(|c: char| !c.is_alphanumeric());
        if common.is_empty() { first } else { common }
    }
}

impl Cell<'_> {
    /// What the cell tells; `None` for a run that is alone in it.
    fn replicates(&self) -> Option<Replicates> {
        if self.runs.len() < 2 {
            return None;
        }
        let names = self.finished().flat_map(|run| run.metrics.keys());
        let names: BTreeSet<&String> = names.collect();
        Some(Replicates {
            runs: self.runs.len(),
            seeds: self.finished().map(|run| run.seed).collect(),
            metrics: names
                .into_iter()
                .filter_map(|name| Some((name.clone(), self.summary(name)?)))
                .collect(),
        })
    }
}

/// Writes into each run what the runs of its cell tell together.
pub fn note_replicates(runs: &mut [RunView]) {
    let found: BTreeMap<CellId, Replicates> =
        cells(&*runs).iter().filter_map(|cell| Some((cell.id, cell.replicates()?))).collect();
    for run in runs {
        run.replicates = found.get(&run.cell).cloned();
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::ledger::digest::Digest;
    use crate::ledger::id::{AttemptId, RunId};
    use serde_json::json;

    /// A finished run of a cell, with the metrics given.
    pub(in crate::ledger) fn run(
        label: &str,
        cell: &str,
        seed: i64,
        metrics: &[(&str, f64)],
    ) -> RunView {
        let digest = |text: String| Digest::of(text.as_bytes());
        let metrics: BTreeMap<&str, f64> = metrics.iter().copied().collect();
        let id = RunId::from_digest(&digest(format!("{cell} {seed}")));
        let time = "2026-01-01T00:00:00Z";
        let mut view = json!({
            "id": id, "short": id.short(), "label": label, "experiment": "e", "experiments": ["e"],
            "spec": "s.toml", "status": "finished", "cause": null, "description": "", "tags": {},
            "notes": [], "trainer": "ridge", "trainer_version": 1, "seed": seed,
            "cell": CellId::from_digest(&digest(cell.to_owned())), "replicates": null,
            "params": {}, "metrics": {}, "data_digest": digest(String::new()), "data": null,
            "features": [], "target": "y", "split": "", "timings": {}, "model": {},
        });
        let rest = json!({
            "started": time, "ended": time, "host": { "name": "h", "target": "t", "cores": 1 },
            "git": null, "versions": {}, "result": null, "deterministic": true,
            "attempt": AttemptId::new(1, 1), "directory": "d", "attempts": [], "artifacts": [],
        });
        let (fields, rest) = (view.as_object_mut().unwrap(), rest.as_object().unwrap().clone());
        fields.extend(rest);
        let mut view: RunView = serde_json::from_value(view).unwrap();
        view.metrics = metrics.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        view
    }

    #[test]
    fn runs_of_one_cell_are_summarised_in_each_of_them() {
        let mut runs = vec![
            run("b", "b", 1, &[("r2", 0.9)]),
            run("a", "a", 2, &[("r2", 0.7), ("rmse", 1.0)]),
            run("a", "a", 1, &[("r2", 0.5)]),
            run("a", "a", 3, &[("r2", 0.0)]),
        ];
        runs[3].status = Status::Failed;
        note_replicates(&mut runs);
        assert_eq!(runs[0].replicates, None);
        let replicates = runs[3].replicates.clone().unwrap();
        assert_eq!((replicates.runs, replicates.seeds), (3, vec![1, 2]));
        assert_eq!(replicates.metrics["r2"], Summary::of(&[0.5, 0.7]).unwrap());
        assert_eq!(replicates.metrics["rmse"].count, 1);
        let cells = cells(&runs);
        let labels: Vec<_> = cells.iter().map(|cell| (cell.label(), cell.runs.len())).collect();
        assert_eq!(labels, [("b", 1), ("a", 3)]);
    }

    #[test]
    fn a_cell_is_called_what_its_labels_share() {
        let label = |labels: &[&str]| {
            let runs: Vec<RunView> =
                labels.iter().zip(0..).map(|(label, seed)| run(label, "a", seed, &[])).collect();
            cells(&runs)[0].label().to_owned()
        };
        assert_eq!(label(&["rf", "rf"]), "rf");
        assert_eq!(label(&["rf-8-41", "rf-8-42"]), "rf-8");
        assert_eq!(label(&["rf-8-9", "rf-8-10"]), "rf-8");
        assert_eq!(label(&["rf", "rf-2"]), "rf");
        assert_eq!(label(&["é1", "è1"]), "é1");
        assert_eq!(label(&["1", "2"]), "1");
    }
}
