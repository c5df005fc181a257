//! What is ranked: a run as far as its place goes.

use crate::ledger::attempt::Status;
use crate::ledger::cell::Replicate;
use crate::ledger::id::{AttemptId, CellId, RunId};
use crate::ledger::view::RunView;
use crate::store::Standing;

/// A run as far as its place in a ranking goes.
#[derive(Debug)]
pub(super) struct Entrant<'a> {
    id: RunId,
    cell: CellId,
    label: String,
    seed: i64,
    /// How it ended.
    pub(super) status: Status,
    /// When it started, in microseconds since 1970, and the attempt.
    pub(super) begun: (i64, AttemptId),
    metrics: [&'a str; 2],
    values: [Option<f64>; 2],
}

impl Replicate for Entrant<'_> {
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
        let at = self.metrics.iter().position(|name| *name == metric)?;
        self.values[at]
    }
}

impl<'a> Entrant<'a> {
    /// A run whose only attempt tells all of it.
    pub(super) fn plain(standing: &Standing, seed: i64, metrics: [&'a str; 2]) -> Self {
        Self {
            id: standing.run,
            cell: standing.cell,
            label: standing.label.clone(),
            seed,
            status: standing.status,
            begun: (standing.started, standing.attempt),
            metrics,
            values: standing.values,
        }
    }

    /// A run as it is shown.
    pub(super) fn of(run: &RunView, metrics: [&'a str; 2]) -> Self {
        Self {
            id: run.id,
            cell: run.cell,
            label: run.label.clone(),
            seed: run.seed,
            status: run.status,
            begun: (run.started.microseconds(), run.attempt),
            metrics,
            values: metrics.map(|name| run.metrics.get(name).copied()),
        }
    }
}
