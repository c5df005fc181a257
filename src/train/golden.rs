//! Pinned results: the guard of every trainer's version.

use std::fmt::Write as _;

use super::housing::{request, run};
use crate::ledger::digest::Digest;

/// Model, parameters, and the start of the digest of the model file and the bits of all metrics.
const PINNED: &[(&str, &str, &str)] = &[
    ("random-forest-regressor", "n_estimators = 5", "56ebbc77d3f5e697"),
    (
        "random-forest-regressor",
        "n_estimators = 3\nmax_depth = 4\nmax_features = 'sqrt'\nmin_samples_leaf = 3",
        "ac6b4d09cb562528",
    ),
    ("random-forest-regressor", "n_estimators = 5\noob_score = true", "1454c49f40931279"),
    ("random-forest-regressor", "n_estimators = 4\ntree_method = 'hist'", "4a325b05c58162c3"),
    ("random-forest-classifier", "n_estimators = 5", "7917b68e8616a762"),
    (
        "random-forest-classifier",
        "n_estimators = 3\nmax_depth = 5\ncriterion = 'entropy'\nclass_weight = 'balanced'",
        "efb4790327c38ec0",
    ),
    (
        "random-forest-classifier",
        "n_estimators = 4\ntree_method = 'hist'\nmax_bins = 32\ncriterion = 'entropy'",
        "64deef3da8f24fc1",
    ),
    ("gradient-boosting-regressor", "n_estimators = 8", "c1d418e94ee611ff"),
    (
        "gradient-boosting-regressor",
        "n_estimators = 20\nsubsample = 0.7\nmax_features = 'sqrt'\nn_iter_no_change = 3",
        "75be817f1564d083",
    ),
    (
        "gradient-boosting-regressor",
        "n_estimators = 10\ntree_method = 'hist'\nmax_bins = 16\nsubsample = 0.8",
        "1b2eebcbdc829ee7",
    ),
    ("gradient-boosting-classifier", "n_estimators = 3", "474620ffca733761"),
    ("gradient-boosting-classifier", "n_estimators = 3\ntree_method = 'hist'", "7d3ea3cbbb54201a"),
    ("decision-tree-regressor", "max_depth = 6", "fc0523e6eabdaf98"),
    ("decision-tree-classifier", "", "879230f83314ba86"),
    (
        "decision-tree-classifier",
        "criterion = 'log_loss'\nmin_samples_leaf = 4",
        "90b6d4a646ef3bfb",
    ),
    ("linear-regression", "", "bb4c6bae7c83915b"),
    ("ridge", "", "e4ad4a3b956adb62"),
    ("lasso", "alpha = 100", "805eb187c9a8e7ac"),
    ("elastic-net", "", "e061b08b5772dc6a"),
    ("k-means", "", "23dc17b865dbaee9"),
    ("k-means", "init = 'random'\nn_clusters = 3\nn_init = 2\nmax_iter = 4", "042180626f6b8364"),
    ("dbscan", "eps = 12\nmin_samples = 4", "8bdd69f82f4c50ff"),
    ("logistic-regression", "", "7aeb79ae140369e1"),
    ("logistic-regression", "penalty = 'none'\nclass_weight = 'balanced'", "2b20bd42a619254b"),
    ("gaussian-naive-bayes", "", "2bf908fbde2f9794"),
    ("k-neighbors-regressor", "", "a8052bf95c92c9ed"),
    ("k-neighbors-regressor", "weights = 'distance'\np = 1\nn_neighbors = 9", "d0b7c7ac4f416b84"),
    ("k-neighbors-classifier", "", "5659e6e502e7890a"),
    ("k-neighbors-classifier", "weights = 'distance'\nmetric = 'chebyshev'", "ae55869d1836f4a4"),
    ("support-vector-regressor", "C = 1000", "0ca81e9f262ceb82"),
    (
        "support-vector-regressor",
        "C = 1000\nkernel = 'poly'\ndegree = 2\nepsilon = 5000",
        "f3b6f6928865566a",
    ),
    ("support-vector-classifier", "", "07757f8288dbe28e"),
    (
        "support-vector-classifier",
        "C = 10\ngamma = 'auto'\nclass_weight = 'balanced'",
        "91e85dd991d003b5",
    ),
    ("support-vector-classifier", "kernel = 'sigmoid'", "aaab7b263b778150"),
    ("linear-support-vector-regressor", "", "fd4c75209078d32e"),
    (
        "linear-support-vector-regressor",
        "loss = 'squared_epsilon_insensitive'\nepsilon = 9",
        "842d60ac7dd13d04",
    ),
    ("linear-support-vector-classifier", "", "f666086fe9b9774a"),
    (
        "linear-support-vector-classifier",
        "loss = 'hinge'\nclass_weight = 'balanced'",
        "88f1e7ffc4266a60",
    ),
];

#[test]
fn results_are_those_of_the_declared_versions() {
    for &(model, params, pinned) in PINNED {
        let (outcome, metrics) = run(&request(model, params, 42));
        let mut result = Digest::of(&outcome.artifacts[0].bytes).to_string();
        for (name, value) in metrics {
            let _ = write!(result, " {name} {:016x}", value.to_bits());
        }
        let digest = Digest::of(result.as_bytes()).to_string();
        assert_eq!(
            &digest[..16],
            pinned,
            "the result of '{model}' has changed: raise the version in its declaration, \
             then pin the new digest here; old runs stay valid under the old version"
        );
    }
}
