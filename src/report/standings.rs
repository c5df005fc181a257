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
        let mut found = BTreeMap::new();
        let mut ranks = Ranks::new(runs.iter().filter_map(|run| standing::goal_value(goal, run)));
        let (mut logged, mut before): (usize, Option<(&RunView, f64)>) = (0, None);
        for run in runs {
            let value = standing::goal_value(goal, run);
            logged += usize::from(value.is_some());
            let value = value.filter(|value| !value.is_nan());
            let place = value.map(|value| (ranks.add(value, goal.direction), logged));
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

/// How many of the values so far are at each of all places or below: a tree of sums after Fenwick (1994), so
/// that a hundred thousand runs are ranked in the time it takes to sort them.
struct Ranks {
    /// All values that will come, sorted, each once.
    values: Vec<f64>,
    sums: Vec<usize>,
    count: usize,
}

impl Ranks {
    fn new(values: impl Iterator<Item = f64>) -> Self {
        // With zero added a zero below zero is a zero.
        let values = values.filter(|value| !value.is_nan()).map(|value| value + 0.0);
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        values.dedup_by(|a, b| a.total_cmp(b).is_eq());
        Self { sums: vec![0; values.len() + 1], values, count: 0 }
    }

    /// The rank of a value, which is one of all, among those so far, to which it is added.
    fn add(&mut self, value: f64, direction: Direction) -> usize {
        let below = self.values.partition_point(|other| *other < value);
        let better = match direction {
            Direction::Maximize => self.count - self.sum(below + 1),
            Direction::Minimize => self.sum(below),
        };
        let mut place = below + 1;
        while place < self.sums.len() {
            self.sums[place] += 1;
            place += place & place.wrapping_neg();
        }
        self.count += 1;
        better + 1
    }

    /// How many of the values so far are among the first `places` of all.
    fn sum(&self, mut places: usize) -> usize {
        let mut sum = 0;
        places = places.min(self.values.len());
        while places > 0 {
            sum += self.sums[places];
            places &= places - 1;
        }
        sum
    }
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
    fn a_rank_counts_the_better_values_before() {
        let values = [0.5, -0.0, 3.0, 0.0, 0.5, f64::INFINITY, -1.0, 3.0];
        for direction in [Direction::Maximize, Direction::Minimize] {
            let mut ranks = Ranks::new(values.into_iter());
            for (at, value) in values.into_iter().enumerate() {
                let better = values[..at].iter().filter(|it| direction.better(**it, value));
                assert_eq!(ranks.add(value, direction), better.count() + 1, "{at} {direction:?}");
            }
        }
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
