//! Means and variances by class, from linfa.

use std::collections::BTreeMap;

use linfa::dataset::DatasetBase;
use linfa::prelude::Fit;
use linfa_bayes::GaussianNb;
use ndarray::{Array1, Array2};
use serde::Deserialize;

use super::super::error::TrainError;
use super::super::estimator::Work;
use super::Bell;

/// linfa keeps what it learnt to itself, but writes it as this.
#[derive(Deserialize)]
struct Written {
    class_info: BTreeMap<usize, WrittenClass>,
}

#[derive(Deserialize)]
struct WrittenClass {
    prior: f64,
    theta: WrittenArray,
    sigma: WrittenArray,
}

#[derive(Deserialize)]
struct WrittenArray {
    data: Vec<f64>,
}

/// Learns the classes that have rows, in order.
pub(super) fn learn(work: &Work<'_>, var_smoothing: f64) -> Result<Vec<Bell>, TrainError> {
    let sample = work.sample;
    let shape = (sample.target.len(), sample.features.len());
    let records = Array2::from_shape_fn(shape, |(row, column)| sample.features[column][row]);
    let classes: Array1<usize> = sample.target.iter().map(|class| *class as usize).collect();
    let unusable = || TrainError::Fit("its variances are not finite; rescale the columns".into());
    let fitted = GaussianNb::params()
        .var_smoothing(var_smoothing)
        .fit(&DatasetBase::new(records, classes))
        .map_err(|_| unusable())?;
    // What is not finite becomes null here and is no number when it is read.
    let written = serde_json::to_value(fitted).map_err(|_| unusable())?;
    let written: Written = serde_json::from_value(written).map_err(|_| unusable())?;
    let bell = |(class, written): (usize, WrittenClass)| Bell {
        class,
        prior: written.prior,
        means: written.theta.data,
        variances: written.sigma.data,
    };
    let mut bells: Vec<Bell> = written.class_info.into_iter().map(bell).collect();
    for (at, (values, name)) in sample.features.iter().zip(work.names).enumerate() {
        let first = values.first().copied().unwrap_or_default();
        let varies = values.iter().any(|value| (value - first).abs() > 0.0);
        for bell in &mut bells {
            if !varies {
                bell.variances[at] = 0.0;
            } else if bell.variances[at] <= 0.0 {
                return Err(TrainError::Fit(format!(
                    "'{name}' does not vary within a class; set var_smoothing above 0, \
                     or give the column in larger units"
                )));
            }
        }
    }
    Ok(bells)
}
