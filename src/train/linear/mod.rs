//! Linear models through linfa, with scikit-learn's parameters and meanings.

mod file;
mod minimum_norm;
mod onnx;
mod solve;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use toml::Value;

use crate::ledger::model::{Bound, Default, Kind, Model, Parameter, Task};

use super::error::TrainError;
use super::estimator::{Answer, Estimator, Fitted, Predictor, Work};
use super::onnx::{Graph, Outputs, Tensor};
use super::trees::importance::normalise;
use solve::{Design, Mixed, Penalty};

pub(super) use file::{FORMAT, KIND, open};

const FIT_INTERCEPT: Parameter = Parameter {
    name: "fit_intercept",
    kinds: &[Kind::Boolean],
    default: Default::Boolean(true),
    summary: "Whether the line may cross the axis anywhere; false forces it through the origin.",
    added_later: false,
};

const ALPHA: Parameter = Parameter {
    name: "alpha",
    kinds: &[Kind::Float(Bound::Included(0.0), Bound::None)],
    default: Default::Float(1.0),
    summary: "Strength of the penalty on the coefficients; 0 is none.",
    added_later: false,
};

const L1_RATIO: Parameter = Parameter {
    name: "l1_ratio",
    kinds: &[Kind::Float(Bound::Included(0.0), Bound::Included(1.0))],
    default: Default::Float(0.5),
    summary: "Share of the penalty on absolute coefficients; the rest is on their squares.",
    added_later: false,
};

const MAX_ITER: Parameter = Parameter {
    name: "max_iter",
    kinds: &[Kind::Integer(1, u32::MAX as i64)],
    default: Default::Integer(1000),
    summary: "Most passes over the coefficients.",
    added_later: false,
};

const TOL: Parameter = Parameter {
    name: "tol",
    kinds: &[Kind::Float(Bound::Included(0.0), Bound::None)],
    default: Default::Float(1e-4),
    summary: "Passes end once coefficients change by less and the duality gap is as small.",
    added_later: false,
};

/// The declaration of ordinary least squares.
pub(super) const LINEAR: Model = Model {
    name: "linear-regression",
    version: 1,
    task: Task::Regression,
    summary: "Ordinary least squares: minimises ||y - Xw - b||²",
    parameters: &[FIT_INTERCEPT],
};

/// The declaration of ridge regression.
pub(super) const RIDGE: Model = Model {
    name: "ridge",
    version: 1,
    task: Task::Regression,
    summary: "Least squares with a penalty on squares: minimises ||y - Xw - b||² + alpha ||w||²",
    parameters: &[ALPHA, FIT_INTERCEPT],
};

/// The declaration of the lasso.
pub(super) const LASSO: Model = Model {
    name: "lasso",
    version: 1,
    task: Task::Regression,
    summary: "Least squares that sets coefficients to 0: minimises ||y - Xw - b||² / 2n + alpha ||w||₁",
    parameters: &[ALPHA, FIT_INTERCEPT, MAX_ITER, TOL],
};

/// The declaration of the elastic net.
pub(super) const ELASTIC_NET: Model = Model {
    name: "elastic-net",
    version: 1,
    task: Task::Regression,
    summary: "Lasso and ridge mixed: minimises ||y - Xw - b||² / 2n + alpha (l1_ratio ||w||₁ + \
              (1 - l1_ratio) ||w||² / 2)",
    parameters: &[ALPHA, L1_RATIO, FIT_INTERCEPT, MAX_ITER, TOL],
};

/// Ordinary least squares.
pub(super) struct LinearRegression;
/// Ridge regression (Hoerl and Kennard, 1970).
pub(super) struct Ridge;
/// The lasso (Tibshirani, 1996).
pub(super) struct Lasso;
/// The elastic net (Zou and Hastie, 2005).
pub(super) struct ElasticNet;

impl Estimator for LinearRegression {
    fn declaration(&self) -> &'static Model {
        const { &LINEAR }
    }

    fn fit(&self, work: &Work<'_>) -> Result<Fitted, TrainError> {
        fit(work, Penalty::None)
    }
}

impl Estimator for Ridge {
    fn declaration(&self) -> &'static Model {
        const { &RIDGE }
    }

    fn fit(&self, work: &Work<'_>) -> Result<Fitted, TrainError> {
        fit(work, Penalty::Squares(work.params.float("alpha")))
    }
}

impl Estimator for Lasso {
    fn declaration(&self) -> &'static Model {
        const { &LASSO }
    }

    fn fit(&self, work: &Work<'_>) -> Result<Fitted, TrainError> {
        fit(work, mixed(work, 1.0))
    }
}

impl Estimator for ElasticNet {
    fn declaration(&self) -> &'static Model {
        const { &ELASTIC_NET }
    }

    fn fit(&self, work: &Work<'_>) -> Result<Fitted, TrainError> {
        fit(work, mixed(work, work.params.float("l1_ratio")))
    }
}

fn mixed(work: &Work<'_>, l1_ratio: f64) -> Penalty {
    Penalty::Mixed(Mixed {
        alpha: work.params.float("alpha"),
        l1_ratio,
        max_iter: u32::try_from(work.params.count("max_iter")).unwrap_or(u32::MAX),
        tol: work.params.float("tol"),
    })
}

fn fit(work: &Work<'_>, penalty: Penalty) -> Result<Fitted, TrainError> {
    if work.reporter.cancelled() {
        return Err(TrainError::Cancelled);
    }
    let design = Design::new(work.sample, work.params.boolean("fit_intercept"));
    let solution = design.solve(work.names, penalty)?;
    if let Some(warning) = solution.warning {
        work.reporter.line(&warning);
    }
    work.reporter.progress(1, 1);
    let coefficients = solution.coefficients;
    let intercept = design.intercept(&coefficients);
    if !intercept.is_finite() || coefficients.iter().any(|value| !value.is_finite()) {
        return Err(TrainError::Fit("its coefficients are not finite; rescale the columns".into()));
    }
    let mut importance: Vec<f64> = (coefficients.iter().zip(design.deviations()))
        .map(|(coefficient, deviation)| coefficient.abs() * deviation)
        .collect();
    normalise(&mut importance);
    let nonzero = coefficients.iter().filter(|value| value.abs() > 0.0).count();
    let facts = BTreeMap::from([
        ("coefficients".into(), Value::Integer(coefficients.len() as i64)),
        ("nonzero".into(), Value::Integer(nonzero as i64)),
        ("intercept".into(), Value::Float(intercept)),
    ]);
    let predictor = Box::new(Line { intercept, coefficients: coefficients.clone() });
    Ok(Fitted {
        predictor,
        importance,
        coefficients: Some(vec![coefficients]),
        clusters: None,
        facts,
    })
}

/// A trained linear model.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    intercept: f64,
    coefficients: Vec<f64>,
}

impl Line {
    /// A line with an intercept and a coefficient a feature.
    pub(super) fn new(intercept: f64, coefficients: Vec<f64>) -> Self {
        Self { intercept, coefficients }
    }
}

impl Predictor for Line {
    fn predict(&self, features: &[Vec<f64>]) -> Answer {
        let mut sums = vec![self.intercept; features.first().map_or(0, Vec::len)];
        for (coefficient, column) in self.coefficients.iter().zip(features) {
            sums.iter_mut().zip(column).for_each(|(sum, value)| *sum += coefficient * value);
        }
        Answer::plain(sums)
    }

    fn kind(&self) -> &'static str {
        KIND
    }

    fn nodes(&self) -> Option<u64> {
        None
    }

    fn body(&self) -> Result<Vec<u8>, TrainError> {
        file::write(self)
    }

    fn onnx(&self, graph: &mut Graph, features: Tensor) -> Option<Outputs> {
        Some(onnx::write(self, graph, features))
    }
}
