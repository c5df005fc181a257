//! Every run of a ledger once, in the order in which runs were first recorded.

use crate::ledger::view::{ExperimentView, LedgerView, RunView};

/// A run and the first experiment that lists it, whose page tells of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listed<'a> {
    /// The experiment.
    pub(super) experiment: &'a ExperimentView,
    /// The run.
    pub(super) run: &'a RunView,
}

/// Every run once, oldest first: by the end of its first attempt, then by id.
///
/// A new run comes last, so that what is divided by this order, pages and chunks of data, stays as it
/// is once it is full. Further attempts, tags and notes change a run where it stands.
pub(super) fn of(ledger: &LedgerView) -> Vec<Listed<'_>> {
    let mut listed: Vec<_> = ledger
        .experiments
        .iter()
        .flat_map(|experiment| {
            let own = experiment.runs.iter().filter(|run| experiment.is_home_of(run));
            own.map(move |run| Listed { experiment, run })
        })
        .collect();
    listed.sort_by_key(|listed| place(listed.run));
    listed
}

/// What a run is ordered by.
pub(super) fn place(run: &RunView) -> (crate::ledger::time::Timestamp, crate::ledger::id::RunId) {
    (run.attempts.first().map_or(run.ended, |first| first.ended), run.id)
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn a_new_attempt_or_experiment_moves_no_run() {
        let mut ledger = sample::ledger();
        let before: Vec<_> = of(&ledger).iter().map(|listed| listed.run.id).collect();
        assert_eq!(before.len(), 9);
        let mut other = sample::experiment();
        other.name = "second".into();
        for run in ledger.experiments[0].runs.iter_mut().chain(&mut other.runs) {
            run.experiments.push("second".into());
        }
        ledger.experiments.push(other);
        let oldest = ledger.experiments[0].runs.last_mut().unwrap();
        let mut again = oldest.attempts[0].clone();
        again.ended =
            crate::ledger::time::Timestamp::from_microseconds(oldest.ended.microseconds() * 2);
        oldest.ended = again.ended;
        oldest.attempts.push(again);
        let after: Vec<_> = of(&ledger).iter().map(|listed| listed.run.id).collect();
        assert_eq!(after, before);
    }
}
