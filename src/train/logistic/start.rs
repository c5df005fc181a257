//! linfa's logistic regression, from whose solution Newton's method starts.

use linfa::dataset::DatasetBase;
use linfa::prelude::Fit;
use linfa_logistic::{LogisticRegression, MultiLogisticRegression};
use ndarray::{Array1, Array2};

use super::design::Design;

/// Where linfa gets to on the same problem, as coefficients of the standardised features; all 0
/// where it fails.
///
/// linfa measures all features by one unit and its slope as a sum over rows; it makes the more
/// frequent label the positive one, which is undone here.
pub(super) fn start(design: &Design, alpha: f64, max_iter: usize, tol: f64) -> Vec<f64> {
    let nothing = || vec![0.0; design.size()];
    let unit = design.scales().fold(0.0_f64, f64::max);
    let alpha = alpha / unit / unit;
    // Far outside of this range its line search meets infinities, and panics on them.
    if !(alpha == 0.0 || (1e-12..1e12).contains(&alpha)) {
        return nothing();
    }
    let shares: Vec<f64> = design.scales().map(|scale| scale / unit).collect();
    let count = design.labels.len();
    let records = Array2::from_shape_fn((count, shares.len()), |(row, column)| {
        design.rows[row * design.columns + column] * shares[column]
    });
    let dataset = DatasetBase::new(records, Array1::from(design.labels.clone()));
    let tol = (tol * count as f64).max(f64::MIN_POSITIVE);
    let found = if design.outputs == 1 {
        let params = LogisticRegression::default()
            .alpha(alpha)
            .with_intercept(design.has_intercept())
            .max_iterations(max_iter as u64)
            .gradient_tolerance(tol);
        params.fit(&dataset).ok().map(|fitted| {
            let sign = if fitted.labels().pos.class == 1 { 1.0 } else { -1.0 };
            let weights: Vec<f64> = fitted.params().iter().map(|weight| sign * weight).collect();
            vec![(weights, sign * fitted.intercept())]
        })
    } else {
        let params = MultiLogisticRegression::default()
            .alpha(alpha)
            .with_intercept(design.has_intercept())
            .max_iterations(max_iter as u64)
            .gradient_tolerance(tol);
        params.fit(&dataset).ok().map(|fitted| {
            let columns = fitted.params().columns().into_iter().map(|column| column.to_vec());
            columns.zip(fitted.intercept().iter().copied()).collect()
        })
    };
    let Some(found) = found else { return nothing() };
    let mut coefficients = Vec::with_capacity(design.size());
    for (weights, intercept) in found {
        coefficients.extend(weights.iter().zip(&shares).map(|(weight, share)| weight * share));
        coefficients.extend(design.has_intercept().then_some(intercept));
    }
    // The last bits of matrix products differ from processor to processor: they must not go on.
    for value in &mut coefficients {
        *value = (*value * 1024.0).round() / 1024.0;
    }
    let fits = coefficients.len() == design.size() && coefficients.iter().all(|it| it.is_finite());
    if fits { coefficients } else { nothing() }
}
