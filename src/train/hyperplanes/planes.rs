//! Trained linear classifiers: a plane a class.

use super::super::error::TrainError;
use super::super::estimator::{Answer, Predictor, Scores};
use super::super::onnx::{Graph, Outputs, Tensor};
use super::{file, onnx};

/// Hyperplanes that divide classes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hyperplanes {
    /// Number of classes of the data set.
    pub(super) classes: usize,
    /// Those that had training rows, rising.
    pub(super) present: Vec<u32>,
    /// None for one class present; one for two, positive for the second; else one a class, positive
    /// for that class.
    pub(super) planes: Vec<Plane>,
}

/// f(x) = wx + b.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plane {
    pub(super) intercept: f64,
    pub(super) coefficients: Vec<f64>,
}

impl Plane {
    fn values(&self, features: &[Vec<f64>]) -> Vec<f64> {
        let mut sums = vec![self.intercept; features.first().map_or(0, Vec::len)];
        for (coefficient, column) in self.coefficients.iter().zip(features) {
            sums.iter_mut().zip(column).for_each(|(sum, value)| *sum += coefficient * value);
        }
        sums
    }
}

impl Predictor for Hyperplanes {
    fn predict(&self, features: &[Vec<f64>]) -> Answer {
        let mut values: Vec<Vec<f64>> =
            self.planes.iter().map(|plane| plane.values(features)).collect();
        match &values[..] {
            [] => values.push(vec![0.0; features.first().map_or(0, Vec::len)]),
            [second] => values.insert(0, second.iter().map(|value| -value).collect()),
            _ => {}
        }
        // A class without training rows comes after all others, by 1.
        let mut least = values.first().cloned().unwrap_or_default();
        for values in &values {
            least.iter_mut().zip(values).for_each(|(least, value)| *least = least.min(*value));
        }
        let absent: Vec<f64> = least.iter().map(|least| least - 1.0).collect();
        let mut by_class = vec![absent; self.classes];
        for (class, values) in self.present.iter().zip(values) {
            by_class[*class as usize] = values;
        }
        Answer::of_scores(Scores { by_class, probabilities: false })
    }

    fn kind(&self) -> &'static str {
        file::KIND
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
