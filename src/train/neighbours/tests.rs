//! Models on few rows, by hand.

use super::super::estimator::{Sample, Silent};
use super::*;

fn fit(
    estimator: &dyn Estimator,
    params: &str,
    features: Vec<Vec<f64>>,
    target: &[f64],
) -> Result<Box<dyn Predictor>, TrainError> {
    let table = params.parse().unwrap();
    let params = Params::check(estimator.declaration(), &table)?;
    let classes = 3;
    let names: Vec<String> = (0..features.len()).map(|at| format!("x{at}")).collect();
    let sample = Sample { features, target: target.to_vec() };
    let (names, sample, params, reporter) = (&names[..], &sample, &params, &Silent);
    let work = Work { names, sample, classes, params, seed: 0, reporter };
    estimator.fit(&work).map(|fitted| fitted.predictor)
}

fn line() -> Vec<Vec<f64>> {
    vec![vec![0.0, 1.0, 3.0, 6.0]]
}

#[test]
fn a_number_is_the_mean_of_the_nearest() {
    let target = [10.0, 20.0, 60.0, 100.0];
    let predict = |params: &str, at: f64| {
        let model = fit(&KNeighborsRegressor, params, line(), &target).unwrap();
        model.predict(&[vec![at]]).values[0]
    };
    let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found}");
    near(predict("n_neighbors = 2", 0.9), 15.0);
    near(predict("n_neighbors = 3", 5.0), 60.0);
    // At 5 the rows at 6 and 3 are 1 and 2 away: weights 1 and 1/2.
    near(predict("n_neighbors = 2\nweights = 'distance'", 5.0), 260.0 / 3.0);
    near(predict("n_neighbors = 4\nweights = 'distance'", 3.0), 60.0);
    // 2 is as far from 1 as from 3: the earlier row.
    near(predict("n_neighbors = 1", 2.0), 20.0);
}

#[test]
fn classes_are_voted_for() {
    let target = [0.0, 1.0, 1.0, 0.0];
    let ask = |params: &str, at: f64| {
        let model = fit(&KNeighborsClassifier, params, line(), &target).unwrap();
        let Answer { values, scores } = model.predict(&[vec![at]]);
        let scores = scores.unwrap();
        assert!(scores.probabilities);
        (values[0], scores.by_class.iter().map(|shares| shares[0]).collect::<Vec<_>>())
    };
    let (class, shares) = ask("n_neighbors = 4", 0.0);
    assert_eq!((class, shares), (0.0, vec![0.5, 0.5, 0.0]), "a tie is the first class's");
    let (class, shares) = ask("n_neighbors = 2\nweights = 'distance'", 5.0);
    assert!(class.abs() < 1e-15);
    assert!((shares[0] - 2.0 / 3.0).abs() < 1e-12 && (shares[1] - 1.0 / 3.0).abs() < 1e-12);
}

#[test]
fn two_features_and_their_metrics() {
    // From the origin: Manhattan 5 and 6, Euclidean 5 and √18, Chebyshev 5 and 3.
    let features = || vec![vec![5.0, 3.0], vec![0.0, 3.0]];
    for (params, expected) in [
        ("metric = 'manhattan'", 1.0),
        ("p = 1", 1.0),
        ("", 2.0),
        ("metric = 'chebyshev'\np = 1", 2.0),
        ("p = 0.5", 1.0),
    ] {
        let params = format!("n_neighbors = 1\n{params}");
        let model = fit(&KNeighborsRegressor, &params, features(), &[1.0, 2.0]).unwrap();
        let found = model.predict(&[vec![0.0], vec![0.0]]).values[0];
        assert!((found - expected).abs() < 1e-12, "{params}");
    }
}

#[test]
fn what_cannot_be_fitted_says_why() {
    let error = |params: &str, features, target: &[f64]| {
        fit(&KNeighborsRegressor, params, features, target).err().unwrap().to_string()
    };
    assert_eq!(
        error("", line(), &[1.0; 4]),
        "the model cannot be fitted: 'n_neighbors' is 5 and the training rows are 4; lower it"
    );
    let far = || vec![vec![1.0, 2.0], vec![1e200, -1e200]];
    let text = error("n_neighbors = 1", far(), &[1.0, 2.0]);
    assert!(text.contains("'x1' reaches from -1e200 to 1e200; rescale the column"), "{text}");
    assert!(fit(&KNeighborsRegressor, "n_neighbors = 1\np = 1", far(), &[1.0, 2.0]).is_ok());
    let text = error("n_neighbors = 2", vec![vec![1.0, 2.0]], &[1e308, 1e308]);
    assert!(text.contains("the target reaches 1e308"), "{text}");
}

#[test]
fn odd_tables_have_answers() {
    let one = fit(&KNeighborsClassifier, "n_neighbors = 1", vec![vec![7.0]], &[1.0]).unwrap();
    assert_eq!(one.predict(&[vec![-1e300, 0.0]]).values, [1.0, 1.0]);
    let constant = vec![vec![3.0; 40], vec![1.0; 40]];
    let target: Vec<f64> = (0..40).map(f64::from).collect();
    let model = fit(&KNeighborsRegressor, "weights = 'distance'", constant, &target).unwrap();
    let found = model.predict(&[vec![3.0, 9.0], vec![1.0, -1e300]]).values;
    assert_eq!(found, [2.0, 2.0], "all are equally near: the first five");
    assert!(model.predict(&[vec![], vec![]]).values.is_empty());
}
