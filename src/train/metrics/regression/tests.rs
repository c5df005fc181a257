//! Errors of numbers, by hand.

use super::*;

fn value(name: &str, actual: &[f64], predicted: &[f64]) -> f64 {
    score(name, actual, predicted).unwrap().unwrap()
}

/// Numbers of scikit-learn 1.9.1.
#[test]
fn known_values() {
    let actual = [3.0, -0.5, 2.0, 7.0, 0.0, 1.5];
    let predicted = [2.5, 0.25, 2.0, 8.0, 0.125, -1.0];
    for (name, expected) in [
        ("r2", 0.7776662844036697),
        ("rmse", 1.1603250263036933),
        ("mse", 1.3463541666666667),
        ("mae", 0.8125),
        ("mape", 93824992236885.89),
        ("max_error", 2.5),
        ("explained_variance", 0.7834719036697247),
        ("median_absolute_error", 0.625),
    ] {
        let found = value(name, &actual, &predicted);
        assert!((found / expected - 1.0).abs() < 1e-15, "{name}: {found}");
    }
    let found = value("mape", &actual[..4], &predicted[..4]);
    assert!((found - 0.4523809523809524).abs() < 1e-16);
    assert_eq!(value("median_absolute_error", &[3.0, 1.0, 2.0], &[3.0, 2.0, 4.0]), 1.0);
}

#[test]
fn a_constant_target_has_two_scores() {
    assert_eq!(value("r2", &[2.0, 2.0], &[2.0, 2.0]), 1.0);
    assert_eq!(value("r2", &[2.0, 2.0], &[2.0, 3.0]), 0.0);
    assert_eq!(value("explained_variance", &[2.0; 3], &[2.0, 2.0, 3.0]), 0.0);
    assert_eq!(value("explained_variance", &[2.0; 3], &[3.0; 3]), 1.0);
}

#[test]
fn predictions_that_are_no_numbers_have_no_score() {
    for name in NAMES {
        assert!(value(name, &[2.0, 2.0], &[f64::NAN, 2.0]).is_nan(), "{name}");
        assert!(value(name, &[1.0, 2.0], &[2.0, f64::NAN]).is_nan(), "{name}");
    }
    assert_eq!(score("r2", &[2.0], &[2.0]), Some(Err(Undefined("r2 needs two rows"))));
}
