//! Which runs a person asks for, and in what order.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};

use crate::ledger::comparison::{Part, parts};
use crate::ledger::filter::{Filter, Key, metric_names};
use crate::ledger::frame::{self, Frame};
use crate::ledger::history::{Day, history};
use crate::ledger::layout::METRICS;
use crate::ledger::metric::{Direction, MetricPoint, read_lines};
use crate::ledger::metric_summary::MetricSummary;
use crate::ledger::problem::nearest;
use crate::ledger::view::{ExperimentView, RunView};

use super::error::Error;
use super::find;
use super::ledger::Ledger;
use super::views::declared;

/// Which runs are listed.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListOf<'a> {
    /// Names of experiments, else the words of a filter; none for all runs.
    pub words: &'a [String],
    /// What to sort by, as a filter writes it after `order by`.
    pub sort: Option<&'a str>,
    /// At most so many.
    pub limit: Option<usize>,
}

/// The runs that were asked for.
#[derive(Debug)]
pub enum Listing {
    /// Without an order or a limit: experiment by experiment, newest first.
    ByExperiment(Vec<ExperimentView>),
    /// In one order over all experiments.
    InOrder(Vec<RunView>),
}

impl Listing {
    /// The runs in their order.
    pub fn runs(&self) -> Vec<&RunView> {
        match self {
            Self::ByExperiment(experiments) => {
                experiments.iter().flat_map(|experiment| &experiment.runs).collect()
            }
            Self::InOrder(runs) => runs.iter().collect(),
        }
    }
}

impl Listing {
    /// The runs in their order, to be changed.
    pub(super) fn runs_mut(&mut self) -> Vec<&mut RunView> {
        match self {
            Self::ByExperiment(experiments) => {
                experiments.iter_mut().flat_map(|experiment| &mut experiment.runs).collect()
            }
            Self::InOrder(runs) => runs.iter_mut().collect(),
        }
    }
}

/// The order of two runs, the newer one first where nothing else decides.
pub(super) fn in_order(by: &Filter, a: &RunView, b: &RunView) -> Ordering {
    let newest = |run: &RunView| Reverse((run.started, run.attempt));
    let newer = || newest(a).cmp(&newest(b));
    by.compare(a, b).then_with(newer).then_with(|| a.experiment.cmp(&b.experiment))
}

/// [`ListOf`] as it was understood.
pub(super) enum Choice {
    /// These experiments.
    Experiments(Vec<String>),
    /// The runs that meet a filter.
    Filter(Filter),
}

impl Ledger {
    /// The runs that are asked for, without their files.
    ///
    /// # Errors
    /// When a filter or an order cannot be read, or one word alone is nearly the name of an experiment.
    pub fn list(&self, asked: ListOf<'_>) -> Result<Listing, Error> {
        let choice = self.choice(asked.words)?;
        let mut order = match asked.sort {
            Some(sort) => Filter::parse(&format!("order by {sort}"))?.order,
            None => Vec::new(),
        };
        if let Choice::Filter(filter) = &choice {
            order.extend(filter.order.clone());
        }
        let by = Filter::ordered(order);
        if let Some(limit) = asked.limit
            && let Some(runs) = self.first(&choice, &by, limit)?
        {
            return Ok(Listing::InOrder(runs));
        }
        let experiments = self.chosen(&choice)?;
        if by.order.is_empty() && asked.limit.is_none() {
            return Ok(Listing::ByExperiment(experiments));
        }
        let mut runs: Vec<RunView> =
            experiments.into_iter().flat_map(|experiment| experiment.runs).collect();
        runs.sort_by(|a, b| in_order(&by, a, b));
        runs.truncate(asked.limit.unwrap_or(usize::MAX));
        Ok(Listing::InOrder(runs))
    }

    /// The experiments with the runs that are chosen, without their files.
    pub(super) fn chosen(&self, choice: &Choice) -> Result<Vec<ExperimentView>, Error> {
        let (mut experiments, moment) = (self.outline()?.experiments, self.moment());
        match choice {
            Choice::Experiments(names) if names.is_empty() => {}
            Choice::Experiments(names) => {
                experiments.retain(|experiment| names.contains(&experiment.name));
            }
            Choice::Filter(filter) => {
                for experiment in &mut experiments {
                    experiment.runs.retain(|run| filter.matches(run, &moment));
                }
            }
        }
        Ok(experiments)
    }

    /// What some words mean: names of experiments, else together a filter.
    pub(super) fn choice(&self, words: &[String]) -> Result<Choice, Error> {
        let names = self.store.experiments()?;
        let named: Result<Vec<String>, Error> =
            words.iter().map(|word| find::name(&names, word).map(str::to_owned)).collect();
        match named {
            Ok(named) => Ok(Choice::Experiments(named)),
            // One mistyped name is no filter that finds nothing.
            Err(error @ Error::NoExperiment { near: Some(_), .. }) if words.len() == 1 => {
                Err(error)
            }
            Err(_) => Ok(Choice::Filter(Filter::parse(&words.join(" "))?)),
        }
    }

    /// The metrics and params that a filter asks for and no run has, each with a name that is nearly it.
    pub fn unknown_names(&self, words: &[String]) -> Result<Vec<(String, Option<String>)>, Error> {
        let Choice::Filter(filter) = self.choice(words)? else { return Ok(Vec::new()) };
        let [metrics, params] = self.store.names()?;
        let near = |kind: &str, name: &str, known: &BTreeSet<String>| {
            let near = nearest(name, known.iter().map(String::as_str));
            (format!("{kind}.{name}"), near.map(|near| format!("{kind}.{near}")))
        };
        let unknown = |key: &&Key| match key {
            Key::Metric(name) if !metric_names(name).iter().any(|name| metrics.contains(name)) => {
                Some(near("metrics", name, &metrics))
            }
            Key::Param(name) if !params.contains(name) => Some(near("params", name, &params)),
            _ => None,
        };
        Ok(filter.keys().iter().filter_map(unknown).collect())
    }

    /// Some runs as one table, with the extremes of their metrics.
    pub fn run_table(&self, runs: &[&RunView]) -> Result<Frame, Error> {
        Ok(frame::runs(runs, &self.metric_summaries(runs)?))
    }

    /// Runs side by side, part by part.
    pub fn compare(&self, runs: &[&RunView]) -> Result<Vec<Part>, Error> {
        let entries: Result<Vec<_>, _> =
            runs.iter().map(|run| self.store.entry(&run.directory)).collect();
        let entries = entries?;
        let requests = entries.iter().map(|entry| entry.as_ref().map(|entry| &entry.request));
        Ok(parts(&runs.iter().copied().zip(requests).collect::<Vec<_>>()))
    }

    /// Whether comparisons leave a part out unless asked, as `ledger.toml` says.
    pub fn ignores(&self, part: &str) -> bool {
        self.config.report.ignores(part)
    }

    /// What happened day by day to the runs that some words choose.
    pub fn history(&self, words: &[String]) -> Result<Vec<Day>, Error> {
        let experiments = self.chosen(&self.choice(words)?)?;
        Ok(history(&experiments, &self.config.time_zone))
    }

    /// What the points of each metric of some runs come to, in their order.
    pub fn metric_summaries(
        &self,
        runs: &[&RunView],
    ) -> Result<Vec<BTreeMap<String, MetricSummary>>, Error> {
        let directories: Vec<&str> = runs.iter().map(|run| run.directory.as_str()).collect();
        Ok(self.store.metric_summaries(&directories)?)
    }

    /// Which values of a metric are better in an experiment, as its goal and the name say.
    pub fn better(&self, experiment: &str, metric: &str) -> Option<Direction> {
        let goal = self.experiment(experiment).0.goal.map(declared);
        goal.map_or_else(|| Direction::of(metric), |goal| goal.direction_of(metric))
    }

    /// The metric points of a run in file order, checked against its manifest.
    pub fn points(&self, run: &RunView) -> Result<Vec<MetricPoint>, Error> {
        match self.store.entry(&run.directory)? {
            Some(entry) => Ok(read_lines(&self.store.read_file(&entry, METRICS)?).points),
            None => Ok(Vec::new()),
        }
    }
}
