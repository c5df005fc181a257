//! K nearest neighbours (Fix and Hodges, 1951; Cover and Hart, 1967), with scikit-learn's meaning.

pub(super) mod distance;
mod file;
mod filter;
mod index;
pub(super) mod nearest;
mod onnx;
mod params;
pub(super) mod rows;
pub(super) mod tree;

use std::collections::BTreeMap;

use crate::ledger::model::Model;

use super::error::TrainError;
use super::estimator::{Answer, Estimator, Fitted, Predictor, Scores, Work};
use super::onnx::{Graph, Outputs, Tensor};
use super::params::Params;
use distance::Metric;
use index::{Algorithm, Index};
use nearest::Neighbour;
use rows::Rows;

pub(super) use file::{FORMAT, KIND, open};
pub(super) use params::{CLASSIFIER, REGRESSOR};

/// What the training rows have to say.
#[derive(Clone, Debug, PartialEq)]
enum Voice {
    /// A number a row.
    Numbers(Vec<f64>),
    /// A class a row, below the number of classes.
    Classes { of_rows: Vec<u32>, count: usize },
}

/// The training rows, which are the model.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Neighbours {
    index: Index,
    voice: Voice,
    /// How many rows are asked, from 1 to all of them.
    wanted: usize,
    /// Whether each counts by the inverse of its distance.
    by_distance: bool,
}

impl Neighbours {
    /// How much each neighbour counts. Rows at distance 0 leave the others nothing to say.
    ///
    /// The inverse is taken relative to the nearest, which changes no mean and cannot overflow.
    fn weights(&self, neighbours: &[Neighbour]) -> Vec<f64> {
        let full = |neighbour: &Neighbour| self.index.metric.full(neighbour.distance);
        let nearest = neighbours.first().map_or(0.0, full);
        let weight = |neighbour| {
            let distance = full(neighbour);
            if !self.by_distance || distance <= nearest { 1.0 } else { nearest / distance }
        };
        neighbours.iter().map(weight).collect()
    }

    fn means(&self, points: &Rows, numbers: &[f64]) -> Vec<f64> {
        self.index.ask(points, self.wanted, |neighbours| {
            let weights = self.weights(neighbours);
            let pairs = weights.iter().zip(neighbours);
            let sum = pairs.fold(0.0, |sum, (w, near)| sum + w * numbers[near.row as usize]);
            sum / weights.iter().sum::<f64>()
        })
    }

    fn shares(&self, points: &Rows, classes: &[u32], count: usize) -> Scores {
        let by_row = self.index.ask(points, self.wanted, |neighbours| {
            let weights = self.weights(neighbours);
            let total: f64 = weights.iter().sum();
            let mut shares = vec![0.0; count];
            for (weight, near) in weights.iter().zip(neighbours) {
                shares[classes[near.row as usize] as usize] += weight;
            }
            for share in &mut shares {
                *share /= total;
            }
            shares
        });
        let class = |at: usize| by_row.iter().map(|shares| shares[at]).collect();
        Scores { by_class: (0..count).map(class).collect(), probabilities: true }
    }
}

impl Predictor for Neighbours {
    fn predict(&self, features: &[Vec<f64>]) -> Answer {
        let points = Rows::of(features);
        match &self.voice {
            Voice::Numbers(numbers) => Answer::plain(self.means(&points, numbers)),
            Voice::Classes { of_rows, count } => {
                Answer::of_scores(self.shares(&points, of_rows, *count))
            }
        }
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

/// Regression by the nearest neighbours.
pub(super) struct KNeighborsRegressor;
/// Classification by the nearest neighbours.
pub(super) struct KNeighborsClassifier;

impl Estimator for KNeighborsRegressor {
    fn declaration(&self) -> &'static Model {
        const { &REGRESSOR }
    }

    fn fit(&self, work: &Work<'_>) -> Result<Fitted, TrainError> {
        let target = &work.sample.target;
        let largest = target.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
        if !(largest * work.params.count("n_neighbors") as f64).is_finite() {
            return Err(TrainError::Fit(format!(
                "the target reaches {largest:e}, too large to be summed; rescale it"
            )));
        }
        fit(work, Voice::Numbers(target.clone()))
    }
}

impl Estimator for KNeighborsClassifier {
    fn declaration(&self) -> &'static Model {
        const { &CLASSIFIER }
    }

    fn fit(&self, work: &Work<'_>) -> Result<Fitted, TrainError> {
        let of_rows = work.sample.target.iter().map(|class| *class as u32).collect();
        fit(work, Voice::Classes { of_rows, count: work.classes })
    }
}

fn fit(work: &Work<'_>, voice: Voice) -> Result<Fitted, TrainError> {
    if work.reporter.cancelled() {
        return Err(TrainError::Cancelled);
    }
    let (rows, wanted) = (Rows::of(&work.sample.features), work.params.count("n_neighbors"));
    if u32::try_from(rows.len()).is_err() {
        return Err(TrainError::TooManyRows(rows.len()));
    }
    if wanted > rows.len() {
        return Err(TrainError::Fit(format!(
            "'n_neighbors' is {wanted} and the training rows are {}; lower it",
            rows.len()
        )));
    }
    let metric = metric(work.params);
    check_range(metric, work)?;
    let algorithm = match work.params.word("algorithm").as_str() {
        "kd_tree" => Algorithm::Tree,
        "brute" => Algorithm::Brute,
        _ => Algorithm::Auto,
    };
    let index = Index::new(metric, rows, algorithm);
    work.reporter.progress(1, 1);
    let by_distance = work.params.word("weights") == "distance";
    Ok(Fitted {
        predictor: Box::new(Neighbours { index, voice, wanted, by_distance }),
        importance: Vec::new(),
        coefficients: None,
        clusters: None,
        facts: BTreeMap::new(),
    })
}

fn metric(params: &Params<'_>) -> Metric {
    match params.word("metric").as_str() {
        "manhattan" => Metric::Manhattan,
        "euclidean" => Metric::Euclidean,
        "chebyshev" => Metric::Chebyshev,
        _ => Metric::minkowski(params.float("p")),
    }
}

/// Refuses rows that are too far from each other for their distances to be numbers.
fn check_range(metric: Metric, work: &Work<'_>) -> Result<(), TrainError> {
    let mut sum = 0.0;
    for (name, column) in work.names.iter().zip(&work.sample.features) {
        let (low, high) =
            column.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), value| {
                (l.min(*value), h.max(*value))
            });
        sum = metric.add(sum, high - low);
        if !sum.is_finite() {
            return Err(TrainError::Fit(format!(
                "distances overflow: '{name}' reaches from {low:e} to {high:e}; rescale the column"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
