//! Logistic regression with scikit-learn's parameters, meanings and optimum.
//!
//! linfa's L-BFGS ends early on features of unlike units and knows no class weights, so Newton's
//! method goes on from where it ends, on standardised features, until nothing is left to gain.

mod design;
mod file;
mod loss;
mod newton;
mod onnx;
mod start;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use toml::Value;

use crate::ledger::model::{Bound, Default, Kind, Model, Parameter, Task};

use super::error::TrainError;
use super::estimator::{Answer, Estimator, Fitted, Predictor, Scores, Work};
use super::moments::centre_and_scale;
use super::onnx::{Graph, Outputs, Tensor};
use super::trees::importance::normalise;
use design::{Design, Setting, Solution};

pub(super) use file::{FORMAT, KIND, open};

/// The declaration of logistic regression.
pub(super) const MODEL: Model = Model {
    name: "logistic-regression",
    version: 1,
    task: Task::Classification,
    summary: "Log odds linear in the features: minimises C × log loss + ||w||² / 2",
    parameters: &[
        Parameter {
            name: "penalty",
            kinds: &[Kind::Word(&["l2", "none"])],
            default: Default::Word("l2"),
            summary: "Whether the squares of the coefficients cost; \"none\" leaves C unused.",
            added_later: false,
        },
        Parameter {
            name: "C",
            kinds: &[Kind::Float(Bound::Excluded(0.0), Bound::None)],
            default: Default::Float(1.0),
            summary: "How much the data count against the penalty; smaller is more penalty.",
            added_later: false,
        },
        Parameter {
            name: "fit_intercept",
            kinds: &[Kind::Boolean],
            default: Default::Boolean(true),
            summary: "Whether the log odds have a constant part, which is never penalised.",
            added_later: false,
        },
        Parameter {
            name: "class_weight",
            kinds: &[Kind::Word(&["none", "balanced"])],
            default: Default::Word("none"),
            summary: "\"balanced\" makes rare classes count as much as frequent ones.",
            added_later: false,
        },
        Parameter {
            name: "max_iter",
            kinds: &[Kind::Integer(1, u32::MAX as i64)],
            default: Default::Integer(100),
            summary: "Most steps of L-BFGS, and again of Newton's method after it.",
            added_later: false,
        },
        Parameter {
            name: "tol",
            kinds: &[Kind::Float(Bound::Included(0.0), Bound::None)],
            default: Default::Float(1e-4),
            summary: "Slope of the mean loss that counts as flat; the last steps go far below it.",
            added_later: false,
        },
    ],
};

/// Logistic regression, binary and multinomial.
pub(super) struct LogisticRegression;

impl Estimator for LogisticRegression {
    fn declaration(&self) -> &'static Model {
        const { &MODEL }
    }

    fn fit(&self, work: &Work<'_>) -> Result<Fitted, TrainError> {
        let mut present: Vec<usize> = work.sample.target.iter().map(|it| *it as usize).collect();
        present.sort_unstable();
        present.dedup();
        let mut facts = BTreeMap::new();
        let solution = if present.len() < 2 {
            work.reporter.line("all training rows are of one class, which is every answer");
            Solution { coefficients: Vec::new(), intercepts: Vec::new() }
        } else {
            solve(work, &present, &mut facts)?
        };
        let Solution { coefficients, intercepts } = solution;
        let finite = |values: &[f64]| values.iter().all(|value| value.is_finite());
        if !finite(&intercepts) || !coefficients.iter().all(|row| finite(row)) {
            let text = "its coefficients are not finite; rescale the columns";
            return Err(TrainError::Fit(text.into()));
        }
        work.reporter.progress(1, 1);
        facts.insert("classes".into(), Value::Integer(present.len() as i64));
        let floats = intercepts.iter().map(|value| Value::Float(*value)).collect::<Vec<_>>();
        match &floats[..] {
            [] => None,
            [one] => facts.insert("intercept".into(), one.clone()),
            _ => facts.insert("intercepts".into(), Value::Array(floats)),
        };
        let importance = importance(work, &coefficients);
        let rows = Some(coefficients.clone()).filter(|rows| !rows.is_empty());
        let predictor =
            Box::new(Logistic { classes: work.classes, present, intercepts, coefficients });
        Ok(Fitted { predictor, importance, coefficients: rows, clusters: None, facts })
    }
}

/// Finds the coefficients for two classes or more.
fn solve(
    work: &Work<'_>,
    present: &[usize],
    facts: &mut BTreeMap<String, Value>,
) -> Result<Solution, TrainError> {
    if work.reporter.cancelled() {
        return Err(TrainError::Cancelled);
    }
    let params = work.params;
    let alpha = if params.word("penalty") == "l2" { 1.0 / params.float("C") } else { 0.0 };
    let (max_iter, tol) = (params.count("max_iter"), params.float("tol"));
    let place = |class: &f64| present.partition_point(|known| *known < *class as usize);
    let labels = work.sample.target.iter().map(place).collect();
    let setting = Setting {
        classes: present.len(),
        alpha,
        intercept: params.boolean("fit_intercept"),
        balanced: params.word("class_weight") == "balanced",
    };
    let design = Design::new(work.sample, labels, setting);
    if design.columns == 0 {
        return Ok(design.own_units(&[]));
    }
    let start = start::start(&design, alpha, max_iter, tol);
    let end = newton::minimise(&design, start, max_iter, tol, work.reporter)?;
    if !end.converged {
        let text = format!("not converged after {max_iter} steps; raise max_iter or lower C");
        work.reporter.line(&text);
    } else if end.loss < 1e-8 {
        work.reporter.line(
            "the classes are told apart without error, so the coefficients have no limit: \
             they were stopped on their way; penalty \"l2\" gives them one",
        );
    }
    facts.insert("iterations".into(), Value::Integer(end.steps as i64));
    facts.insert("converged".into(), Value::Boolean(end.converged));
    Ok(design.own_units(&end.coefficients))
}

/// The mean absolute coefficient of each feature times its deviation, summing to 1.
fn importance(work: &Work<'_>, coefficients: &[Vec<f64>]) -> Vec<f64> {
    let weigh = |(at, values): (usize, &Vec<f64>)| {
        let size: f64 = coefficients.iter().map(|row| row[at].abs()).sum();
        size * centre_and_scale(values).1
    };
    let mut importance: Vec<f64> = work.sample.features.iter().enumerate().map(weigh).collect();
    normalise(&mut importance);
    importance
}

/// A trained logistic regression.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Logistic {
    /// Number of classes of the data set.
    pub(super) classes: usize,
    /// Those that had training rows, ascending.
    pub(super) present: Vec<usize>,
    /// An intercept for each row of coefficients.
    pub(super) intercepts: Vec<f64>,
    /// By row a coefficient a feature: no row for one class present, one row for two (the log odds
    /// of the second against the first), else a row a class (log probabilities up to a constant).
    pub(super) coefficients: Vec<Vec<f64>>,
}

impl Predictor for Logistic {
    fn predict(&self, features: &[Vec<f64>]) -> Answer {
        let rows = features.first().map_or(0, Vec::len);
        let mut odds: Vec<Vec<f64>> = Vec::new();
        for (intercept, coefficients) in self.intercepts.iter().zip(&self.coefficients) {
            let mut sums = vec![*intercept; rows];
            for (coefficient, column) in coefficients.iter().zip(features) {
                sums.iter_mut().zip(column).for_each(|(sum, value)| *sum += coefficient * value);
            }
            odds.push(sums);
        }
        let mut by_class = vec![vec![0.0; rows]; self.classes];
        match (&self.present[..], &mut odds[..]) {
            ([only], _) => by_class[*only].fill(1.0),
            ([first, second], [odds]) => {
                by_class[*first] = odds.iter().map(|odds| loss::logistic(-odds)).collect();
                by_class[*second] = odds.iter().map(|odds| loss::logistic(*odds)).collect();
            }
            (present, odds) => {
                let mut cells = vec![0.0; odds.len()];
                for row in 0..rows {
                    cells.iter_mut().zip(&*odds).for_each(|(cell, odds)| *cell = odds[row]);
                    loss::row_loss(&mut cells, 0);
                    for (class, cell) in present.iter().zip(&cells) {
                        by_class[*class][row] = *cell;
                    }
                }
            }
        }
        Answer::of_scores(Scores { by_class, probabilities: true })
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
