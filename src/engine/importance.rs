//! The importance of params: the runs are a table of the ledger's rules, the surrogate is a forest of the
//! trainers.

use crate::ledger::importance::{Importance, coded};
use crate::ledger::view::{ExperimentView, RunView};
use crate::train::variance_shares;

/// Measures how much each param of some experiments decides of their goals.
pub(super) fn measure(experiments: &mut [ExperimentView]) {
    for experiment in experiments {
        experiment.importance = Some(of(experiment));
    }
}

fn of(experiment: &ExperimentView) -> Importance {
    let runs: Vec<&RunView> = experiment.runs.iter().collect();
    let table = coded(&runs, &experiment.goal.metric);
    if let Some(said) = table.unmeasured() {
        return said;
    }
    // A surrogate that cannot be trained tells nothing; the page says as much.
    match variance_shares(&table).ok().flatten() {
        Some(shares) => table.importance(&shares.alone, shares.explained),
        None => Importance::Nothing,
    }
}
