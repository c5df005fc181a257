//! `backup`: pushed, and proved to be there.

use std::fs;

use serde_json::json;

use crate::session::Session;

/// A ledger with two runs and a remote that is empty.
fn with_remote() -> Session {
    let session = Session::small();
    let remote = session.root().parent().unwrap().join("remote.git");
    session.git(&["init", "--quiet", "--bare", remote.to_str().unwrap()]);
    session.git(&["remote", "add", "origin", remote.to_str().unwrap()]);
    session.ok(&["run"]);
    session
}

#[test]
fn a_remote_has_everything_or_what_is_missing_is_named() {
    let session = with_remote();
    let refused = session.run(&["backup", "--verify"]);
    assert_eq!(refused.code, 1);
    assert!(refused.out.contains("origin: not everything of 2 attempts, 0 of "), "{}", refused.out);
    assert!(refused.out.contains("next: fairledger backup pushes"), "{}", refused.out);
    let printed = session.ok(&["backup"]);
    assert!(printed.contains("origin: everything of 2 attempts, 2"), "{printed}");
    let told = session.run(&["backup", "--verify", "--json"]).json();
    assert_eq!((&told["missing"], &told["too_large"]), (&json!([]), &json!({})));
    session.ok(&["note", "small-2", "committed, and not pushed"]);
    let missing = session.run(&["backup", "--verify"]);
    assert_eq!(missing.code, 1);
    assert!(missing.out.starts_with("missing: experiments/quick/annotations/"), "{}", missing.out);
    session.ok(&["push"]);
    session.ok(&["backup", "--verify", "../remote.git"]);
    session.edit("experiments/quick/forest.toml", "[2, 3]", "[2, 3, 4]");
    let other = session.run(&["backup", "--verify"]);
    assert!(other.out.starts_with("other content: experiments/quick/forest.toml"), "{}", other.out);
    assert!(session.run(&["backup", "--verify", "nowhere"]).code == 1);
}

#[test]
fn what_git_does_not_carry_is_told_with_its_cure() {
    let session = with_remote();
    session.edit("ledger.toml", "[snapshot]", "[snapshot]\nmax_file = 100");
    session.edit("experiments/quick/forest.toml", "[2, 3]", "[4]");
    session.ok(&["run"]);
    let printed = session.run(&["backup"]);
    assert_eq!(printed.code, 1);
    assert!(printed.out.contains("too large for git: experiments/quick/runs/"), "{}", printed.out);
    assert!(printed.out.contains("export bundle takes them along"), "{}", printed.out);
    assert!(!printed.out.contains("missing: "), "{}", printed.out);
}

#[test]
fn a_copy_has_everything_or_what_differs_is_named() {
    let session = with_remote();
    let copy = session.root().parent().unwrap().join("copy");
    let path = copy.to_str().unwrap();
    session.git(&["clone", "--quiet", ".", path]);
    session.ok(&["backup", "--verify", path]);
    let run = session.run(&["show", "small-2", "--json"]).json();
    let file = format!("{}/artifacts/predictions.csv", run["directory"].as_str().unwrap());
    fs::write(copy.join(&file), "forged\n").unwrap();
    let told = session.run(&["backup", "--verify", path]);
    assert_eq!(told.code, 1);
    assert!(told.out.starts_with(&format!("other content: {file}\n")), "{}", told.out);
    fs::remove_file(copy.join(&file)).unwrap();
    let told = session.run(&["backup", "--verify", path, "--json"]);
    let told: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(told["missing"], json!([file]));
}
