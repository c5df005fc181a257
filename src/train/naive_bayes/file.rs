//! The content of a naive Bayes model's model file.

use serde::{Deserialize, Serialize};

use super::super::error::TrainError;
use super::super::estimator::Predictor;
use super::super::model_file::{decode, encode};
use super::{Bell, NaiveBayes};

/// The kind of model file, also its extension.
pub(in crate::train) const KIND: &str = "bayes";
/// The newest format written and read.
pub(in crate::train) const FORMAT: u32 = 1;

/// Format 1. Never changed: a new format is a new type.
#[derive(Serialize, Deserialize)]
struct NaiveBayesV1 {
    /// The classes that had training rows, in order.
    classes: Vec<BellV1>,
}

#[derive(Serialize, Deserialize)]
struct BellV1 {
    class: u32,
    prior: f64,
    means: Vec<f64>,
    variances: Vec<f64>,
}

/// Writes the newest format.
pub(super) fn write(model: &NaiveBayes) -> Result<Vec<u8>, TrainError> {
    let bell = |bell: &Bell| BellV1 {
        class: bell.class as u32,
        prior: bell.prior,
        means: bell.means.clone(),
        variances: bell.variances.clone(),
    };
    encode(&NaiveBayesV1 { classes: model.bells.iter().map(bell).collect() })
}

/// Reads the body of a model of so many features and classes.
pub(in crate::train) fn open(
    body: &[u8],
    features: usize,
    classes: usize,
) -> Result<Box<dyn Predictor>, TrainError> {
    let NaiveBayesV1 { classes: bells } = decode(body)?;
    let ordered = bells.is_sorted_by(|a, b| a.class < b.class);
    let fits = |bell: &BellV1| {
        (bell.class as usize) < classes
            && bell.means.len() == features
            && bell.variances.len() == features
    };
    if bells.is_empty() || !ordered || !bells.iter().all(fits) {
        let text = "its classes do not belong to its features and data";
        return Err(TrainError::ModelFile(text.into()));
    }
    let bell = |bell: BellV1| Bell {
        class: bell.class as usize,
        prior: bell.prior,
        means: bell.means,
        variances: bell.variances,
    };
    Ok(Box::new(NaiveBayes { classes, bells: bells.into_iter().map(bell).collect() }))
}
