//! Metrics of predicted numbers.

use super::{Undefined, mean, pairs};

/// The names, in the order they are reported.
pub(super) const NAMES: &[&str] = &[
    "r2",
    "rmse",
    "mse",
    "mae",
    "mape",
    "max_error",
    "explained_variance",
    "median_absolute_error",
];

/// Computes a metric, `None` for an unknown name. There is at least one row.
pub(super) fn score(
    name: &str,
    actual: &[f64],
    predicted: &[f64],
) -> Option<Result<f64, Undefined>> {
    let errors = || pairs(actual, predicted).map(|(a, p)| (a - p).abs());
    let squares = || mean(pairs(actual, predicted).map(|(a, p)| (a - p) * (a - p)));
    Some(Ok(match name {
        "r2" if actual.len() < 2 => return Some(Err(Undefined("r2 needs two rows"))),
        "r2" => r2(actual, predicted),
        "rmse" => squares().sqrt(),
        "mse" => squares(),
        "mae" => mean(errors()),
        // An actual value of 0 counts as the smallest step of a float at 1.
        "mape" => {
            mean(pairs(actual, predicted).map(|(a, p)| (a - p).abs() / a.abs().max(f64::EPSILON)))
        }
        "max_error" => errors()
            .fold(0.0, |most, error| if error > most || error.is_nan() { error } else { most }),
        "explained_variance" => explained_variance(actual, predicted),
        "median_absolute_error" => median(errors().collect()),
        _ => return None,
    }))
}

/// 1 − Σ(y − ŷ)² / Σ(y − ȳ)²; for a constant target 1 when every prediction is exact, else 0.
fn r2(actual: &[f64], predicted: &[f64]) -> f64 {
    let center = mean(actual.iter().copied());
    let total: f64 = actual.iter().map(|a| (a - center) * (a - center)).sum();
    let residual: f64 = pairs(actual, predicted).map(|(a, p)| (a - p) * (a - p)).sum();
    explained(residual, total)
}

/// 1 − Var(y − ŷ) / Var(y), with the cases of [`r2`] for a constant target.
fn explained_variance(actual: &[f64], predicted: &[f64]) -> f64 {
    let residuals: Vec<f64> = pairs(actual, predicted).map(|(a, p)| a - p).collect();
    explained(variance(&residuals), variance(actual))
}

fn variance(values: &[f64]) -> f64 {
    let center = mean(values.iter().copied());
    mean(values.iter().map(|value| (value - center) * (value - center)))
}

fn explained(residual: f64, total: f64) -> f64 {
    match (total <= 0.0, residual) {
        (false, _) => 1.0 - residual / total,
        (true, residual) if residual <= 0.0 => 1.0,
        // Zero, unless a prediction is no number.
        (true, residual) => residual * 0.0,
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let half = values.len() / 2;
    // NaN sorts last and must not hide behind the numbers before it.
    if values.last().is_some_and(|last| last.is_nan()) {
        return f64::NAN;
    }
    let upper = values[half];
    if values.len() % 2 == 1 { upper } else { f64::midpoint(values[half - 1], upper) }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact in binary")]
mod tests;
