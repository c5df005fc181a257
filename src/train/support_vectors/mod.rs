//! Support vector machines with kernels (Cortes and Vapnik, 1995), with scikit-learn's meaning.
//!
//! The solver is our own because linfa-svm 0.8.1 keeps the whole kernel matrix in 64 bits: 32 GB for
//! 64,000 rows, where the rows used last in 200 MB do.

mod active;
mod cache;
mod exponential;
mod file;
mod fit;
mod kernel;
mod machine;
mod onnx;
pub(super) mod params;
mod points;
mod progress;
mod solve;

use std::collections::BTreeMap;

use toml::Value;

use crate::ledger::model::Model;

use super::error::TrainError;
use super::estimator::{Estimator, Fitted, Work};
use fit::{Outcome, classification, regression};

pub(super) use file::{FORMAT, KIND, open};
pub(super) use params::{CLASSIFIER, REGRESSOR};

/// Classification by support vectors.
pub(super) struct SupportVectorClassifier;
/// Regression by support vectors (Drucker et al., 1997).
pub(super) struct SupportVectorRegressor;

impl Estimator for SupportVectorClassifier {
    fn declaration(&self) -> &'static Model {
        const { &CLASSIFIER }
    }

    fn fit(&self, work: &Work<'_>) -> Result<Fitted, TrainError> {
        fitted(work, classification)
    }
}

impl Estimator for SupportVectorRegressor {
    fn declaration(&self) -> &'static Model {
        const { &REGRESSOR }
    }

    fn fit(&self, work: &Work<'_>) -> Result<Fitted, TrainError> {
        fitted(work, regression)
    }
}

fn fitted(
    work: &Work<'_>,
    fit: impl Fn(&Work<'_>) -> Result<Outcome, TrainError>,
) -> Result<Fitted, TrainError> {
    if work.reporter.cancelled() {
        return Err(TrainError::Cancelled);
    }
    let Outcome { model, iterations } = fit(work)?;
    let facts = BTreeMap::from([
        ("support_vectors".into(), Value::Integer(model.support.len() as i64)),
        ("machines".into(), Value::Integer(model.machines.len() as i64)),
        ("iterations".into(), Value::Integer(iterations as i64)),
    ]);
    Ok(Fitted {
        predictor: Box::new(model),
        importance: Vec::new(),
        coefficients: None,
        clusters: None,
        facts,
    })
}

#[cfg(test)]
mod tests;
