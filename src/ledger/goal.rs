//! Goals that no run meets, because none has their metric: most often a misspelt name.

use std::collections::BTreeSet;

use super::attempt::Status;
use super::metric::is_listed;
use super::problem::nearest;
use super::view::{ExperimentView, RunView};

/// What is wrong with an experiment's goal, when runs finished and none of them has its metric.
pub fn without_value(experiment: &ExperimentView) -> Option<String> {
    let metric = &experiment.goal.metric;
    let hint = instead_of(metric, &experiment.runs)?;
    Some(format!("no run has the goal's metric `{metric}`; {hint}"))
}

/// What to write instead of a metric that no finished run has: the nearest one, or all there are. `None`
/// when a run has it, or when there are no metrics yet.
pub fn instead_of<'r>(metric: &str, runs: impl IntoIterator<Item = &'r RunView>) -> Option<String> {
    let finished = runs.into_iter().filter(|run| run.status == Status::Finished);
    let names: BTreeSet<&str> =
        finished.flat_map(|run| run.metrics.keys()).map(String::as_str).collect();
    if names.is_empty() || names.contains(metric) {
        return None;
    }
    if let Some(near) = nearest(metric, names.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let listed = names.into_iter().filter(|name| is_listed(name));
    Some(format!("there are {}", listed.collect::<Vec<_>>().join(", ")))
}
