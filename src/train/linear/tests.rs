//! The least-squares problems, checked by hand.

use proptest::prelude::*;

use super::super::error::TrainError;
use super::super::estimator::Sample;
use super::solve::{Design, Mixed, Penalty, Solution};

fn solve(features: &[&[f64]], target: &[f64], penalty: Penalty) -> Result<Solution, TrainError> {
    let names: Vec<String> = (0..features.len()).map(|at| format!("x{at}")).collect();
    let features = features.iter().map(|column| column.to_vec()).collect();
    Design::new(&Sample { features, target: target.to_vec() }, true).solve(&names, penalty)
}

fn mixed(alpha: f64, l1_ratio: f64) -> Penalty {
    Penalty::Mixed(Mixed { alpha, l1_ratio, max_iter: 1000, tol: 1e-10 })
}

fn near(actual: &[f64], expected: &[f64]) {
    let close = actual.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9);
    assert!(close && actual.len() == expected.len(), "{actual:?} is not {expected:?}");
}

const X: &[f64] = &[1.0, 2.0, 3.0, 4.0];
const Y: &[f64] = &[3.0, 5.0, 7.0, 9.0];

/// By hand, with Σ(x − x̄)² = 5 and Σ(x − x̄)(y − ȳ) = 10: ridge 10 / (5 + alpha), lasso
/// (10 − 4 alpha) / 5, elastic net (10 − 4 alpha r) / (5 + 4 alpha (1 − r)).
#[test]
fn one_feature_by_hand() {
    let slope = |penalty| solve(&[X], Y, penalty).unwrap().coefficients;
    near(&slope(Penalty::None), &[2.0]);
    near(&slope(Penalty::Squares(5.0)), &[1.0]);
    near(&slope(Penalty::Squares(0.0)), &[2.0]);
    near(&slope(mixed(1.0, 1.0)), &[1.2]);
    near(&slope(mixed(1.0, 0.5)), &[8.0 / 7.0]);
    near(&slope(mixed(9.0, 1.0)), &[0.0]);
}

#[test]
fn constant_columns_get_no_coefficient() {
    let tenths = &[0.1; 4][..];
    near(&solve(&[tenths, X], Y, Penalty::None).unwrap().coefficients, &[0.0, 2.0]);
    near(&solve(&[tenths, X], Y, mixed(1.0, 1.0)).unwrap().coefficients, &[0.0, 1.2]);
    near(&solve(&[X], tenths, Penalty::None).unwrap().coefficients, &[0.0]);
}

/// y = 2x = x + (2x) / 2: of a + 2b = 2 the shortest is a = 0.4, b = 0.8.
#[test]
fn dependent_features_share_the_smallest_coefficients() {
    let twice: Vec<f64> = X.iter().map(|x| 2.0 * x + 1.0).collect();
    let two = solve(&[X, &twice], Y, Penalty::None).unwrap();
    near(&two.coefficients, &[0.4, 0.8]);
    let text = "'x1' adds nothing to the features before it: of the coefficients that fit \
                equally well, those with the smallest squares are taken";
    assert_eq!(two.warning.as_deref(), Some(text));
    near(&solve(&[X, X, X, X], Y, Penalty::None).unwrap().coefficients, &[0.5; 4]);
    let text = solve(&[X, X, X, X], Y, Penalty::Squares(0.0)).unwrap().warning.unwrap();
    assert!(text.starts_with("'x1' adds nothing to the features before it and neither do 2 "));
    let tiny: Vec<f64> = X.iter().map(|x| x * 1e-200).collect();
    let error = solve(&[&tiny, X], Y, Penalty::None).err().unwrap().to_string();
    assert!(error.ends_with("'x0' is too small or too large to be squared; rescale it"), "{error}");
    near(&solve(&[X, &twice], Y, Penalty::Squares(25.0)).unwrap().coefficients, &[0.2, 0.4]);
}

/// One-hot columns of three groups with means 1, 2 and 6: with the intercept at their mean, the
/// coefficients are −2, −1 and 3.
#[test]
fn one_hot_columns_are_told_apart_from_their_mean() {
    let group = |wanted: usize| -> Vec<f64> {
        (0..6).map(|row| f64::from(u8::from(row % 3 == wanted))).collect()
    };
    let (a, b, c) = (group(0), group(1), group(2));
    let y = [0.0, 1.0, 5.0, 2.0, 3.0, 7.0];
    near(&solve(&[&a, &b, &c], &y, Penalty::None).unwrap().coefficients, &[-2.0, -1.0, 3.0]);
}

/// linfa takes a column for zeros when its squares sum to less than 1e-12.
#[test]
fn flat_columns_have_the_coefficient_of_their_units() {
    let scaled = |by: f64| X.iter().map(|x| x * by).collect::<Vec<_>>();
    for by in [2e-9, 1e-100] {
        let plain = solve(&[X], Y, mixed(0.5, 1.0)).unwrap().coefficients[0];
        let tiny = solve(&[&scaled(by)], Y, mixed(0.5 * by, 1.0)).unwrap().coefficients[0];
        near(&[tiny * by], &[plain]);
        let plain = solve(&[X], Y, mixed(0.5, 0.0)).unwrap().coefficients[0];
        let tiny = solve(&[&scaled(by)], Y, mixed(0.5 * by * by, 0.0)).unwrap().coefficients[0];
        near(&[tiny * by], &[plain]);
    }
    let error = solve(&[&scaled(1e-170), &scaled(1e120)], Y, mixed(1.0, 0.5)).err().unwrap();
    let text = "'x0' varies by less than a millionth; give it in smaller units";
    assert_eq!(error.to_string(), text);
}

proptest! {
    /// More features than rows: the fit is exact, and the coefficients are a combination of the
    /// rows, so that no shorter ones exist.
    #[test]
    fn wide_tables_get_the_shortest_exact_fit(
        cells in proptest::collection::vec(-9.0..9.0, 28),
        target in proptest::collection::vec(-9.0..9.0, 4),
    ) {
        let columns: Vec<&[f64]> = cells.chunks(4).collect();
        let coefficients = solve(&columns, &target, Penalty::None).unwrap().coefficients;
        let mean = |values: &[f64]| values.iter().sum::<f64>() / 4.0;
        let centred: Vec<Vec<f64>> =
            columns.iter().map(|it| it.iter().map(|value| value - mean(it)).collect()).collect();
        for row in 0..4 {
            let terms = coefficients.iter().zip(&centred).map(|(w, column)| w * column[row]);
            prop_assert!((terms.sum::<f64>() - target[row] + mean(&target)).abs() < 1e-6);
        }
        // What stands at right angles to the rows cannot be taken out of the coefficients.
        let rows: Vec<&[f64]> = centred.iter().map(Vec::as_slice).collect();
        let row = |at: usize| rows.iter().map(|column| column[at]).collect::<Vec<f64>>();
        let all = [row(0), row(1), row(2)];
        let span: Vec<&[f64]> = all.iter().map(Vec::as_slice).collect();
        let names: Vec<String> = (0..3).map(|at| at.to_string()).collect();
        let sample = Sample { features: span.iter().map(|it| it.to_vec()).collect(), target: coefficients.clone() };
        let found = Design::new(&sample, false).solve(&names, Penalty::None).unwrap().coefficients;
        for (at, value) in coefficients.iter().enumerate() {
            let along: f64 = found.iter().zip(&span).map(|(share, row)| share * row[at]).sum();
            prop_assert!((along - value).abs() < 1e-6 * (1.0 + value.abs()));
        }
    }
}

#[test]
fn too_few_passes_are_told() {
    let other = [1.0, 2.5, 2.5, 4.1];
    let penalty = Penalty::Mixed(Mixed { alpha: 0.01, l1_ratio: 0.5, max_iter: 1, tol: 1e-12 });
    let solution = solve(&[X, &other], Y, penalty).unwrap();
    assert!(solution.warning.unwrap().starts_with("not converged after 1 passes"));
}
