//! How runs are judged: metrics.

use crate::session::{SMALL_SPEC, Session};

/// A small ledger whose spec has an evaluation section.
fn judged(section: &str) -> Session {
    let session = Session::small();
    let spec = SMALL_SPEC.replace("[2, 3]", "[2]");
    session.write("experiments/quick/forest.toml", &format!("{spec}\n[evaluate]\n{section}\n"));
    session
}

#[test]
fn every_metric_of_regression_can_be_asked_for() {
    let names = [
        "explained_variance",
        "mae",
        "mape",
        "max_error",
        "median_absolute_error",
        "mse",
        "r2",
        "rmse",
    ];
    let session = judged(&format!("metrics = {names:?}"));
    session.ok(&["run"]);
    let metrics = &session.runs()[0]["metrics"];
    for name in names {
        assert!(metrics[name].is_f64() && metrics[format!("train_{name}")].is_f64(), "{metrics}");
    }
}

#[test]
fn a_run_has_four_metrics_unless_asked_otherwise() {
    let session = judged("");
    session.ok(&["run"]);
    let metrics = session.runs()[0]["metrics"].as_object().unwrap().clone();
    let tests: Vec<_> = metrics.keys().filter(|name| !name.starts_with("train_")).collect();
    assert_eq!(tests, ["mae", "mse", "r2", "rmse"]);
}
