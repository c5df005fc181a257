//! How well predictions meet what was observed. Definitions are scikit-learn's.

use crate::ledger::model::Task;

/// The metrics of a task by name, in the order they are reported.
pub fn metrics(task: Task) -> &'static [&'static str] {
    match task {
        Task::Regression => &["r2", "rmse", "mse", "mae"],
        Task::Classification => &["accuracy"],
        Task::Clustering => &[],
    }
}

/// The metrics a spec that names none gets.
pub fn default_metrics(task: Task) -> &'static [&'static str] {
    metrics(task)
}

/// Computes a metric, `None` for an unknown name; sums run in row order.
pub(super) fn score(name: &str, actual: &[f64], predicted: &[f64]) -> Option<f64> {
    let squares = || mean(pairs(actual, predicted).map(|(a, p)| (a - p) * (a - p)));
    match name {
        "r2" => Some(r2(actual, predicted)),
        "mse" => Some(squares()),
        "rmse" => Some(squares().sqrt()),
        "accuracy" => {
            Some(mean(pairs(actual, predicted).map(|(a, p)| f64::from(u8::from(a == p)))))
        }
        "mae" => Some(mean(pairs(actual, predicted).map(|(a, p)| (a - p).abs()))),
        _ => None,
    }
}

/// 1 − Σ(y − ŷ)² / Σ(y − ȳ)²; for a constant target 1 when every prediction is exact, else 0.
/// Undefined (NaN) for fewer than two rows.
fn r2(actual: &[f64], predicted: &[f64]) -> f64 {
    if actual.len() < 2 {
        return f64::NAN;
    }
    let center = mean(actual.iter().copied());
    let total: f64 = actual.iter().map(|a| (a - center) * (a - center)).sum();
    let residual: f64 = pairs(actual, predicted).map(|(a, p)| (a - p) * (a - p)).sum();
    match (total <= 0.0, residual) {
        (false, _) => 1.0 - residual / total,
        (true, residual) if residual <= 0.0 => 1.0,
        (true, residual) => residual * 0.0,
    }
}

fn pairs<'a>(a: &'a [f64], b: &'a [f64]) -> impl Iterator<Item = (f64, f64)> + 'a {
    a.iter().copied().zip(b.iter().copied())
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact in binary")]
mod tests {
    use super::*;

    /// The example of scikit-learn's documentation of `r2_score`.
    #[test]
    fn known_values() {
        let (actual, predicted) = ([3.0, -0.5, 2.0, 7.0], [2.5, 0.0, 2.0, 8.0]);
        let score = |name| score(name, &actual, &predicted).unwrap();
        assert!((score("r2") - 0.948_608_137_044_967).abs() < 1e-15);
        assert_eq!(score("mse"), 0.375);
        assert_eq!(score("rmse"), 0.375_f64.sqrt());
        assert_eq!(score("mae"), 0.5);
    }

    #[test]
    fn a_constant_target_has_two_scores() {
        assert_eq!(r2(&[2.0, 2.0], &[2.0, 2.0]), 1.0);
        assert_eq!(r2(&[2.0, 2.0], &[2.0, 3.0]), 0.0);
        assert!(r2(&[2.0], &[2.0]).is_nan());
        assert!(r2(&[2.0, 2.0], &[2.0, f64::NAN]).is_nan());
    }

    #[test]
    fn every_name_has_a_score() {
        for name in metrics(Task::Regression) {
            assert!(score(name, &[1.0, 2.0], &[1.0, 2.0]).is_some(), "{name}");
        }
        assert!(score("loss", &[1.0], &[1.0]).is_none());
    }
}
