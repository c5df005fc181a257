//! Hyperplanes on few rows, by hand and by the certificate of the other solver.

use proptest::prelude::*;

use super::super::estimator::Silent;
use super::super::trial::{Trial, near};
use super::*;

const CLASSIFIER: &str = "linear-support-vector-classifier";
const REGRESSOR: &str = "linear-support-vector-regressor";

fn values(model: &str, params: &str, features: &[Vec<f64>], target: &[f64]) -> Vec<f64> {
    let trial = Trial::of(model, params, features, target);
    assert_eq!(trial.lines, [""; 0]);
    let answer = trial.fitted().predictor.predict(features);
    match answer.scores {
        Some(scores) => scores.by_class.last().cloned().unwrap(),
        None => answer.values,
    }
}

#[test]
fn two_points_by_hand() {
    let (features, target) = ([vec![-1.0, 1.0]], [0.0, 1.0]);
    // min ½ w² + 2 C (1 − w)²: w = 4 C / (1 + 4 C).
    near(&values(CLASSIFIER, "", &features, &target), &[-0.8, 0.8], 1e-9);
    // min ½ w² + 2 C (1 − w): w = 2 C up to 1.
    near(&values(CLASSIFIER, "loss = 'hinge'\nC = 0.25", &features, &target), &[-0.5, 0.5], 1e-7);
    near(&values(CLASSIFIER, "loss = 'hinge'", &features, &target), &[-1.0, 1.0], 1e-7);
    // Targets −2 and 2: w = 2 C up to 2, or 2 − ε; squared w = 8 C / (1 + 4 C).
    let target = [-2.0, 2.0];
    near(&values(REGRESSOR, "C = 0.5", &features, &target), &[-1.0, 1.0], 1e-7);
    near(&values(REGRESSOR, "C = 9", &features, &target), &[-2.0, 2.0], 1e-7);
    near(&values(REGRESSOR, "C = 9\nepsilon = 0.5", &features, &target), &[-1.5, 1.5], 1e-7);
    let squared = "loss = 'squared_epsilon_insensitive'";
    near(&values(REGRESSOR, squared, &features, &target), &[-1.6, 1.6], 1e-9);
}

#[test]
fn the_intercept_is_penalised_like_a_constant_feature() {
    // One constant feature of 0: min ½ b'² + C (10 − s b')², b = s b'.
    let (features, target) = ([vec![0.0]], [10.0]);
    let squared = "loss = 'squared_epsilon_insensitive'";
    near(&values(REGRESSOR, squared, &features, &target), &[20.0 / 3.0], 1e-9);
    let scaled = format!("{squared}\nintercept_scaling = 10");
    near(&values(REGRESSOR, &scaled, &features, &target), &[2000.0 / 201.0], 1e-9);
    near(&values(REGRESSOR, "fit_intercept = false", &features, &target), &[0.0], 1e-9);
}

#[test]
fn classes_are_weighed() {
    // Three rows at 1 of class 0, one at 1 of class 1: without a slope to use, b is between the sides.
    let (features, target) = ([vec![0.0; 4]], [0.0, 0.0, 0.0, 1.0]);
    // min ½ b² + 3 (1 + b)² + (1 − b)²: b = −4/9. Balanced 2 (1 + b)² + 2 (1 − b)²: 0.
    near(&values(CLASSIFIER, "", &features, &target)[..1], &[-4.0 / 9.0], 1e-9);
    let balanced = values(CLASSIFIER, "class_weight = 'balanced'", &features, &target);
    near(&balanced[..1], &[0.0], 1e-9);
}

#[test]
fn odd_tables_have_answers_or_say_why() {
    let one = Trial::of(CLASSIFIER, "", &[vec![1.0, 2.0]], &[2.0, 2.0]);
    assert_eq!(one.fitted().predictor.predict(&[vec![0.0, 1e300]]).values, [2.0, 2.0]);
    assert!(one.fitted().coefficients.is_none());
    // Class 1 has no row: its score is always 1 below the least.
    let absent = Trial::of(CLASSIFIER, "", &[vec![1.0, 2.0, 7.0]], &[2.0, 0.0, 2.0]);
    let scores = absent.fitted().predictor.predict(&[vec![1.0, 7.0]]).scores.unwrap().by_class;
    near(&scores[1], &[0, 1].map(|row| scores[0][row].min(scores[2][row]) - 1.0), 1e-12);
    let cases = [
        (CLASSIFIER, "loss = 'hinge'", [0.0, 1.0]),
        (CLASSIFIER, "", [0.0, 1.0]),
        (REGRESSOR, "", [0.0, 1e300]),
        (REGRESSOR, "loss = 'squared_epsilon_insensitive'", [0.0, 1e300]),
    ];
    for ((model, params, target), huge) in
        cases.into_iter().flat_map(|case| [1e160, 1e200, 1e308].map(|huge| (case, huge)))
    {
        let trial = Trial::of(model, params, &[vec![huge, -huge]], &target);
        if let Err(error) = &trial.fitted {
            assert!(error.to_string().contains("rescale the columns"), "{error}");
        }
    }
}

#[test]
fn steps_that_do_not_suffice_are_told() {
    let features = [vec![0.0, 1.0, 2.0, 3.0, 9.0]];
    let trial = Trial::of(REGRESSOR, "max_iter = 1", &features, &[1.0, 0.0, 3.0, 2.0, 5.0]);
    assert_eq!(trial.lines.len(), 1);
    assert!(trial.lines[0].starts_with("1 of 1 problems not converged"), "{}", trial.lines[0]);
}

/// Columns in unlike units, a target that depends on them, and some noise.
fn waves(rows: usize) -> (Vec<Vec<f64>>, Vec<f64>) {
    let wave = |step: f64, unit: f64| {
        (0..rows).map(|row| unit * (row as f64 * step).sin()).collect::<Vec<f64>>()
    };
    let columns = vec![wave(1.3, 1e4), wave(2.9, 1.0), wave(0.7, 1e-3)];
    let noise = wave(5.3, 0.7);
    let target = (0..rows).map(|row| 2e-4 * columns[0][row] - columns[1][row] + noise[row]);
    let target = target.collect();
    (columns, target)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn no_other_weights_do_better(
        rows in 2_usize..80,
        c in 0.001..100.0,
        square in any::<bool>(),
        shifts in proptest::collection::vec(-1.0..1.0_f64, 4),
    ) {
        let (columns, target) = waves(rows);
        let design = Design::new(&columns, Some(1.0));
        let zone = |target: &f64| Zone { low: target - 0.1, high: target + 0.1 };
        let loss = if square { Loss::Square } else { Loss::Distance };
        let zones = target.iter().map(zone).collect();
        let problem = Problem { design: &design, zones, costs: vec![c; rows], loss };
        let settings = Settings { tol: 1e-6, max_iter: 100 };
        let solution = match loss {
            Loss::Square => newton::minimise(&problem, settings, &Silent),
            Loss::Distance => interior::minimise(&problem, settings, &Silent),
        };
        let solution = solution.unwrap();
        prop_assert!(solution.converged && solution.steps < 60, "{}", solution.steps);
        let objective =
            |weights: &[f64]| problem.objective(weights, &design.values(weights));
        let least = objective(&solution.weights);
        for size in [1.0, 1e-2, 1e-4] {
            let units = [1e-4, 1.0, 1e3, 1.0];
            let beside = solution.weights.iter().zip(&shifts).zip(units);
            let beside: Vec<f64> =
                beside.map(|((weight, shift), unit)| weight + size * shift * unit).collect();
            prop_assert!(objective(&beside) >= least * (1.0 - 1e-9));
        }
    }
}
