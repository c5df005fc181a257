//! How the runs of an experiment stand to each other by its goal.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::ledger::attempt::Status;
use crate::ledger::cell::{Cell, cells};
use crate::ledger::metric;
use crate::ledger::number;
use crate::ledger::view::{ExperimentView, GoalView, RunView};

/// The value of the goal metric of a finished run.
pub(super) fn goal_value(goal: &GoalView, run: &RunView) -> Option<f64> {
    (run.status == Status::Finished).then(|| run.metrics.get(&goal.metric).copied()).flatten()
}

/// The best run, as the view names it.
pub(super) fn best(experiment: &ExperimentView) -> Option<&RunView> {
    let id = experiment.best?;
    experiment.runs.iter().find(|run| run.id == id)
}

/// The runs, best first; then those without a value, in the order given.
pub(super) fn ordered(experiment: &ExperimentView) -> Vec<&RunView> {
    let goal = &experiment.goal;
    let is_best = |run: &RunView| Some(run.id) == experiment.best;
    let runs = experiment.runs.iter();
    best_first(goal, runs.map(|run| (is_best(run), goal_value(goal, run), run)).collect())
}

/// Orders things by whether they are the best, then by their value; what each is ordered by is looked up
/// once, not at every comparison.
fn best_first<T>(goal: &GoalView, mut things: Vec<(bool, Option<f64>, T)>) -> Vec<T> {
    things.sort_by(|(a_is_best, a, _), (b_is_best, b, _)| {
        b_is_best.cmp(a_is_best).then_with(|| match (*a, *b) {
            (Some(a), Some(b)) if goal.direction.better(a, b) => Ordering::Less,
            (Some(a), Some(b)) if goal.direction.better(b, a) => Ordering::Greater,
            (a, b) => b.is_some().cmp(&a.is_some()),
        })
    });
    things.into_iter().map(|(.., thing)| thing).collect()
}

/// The runs as lines, best first: those that differ in nothing but the seed share one and count by
/// their mean; then those without a value.
pub(super) fn lines(experiment: &ExperimentView) -> Vec<Cell<'_>> {
    let goal = &experiment.goal;
    let is_best = |line: &Cell<'_>| line.runs.iter().any(|run| Some(run.id) == experiment.best);
    let lines = cells(ordered(experiment)).into_iter();
    best_first(goal, lines.map(|line| (is_best(&line), goal_mean(goal, &line), line)).collect())
}

/// The mean of the goal metric over the finished runs of a line.
pub(super) fn goal_mean(goal: &GoalView, line: &Cell<'_>) -> Option<f64> {
    line.summary(&goal.metric).map(|summary| summary.mean)
}

/// The goal of a run for people: where it has replicates, their mean and half its interval.
pub(super) fn measured(goal: &GoalView, run: &RunView) -> Option<String> {
    let replicates = run.replicates.as_ref().and_then(|it| it.metrics.get(&goal.metric));
    match replicates {
        Some(summary) => Some(summary.for_people()),
        None => goal_value(goal, run).map(number::for_people),
    }
}

/// The params that have two or more values among the runs that have them, by name.
pub(super) fn varying<'a>(runs: &[&'a RunView]) -> Vec<&'a str> {
    let names: BTreeSet<&str> =
        runs.iter().flat_map(|run| run.params.keys().map(String::as_str)).collect();
    let varies = |name: &&str| {
        let mut values = runs.iter().filter_map(|run| run.params.get(*name));
        values.next().is_some_and(|first| values.any(|other| other != first))
    };
    names.into_iter().filter(varies).collect()
}

/// The metrics of some runs: the goal first, then tests, means over folds, those on training rows
/// and the others.
pub(super) fn metrics<'a>(goal: &str, runs: &[&'a RunView]) -> Vec<&'a str> {
    let names: BTreeSet<&str> =
        runs.iter().flat_map(|run| run.metrics.keys().map(String::as_str)).collect();
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort_by_key(|name| (*name != goal, rows(name), familiar(name)));
    names
}

/// The place of a metric by the rows it was taken on.
fn rows(name: &str) -> usize {
    match name {
        name if metric::is_listed(name) => usize::from(name.starts_with("cv_")),
        name if name.starts_with("train_") => 2,
        _ => 3,
    }
}

/// The usual order of the usual metrics, others behind them.
fn familiar(name: &str) -> usize {
    let order = ["r2", "rmse", "mae", "mse"];
    let name = metric::base(name);
    order.iter().position(|known| *known == name).unwrap_or(order.len())
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn labels(runs: &[&RunView]) -> Vec<String> {
        runs.iter().map(|run| run.label.clone()).collect()
    }

    #[test]
    fn the_best_leads_and_runs_without_a_value_end_the_list() {
        let experiment = sample::experiment();
        let ordered = ordered(&experiment);
        assert_eq!(labels(&ordered[..3]), ["linear", "elastic-0.1", "rf-300-20"]);
        assert_eq!(labels(&ordered[7..]), ["elastic-1e9", "rf-5000-40"]);
    }

    #[test]
    fn a_param_varies_only_among_runs_that_have_it() {
        let experiment = sample::experiment();
        let all: Vec<_> = experiment.runs.iter().collect();
        assert_eq!(varying(&all), ["max_depth", "min_samples_split", "n_estimators", "penalty"]);
    }

    #[test]
    fn replicates_count_by_their_mean() {
        let experiment = sample::replicated();
        let lines: Vec<_> =
            lines(&experiment).iter().map(|line| (line.label(), line.runs.len())).collect();
        assert_eq!(lines, [("rf-200-10", 3), ("rf-100-10", 3), ("linear", 1)]);
    }
}
