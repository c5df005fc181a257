//! A ledger of each released format opens for ever: `tests/ledgers/`.

use std::fs;
use std::path::Path;

use crate::session::Session;

/// Copies a folder with everything in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

#[test]
fn format_1_opens_and_its_runs_are_hits() {
    let session = Session::new();
    let frozen = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ledgers/format-1");
    copy(&frozen, session.root());
    let verified = session.run(&["verify", "--json"]).json();
    assert_eq!(
        (verified["attempts"].as_u64(), &verified["faults"]),
        (Some(4), &serde_json::json!([]))
    );
    let run = session.ok(&["run"]);
    assert!(run.contains("quick: 3 runs, 0 trained, 3 already in the ledger"), "{run}");
    let shown = session.run(&["show", "small-2", "--json"]).json();
    assert_eq!(shown["tags"], serde_json::json!({ "kind": "forest", "owner": "ada" }));
    assert_eq!(shown["notes"][0]["text"], "kept for ever");
    let line = session.run(&["show", "linear-regression", "--json"]).json();
    assert_eq!(line["attempts"].as_array().unwrap().len(), 2);
    assert_eq!(line["deterministic"], true);
    assert!(session.ok(&["best", "quick"]).starts_with("linear-regression"));
    // What was trained long ago still comes out the same.
    for label in ["small-2", "small-3", "linear-regression"] {
        assert_eq!(session.run(&["reproduce", label, "--json"]).json()["same"], true, "{label}");
    }
}

#[test]
fn an_edited_record_is_named_and_stops_nothing() {
    let session = Session::small();
    session.ok(&["run"]);
    let path = session.attempts()[0].join("run.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("format = 1", "format = 2")).unwrap();
    let verified = session.run(&["verify"]);
    assert_eq!(verified.code, 5);
    assert_eq!(session.runs().len(), 2, "the index knows what the run was");
    fs::remove_dir_all(session.root().join(".fairledger")).unwrap();
    assert_eq!(session.runs().len(), 1);
    assert!(session.ok(&["status"]).contains("run.toml was changed after it was sealed"));
}
