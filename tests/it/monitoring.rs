//! `monitor`: registered models on new data, evaluations as runs, and what raises an alert.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::assert_shows;
use crate::session::Session;
use crate::watching::Daemon;

const DRIFTED: &str = include_str!("../e2e/monitor/housing_drift.csv");
const HOUSING: &str = include_str!("../../data/housing.csv");

/// The housing example with one forest, registered as `house` and its champion, and two data files: the
/// test rows it was judged by, and houses of another time.
pub(crate) fn housing() -> Session {
    let session = Session::new();
    session.outside(&["init", "ledger"]).ok();
    let spec = "experiments/housing/forest.toml";
    for (from, to) in [("[100, 200, 150, 300, 100]", "[60]"), ("[10, 15, 12, 20, 8]", "[12]")] {
        session.edit(spec, from, to);
    }
    session.edit(spec, "[2, 5, 3, 2, 10]", "[2]");
    fs::remove_file(session.root().join("experiments/housing/baseline.toml")).unwrap();
    session.ok(&["run", spec]);
    session.ok(&["model", "register", "house", "rf-60-12"]);
    session.ok(&["model", "alias", "house@champion", "1"]);
    session.write("data/drifted.csv", DRIFTED);
    let mut lines = HOUSING.lines();
    let head = lines.next().unwrap();
    let test: Vec<&str> = lines.filter(|line| line.ends_with(",test")).collect();
    session.write("data/same.csv", &format!("{head}\n{}\n", test.join("\n")));
    session
}

fn monitor(session: &Session, name: &str, data: &str, rest: &str) {
    let text = format!("model = \"house@champion\"\ndata = \"data/{data}\"\n{rest}");
    session.write(&format!("monitors/{name}.toml"), &text);
}

/// What `monitor run NAME --json` says, and its exit code.
fn evaluated(session: &Session, name: &str) -> (Value, i32) {
    let printed = session.run(&["monitor", "run", name, "--json"]);
    let shown: Value = serde_json::from_str(&printed.out).unwrap();
    (shown[0].clone(), printed.code)
}

const RELATIVE: &str = "alert = [\"r2 < 0.95 * training.r2\"]\n";

#[test]
fn drifted_data_raise_an_alert_and_the_test_rows_do_not() {
    let session = housing();
    monitor(&session, "drifted", "drifted.csv", RELATIVE);
    monitor(&session, "same", "same.csv", RELATIVE);
    let (same, code) = evaluated(&session, "same");
    assert_eq!((code, &same["raised"]), (0, &Value::Array(Vec::new())), "{same}");
    let run = session.run(&["show", "rf-60-12", "--json"]).json();
    assert_eq!(same["metrics"]["r2"], run["metrics"]["r2"], "the same rows, the same model");
    let (drifted, code) = evaluated(&session, "drifted");
    assert_eq!(code, 7, "{drifted}");
    assert!(drifted["raised"][0].as_str().unwrap().starts_with("r2 < 0.95 * training.r2 (r2 0.6"));
    // A limit above every model's own score raises without any drift.
    monitor(&session, "same", "same.csv", "alert = [\"r2 < 0.8\"]\n");
    let (absolute, code) = evaluated(&session, "same");
    assert_eq!((code, &absolute["hit"], &absolute["run"]), (7, &true.into(), &same["run"]));
}

#[test]
fn an_alert_is_a_file_a_tag_and_a_line_on_the_first_page() {
    let session = housing();
    monitor(&session, "house", "drifted.csv", "drift = { psi = 0.1 }\nalert = [\"r2 < 0.8\"]\n");
    let (done, code) = evaluated(&session, "house");
    assert_eq!(code, 7);
    let alert: Value =
        serde_json::from_str(&session.read(done["alert"].as_str().unwrap())).unwrap();
    assert_eq!((&alert["monitor"], &alert["run"]), (&"house".into(), &done["run"]));
    assert_eq!(alert["raised"], done["raised"]);
    assert!(done["raised"].as_array().unwrap().len() > 1, "limits of drift count too: {done}");
    let run = session.run(&["show", done["run"].as_str().unwrap(), "--json"]).json();
    assert!(run["tags"]["alert"].as_str().unwrap().starts_with("r2 < 0.8 (r2 0.6"));
    assert_eq!(run["tags"]["model"], "house/1");
    assert!(session.ok(&["list", "tags.alert is not null"]).contains("house/1"));
    let first = session.read("site/index.html");
    assert!(first.contains("id=\"alerts\"") && first.contains("r2 &lt; 0.8"), "{first}");
    // Again: the ledger holds it, and nothing is added.
    let files = session.git(&["rev-parse", "HEAD"]);
    let (again, code) = evaluated(&session, "house");
    assert_eq!((code, &again["hit"], &again["alert"]), (7, &true.into(), &done["alert"]));
    assert_eq!(session.git(&["rev-parse", "HEAD"]), files);
    // The data are well again: the line goes, the alert stays on record.
    fs::copy(session.root().join("data/same.csv"), session.root().join("data/drifted.csv"))
        .unwrap();
    monitor(&session, "house", "drifted.csv", RELATIVE);
    let (_, code) = evaluated(&session, "house");
    assert_eq!(code, 0);
    assert!(!session.read("site/index.html").contains("id=\"alerts\""));
    session.read(done["alert"].as_str().unwrap());
    session.ok(&["verify"]);
}

#[test]
fn drift_is_measured_without_the_target_and_shown_for_people() {
    let session = housing();
    let rows: Vec<String> =
        DRIFTED.lines().map(|line| line.rsplit_once(',').unwrap().0.to_owned()).collect();
    session.write("data/new.csv", &(rows.join("\n") + "\n"));
    monitor(&session, "house", "new.csv", "drift = { psi = 0.25, ks = 1e-9 }\n");
    let (done, _) = evaluated(&session, "house");
    assert_eq!(done["metrics"].get("r2"), None);
    assert!(done["metrics"]["ks_area"].as_f64().unwrap() > 0.0, "{done}");
    let log = session.ok(&["log", done["run"].as_str().unwrap()]);
    assert!(log.contains("no metrics: the data have no column 'price'"), "{log}");
    let drift =
        session.read(&format!("{}/artifacts/drift.csv", done["directory"].as_str().unwrap()));
    assert!(drift.starts_with("column,role,psi,ks,ks_p,chi2,chi2_p,missing,missing_in_training\n"));
    assert_eq!(drift.lines().count(), 6);
    session.write("data/new.csv", "area,bedrooms\n1,2\n");
    let printed = session.run(&["monitor", "run"]);
    assert!(printed.code == 1 && printed.err.contains("'bathrooms', 'age'"), "{}", printed.err);
}

#[test]
fn mistakes_have_their_place_and_stop_no_other_monitor() {
    let session = housing();
    monitor(&session, "wrong", "same.csv", "alert = [\"r2 <\"]\n");
    monitor(&session, "gone", "gone.csv", "");
    monitor(&session, "right", "same.csv", RELATIVE);
    session.write("monitors/nobody.toml", "model = \"hose@champion\"\ndata = \"data/same.csv\"\n");
    let printed = session.run(&["monitor", "run"]);
    assert!(printed.err.contains("monitors/wrong.toml:3:"), "{}", printed.err);
    assert!(printed.err.contains("did you mean 'house'?"), "{}", printed.err);
    assert!(printed.err.contains("data/gone.csv"), "{}", printed.err);
    assert!(printed.out.contains("right: house/1 on data/same.csv, evaluated"), "{}", printed.out);
    assert_ne!(printed.code, 0);
    let unknown = session.run(&["monitor", "run", "wright"]);
    assert!(unknown.code == 1 && unknown.err.contains("did you mean"), "{}", unknown.err);
    let list = session.run(&["monitor", "list"]);
    assert!(list.out.contains("house@champion") && list.code == 3, "{}", list.out);
}

#[test]
fn a_new_champion_is_evaluated_and_shown() {
    let session = housing();
    monitor(&session, "house", "same.csv", RELATIVE);
    let (first, _) = evaluated(&session, "house");
    session.edit("experiments/housing/forest.toml", "[60]", "[30]");
    session.ok(&["run", "experiments/housing/forest.toml"]);
    session.ok(&["model", "register", "house", "rf-30-12"]);
    session.ok(&["model", "alias", "house@champion", "2"]);
    let printed = session.ok(&["monitor", "run", "house"]);
    assert_shows!(session, printed.lines().next().unwrap(), @"house: house/2 on data/same.csv, evaluated ([RUN])");
    let (second, _) = evaluated(&session, "house");
    assert_ne!(first["run"], second["run"]);
    let runs = session.run(&["list", "monitor-house", "--json"]).json();
    assert_eq!(runs.as_array().unwrap().len(), 2);
}

#[test]
fn watch_evaluates_when_the_data_change() {
    let session = housing();
    monitor(&session, "house", "incoming.csv", RELATIVE);
    fs::copy(session.root().join("data/same.csv"), session.root().join("data/incoming.csv"))
        .unwrap();
    let daemon = Daemon::start(&session);
    let alerts = session.root().join("monitors/alerts");
    let wait = |what: &dyn Fn() -> bool| {
        let start = Instant::now();
        while !what() && start.elapsed() < Duration::from_mins(2) {
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(what());
    };
    wait(&|| session.attempts().len() == 2);
    assert!(!alerts.exists());
    session.write("data/incoming.csv", DRIFTED);
    wait(&|| alerts.exists() && session.read("site/index.html").contains("id=\"alerts\""));
    assert_eq!(session.attempts().len(), 3);
    drop(daemon);
}
