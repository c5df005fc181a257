//! Judging beyond the test rows on the housing data, against numbers of scikit-learn 1.9.1.

use std::sync::Mutex;

use super::super::housing::{request, table};
use super::super::{TrainError, train};
use crate::ledger::evaluate::{FoldKind, RequestFolds};
use crate::ledger::outcome::{Outcome, Reporter};
use crate::ledger::request::BuiltIn;

/// A metric point: name, value, step.
type Point = (String, f64, u64);

/// Keeps what it is told; says "stop" once the work is beyond a share of itself.
#[derive(Default)]
struct Notes {
    points: Mutex<Vec<Point>>,
    lines: Mutex<Vec<String>>,
    share: Mutex<f64>,
    stop_beyond: Option<f64>,
}

impl Reporter for Notes {
    fn metric(&self, name: &str, value: f64, step: u64) {
        self.points.lock().unwrap().push((name.into(), value, step));
    }
    fn line(&self, text: &str) {
        self.lines.lock().unwrap().push(text.into());
    }
    fn progress(&self, done: u64, total: u64) {
        let mut share = self.share.lock().unwrap();
        *share = share.max(done as f64 / total as f64);
    }
    fn cancelled(&self) -> bool {
        self.stop_beyond.is_some_and(|stop| *self.share.lock().unwrap() > stop)
    }
}

fn folds(kind: FoldKind, folds: i64) -> RequestFolds {
    RequestFolds { folds, kind, seed: None, column: None }
}

fn run(request: &BuiltIn) -> (Outcome, Vec<Point>, Vec<String>) {
    let notes = Notes::default();
    let outcome = train(request, &table(), &notes).unwrap();
    assert!(*notes.share.lock().unwrap() > 0.999, "the work is done");
    (outcome, notes.points.into_inner().unwrap(), notes.lines.into_inner().unwrap())
}

/// The values of a metric at all its steps, in the order they were reported.
fn values(points: &[Point], name: &str) -> Vec<f64> {
    points.iter().filter(|(other, ..)| other == name).map(|(_, value, _)| *value).collect()
}

fn near(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found / expected - 1.0).abs() < tolerance, "{found} is not {expected}");
    }
}

#[test]
fn cross_validation_of_a_line_is_scikit_learns() {
    let mut request = request("linear-regression", "", 0);
    request.evaluate.cv = Some(folds(FoldKind::Plain, 5));
    let (outcome, points, _) = run(&request);
    let of_folds = [
        0.7846144124777379,
        0.803970903493648,
        0.7227812221712219,
        0.814302229261989,
        0.8100665000663819,
    ];
    near(&values(&points, "fold_r2"), &of_folds, 1e-12);
    near(&values(&points, "cv_r2"), &[0.7871470534941958], 1e-12);
    near(&values(&points, "cv_r2_std"), &[0.033749432716343196], 1e-11);
    near(&values(&points, "cv_rmse"), &[49275.61738079311], 1e-12);
    near(&values(&points, "cv_rmse_std"), &[2553.180332708298], 1e-11);
    let steps: Vec<u64> =
        points.iter().filter(|point| point.0 == "fold_mae").map(|point| point.2).collect();
    assert_eq!(steps, [1, 2, 3, 4, 5]);
    assert!(outcome.timings.contains_key("cross_validation"));
    // What a run had before keeps its order and comes first.
    let names: Vec<&str> = points.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names[..2], ["r2", "rmse"]);
    assert_eq!(names[7..10], ["train_mae", "fold_r2", "fold_rmse"]);
    assert_eq!(
        names[28..],
        [
            "cv_r2",
            "cv_r2_std",
            "cv_rmse",
            "cv_rmse_std",
            "cv_mse",
            "cv_mse_std",
            "cv_mae",
            "cv_mae_std"
        ]
    );
}

#[test]
fn cross_validation_of_classes_is_scikit_learns() {
    let mut request = request("k-neighbors-classifier", "", 0);
    request.evaluate.cv = Some(folds(FoldKind::Stratified, 4));
    request.evaluate.metrics =
        ["accuracy", "f1_macro", "log_loss", "roc_auc_ovr"].map(str::to_owned).to_vec();
    let (_, points, lines) = run(&request);
    assert_eq!(lines, [""; 0]);
    near(&values(&points, "fold_accuracy"), &[0.155, 0.155, 0.18, 0.2], 1e-12);
    near(
        &values(&points, "fold_f1_macro"),
        &[0.14853912562343408, 0.15228724942153074, 0.17999156979549139, 0.19468177470850376],
        1e-12,
    );
    near(
        &values(&points, "fold_log_loss"),
        &[14.01673596435978, 11.601436734726908, 11.912820520833696, 12.093361480384969],
        1e-12,
    );
    near(&values(&points, "cv_roc_auc_ovr"), &[0.48447532331515814], 1e-12);
}

#[test]
fn the_number_of_threads_does_not_matter() {
    for (model, params) in [
        ("random-forest-regressor", "n_estimators = 4\nmax_depth = 5"),
        ("random-forest-regressor", "n_estimators = 4\ntree_method = 'hist'"),
        ("gradient-boosting-regressor", "n_estimators = 4\ntree_method = 'hist'\nsubsample = 0.5"),
    ] {
        let mut request = request(model, params, 3);
        request.evaluate.cv = Some(RequestFolds { seed: Some(1), ..folds(FoldKind::Plain, 4) });
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let (outcome, points, lines) = run(&request);
                let bits = |(name, value, step): Point| (name, value.to_bits(), step);
                (outcome.artifacts, points.into_iter().map(bits).collect::<Vec<_>>(), lines)
            })
        };
        let one = with(1);
        assert_eq!(one, with(2), "{model}: {params}");
        assert_eq!(one, with(8), "{model}: {params}");
    }
}

#[test]
fn a_fold_that_fails_is_named() {
    let mut request = request("k-neighbors-regressor", "n_neighbors = 700", 0);
    request.evaluate.cv = Some(folds(FoldKind::Plain, 5));
    let error = train(&request, &table(), &Notes::default()).unwrap_err().to_string();
    assert!(error.starts_with("fold 1 of 5: "), "{error}");
}

#[test]
fn more_folds_than_rows_is_an_error() {
    let mut request = request("linear-regression", "", 0);
    request.evaluate.cv = Some(folds(FoldKind::Plain, 801));
    let error = train(&request, &table(), &Notes::default()).unwrap_err().to_string();
    assert_eq!(error, "800 rows are too few for 801 folds; ask for fewer");
}

/// Every fold has one row, by which r2 is not defined.
#[test]
fn what_is_undefined_in_a_fold_is_left_out() {
    let mut request = request("linear-regression", "", 0);
    request.evaluate.cv = Some(folds(FoldKind::Plain, 800));
    request.evaluate.metrics = vec!["mae".into(), "r2".into()];
    let (_, points, lines) = run(&request);
    assert_eq!(values(&points, "fold_mae").len(), 800);
    assert_eq!(values(&points, "fold_r2").len() + values(&points, "cv_r2").len(), 0);
    assert_eq!(lines[0], "fold 1: no r2: r2 needs two rows");
    assert_eq!(lines.last().unwrap(), "no cv_r2: it is not defined in every fold");
}

#[test]
fn a_stop_is_heard_between_folds() {
    let mut request = request("random-forest-regressor", "n_estimators = 5\nmax_depth = 3", 0);
    request.evaluate.cv = Some(folds(FoldKind::Plain, 5));
    let notes = Notes { stop_beyond: Some(0.4), ..Notes::default() };
    let stopped = train(&request, &table(), &notes);
    assert!(matches!(stopped, Err(TrainError::Cancelled)));
    let points = notes.points.into_inner().unwrap();
    assert!(points.iter().any(|(name, ..)| name == "r2"));
    assert!(!points.iter().any(|(name, ..)| name.starts_with("cv_")));
}

/// The lines of a CSV artifact without its header, as cells.
fn cells(outcome: &Outcome, path: &str) -> Vec<Vec<String>> {
    let file = outcome.artifacts.iter().find(|file| file.path == path).unwrap();
    let text = std::str::from_utf8(&file.bytes).unwrap();
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn number(cell: &str) -> f64 {
    cell.parse().unwrap()
}

/// Mean and deviation of 200 repeats of scikit-learn 1.9.1.
const IMPORTANCE: [(&str, f64, f64); 5] = [
    ("bedrooms", 0.900, 0.071),
    ("area", 0.428, 0.040),
    ("age", 0.147, 0.021),
    ("distance_to_city", 0.096, 0.018),
    ("bathrooms", 0.084, 0.014),
];

#[test]
fn permutation_importance_is_scikit_learns() {
    let mut request = request("linear-regression", "", 0);
    request.evaluate.permutation = Some(100);
    let (outcome, points, _) = run(&request);
    assert_eq!(points.len(), 8, "no metric is added");
    let lines = cells(&outcome, "permutation_importance.csv");
    for (line, (feature, mean, deviation)) in lines.iter().zip(IMPORTANCE) {
        assert_eq!(line[..2], [feature, "r2"]);
        // Ten standard errors of the difference of two means.
        assert!((number(&line[2]) - mean).abs() < deviation, "{line:?}");
        assert!((number(&line[3]) / deviation - 1.0).abs() < 0.3, "{line:?}");
    }
    assert!(outcome.timings.contains_key("permutation"));
}

#[test]
fn what_a_shuffle_costs_is_positive_for_errors_too() {
    let mut request = request("random-forest-regressor", "n_estimators = 5\nmax_depth = 4", 1);
    request.evaluate.permutation = Some(3);
    request.evaluate.metrics = vec!["mae".into()];
    let of_threads = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| cells(&run(&request).0, "permutation_importance.csv"))
    };
    let lines = of_threads(1);
    assert_eq!(lines, of_threads(3));
    assert!(lines[0][1] == "mae" && number(&lines[0][2]) > 1000.0, "{lines:?}");
    assert!(lines.windows(2).all(|pair| number(&pair[0][2]) >= number(&pair[1][2])));
}

#[test]
fn a_metric_that_is_not_defined_measures_no_importance() {
    let mut request = request("support-vector-classifier", "max_iter = 20", 0);
    request.evaluate.permutation = Some(2);
    request.evaluate.metrics = vec!["log_loss".into()];
    let (outcome, _, lines) = run(&request);
    assert!(!outcome.artifacts.iter().any(|file| file.path == "permutation_importance.csv"));
    let last = "no permutation importance: no log_loss: the model gives no probabilities";
    assert_eq!(lines.last().unwrap(), last);
}

#[test]
fn the_last_point_of_a_learning_curve_is_the_cross_validation() {
    let mut request = request("linear-regression", "", 5);
    request.evaluate.learning_curve = true;
    request.evaluate.metrics = vec!["r2".into(), "mae".into()];
    let alone = cells(&run(&request).0, "learning_curve.csv");
    request.evaluate.cv = Some(folds(FoldKind::Plain, 5));
    let (outcome, points, lines) = run(&request);
    let with_folds = cells(&outcome, "learning_curve.csv");
    assert_eq!(alone, with_folds, "five folds are the usual ones");
    assert_eq!(lines, [""; 0]);
    let heads: Vec<(&str, &str)> =
        with_folds.iter().map(|line| (line[0].as_str(), line[1].as_str())).collect();
    let sizes = ["64", "208", "352", "496", "640"];
    let expected = ["r2", "mae"].map(|metric| sizes.map(|size| (metric, size))).concat();
    assert_eq!(heads, expected);
    let last = &with_folds[4];
    assert_eq!(number(&last[4]).to_bits(), values(&points, "cv_r2")[0].to_bits());
    assert_eq!(number(&last[5]).to_bits(), values(&points, "cv_r2_std")[0].to_bits());
    // With few rows a model fits what it has seen better than what it has not.
    assert!(number(&with_folds[0][2]) > number(&with_folds[0][4]));
}

#[test]
fn a_share_that_is_too_small_for_a_model_is_left_out() {
    let mut request = request("k-neighbors-regressor", "n_neighbors = 300", 0);
    request.evaluate.learning_curve = true;
    let (outcome, _, lines) = run(&request);
    let sizes: Vec<String> =
        cells(&outcome, "learning_curve.csv").into_iter().map(|line| line[1].clone()).collect();
    assert_eq!(sizes[..4], ["352", "496", "640", "352"]);
    assert!(lines[0].starts_with("learning curve: not with 64 rows: fold 1 of 5: "), "{lines:?}");
}

#[test]
fn a_learning_curve_by_time_takes_the_latest_rows() {
    let mut request = request("linear-regression", "", 0);
    request.evaluate.learning_curve = true;
    request.evaluate.cv =
        Some(RequestFolds { column: Some("area".into()), ..folds(FoldKind::Time, 3) });
    let (outcome, ..) = run(&request);
    let lines = cells(&outcome, "learning_curve.csv");
    let sizes: Vec<&str> = lines[..5].iter().map(|line| line[1].as_str()).collect();
    assert_eq!(sizes, ["20", "65", "110", "155", "200"]);
}
