//! The content of a neighbours model's model file: its training rows.

use serde::{Deserialize, Serialize};

use super::super::error::TrainError;
use super::super::estimator::Predictor;
use super::super::model_file::{decode, encode};
use super::distance::Metric;
use super::index::{Algorithm, Index};
use super::rows::Rows;
use super::{Neighbours, Voice};

/// The kind of model file, also its extension.
pub(in crate::train) const KIND: &str = "neighbors";
/// The newest format written and read.
pub(in crate::train) const FORMAT: u32 = 1;

/// Format 1. Never changed: a new format is a new type.
#[derive(Serialize, Deserialize)]
struct NeighborsV1 {
    /// How many rows are asked.
    n_neighbors: u32,
    /// Whether each counts by the inverse of its distance.
    by_distance: bool,
    metric: MetricV1,
    /// Row by row, a value a feature.
    rows: Vec<f64>,
    target: TargetV1,
}

#[derive(Serialize, Deserialize)]
enum MetricV1 {
    Chebyshev,
    Minkowski(f64),
}

/// By row.
#[derive(Serialize, Deserialize)]
enum TargetV1 {
    Numbers(Vec<f64>),
    Classes(Vec<u32>),
}

/// Writes the newest format.
pub(super) fn write(model: &Neighbours) -> Result<Vec<u8>, TrainError> {
    let metric = match model.index.metric {
        Metric::Chebyshev => MetricV1::Chebyshev,
        Metric::Manhattan => MetricV1::Minkowski(1.0),
        Metric::Euclidean => MetricV1::Minkowski(2.0),
        Metric::Minkowski(power) => MetricV1::Minkowski(power),
    };
    let target = match &model.voice {
        Voice::Numbers(numbers) => TargetV1::Numbers(numbers.clone()),
        Voice::Classes { of_rows, .. } => TargetV1::Classes(of_rows.clone()),
    };
    encode(&NeighborsV1 {
        n_neighbors: model.wanted as u32,
        by_distance: model.by_distance,
        metric,
        rows: model.index.rows.values.clone(),
        target,
    })
}

/// Reads the body of a model of `features` features and, unless it predicts numbers, `classes`
/// classes.
pub(in crate::train) fn open(
    body: &[u8],
    features: usize,
    classes: usize,
) -> Result<Box<dyn Predictor>, TrainError> {
    let fault = |text: &str| TrainError::ModelFile(text.into());
    let stored: NeighborsV1 = decode(body)?;
    let (voice, length) = match stored.target {
        TargetV1::Numbers(numbers) if classes == 0 => {
            let length = numbers.len();
            (Voice::Numbers(numbers), length)
        }
        TargetV1::Classes(of_rows) if of_rows.iter().all(|class| (*class as usize) < classes) => {
            let length = of_rows.len();
            (Voice::Classes { of_rows, count: classes }, length)
        }
        _ => return Err(fault("its target does not belong to its classes")),
    };
    if features == 0 || length.checked_mul(features) != Some(stored.rows.len()) {
        return Err(fault("its rows do not belong to its features"));
    }
    let metric = match stored.metric {
        MetricV1::Chebyshev => Metric::Chebyshev,
        MetricV1::Minkowski(power) if power > 0.0 && power.is_finite() => Metric::minkowski(power),
        MetricV1::Minkowski(_) => return Err(fault("its power is not above 0")),
    };
    let wanted = stored.n_neighbors as usize;
    if !(1..=length).contains(&wanted) || u32::try_from(length).is_err() {
        return Err(fault("its number of neighbours does not belong to its rows"));
    }
    if stored.rows.iter().any(|value| !value.is_finite()) {
        return Err(fault("one of its rows is not finite"));
    }
    let index = Index::new(metric, Rows { features, values: stored.rows }, Algorithm::Auto);
    Ok(Box::new(Neighbours { index, voice, wanted, by_distance: stored.by_distance }))
}

#[cfg(test)]
mod tests;
