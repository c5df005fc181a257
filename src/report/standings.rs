//! How each run stood among those recorded before it. That never changes when further runs come, so a
//! run's page can tell it without being written again.

use std::collections::BTreeMap;

use crate::ledger::id::RunId;
use crate::ledger::metric::Direction;
use crate::ledger::view::{ExperimentView, RunView};

use super::{history, standing};

/// How the runs of an experiment stood when they were first recorded.
#[derive(Debug)]
pub struct Standings<'a>(BTreeMap<RunId, Then<'a>>);

#[derive(Debug)]
struct Then<'a> {
    place: Option<(usize, usize)>,
    before: Option<&'a RunView>,
}

impl<'a> Standings<'a> {
    /// Goes through the runs in the order in which they were first recorded.
    pub fn of(experiment: &'a ExperimentView) -> Self {
        let goal = &experiment.goal;
        let mut runs: Vec<&RunView> = experiment.runs.iter().collect();
        runs.sort_by_key(|run| history::place(run));
        let (mut found, mut values) = (BTreeMap::new(), Vec::new());
        let (mut logged, mut before): (usize, Option<(&RunView, f64)>) = (0, None);
        for run in runs {
            let value = standing::goal_value(goal, run);
            logged += usize::from(value.is_some());
            let value = value.filter(|value| !value.is_nan());
            let place = value.map(|value| (rank(&mut values, value, goal.direction), logged));
            found.insert(run.id, Then { place, before: before.map(|(best, _)| best) });
            if let Some(value) = value
                && before.is_none_or(|(_, best)| goal.direction.better(value, best))
            {
                before = Some((run, value));
            }
        }
        Self(found)
    }

    /// The best run by the goal of those recorded before a run; of equals the first.
    pub fn before(&self, run: RunId) -> Option<&'a RunView> {
        self.0.get(&run)?.before
    }

    /// The rank of a run among the finished ones that had logged the goal, itself among them, and their
    /// number. A tie shares the better rank; a NaN has none.
    pub fn place(&self, run: RunId) -> Option<(usize, usize)> {
        self.0.get(&run)?.place
    }
}

/// The rank of a value among sorted ones, to which it is added.
fn rank(values: &mut Vec<f64>, value: f64, direction: Direction) -> usize {
    let below = values.partition_point(|other| *other < value);
    let not_above = values.partition_point(|other| *other <= value);
    let better = match direction {
        Direction::Maximize => values.len() - not_above,
        Direction::Minimize => below,
    };
    values.insert(not_above, value);
    better + 1
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn a_later_run_changes_nothing_for_an_earlier_one() {
        let mut experiment = sample::experiment();
        let newest = experiment.runs.remove(0);
        let told = |experiment: &ExperimentView| -> Vec<_> {
            let standings = Standings::of(experiment);
            let runs = experiment.runs.iter().filter(|run| run.id != newest.id);
            runs.map(|run| {
                (run.id, standings.place(run.id), standings.before(run.id).map(|run| run.id))
            })
            .collect()
        };
        let before = told(&experiment);
        experiment.runs.insert(0, newest.clone());
        assert_eq!(told(&experiment), before);
    }

    #[test]
    fn runs_are_ranked_among_those_before_them() {
        let experiment = sample::experiment();
        let standings = Standings::of(&experiment);
        let told: Vec<_> = experiment
            .runs
            .iter()
            .rev()
            .map(|run| {
                let before = standings.before(run.id).map(|run| run.label.as_str());
                (run.label.as_str(), standings.place(run.id), before)
            })
            .collect();
        assert_eq!(told[0], ("rf-100-10", Some((1, 1)), None));
        assert_eq!(told[2], ("rf-150-12", Some((2, 3)), Some("rf-200-15")));
        assert_eq!(told[5], ("linear", Some((1, 6)), Some("rf-300-20")));
        assert_eq!(told[7], ("rf-5000-40", None, Some("linear")));
        assert_eq!(told[8], ("elastic-1e9", None, Some("linear")), "it diverged");
    }
}
