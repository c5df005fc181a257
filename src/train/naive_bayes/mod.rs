//! Gaussian naive Bayes: the statistics are linfa's, the probabilities our own.
//!
//! linfa adds up likelihoods before it takes their logarithm, which gives no number for rows far
//! from every class, so its trained model is only asked for means and variances.

mod file;
mod onnx;
mod statistics;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use toml::Value;

use crate::ledger::model::{Bound, Default, Kind, Model, Parameter, Task};

use super::error::TrainError;
use super::estimator::{Answer, Estimator, Fitted, Predictor, Scores, Work};
use super::onnx::{Graph, Outputs, Tensor};

pub(super) use file::{FORMAT, KIND, open};

/// The declaration of Gaussian naive Bayes.
pub(super) const MODEL: Model = Model {
    name: "gaussian-naive-bayes",
    version: 1,
    task: Task::Classification,
    summary: "Bayes' rule with a normal distribution for each feature in each class",
    parameters: &[Parameter {
        name: "var_smoothing",
        kinds: &[Kind::Float(Bound::Included(0.0), Bound::None)],
        default: Default::Float(1e-9),
        summary: "Share of the largest variance of a feature that is added to every variance.",
        added_later: false,
    }],
};

/// Gaussian naive Bayes.
pub(super) struct GaussianNaiveBayes;

impl Estimator for GaussianNaiveBayes {
    fn declaration(&self) -> &'static Model {
        const { &MODEL }
    }

    fn fit(&self, work: &Work<'_>) -> Result<Fitted, TrainError> {
        if work.reporter.cancelled() {
            return Err(TrainError::Cancelled);
        }
        let bells = statistics::learn(work, work.params.float("var_smoothing"))?;
        work.reporter.progress(1, 1);
        let facts = BTreeMap::from([("classes".into(), Value::Integer(bells.len() as i64))]);
        let predictor = Box::new(NaiveBayes { classes: work.classes, bells });
        Ok(Fitted { predictor, importance: Vec::new(), coefficients: None, clusters: None, facts })
    }
}

/// A trained Gaussian naive Bayes model.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct NaiveBayes {
    /// Number of classes of the data set.
    pub(super) classes: usize,
    /// The classes that had training rows, in order; at least one.
    pub(super) bells: Vec<Bell>,
}

/// What is known of a class.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bell {
    /// Its number.
    pub(super) class: usize,
    /// Its share of the training rows.
    pub(super) prior: f64,
    /// The mean of each feature.
    pub(super) means: Vec<f64>,
    /// The smoothed variance of each feature; 0 for one that is constant and so tells nothing.
    pub(super) variances: Vec<f64>,
}

impl Bell {
    /// The logarithm of prior times density at the mean.
    fn height(&self) -> f64 {
        let told = |variance: &&f64| **variance > 0.0;
        let logs = self.variances.iter().filter(told).map(|it| (std::f64::consts::TAU * it).ln());
        self.prior.ln() - 0.5 * logs.sum::<f64>()
    }

    /// The logarithm of prior times density of each row.
    fn log_likelihood(&self, features: &[Vec<f64>]) -> Vec<f64> {
        let rows = features.first().map_or(0, Vec::len);
        let mut sums = vec![self.height(); rows];
        for ((mean, variance), column) in self.means.iter().zip(&self.variances).zip(features) {
            if *variance > 0.0 {
                for (sum, value) in sums.iter_mut().zip(column) {
                    let distance = value - mean;
                    *sum -= 0.5 * distance * distance / variance;
                }
            }
        }
        sums
    }
}

impl Predictor for NaiveBayes {
    fn predict(&self, features: &[Vec<f64>]) -> Answer {
        let rows = features.first().map_or(0, Vec::len);
        let logs: Vec<Vec<f64>> =
            self.bells.iter().map(|bell| bell.log_likelihood(features)).collect();
        let mut by_class = vec![vec![0.0; rows]; self.classes];
        for row in 0..rows {
            let highest = logs.iter().fold(f64::NEG_INFINITY, |high, logs| high.max(logs[row]));
            // Beyond the range of numbers every class is as far away: the priors are what is left.
            let weight = |bell: &Bell, logs: &[f64]| {
                if highest.is_finite() { (logs[row] - highest).exp() } else { bell.prior }
            };
            let weights: Vec<f64> =
                self.bells.iter().zip(&logs).map(|(bell, logs)| weight(bell, logs)).collect();
            let sum: f64 = weights.iter().sum();
            for (bell, weight) in self.bells.iter().zip(weights) {
                by_class[bell.class][row] = weight / sum;
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
