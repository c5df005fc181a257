//! What halving and TPE go by: a metric, its direction, and the results so far.

use std::collections::BTreeMap;

use super::halving::resource;
use crate::ledger::config::Goal;
use crate::ledger::evaluate::RequestEvaluate;
use crate::ledger::id::RunId;
use crate::ledger::metric::Direction;
use crate::ledger::problem::{Problem, nearest};
use crate::ledger::selection::{CROSS_VALIDATED, cross_validated};
use crate::ledger::source::Source;
use crate::ledger::spec::{Method, Sweep};
use crate::path;

/// Looks up what the ledger knows of runs: one answer for each, `None` while it has no result.
pub type Results<'a> = dyn Fn(&[RunId]) -> Vec<Option<Known>> + 'a;

/// The result of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Known {
    /// It finished; the final value of each metric.
    Finished(BTreeMap<String, f64>),
    /// It failed, and is not to be tried again.
    Failed,
}

/// The metric that the next points of a sweep are chosen by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guide {
    /// Its name, `cv_` before it where the spec cross-validates.
    pub metric: String,
    /// Whether larger or smaller is better.
    pub direction: Direction,
    /// The param that grows from rung to rung of halving; only runs with the same are compared.
    pub resource: Option<String>,
}

impl Guide {
    /// The metric a sweep names, else the experiment's goal.
    ///
    /// # Errors
    /// When neither is there, the spec does not measure it, or nobody says which way it is better.
    pub(in crate::ledger) fn choose(
        sweep: &Sweep,
        evaluate: &RequestEvaluate,
        goal: Option<&Goal>,
        source: &Source,
    ) -> Result<Self, Problem> {
        let own = sweep.metric.as_deref().map(|name| (name, path!["sweep", "metric"].to_vec()));
        let from_goal =
            || goal.map(|goal| (goal.metric.as_str(), path!["sweep", "method"].to_vec()));
        let Some((written, place)) = own.or_else(from_goal) else {
            let message = format!("{} needs a metric to go by", super::check::name(sweep.method));
            let problem = source.at_value(path!["sweep", "method"], message);
            let cure = "write goal = { metric = \"…\" } in experiment.toml, or metric = \"…\" here";
            return Err(problem.hint(cure));
        };
        let name = written.strip_prefix(CROSS_VALIDATED).unwrap_or(written);
        let measured = evaluate.metrics.iter().any(|metric| metric == name);
        if !measured || (name != written && evaluate.cv.is_none()) {
            let whose = if sweep.metric.is_some() { "the metric" } else { "the experiment's goal" };
            let message = format!("{whose} \"{written}\" is not measured by this spec");
            let near = nearest(written, evaluate.metrics.iter().map(String::as_str));
            return Err(source.at_value(&place, message).hint(match near {
                Some(near) if !measured => format!("did you mean \"{near}\"?"),
                _ if measured => "add cv = 5 to [evaluate]".to_owned(),
                _ => format!("it measures: {}", evaluate.metrics.join(", ")),
            }));
        }
        let is_goal = |goal: &&Goal| {
            goal.metric.strip_prefix(CROSS_VALIDATED).unwrap_or(&goal.metric) == name
        };
        let of_goal = goal.filter(is_goal).and_then(|goal| goal.direction);
        let Some(direction) = sweep.direction.or(of_goal).or(Direction::of(name)) else {
            let message = format!("whether \"{name}\" is better larger or smaller is not known");
            let cure = "write direction = \"maximize\" or direction = \"minimize\"";
            return Err(source.at_value(&place, message).hint(cure));
        };
        let validated = evaluate.cv.is_some().then(|| cross_validated(name));
        Ok(Self {
            metric: validated.unwrap_or_else(|| name.to_owned()),
            direction,
            resource: (sweep.method == Method::Halving).then(|| resource(sweep).to_owned()),
        })
    }

    /// How bad a point is: the mean over its runs, smaller better and infinite for one that failed
    /// or diverged; `None` while one of them has no result.
    pub(in crate::ledger) fn cost(&self, results: &[Option<Known>]) -> Option<f64> {
        let mut sum = 0.0;
        for known in results {
            sum += match known.as_ref()? {
                Known::Finished(metrics) => metrics.get(&self.metric).copied().unwrap_or(f64::NAN),
                Known::Failed => f64::NAN,
            };
        }
        let mean = sum / results.len() as f64;
        let cost = if self.direction == Direction::Minimize { mean } else { -mean };
        Some(if cost.is_nan() { f64::INFINITY } else { cost })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_of_a_point_is_the_mean_over_its_runs() {
        let finished = |value| Some(Known::Finished(BTreeMap::from([("r2".to_owned(), value)])));
        let failed = Some(Known::Failed);
        let guide = Guide { metric: "r2".into(), direction: Direction::Maximize, resource: None };
        assert_eq!(guide.cost(&[finished(0.5), finished(0.7)]), Some(-0.6));
        assert_eq!(guide.cost(&[finished(0.5), failed]), Some(f64::INFINITY));
        assert_eq!(guide.cost(&[finished(f64::NAN)]), Some(f64::INFINITY));
        assert_eq!(guide.cost(&[finished(0.5), None]), None);
    }
}
