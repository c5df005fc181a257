//! Scaling of features.

use serde::{Deserialize, Serialize};

use crate::ledger::prepare::Scale;

use super::super::error::TrainError;
use super::statistics::mean_and_variance;

/// How one feature is scaled: by (value - offset) / divisor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Scaling {
    /// Its place among the features.
    pub(super) feature: usize,
    pub(super) offset: f64,
    pub(super) divisor: f64,
}

impl Scaling {
    /// Learns how to scale a feature from its values in the training rows; `None` where it is not.
    ///
    /// The standard deviation is that of the population. A constant feature is divided by 1; what is
    /// constant is decided as scikit-learn does.
    pub(super) fn fit(
        scale: Scale,
        feature: usize,
        values: &[f64],
        name: &str,
    ) -> Result<Option<Self>, TrainError> {
        if values.is_empty() {
            return Err(TrainError::EmptyPart { part: "train" });
        }
        let (offset, divisor) = match scale {
            Scale::None => return Ok(None),
            Scale::Standard => {
                let (mean, variance) = mean_and_variance(values);
                let count = values.len() as f64;
                let noise = count * f64::EPSILON * variance
                    + (count * mean * f64::EPSILON) * (count * mean * f64::EPSILON);
                (mean, if variance <= noise { 1.0 } else { variance.sqrt() })
            }
            Scale::MinMax => {
                let least = values.iter().copied().fold(f64::INFINITY, f64::min);
                let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let range = most - least;
                (least, if range < 10.0 * f64::EPSILON { 1.0 } else { range })
            }
        };
        if offset.is_finite() && divisor.is_finite() {
            Ok(Some(Self { feature, offset, divisor }))
        } else {
            Err(TrainError::TooLarge { feature: name.to_owned() })
        }
    }

    /// Scales values in place.
    pub(super) fn apply(&self, values: &mut [f64]) {
        for value in values {
            *value = (*value - self.offset) / self.divisor;
        }
    }

    /// Whether what a model file says can be used with a number of features.
    pub(super) fn is_usable(&self, features: usize) -> bool {
        self.feature < features && self.offset.is_finite() && self.divisor > 0.0
    }
}
