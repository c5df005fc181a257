//! Naive Bayes by hand, and beside scikit-learn.

use proptest::prelude::*;

use super::super::estimator::Answer;
use super::super::housing::{artifact, request, run, table};
use super::super::model_file::SavedModel;
use super::super::trial::{Trial, near};

const NAME: &str = "gaussian-naive-bayes";

fn probabilities(answer: &Answer) -> &[Vec<f64>] {
    &answer.scores.as_ref().unwrap().by_class
}

/// Class 0: mean 1, variance 1, prior 1/2; class 1: mean 6, variance 4. At 3 the densities are
/// e^-2 / √1 and e^(-9/8) / √4, up to what they share.
#[test]
fn two_classes_by_hand() {
    let x = [vec![0.0, 2.0, 4.0, 8.0]];
    let trial = Trial::of(NAME, "var_smoothing = 0", &x, &[0.0, 0.0, 1.0, 1.0]);
    let answer = trial.fitted().predictor.predict(&[vec![3.0]]);
    let (first, second) = ((-2.0_f64).exp(), (-9.0_f64 / 8.0).exp() / 2.0);
    near(&[probabilities(&answer)[0][0]], &[first / (first + second)], 1e-15);
    // With 1 added, the variances are 2 and 5: 8.75 / 8.75 is the share of the variance of x.
    let trial =
        Trial::of(NAME, &format!("var_smoothing = {}", 1.0 / 8.75), &x, &[0.0, 0.0, 1.0, 1.0]);
    let answer = trial.fitted().predictor.predict(&[vec![3.0]]);
    let (first, second) = ((-1.0_f64).exp() / 2.0_f64.sqrt(), (-0.9_f64).exp() / 5.0_f64.sqrt());
    near(&[probabilities(&answer)[0][0]], &[first / (first + second)], 1e-14);
}

#[test]
fn far_rows_and_constant_features_have_an_answer() {
    let features = [vec![0.0, 2.0, 4.0, 8.0, 6.0], vec![5.0; 5]];
    let trial = Trial::of(NAME, "", &features, &[0.0, 0.0, 2.0, 2.0, 2.0]);
    let far = [vec![-1e5, 1e5, 1e300], vec![5.0, 0.0, 1e300]];
    let answer = trial.fitted().predictor.predict(&far);
    assert_eq!(answer.values, [2.0, 2.0, 2.0], "the wider class reaches farther");
    near(&[probabilities(&answer)[0][2], probabilities(&answer)[1][0]], &[0.4, 0.0], 1e-15);
    let flat = Trial::of(NAME, "", &features[1..], &[0.0, 0.0, 2.0, 2.0, 2.0]);
    let answer = flat.fitted().predictor.predict(&[vec![7.0]]);
    near(&probabilities(&answer).concat(), &[0.4, 0.0, 0.6], 1e-15);
    let one = Trial::of(NAME, "", &[vec![1.0]], &[1.0]);
    assert_eq!(one.fitted().predictor.predict(&[vec![9.0]]).values, [1.0]);
}

#[test]
fn what_has_no_density_is_an_error() {
    let error = |params, x: &[f64]| {
        Trial::of(NAME, params, &[x.to_vec()], &[0.0, 0.0, 1.0]).fitted.err().unwrap().to_string()
    };
    let text = error("var_smoothing = 0", &[1.0, 1.0, 2.0]);
    assert!(
        text.contains("'x0' does not vary within a class; set var_smoothing above 0"),
        "{text}"
    );
    let text = error("", &[1e300, -1e300, 0.0]);
    assert!(text.ends_with("its variances are not finite; rescale the columns"), "{text}");
}

/// scikit-learn 1.9.1's probabilities of the first test row, and its accuracy on the test rows.
#[test]
fn probabilities_are_scikit_learns() {
    let (outcome, metrics) = run(&request(NAME, "", 0));
    assert_eq!(metrics[0], ("accuracy".into(), 0.17));
    let saved = SavedModel::read(&outcome.artifacts[0].bytes).unwrap();
    let mut reader = csv::Reader::from_reader(artifact(&outcome, "predictions.csv"));
    let row: usize = reader.records().next().unwrap().unwrap()[0].parse().unwrap();
    let answer = saved.predict(&table()).unwrap();
    let answer: Vec<f64> = probabilities(&answer).iter().map(|class| class[row - 1]).collect();
    let expected = [
        0.25542592518381163,
        0.2117248342542193,
        0.1844440698686617,
        0.18523306218896027,
        0.16317210850434694,
    ];
    near(&answer, &expected, 1e-12);
}

proptest! {
    #[test]
    fn no_table_panics(
        cells in proptest::collection::vec(
            prop_oneof![Just(0.0), Just(1.0), Just(-1e300), Just(1e160), Just(1e-300), -9.0..9.0],
            1..24,
        ),
        classes in 1_usize..4,
        columns in 1_usize..4,
        params in prop_oneof![Just(""), Just("var_smoothing = 0"), Just("var_smoothing = 1e300")],
    ) {
        let rows = cells.len().div_ceil(columns);
        let cell = |at: usize| cells[at % cells.len()];
        let column = |at: usize| (0..rows).map(|row| cell(row * columns + at)).collect();
        let features: Vec<Vec<f64>> = (0..columns).map(column).collect();
        let target: Vec<f64> = (0..rows).map(|row| (row * 5 % 7 % classes) as f64).collect();
        if let Ok(fitted) = Trial::of(NAME, params, &features, &target).fitted {
            let answer = fitted.predictor.predict(&features);
            prop_assert!(answer.values.iter().all(|class| target.contains(class)));
            let sums = |row: usize| probabilities(&answer).iter().map(|class| class[row]).sum();
            (0..rows).for_each(|row| near(&[sums(row)], &[1.0], 1e-9));
        }
    }
}
