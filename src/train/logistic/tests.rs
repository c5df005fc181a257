//! Logistic regression on tables small enough to check by hand, and beside scikit-learn.

use proptest::prelude::*;

use super::super::estimator::Answer;
use super::super::housing::{artifact, request, run};
use super::super::trial::{Trial, near};

const NAME: &str = "logistic-regression";

fn probabilities(answer: &Answer) -> &[Vec<f64>] {
    &answer.scores.as_ref().unwrap().by_class
}

fn intercept(trial: &Trial) -> f64 {
    trial.fitted().facts["intercept"].as_float().unwrap()
}

/// At the optimum w (1 + e^w) = 2 for C = 1: the slopes of the loss and of the penalty meet.
#[test]
fn two_rows_by_hand() {
    let trial = Trial::of(NAME, "fit_intercept = false", &[vec![-1.0, 1.0]], &[0.0, 1.0]);
    let w = trial.fitted().coefficients.as_ref().unwrap()[0][0];
    near(&[w * (1.0 + w.exp())], &[2.0], 1e-12);
    let answer = trial.fitted().predictor.predict(&[vec![0.5, -2.0]]);
    let half = 1.0 / (1.0 + (-0.5 * w).exp());
    near(&[probabilities(&answer)[1][0]], &[half], 1e-14);
    assert_eq!(answer.values, [1.0, 0.0]);
}

/// Without features that tell anything, the probabilities are the shares of the classes.
#[test]
fn the_intercept_is_not_penalised() {
    let flat = [vec![3.0; 5]];
    let trial = Trial::of(NAME, "C = 1e-6", &flat, &[0.0, 0.0, 0.0, 0.0, 1.0]);
    near(&[intercept(&trial)], &[0.25_f64.ln()], 1e-9);
    let three = Trial::of(NAME, "C = 1e-6", &flat, &[0.0, 0.0, 1.0, 2.0, 2.0]);
    let answer = three.fitted().predictor.predict(&[vec![3.0]]);
    let shares: Vec<f64> = probabilities(&answer).iter().map(|class| class[0]).collect();
    near(&shares, &[0.4, 0.2, 0.4], 1e-9);
    let none = Trial::of(NAME, "fit_intercept = false", &[vec![0.0; 2]], &[0.0, 1.0]);
    let answer = none.fitted().predictor.predict(&[vec![3.0]]);
    near(&probabilities(&answer).concat(), &[0.5, 0.5], 0.0);
}

#[test]
fn the_second_class_is_the_positive_one_whichever_is_more_frequent() {
    let x = [vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0]];
    for target in [[0.0, 0.0, 1.0, 0.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0, 1.0, 1.0]] {
        let trial = Trial::of(NAME, "", &x, &target);
        assert!(trial.fitted().coefficients.as_ref().unwrap()[0][0] > 0.0);
        let opposite: Vec<f64> = target.iter().map(|class| 1.0 - class).collect();
        let turned = Trial::of(NAME, "", &x, &opposite);
        assert!(turned.fitted().coefficients.as_ref().unwrap()[0][0] < 0.0);
        near(&[intercept(&trial)], &[-intercept(&turned)], 1e-9);
    }
}

/// The slope of the objective, worked out again from the answer's probabilities, is 0 in every
/// coefficient of every class.
#[test]
fn several_classes_end_at_the_optimum() {
    let columns = [
        vec![1.0, 2.0, 4.0, 3.0, 0.5, 6.0, 2.5],
        vec![100.0, 900.0, 300.0, 0.0, 7.0, 450.0, 800.0],
    ];
    let target = [0.0, 1.0, 2.0, 2.0, 0.0, 1.0, 2.0];
    for balanced in [false, true] {
        let params = if balanced { "C = 2\nclass_weight = 'balanced'" } else { "C = 2" };
        let trial = Trial::of(NAME, params, &columns, &target);
        let answer = trial.fitted().predictor.predict(&columns);
        let coefficients = trial.fitted().coefficients.as_ref().unwrap();
        let weight = |class: f64| match (balanced, class as usize) {
            (false, _) => 1.0,
            (true, 2) => 7.0 / 9.0,
            (true, _) => 7.0 / 6.0,
        };
        for (class, coefficients) in coefficients.iter().enumerate() {
            let rest = |row: usize| {
                let own = f64::from(u8::from(target[row] as usize == class));
                weight(target[row]) * (probabilities(&answer)[class][row] - own)
            };
            near(&[(0..7).map(rest).sum()], &[0.0], 1e-9);
            for (column, values) in columns.iter().enumerate() {
                let slope: f64 = (0..7).map(|row| rest(row) * values[row]).sum();
                near(&[2.0 * slope + coefficients[column]], &[0.0], 1e-6);
            }
        }
    }
}

#[test]
fn classes_without_rows_have_no_probability() {
    let trial = Trial::of(NAME, "", &[vec![0.0, 1.0, 2.0, 3.0]], &[1.0, 1.0, 3.0, 3.0]);
    let answer = trial.fitted().predictor.predict(&[vec![-9.0, 9.0]]);
    assert_eq!(answer.values, [1.0, 3.0]);
    near(&probabilities(&answer)[0], &[0.0, 0.0], 0.0);
    near(&probabilities(&answer)[2], &[0.0, 0.0], 0.0);
    near(&[probabilities(&answer)[1][0] + probabilities(&answer)[3][0]], &[1.0], 1e-15);
}

#[test]
fn one_class_is_every_answer() {
    let trial = Trial::of(NAME, "", &[vec![0.0, 1.0]], &[2.0, 2.0]);
    assert_eq!(trial.lines, ["all training rows are of one class, which is every answer"]);
    let answer = trial.fitted().predictor.predict(&[vec![7.0]]);
    assert_eq!((answer.values[0], probabilities(&answer)[2][0]), (2.0, 1.0));
}

#[test]
fn a_fit_that_has_no_end_says_so() {
    let x = [vec![0.0, 1.0, 2.0, 3.0]];
    let divided = Trial::of(NAME, "penalty = 'none'", &x, &[0.0, 0.0, 1.0, 1.0]);
    assert!(divided.lines[0].starts_with("the classes are told apart without error"));
    assert_eq!(divided.fitted().predictor.predict(&x).values, [0.0, 0.0, 1.0, 1.0]);
    let tight = Trial::of(NAME, "max_iter = 1\ntol = 0.0", &x, &[0.0, 1.0, 0.0, 1.0]);
    assert!(tight.lines[0].starts_with("not converged after 1 steps"), "{:?}", tight.lines);
}

/// More coefficients than are written out: the products with the curvature lead to the same place
/// as the curvature itself, here on a table that repeats one column.
#[test]
fn many_coefficients_end_where_few_do() {
    let column: Vec<f64> = (0..40).map(|row| f64::from(row * 7 % 40)).collect();
    let target: Vec<f64> = (0..40).map(|row| f64::from(u8::from(row * 7 % 40 > row))).collect();
    let one = Trial::of(NAME, "", std::slice::from_ref(&column), &target);
    let alone = one.fitted().predictor.predict(std::slice::from_ref(&column));
    // 600 copies share the coefficient, so each pays a 600th of the penalty.
    let many =
        Trial::of(NAME, &format!("C = {}", 1.0 / 600.0), &vec![column.clone(); 600], &target);
    let together = many.fitted().predictor.predict(&vec![column; 600]);
    near(&probabilities(&together)[1], &probabilities(&alone)[1], 1e-8);
}

/// Parameters, then scikit-learn 1.9.1's coefficients of the first class and its intercepts, by its
/// Newton solver at a tolerance of 1e-13.
const HOUSING: [(&str, [f64; 4], [f64; 5]); 2] = [
    (
        "",
        [-2.583056920677932e-05, -0.036920119339320705, 0.0012361622290871243, -0.0311892442919638],
        [
            0.3482915441303954,
            -0.22181675993451663,
            0.06275801826610311,
            -0.027172659259480952,
            -0.16206014320250092,
        ],
    ),
    (
        "C = 0.01\nclass_weight = 'balanced'",
        [
            -2.760794128871709e-05,
            -0.019504368012148273,
            0.0011710562707397244,
            -0.03044940747325235,
        ],
        [
            0.3523054518655462,
            -0.2709056060669352,
            0.1799353805480887,
            -0.10913891331001722,
            -0.1521963130366825,
        ],
    ),
];

#[test]
fn the_optimum_is_scikit_learns() {
    for (params, coefficients, intercepts) in HOUSING {
        let (outcome, _) = run(&request(NAME, params, 0));
        let mut reader = csv::Reader::from_reader(artifact(&outcome, "coefficients.csv"));
        assert_eq!(reader.headers().unwrap(), vec!["feature", "1", "2", "3", "4", "5"]);
        for (record, expected) in reader.records().zip(coefficients) {
            let value: f64 = record.unwrap()[1].parse().unwrap();
            near(&[value / expected], &[1.0], 1e-6);
        }
        let found = outcome.facts["intercepts"].as_array().unwrap();
        let found: Vec<f64> = found.iter().map(|value| value.as_float().unwrap()).collect();
        near(&found, &intercepts, 1e-10);
    }
}

proptest! {
    #[test]
    fn no_table_panics(
        cells in proptest::collection::vec(
            prop_oneof![Just(0.0), Just(1.0), Just(0.1), Just(-1e300), Just(1e300), Just(1e-300), -9.0..9.0],
            1..24,
        ),
        classes in 1_usize..4,
        columns in 1_usize..4,
        params in prop_oneof![
            Just(""), Just("penalty = 'none'"), Just("fit_intercept = false"), Just("C = 1e300"),
            Just("C = 1e-300"), Just("class_weight = 'balanced'"), Just("tol = 0.0"),
        ],
    ) {
        let rows = cells.len().div_ceil(columns);
        let features: Vec<Vec<f64>> =
            (0..columns).map(|at| (0..rows).map(|row| cells[(row * columns + at) % cells.len()]).collect()).collect();
        let target: Vec<f64> = (0..rows).map(|row| (row * 5 % 7 % classes) as f64).collect();
        if let Ok(fitted) = Trial::of(NAME, params, &features, &target).fitted {
            let answer = fitted.predictor.predict(&features);
            prop_assert!(answer.values.iter().all(|class| target.contains(class)));
        }
    }
}
