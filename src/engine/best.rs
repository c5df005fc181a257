//! The best run of an experiment by its goal, or of what one spec asks for.

use std::collections::BTreeMap;

use crate::ledger::attempt::Status;
use crate::ledger::filter::{Filter, Key, Moment, metric_alias};
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
pub struct Best {
    /// The spec whose runs were compared; `None` for all runs of the experiment.
    pub spec: Option<SpecName>,
    /// Number of runs the spec asks for, or the experiment has.
    pub asked: usize,
    /// Number of them that finished.
    pub finished: usize,
    /// Whether only those of the last rung of halving were compared.
    pub last_rung: bool,
    /// How they rank.
    pub selection: Selection,
    /// The best run: the best of the best cell; without its files, and what its replicates tell may be
    /// missing.
    pub run: RunView,
}

/// Which runs are compared, and by what.
#[derive(Clone, Copy, Debug)]
pub struct BestOf<'a> {
    /// The experiment, or a spec by its path.
    pub what: &'a str,
    /// A filter they must meet; one that orders by a metric ranks by it. Empty for all of them.
    pub filter: &'a str,
    /// Another metric than the goal's.
    pub metric: Option<&'a str>,
}

/// [`BestOf`] as it was understood.
struct Terms {
    filter: Filter,
    moment: Moment,
    /// The metric to rank by instead of the goal's, and its direction where that was said.
    metric: Option<(String, Option<Direction>)>,
}

impl Terms {
    fn new(of: BestOf<'_>, moment: Moment) -> Result<Self, Error> {
        let filter = Filter::parse(of.filter)?;
        let metric = match (of.metric, filter.order.as_slice()) {
            (Some(metric), []) => Some((metric.to_owned(), None)),
            (None, []) => None,
            (None, [order]) => match &order.key {
                Key::Metric(name) | Key::Any(name) => {
                    let direction =
                        if order.descending { Direction::Maximize } else { Direction::Minimize };
                    Some((name.clone(), Some(direction)))
                }
                _ => return Err(Error::NotRanked),
            },
            _ => return Err(Error::NotRanked),
        };
        Ok(Self { filter, moment, metric })
    }

    /// The runs that are compared.
    fn chosen<'v>(&self, runs: impl IntoIterator<Item = &'v RunView>) -> Vec<&'v RunView> {
        runs.into_iter().filter(|run| self.filter.matches(*run, &self.moment)).collect()
    }

    /// The experiment's goal, or another metric in its usual direction.
    fn goal(&self, experiment: &ExperimentView) -> GoalView {
        let Some((asked, direction)) = &self.metric else { return experiment.goal.clone() };
        let has = |name: &str| experiment.runs.iter().any(|run| run.metrics.contains_key(name));
        let other = metric_alias(asked).filter(|own| !has(asked) && has(own));
        let metric = other.unwrap_or(asked).to_owned();
        let usual = Direction::of(&metric).unwrap_or(experiment.goal.direction);
        GoalView::of(metric, Some(direction.unwrap_or(usual)))
    }
}

impl Ledger {
    /// The best run of an experiment, or of a spec named by its path, by the goal or another metric.
    ///
    /// The runs of a spec that cross-validates are ranked by that, for a choice by the test score
    /// would flatter the winner.
    ///
    /// # Errors
    /// When there is no such experiment or spec, when the filter cannot be read or orders by anything
    /// but one metric, and when no run is left that could be the best.
    pub fn best(&self, of: BestOf<'_>) -> Result<Best, Error> {
        match self.best_by_index(of)? {
            Some(best) => Ok(best),
            None => self.best_in(&self.outline_for(of)?, of),
        }
    }

    /// The best of the runs of a view, which has all that may be asked for.
    pub(super) fn best_in(&self, view: &LedgerView, of: BestOf<'_>) -> Result<Best, Error> {
        let terms = Terms::new(of, self.moment())?;
        let what = of.what;
        match find::experiment(view, what) {
            Ok(experiment) => best_of_experiment(experiment, &terms),
            Err(unknown) => match self.select(&[what.to_owned()]) {
                Ok(specs) => match specs.into_iter().next() {
                    Some(spec) => self.best_of_spec(view, spec, &terms),
                    None => Err(unknown),
                },
                Err(Error::NoSpec(_)) if !what.contains('/') => Err(unknown),
                Err(error) => Err(error),
            },
        }
    }

    fn best_of_spec(
        &self,
        view: &LedgerView,
        spec: SpecName,
        terms: &Terms,
    ) -> Result<Best, Error> {
        let reading = self.read(std::slice::from_ref(&spec))?;
        if !reading.mistakes.problems.is_empty() {
            return Err(Error::Mistakes(reading.mistakes));
        }
        let experiment = find::experiment(view, &spec.experiment)?;
        let known: BTreeMap<_, _> = experiment.runs.iter().map(|run| (run.id, run)).collect();
        let planned = reading.planned.iter().map(|planned| planned.request.id());
        let mut runs: Vec<&RunView> = planned.filter_map(|id| known.get(&id).copied()).collect();
        let all = runs.clone();
        let adaptive = reading.adaptive.first();
        let resource = adaptive.and_then(|adaptive| adaptive.guide.resource.as_deref());
        if let Some(resource) = resource {
            runs = last_rung(&runs, resource);
        }
        runs = terms.chosen(runs);
        let mut goal = terms.goal(experiment);
        let validated = cross_validated(&goal.metric);
        if let (None, Some(Adaptive { guide, .. })) = (&terms.metric, adaptive) {
            goal = GoalView::of(guide.metric.clone(), Some(guide.direction));
        } else if terms.metric.is_none()
            && runs.iter().any(|run| run.metrics.contains_key(&validated))
        {
            goal.metric = validated;
        }
        let selection = select(runs.iter().copied(), &goal.metric, goal.direction);
        let meeting = terms.chosen(all);
        let following = adaptive.map_or(0, |adaptive| adaptive.following);
        let selection =
            selection.ok_or_else(|| none(spec.path(), goal.metric, runs.clone(), terms))?;
        Ok(Best {
            asked: if terms.filter.has_condition() {
                meeting.len()
            } else {
                reading.planned.len() + following
            },
            finished: finished(meeting),
            last_rung: resource.is_some(),
            run: winner(&selection, &runs)?,
            selection,
            spec: Some(spec),
        })
    }
}

fn best_of_experiment(experiment: &ExperimentView, terms: &Terms) -> Result<Best, Error> {
    let (goal, runs) = (terms.goal(experiment), terms.chosen(&experiment.runs));
    // Of equals the earliest is best.
    let selection = select(runs.iter().rev().copied(), &goal.metric, goal.direction);
    let selection = selection
        .ok_or_else(|| none(experiment.name.clone(), goal.metric.clone(), runs.clone(), terms))?;
    Ok(Best {
        spec: None,
        asked: runs.len(),
        finished: finished(runs.iter().copied()),
        last_rung: false,
        run: winner(&selection, &runs)?,
        selection,
    })
}

/// The best run among those that were compared.
fn winner(selection: &Selection, runs: &[&RunView]) -> Result<RunView, Error> {
    // A selection has a cell, and its best is one of the runs.
    let id = selection.cells.first().map(|cell| cell.named.run);
    let run = runs.iter().find(|run| Some(run.id) == id);
    run.map(|run| (*run).clone()).ok_or_else(|| Error::NoRun(selection.metric.clone()))
}

/// The error of runs none of which can be the best.
fn none(what: String, metric: String, runs: Vec<&RunView>, terms: &Terms) -> Error {
    let filtered = terms.filter.has_condition();
    let instead = goal::instead_of(&metric, runs);
    Error::NoBest { what, metric, filtered, instead }
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
