//! The content of a DBSCAN model's model file.

use serde::{Deserialize, Serialize};

use super::super::error::TrainError;
use super::super::estimator::Predictor;
use super::super::model_file::{decode, encode};
use super::super::neighbours::rows::Rows;
use super::Cores;

/// The kind of model file, also its extension.
pub(in crate::train) const KIND: &str = "cores";
/// The newest format written and read.
pub(in crate::train) const FORMAT: u32 = 1;

/// Format 1. Never changed: a new format is a new type.
#[derive(Serialize, Deserialize)]
struct CoresV1 {
    eps: f64,
    /// Row by row.
    values: Vec<f64>,
    /// The cluster a row.
    clusters: Vec<u32>,
}

/// Writes the newest format.
pub(super) fn write(model: &Cores) -> Result<Vec<u8>, TrainError> {
    let (values, clusters) = (model.rows.values.clone(), model.clusters.clone());
    encode(&CoresV1 { eps: model.eps, values, clusters })
}

/// Reads the body of a model of so many features.
pub(in crate::train) fn open(
    body: &[u8],
    features: usize,
    _classes: usize,
) -> Result<Box<dyn Predictor>, TrainError> {
    let CoresV1 { eps, values, clusters } = decode(body)?;
    let fits = features > 0
        && clusters.len().checked_mul(features) == Some(values.len())
        && u32::try_from(clusters.len()).is_ok();
    // A value that is no number could not be ordered.
    if !fits || values.iter().any(|value| !value.is_finite()) {
        let text = "its core rows do not belong to its features";
        return Err(TrainError::ModelFile(text.into()));
    }
    Ok(Box::new(Cores::new(eps, Rows { features, values }, clusters)))
}
