//! The content of a linear model's model file.

use serde::{Deserialize, Serialize};

use super::super::error::TrainError;
use super::super::estimator::Predictor;
use super::super::model_file::{decode, encode};
use super::Line;

/// The kind of model file, also its extension.
pub(in crate::train) const KIND: &str = "linear";
/// The newest format written and read.
pub(in crate::train) const FORMAT: u32 = 1;

/// Format 1. Never changed: a new format is a new type.
#[derive(Serialize, Deserialize)]
struct LinearV1 {
    intercept: f64,
    coefficients: Vec<f64>,
}

/// Writes the newest format.
pub(super) fn write(line: &Line) -> Result<Vec<u8>, TrainError> {
    encode(&LinearV1 { intercept: line.intercept, coefficients: line.coefficients.clone() })
}

/// Reads the body of a linear model of `features` features.
pub(in crate::train) fn open(
    body: &[u8],
    features: usize,
    _classes: usize,
) -> Result<Box<dyn Predictor>, TrainError> {
    let LinearV1 { intercept, coefficients } = decode(body)?;
    if features == 0 || coefficients.len() != features {
        return Err(TrainError::ModelFile("its coefficients do not belong to its features".into()));
    }
    Ok(Box::new(Line { intercept, coefficients }))
}
