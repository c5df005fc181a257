//! Linear support vector machines, with scikit-learn's meaning.
//!
//! The optimum is the one of scikit-learn's liblinear, whose coordinate descent gets near it by
//! random steps; the solvers here reach it, and the same bits, every time.

mod design;
mod file;
mod interior;
mod newton;
mod normal;
mod onnx;
mod params;
mod planes;
mod problem;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use toml::Value;

use crate::ledger::model::Model;

use super::error::TrainError;
use super::estimator::{Estimator, Fitted, Predictor, Work};
use super::linear::Line;
use super::moments::centre_and_scale;
use super::params::Params;
use super::trees::importance::normalise;
use design::Design;
use planes::{Hyperplanes, Plane};
use problem::{Loss, Problem, Zone};

pub(super) use file::{FORMAT, KIND, open};
pub(super) use params::{CLASSIFIER, REGRESSOR};

/// When a solver ends.
#[derive(Clone, Copy, Debug)]
struct Settings {
    tol: f64,
    max_iter: usize,
}

/// Where it ended.
#[derive(Debug)]
struct Solution {
    /// By column of the design.
    weights: Vec<f64>,
    steps: usize,
    converged: bool,
}

/// Linear classification by support vectors.
pub(super) struct LinearSupportVectorClassifier;
/// Linear regression by support vectors.
pub(super) struct LinearSupportVectorRegressor;

/// The zone and the cost of each row.
type Rows = (Vec<Zone>, Vec<f64>);

impl Estimator for LinearSupportVectorRegressor {
    fn declaration(&self) -> &'static Model {
        const { &REGRESSOR }
    }

    fn fit(&self, work: &Work<'_>) -> Result<Fitted, TrainError> {
        let (epsilon, target) = (work.params.float("epsilon"), &work.sample.target);
        let zone = |target: &f64| Zone { low: target - epsilon, high: target + epsilon };
        let costs = vec![work.params.float("C"); target.len()];
        let (planes, steps) = solve(work, vec![(target.iter().map(zone).collect(), costs)])?;
        let plane = planes.first().cloned().ok_or_else(|| TrainError::Fit("no row".into()))?;
        let line = Line::new(plane.intercept, plane.coefficients);
        Ok(fitted(work, &planes, steps, Box::new(line)))
    }
}

impl Estimator for LinearSupportVectorClassifier {
    fn declaration(&self) -> &'static Model {
        const { &CLASSIFIER }
    }

    fn fit(&self, work: &Work<'_>) -> Result<Fitted, TrainError> {
        let mut counts = vec![0_usize; work.classes];
        work.sample.target.iter().for_each(|class| counts[*class as usize] += 1);
        let present: Vec<usize> = (0..work.classes).filter(|class| counts[*class] > 0).collect();
        let problems = match &present[..] {
            [_] => {
                work.reporter.line("all training rows are of one class, which is every answer");
                Vec::new()
            }
            [_, second] => vec![against_rest(work, &counts, &present, *second)],
            more => more.iter().map(|one| against_rest(work, &counts, more, *one)).collect(),
        };
        let (planes, steps) = solve(work, problems)?;
        let present = present.into_iter().map(|class| class as u32).collect();
        let model = Hyperplanes { classes: work.classes, present, planes: planes.clone() };
        Ok(fitted(work, &planes, steps, Box::new(model)))
    }
}

/// The problem of one class, on the upper side, against all others.
fn against_rest(work: &Work<'_>, counts: &[usize], present: &[usize], one: usize) -> Rows {
    let target = &work.sample.target;
    let balanced = work.params.word("class_weight") == "balanced";
    let c = work.params.float("C");
    let weight = |class: usize| {
        let balance = target.len() as f64 / (present.len() * counts[class]) as f64;
        c * if balanced { balance } else { 1.0 }
    };
    // As in liblinear: of more than two classes, each has its weight in its own problem only.
    let rest = if present.len() == 2 { weight(present[0]) } else { c };
    let own = |class: &f64| *class as usize == one;
    let zone = |class: &f64| {
        if own(class) {
            Zone { low: 1.0, high: f64::INFINITY }
        } else {
            Zone { low: f64::NEG_INFINITY, high: -1.0 }
        }
    };
    let cost = |class: &f64| if own(class) { weight(one) } else { rest };
    (target.iter().map(zone).collect(), target.iter().map(cost).collect())
}

/// A plane for each problem, and the steps it took to find them.
fn solve(work: &Work<'_>, problems: Vec<Rows>) -> Result<(Vec<Plane>, usize), TrainError> {
    if work.reporter.cancelled() {
        return Err(TrainError::Cancelled);
    }
    let params: &Params<'_> = work.params;
    let scaling = params.float("intercept_scaling");
    let intercept = params.boolean("fit_intercept").then_some(scaling);
    let design = Design::new(&work.sample.features, intercept);
    let squared = params.word("loss").starts_with("squared");
    let loss = if squared { Loss::Square } else { Loss::Distance };
    let settings = Settings { tol: params.float("tol"), max_iter: params.count("max_iter") };
    let (total, done) = (problems.len().max(1) as u64, AtomicU64::new(0));
    let solved = problems.into_par_iter().map(|(zones, costs)| {
        let problem = Problem { design: &design, zones, costs, loss };
        let solution = match loss {
            Loss::Square => newton::minimise(&problem, settings, work.reporter),
            Loss::Distance => interior::minimise(&problem, settings, work.reporter),
        }?;
        work.reporter.progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
        Ok(solution)
    });
    let solved = solved.collect::<Result<Vec<Solution>, TrainError>>()?;
    let late = solved.iter().filter(|solution| !solution.converged).count();
    if late > 0 {
        work.reporter.line(&format!(
            "{late} of {total} problems not converged; raise max_iter, scale the features, or \
             lower C"
        ));
    }
    let features = work.sample.features.len();
    let steps = solved.iter().map(|solution| solution.steps).sum();
    let plane = |Solution { mut weights, .. }: Solution| {
        let intercept = weights.split_off(features).first().map_or(0.0, |it| it * scaling);
        Plane { intercept, coefficients: weights }
    };
    let planes: Vec<Plane> = solved.into_iter().map(plane).collect();
    let finite = |plane: &Plane| {
        plane.intercept.is_finite() && plane.coefficients.iter().all(|value| value.is_finite())
    };
    if !planes.iter().all(finite) {
        return Err(TrainError::Fit("its coefficients are not finite; rescale the columns".into()));
    }
    Ok((planes, steps))
}

fn fitted(
    work: &Work<'_>,
    planes: &[Plane],
    steps: usize,
    predictor: Box<dyn Predictor>,
) -> Fitted {
    let rows: Vec<Vec<f64>> = planes.iter().map(|plane| plane.coefficients.clone()).collect();
    let weigh = |(at, values): (usize, &Vec<f64>)| {
        let size: f64 = rows.iter().map(|row| row[at].abs()).sum();
        size * centre_and_scale(values).1
    };
    let mut importance: Vec<f64> = work.sample.features.iter().enumerate().map(weigh).collect();
    normalise(&mut importance);
    let mut facts = BTreeMap::from([("iterations".into(), Value::Integer(steps as i64))]);
    let intercepts: Vec<Value> = planes.iter().map(|plane| Value::Float(plane.intercept)).collect();
    match &intercepts[..] {
        [] => None,
        [one] => facts.insert("intercept".into(), one.clone()),
        _ => facts.insert("intercepts".into(), Value::Array(intercepts)),
    };
    let coefficients = Some(rows).filter(|rows| !rows.is_empty());
    Fitted { predictor, importance, coefficients, clusters: None, facts }
}
