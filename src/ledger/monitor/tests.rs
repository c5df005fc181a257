use std::collections::BTreeMap;

use super::*;
use crate::ledger::drift::{ColumnDrift, Role, Test};

fn metrics(pairs: &[(&str, f64)]) -> BTreeMap<String, f64> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect()
}

fn column() -> ColumnDrift {
    ColumnDrift {
        name: "area".into(),
        role: Role::Feature,
        psi: Some(0.3),
        ks: Some(Test { statistic: 0.2, p: 0.001 }),
        chi2: None,
        missing: 0.25,
        missing_in_training: 0.05,
        other_kind: false,
    }
}

fn config(text: &str) -> MonitorConfig {
    let text = format!("model = \"house\"\ndata = \"data/new.csv\"\n{text}");
    MonitorConfig::parse("monitors/x.toml", &text).unwrap()
}

fn says(alert: &str, r2: f64) -> bool {
    let config = config(&format!("alert = [\"{alert}\"]"));
    !raised(&config, &metrics(&[("r2", r2)]), &[], &metrics(&[("r2", 0.8)])).is_empty()
}

#[test]
fn conditions_compare_with_the_training() {
    for (alert, below, above) in [
        ("r2 < 0.95 * training.r2", 0.75, 0.77),
        ("r2 < training.r2 * 0.95", 0.75, 0.77),
        ("metrics.r2_score < training.r2_score", 0.79, 0.8),
        ("r2 < 0.7 or r2 < .95*training.r2", 0.75, 0.77),
        ("not r2 >= 0.5 * training.r2 and r2 < training.r2", 0.3, 0.5),
    ] {
        assert!(says(alert, below) && !says(alert, above), "{alert}");
    }
    assert!(!says("r2 < 2 * training.rmse", 0.1), "what is not known says nothing");
    assert!(!says("rmse < 5", 0.1));
}

#[test]
fn a_reason_has_its_numbers() {
    let config = config("alert = [\"r2 < 0.95 * training.r2\"]");
    let reasons = raised(&config, &metrics(&[("r2", 0.5)]), &[], &metrics(&[("r2", 0.8)]));
    assert_eq!(reasons, ["r2 < 0.95 * training.r2 (r2 0.5, training 0.8)"]);
}

#[test]
fn limits_hold_for_every_column() {
    let all = |text: &str| raised(&config(text), &metrics(&[]), &[column()], &metrics(&[]));
    assert_eq!(all("drift = { psi = 0.25 }"), ["psi of area 0.3 > 0.25"]);
    assert_eq!(all("drift = { ks = 0.01 }"), ["ks of area: p 0.001 < 0.01"]);
    assert_eq!(all("drift = { missing = 0.1 }"), ["missing of area: 0.25, 0.05 in training"]);
    assert_eq!(all("drift = { psi = 0.4, ks = 0.0001, chi2 = 0.5, missing = 0.3 }"), [""; 0]);
    assert_eq!(all(""), [""; 0]);
}

#[test]
fn measures_are_metrics() {
    let made = drift_metrics(&[column()]);
    assert_eq!(made["psi_max"].to_bits(), 0.3_f64.to_bits());
    for name in ["psi_area", "ks_area", "ks_p_area", "ks_p_min", "missing_area", "missing_max"] {
        assert!(made.contains_key(name), "{name}");
    }
    assert!((made["missing_max"] - 0.2).abs() < 1e-15);
}

#[test]
fn mistakes_have_their_place() {
    let text = "model = \"house\"\ndata = \"d.csv\"\nalert = [\"r2 < 0.5\", \"r2 <\"]\n[drift]\npsi = -1\nkl = 2\n";
    let problems = MonitorConfig::parse("monitors/x.toml", text).unwrap_err();
    let places: Vec<_> = problems.iter().map(|it| it.line).collect();
    assert_eq!(places.len(), 3, "{problems:?}");
    assert!(places.contains(&3) && places.contains(&5) && places.contains(&6), "{problems:?}");
    assert!(Condition::parse("").is_err() && Condition::parse("order by r2").is_err());
    for odd in ["training.", "x = 'training.r2'", "* training.r2", "é * training.r2 > 1"] {
        let _ = Condition::parse(odd);
    }
}
