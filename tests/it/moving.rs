//! Files are moved, renamed, copied and deleted; runs stay what they are.

use std::fs;

use crate::session::{SMALL_SPEC, Session};

#[test]
fn renaming_an_experiment_a_label_or_a_spec_trains_nothing() {
    let session = Session::small();
    session.ok(&["run"]);
    fs::rename(session.root().join("experiments/quick"), session.root().join("experiments/swift"))
        .unwrap();
    assert!(session.ok(&["run"]).contains("swift: 2 runs, 0 trained"));
    let folder = session.root().join("experiments/swift");
    fs::rename(folder.join("forest.toml"), folder.join("trees.toml")).unwrap();
    session.edit("experiments/swift/trees.toml", "small-", "tiny-");
    assert!(session.ok(&["run"]).contains("0 trained"));
    let runs = session.runs();
    let labels: Vec<&str> = runs.iter().map(|run| run["label"].as_str().unwrap()).collect();
    assert_eq!(labels.len(), 2);
    assert!(labels.contains(&"tiny-2") && labels.contains(&"tiny-3"), "{labels:?}");
    assert!(runs.iter().all(|run| run["spec"] == "trees.toml"));
    assert_eq!(session.attempts().len(), 2);
}

#[test]
fn the_same_request_in_two_experiments_trains_once_and_is_listed_in_both() {
    let session = Session::small();
    session.write("experiments/other/same.toml", &SMALL_SPEC.replace("small-", "other-"));
    session.ok(&["run"]);
    assert_eq!(session.attempts().len(), 2);
    let count =
        |name: &str| session.run(&["list", name, "--json"]).json().as_array().unwrap().len();
    assert_eq!((count("quick"), count("other")), (2, 2));
    let shown = session.run(&["show", "small-2", "--json"]).json();
    assert_eq!(shown["experiments"], serde_json::json!(["other", "quick"]));
    session.ok(&["run"]);
    assert_eq!(session.attempts().len(), 2);
}

#[test]
fn deleting_a_spec_loses_nothing() {
    let session = Session::small();
    session.ok(&["run"]);
    fs::remove_file(session.root().join("experiments/quick/forest.toml")).unwrap();
    session.ok(&["run"]);
    assert_eq!(session.runs().len(), 2);
    session.ok(&["show", "small-3"]);
}

#[test]
fn a_moved_ledger_is_the_same_ledger() {
    let session = Session::small();
    session.ok(&["run"]);
    let before = session.ok(&["list", "--json"]);
    let moved = session.root().parent().unwrap().join("elsewhere");
    fs::rename(session.root(), &moved).unwrap();
    let session = session.at(moved);
    assert_eq!(session.ok(&["list", "--json"]), before);
    assert!(session.ok(&["run"]).contains("0 trained"));
    session.ok(&["verify"]);
}

#[test]
fn index_and_site_come_back_the_same() {
    let session = Session::small();
    session.ok(&["run"]);
    let list = session.ok(&["list", "--json"]);
    let page = session.read("site/index.html");
    fs::remove_dir_all(session.root().join("site")).unwrap();
    fs::remove_dir_all(session.root().join(".fairledger")).unwrap();
    assert_eq!(session.ok(&["list", "--json"]), list);
    session.ok(&["report"]);
    assert_eq!(session.read("site/index.html"), page);
}

#[test]
fn two_ledgers_merge_as_a_union() {
    let (ours, theirs) = (Session::small(), Session::small());
    ours.ok(&["run"]);
    theirs.edit("experiments/quick/forest.toml", "[2, 3]", "[3, 4]");
    theirs.ok(&["run"]);
    for attempt in theirs.attempts() {
        let inside = attempt.strip_prefix(theirs.root()).unwrap();
        let to = ours.root().join(inside);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::rename(&attempt, &to).unwrap();
    }
    assert_eq!(ours.runs().len(), 3);
    ours.ok(&["verify"]);
    let shown = ours.run(&["show", "small-3", "--json"]).json();
    assert_eq!(shown["attempts"].as_array().unwrap().len(), 2);
    assert_eq!(shown["deterministic"], true);
}
