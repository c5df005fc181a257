//! What an import brought, and what it could not.

use std::path::Path;

use serde::Serialize;

use crate::engine::error::count;
use crate::import::Run;
use crate::ledger::attempt::Status;

use super::NOTE;
use super::record::Record;

/// What an import brought. Serialises as the JSON of `import --json`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Imported {
    /// The store that was read.
    pub store: String,
    /// Number of experiments.
    pub experiments: usize,
    /// Number of runs that were brought.
    pub runs: usize,
    /// Number of runs that the ledger already held as they are.
    pub held: usize,
    /// Of the runs brought, those that finished.
    pub finished: usize,
    /// Those that failed.
    pub failed: usize,
    /// Those that were killed or had not ended.
    pub interrupted: usize,
    /// Those that were in the trash, and are.
    pub deleted: usize,
    /// Number of params.
    pub params: usize,
    /// Number of metric points.
    pub points: usize,
    /// Number of tags, the tracker's own among them.
    pub tags: usize,
    /// Number of notes.
    pub notes: usize,
    /// Number of artifacts.
    pub artifacts: usize,
    /// Number of registered models.
    pub models: usize,
    /// Number of their versions.
    pub versions: usize,
    /// Runs that could not be brought, and why.
    pub refused: Vec<String>,
    /// What has no counterpart, and where it is kept if anywhere.
    pub left: Vec<String>,
}

impl Imported {
    pub(super) fn new(store: &Path) -> Self {
        Self { store: store.display().to_string(), ..Self::default() }
    }

    /// Counts a run.
    pub(super) fn run(&mut self, run: &Run, record: &Record) {
        self.runs += 1;
        match record.status {
            Status::Finished => self.finished += 1,
            Status::Failed => self.failed += 1,
            Status::Interrupted | Status::Running => self.interrupted += 1,
        }
        let note = run.tags.get(NOTE).is_some_and(|note| !note.is_empty());
        self.deleted += usize::from(run.deleted);
        self.params += run.params.len();
        self.points += record.points.len();
        self.tags += run.tags.len();
        self.notes += usize::from(note);
        self.artifacts += run.artifacts.len();
        let name = &run.name;
        self.left.extend(run.absent.iter().map(|what| format!("{name}: {what}")));
        if !record.negative.is_empty() {
            let points = count(record.negative.len(), "point");
            self.left.push(format!("{name}: {points} of negative steps, kept in mlflow.json"));
        }
        for (there, here) in record.renamed(run) {
            self.left.push(format!("{name}: the artifact {there} is kept as {here}"));
        }
        if run.rest.contains_key("inputs") {
            self.left.push(format!("{name}: its data sets, kept in mlflow.json"));
        }
    }
}
