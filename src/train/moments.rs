//! Mean and spread of a column, safe for any finite values.

/// The mean and the standard deviation; of equal values exactly their value and 0.
pub(super) fn centre_and_scale(values: &[f64]) -> (f64, f64) {
    let (low, high) =
        values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(*value), high.max(*value))
        });
    if low >= high {
        return (low, 0.0);
    }
    // Sums of large values would overflow, and squares of small ones vanish.
    let unit = low.abs().max(high.abs());
    let count = values.len() as f64;
    let mean = values.iter().map(|value| value / unit).sum::<f64>() / count;
    let spread = (high / unit - mean).max(mean - low / unit);
    if spread <= 0.0 {
        return (low, 0.0);
    }
    let square = |value: &f64| ((value / unit - mean) / spread).powi(2);
    let variance = values.iter().map(square).sum::<f64>() / count;
    (mean * unit, variance.sqrt() * spread * unit)
}

/// The root of the mean square.
pub(super) fn root_mean_square(values: &[f64]) -> f64 {
    let unit = values.iter().fold(0.0_f64, |unit, value| unit.max(value.abs()));
    if unit <= 0.0 {
        return 0.0;
    }
    let squares: f64 = values.iter().map(|value| (value / unit).powi(2)).sum();
    (squares / values.len() as f64).sqrt() * unit
}
