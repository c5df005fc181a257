//! The best run of an experiment by its goal, or of what one spec asks for.

use std::collections::BTreeMap;

use crate::ledger::attempt::Status;
use crate::ledger::goal;
use crate::ledger::metric::Direction;
use crate::ledger::selection::{Selection, cross_validated, select};
use crate::ledger::view::{ExperimentView, GoalView, LedgerView, RunView};

use super::error::Error;
use super::find;
use super::ledger::Ledger;
use super::reading::{Adaptive, SpecName};

/// The best of some runs, and which runs they were.
#[derive(Debug)]
pub struct Best<'v> {
    /// The spec whose runs were compared; `None` for all runs of the experiment.
    pub spec: Option<SpecName>,
    /// Number of runs the spec asks for, or the experiment has.
    pub asked: usize,
    /// Number of them that finished.
    pub finished: usize,
    /// Whether only those of the last rung of halving were compared.
    pub last_rung: bool,
    /// How they rank.
    pub selection: Selection<'v>,
}

impl Best<'_> {
    /// The best run: the best of the best cell.
    pub fn run(&self) -> Option<&RunView> {
        self.selection.cells.first().map(|cell| cell.best)
    }
}

impl Ledger {
    /// The best run of an experiment, or of a spec named by its path, by the goal or another metric.
    ///
    /// The runs of a spec that cross-validates are ranked by that, for a choice by the test score
    /// would flatter the winner.
    pub fn best<'v>(
        &self,
        view: &'v LedgerView,
        what: &str,
        metric: Option<&str>,
    ) -> Result<Best<'v>, Error> {
        match find::experiment(view, what) {
            Ok(experiment) => best_of_experiment(experiment, metric),
            Err(unknown) => match self.select(&[what.to_owned()]) {
                Ok(specs) => match specs.into_iter().next() {
                    Some(spec) => self.best_of_spec(view, spec, metric),
                    None => Err(unknown),
                },
                Err(Error::NoSpec(_)) if !what.contains('/') => Err(unknown),
                Err(error) => Err(error),
            },
        }
    }

    fn best_of_spec<'v>(
        &self,
        view: &'v LedgerView,
        spec: SpecName,
        metric: Option<&str>,
    ) -> Result<Best<'v>, Error> {
        let reading = self.read(std::slice::from_ref(&spec))?;
        if !reading.mistakes.problems.is_empty() {
            return Err(Error::Mistakes(reading.mistakes));
        }
        let experiment = find::experiment(view, &spec.experiment)?;
        let known: BTreeMap<_, _> = experiment.runs.iter().map(|run| (run.id, run)).collect();
        let planned = reading.planned.iter().map(|planned| planned.request.id());
        let mut runs: Vec<&RunView> = planned.filter_map(|id| known.get(&id).copied()).collect();
        let finished = finished(runs.iter().copied());
        let adaptive = reading.adaptive.first();
        let resource = adaptive.and_then(|adaptive| adaptive.guide.resource.as_deref());
        if let Some(resource) = resource {
            runs = last_rung(&runs, resource);
        }
        let mut goal = goal(experiment, metric);
        let validated = cross_validated(&goal.metric);
        if let (None, Some(Adaptive { guide, .. })) = (metric, adaptive) {
            goal = GoalView { metric: guide.metric.clone(), direction: guide.direction };
        } else if metric.is_none() && runs.iter().any(|run| run.metrics.contains_key(&validated)) {
            goal.metric = validated;
        }
        let selection = select(runs.iter().copied(), &goal.metric, goal.direction);
        Ok(Best {
            asked: reading.planned.len() + adaptive.map_or(0, |adaptive| adaptive.following),
            finished,
            last_rung: resource.is_some(),
            selection: selection
                .ok_or_else(|| none(spec.path(), goal.metric, runs.iter().copied()))?,
            spec: Some(spec),
        })
    }
}

fn best_of_experiment<'v>(
    experiment: &'v ExperimentView,
    metric: Option<&str>,
) -> Result<Best<'v>, Error> {
    let goal = goal(experiment, metric);
    // Of equals the earliest is best.
    let selection = select(experiment.runs.iter().rev(), &goal.metric, goal.direction);
    Ok(Best {
        spec: None,
        asked: experiment.runs.len(),
        finished: finished(&experiment.runs),
        last_rung: false,
        selection: selection
            .ok_or_else(|| none(experiment.name.clone(), goal.metric.clone(), &experiment.runs))?,
    })
}

/// The error of runs none of which can be the best.
fn none<'r>(what: String, metric: String, runs: impl IntoIterator<Item = &'r RunView>) -> Error {
    let instead = goal::instead_of(&metric, runs);
    Error::NoBest { what, metric, instead }
}

/// The experiment's goal, or another metric in its usual direction.
fn goal(experiment: &ExperimentView, metric: Option<&str>) -> GoalView {
    let mut goal = experiment.goal.clone();
    if let Some(metric) = metric {
        goal.direction = Direction::of(metric).unwrap_or(goal.direction);
        metric.clone_into(&mut goal.metric);
    }
    goal
}

/// The finished runs with the largest resource: those before were measured with less.
fn last_rung<'v>(runs: &[&'v RunView], resource: &str) -> Vec<&'v RunView> {
    let value = |run: &RunView| run.params.get(resource).and_then(serde_json::Value::as_i64);
    let finished = runs.iter().copied().filter(|run| run.status == Status::Finished);
    let most = finished.clone().filter_map(value).max();
    finished.filter(|run| value(run) == most).collect()
}

fn finished<'r>(runs: impl IntoIterator<Item = &'r RunView>) -> usize {
    runs.into_iter().filter(|run| run.status == Status::Finished).count()
}
