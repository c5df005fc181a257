//! The content of a logistic regression's model file.

use serde::{Deserialize, Serialize};

use super::super::error::TrainError;
use super::super::estimator::Predictor;
use super::super::model_file::{decode, encode};
use super::Logistic;

/// The kind of model file, also its extension.
pub(in crate::train) const KIND: &str = "logistic";
/// The newest format written and read.
pub(in crate::train) const FORMAT: u32 = 1;

/// Format 1. Never changed: a new format is a new type.
#[derive(Serialize, Deserialize)]
struct LogisticV1 {
    /// The classes that had training rows, by number.
    present: Vec<u32>,
    intercepts: Vec<f64>,
    coefficients: Vec<Vec<f64>>,
}

/// Writes the newest format.
pub(super) fn write(model: &Logistic) -> Result<Vec<u8>, TrainError> {
    encode(&LogisticV1 {
        present: model.present.iter().map(|class| *class as u32).collect(),
        intercepts: model.intercepts.clone(),
        coefficients: model.coefficients.clone(),
    })
}

/// Reads the body of a model of so many features and classes.
pub(in crate::train) fn open(
    body: &[u8],
    features: usize,
    classes: usize,
) -> Result<Box<dyn Predictor>, TrainError> {
    let LogisticV1 { present, intercepts, coefficients } = decode(body)?;
    let fault = |text: &str| Err(TrainError::ModelFile(text.into()));
    let present: Vec<usize> = present.into_iter().map(|class| class as usize).collect();
    if !present.is_sorted_by(|a, b| a < b) || present.last().is_none_or(|last| *last >= classes) {
        return fault("its classes are none of its data");
    }
    let outputs = match present.len() {
        1 => 0,
        2 => 1,
        more => more,
    };
    let lengths = coefficients.iter().all(|row| row.len() == features);
    if coefficients.len() != outputs || intercepts.len() != outputs || !lengths {
        return fault("its coefficients do not belong to its features and classes");
    }
    Ok(Box::new(Logistic { classes, present, intercepts, coefficients }))
}
