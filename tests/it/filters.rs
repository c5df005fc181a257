//! The filter language against a table of runs, filters and the runs each finds.
//!
//! The table is JSON, so that an evaluator in another language can be held to it too.

use fairledger::ledger::filter::{Filter, Moment};
use fairledger::ledger::view::RunView;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::session::Session;

const TABLE: &str = include_str!("filters.json");

#[derive(Deserialize)]
struct Table {
    now: String,
    time_zone: String,
    runs: Vec<Value>,
    cases: Vec<Case>,
    orders: Vec<Case>,
    errors: Vec<Mistake>,
}

#[derive(Deserialize)]
struct Case {
    filter: String,
    runs: Vec<String>,
}

#[derive(Deserialize)]
struct Mistake {
    filter: String,
    column: usize,
    message: String,
}

fn table() -> Table {
    serde_json::from_str(TABLE).unwrap()
}

/// A run of the table as the program sees it.
fn view(run: &Value) -> RunView {
    let text = |name: &str| run[name].as_str().unwrap_or_default().to_owned();
    let notes: Vec<Value> = run["notes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|note| json!({ "time": run["started"], "text": note }))
        .collect();
    let zeros = "0".repeat(64);
    let file =
        json!({ "path": run["data"], "rows": 1, "size": 1, "blake3": zeros, "sha256": zeros });
    let commit = run["commit"].as_str().map(|commit| json!({ "commit": commit, "dirty": false }));
    let mut all = json!({
        "short": text("id")[..10], "cell": run["id"], "experiments": [run["experiment"]], "notes": notes,
        "trainer_version": 1, "data_digest": zeros, "data": file, "features": [], "split": "",
        "timings": {}, "model": {}, "host": { "name": run["host"], "target": "t", "cores": 1 },
        "git": commit, "versions": {}, "result": null, "deterministic": true,
        "attempt": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "attempts": [], "artifacts": [],
        "directory": format!("experiments/{}/runs/{}", text("experiment"), text("id")),
    });
    let own =
        ["id", "label", "experiment", "spec", "status", "cause", "description", "tags", "star"];
    let more = ["trainer", "seed", "params", "metrics", "started", "ended", "target"];
    for name in own.iter().chain(&more) {
        all[*name] = run[*name].clone();
    }
    serde_json::from_value(all).unwrap()
}

#[test]
fn every_filter_finds_the_runs_of_the_table() {
    let table = table();
    let moment = Moment { now: table.now.parse().unwrap(), time_zone: table.time_zone };
    let runs: Vec<RunView> = table.runs.iter().map(view).collect();
    assert!(table.cases.len() >= 150, "{}", table.cases.len());
    let mut wrong = Vec::new();
    for case in &table.cases {
        match Filter::parse(&case.filter) {
            Ok(filter) => {
                let found = runs.iter().filter(|run| filter.matches(*run, &moment));
                let found: Vec<&str> = found.map(|run| run.label.as_str()).collect();
                if found != case.runs {
                    wrong.push(format!("{:?}: {found:?}, wanted {:?}", case.filter, case.runs));
                }
            }
            Err(error) => wrong.push(format!("{:?}: {error}", case.filter)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn runs_come_in_the_order_that_is_asked_for() {
    let table = table();
    let moment = Moment { now: table.now.parse().unwrap(), time_zone: table.time_zone };
    let runs: Vec<RunView> = table.runs.iter().map(view).collect();
    for case in &table.orders {
        let filter = Filter::parse(&case.filter).unwrap();
        let mut found: Vec<&RunView> =
            runs.iter().filter(|run| filter.matches(*run, &moment)).collect();
        found.sort_by(|a, b| filter.compare(*a, *b));
        let found: Vec<&str> = found.iter().map(|run| run.label.as_str()).collect();
        assert_eq!(found, case.runs, "{}", case.filter);
    }
}

#[test]
fn mistakes_point_at_their_place() {
    for mistake in table().errors {
        let error = Filter::parse(&mistake.filter).unwrap_err();
        let found = (error.span.start, error.message.as_str());
        assert_eq!(found, (mistake.column, mistake.message.as_str()), "{}", mistake.filter);
    }
    let error = Filter::parse("attributes.statsu = 'FINISHED'").unwrap_err().to_string();
    insta::assert_snapshot!(error, @r"
    a run has no attribute `statsu`
      attributes.statsu = 'FINISHED'
      ^^^^^^^^^^^^^^^^^
    did you mean attributes.status?
    ");
}

#[test]
fn list_takes_a_filter() {
    let session = Session::small();
    session.ok(&["run"]);
    let labels = |words: &[&str]| {
        let found = session.run(&[&["list", "--json"], words].concat()).json();
        let labels =
            found.as_array().unwrap().iter().map(|run| run["label"].as_str().unwrap().to_owned());
        labels.collect::<Vec<_>>()
    };
    assert_eq!(labels(&["params.n_estimators > 2"]), ["small-3"]);
    assert_eq!(labels(&["params.n_estimators", ">", "2"]), ["small-3"], "without quotes too");
    assert_eq!(labels(&["quick order by n_estimators"]), ["small-2", "small-3"]);
    assert_eq!(labels(&["quick"]).len(), 2);
    assert_eq!(labels(&["status = 'FAILED'"]).len(), 0);
    assert!(session.ok(&["list", "r2 > 7"]).starts_with("No run meets this filter.\nnext:"));
    assert_eq!(
        session.ok(&[
            "list",
            "params.n_estimator > 2 and (metrics.r2_score > 0 or metrics.x is null)"
        ]),
        "No run meets this filter.\nno run has params.n_estimator; did you mean params.n_estimators?\n\
         no run has metrics.x\nnext: fairledger list\n"
    );
    let printed = session.run(&["list", "metrics.r2 >"]);
    insta::assert_snapshot!(printed.err, @r"
    error: the filter cannot be read: a value should stand here
      metrics.r2 >
                  ^
    a number or a text in quotes
    ");
    assert_eq!(printed.code, 2);
    let printed = session.run(&["list", "quik"]);
    assert!(printed.err.contains("did you mean 'quick'?"), "{}", printed.err);
}

#[test]
fn best_takes_a_filter_and_an_order() {
    let session = Session::small();
    session.ok(&["run"]);
    let best = |words: &[&str]| {
        let found = session.run(&[&["best", "--json"], words].concat()).json();
        found["label"].as_str().unwrap().to_owned()
    };
    assert_eq!(best(&["quick"]), "small-2");
    assert_eq!(best(&["quick", "params.n_estimators > 2"]), "small-3");
    assert_eq!(best(&["quick/forest.toml", "params.n_estimators", ">", "2"]), "small-3");
    assert_eq!(best(&["quick", "order by r2_score"]), "small-3", "the smallest is asked for");
    assert_eq!(best(&["quick", "order by metrics.rmse"]), "small-2");
    assert_eq!(best(&["quick", "n_estimators < 9 order by metrics.rmse desc"]), "small-3");
    let none = session.run(&["best", "quick", "r2 > 7"]);
    assert_eq!(none.code, 1);
    assert!(none.err.contains("has no finished run with a value of r2 that meets"), "{}", none.err);
    for words in [["best", "quick", "order by started"], ["best", "quick", "order by a, b"]] {
        let printed = session.run(&words);
        assert_eq!(printed.code, 2, "{words:?}");
        assert!(printed.err.contains("the best run goes by one metric"), "{}", printed.err);
    }
    let printed = session.run(&["best", "quick", "r2 >"]);
    assert_eq!(printed.code, 2);
    assert!(printed.err.contains("a value should stand here"), "{}", printed.err);
}
