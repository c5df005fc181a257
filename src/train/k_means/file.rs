//! The content of a k-means model's model file.

use serde::{Deserialize, Serialize};

use super::super::error::TrainError;
use super::super::estimator::Predictor;
use super::super::model_file::{decode, encode};
use super::Centroids;

/// The kind of model file, also its extension.
pub(in crate::train) const KIND: &str = "centroids";
/// The newest format written and read.
pub(in crate::train) const FORMAT: u32 = 1;

/// Format 1. Never changed: a new format is a new type.
#[derive(Serialize, Deserialize)]
struct CentroidsV1 {
    centroids: Vec<Vec<f64>>,
}

/// Writes the newest format.
pub(super) fn write(model: &Centroids) -> Result<Vec<u8>, TrainError> {
    encode(&CentroidsV1 { centroids: model.centroids.clone() })
}

/// Reads the body of a model of so many features.
pub(in crate::train) fn open(
    body: &[u8],
    features: usize,
    _classes: usize,
) -> Result<Box<dyn Predictor>, TrainError> {
    let CentroidsV1 { centroids } = decode(body)?;
    if features == 0 || centroids.is_empty() || centroids.iter().any(|it| it.len() != features) {
        let text = "its centroids do not belong to its features";
        return Err(TrainError::ModelFile(text.into()));
    }
    Ok(Box::new(Centroids { centroids }))
}
