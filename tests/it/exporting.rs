//! Models in the formats of others.

use std::fs;

use crate::assert_shows;
use crate::session::Session;

fn trained() -> Session {
    let session = Session::small();
    session.ok(&["run", "-j", "1"]);
    session
}

/// The path of a run's model file in the ledger.
fn model(session: &Session, label: &str) -> String {
    let shown = session.run(&["show", label, "--json"]).json();
    format!("{}/artifacts/model.forest", shown["directory"].as_str().unwrap())
}

#[test]
fn a_run_and_its_model_file_give_the_same_graph() {
    let session = trained();
    let said = session.ok(&["export", "onnx", "small-2"]);
    let id = session.run(&["show", "small-2", "--json"]).json()["id"].as_str().unwrap().to_owned();
    assert_eq!(said.trim(), format!("{}.onnx", &id[..10]));
    let bytes = fs::read(session.root().join(said.trim())).unwrap();
    let contains = |part: &str| bytes.windows(part.len()).any(|window| window == part.as_bytes());
    for part in ["TreeEnsembleRegressor", "prediction", &id, "fairledger 0.1.0"] {
        assert!(contains(part), "{part} is missing");
    }
    session.ok(&["export", "onnx", &model(&session, "small-2"), "-o", "other.onnx"]);
    let other = fs::read(session.root().join("other.onnx")).unwrap();
    assert!(other.len() > 1000 && other.len() < bytes.len(), "only the run is not known");
    session.ok(&["export", "onnx", "small-2", "--output", "other.onnx"]);
    assert_eq!(fs::read(session.root().join("other.onnx")).unwrap(), bytes);
}

#[test]
fn a_spec_can_keep_it_with_the_run() {
    let session = Session::small();
    session.ok(&["run"]);
    let spec = session.read("experiments/quick/forest.toml");
    session.write("experiments/quick/onnx.toml", &format!("{spec}\n[artifacts]\nonnx = true\n"));
    session.ok(&["run"]);
    let attempts = session.attempts();
    let kept = attempts.iter().filter(|attempt| attempt.join("artifacts/model.onnx").is_file());
    assert_eq!((attempts.len(), kept.count()), (4, 2), "it is a part of the request");
    session.ok(&["run", "--force"]);
    assert_eq!(session.attempts().len(), 8);
    for run in session.runs() {
        let id = run["id"].as_str().unwrap();
        assert_eq!(session.run(&["show", id, "--json"]).json()["deterministic"], true);
        session.ok(&["export", "onnx", id]);
    }
}

#[test]
fn a_model_that_git_does_not_carry_says_where_it_is() {
    let session = Session::small();
    session.edit("ledger.toml", "[snapshot]", "[snapshot]\nmax_file = 100");
    session.ok(&["run"]);
    fs::remove_file(session.root().join(model(&session, "small-2"))).unwrap();
    let printed = session.run(&["export", "onnx", "small-2"]);
    assert_eq!(printed.code, 1);
    for part in ["model.forest", "is not in this copy of the ledger", "execute the run here"] {
        assert!(printed.err.contains(part), "{part} is missing: {}", printed.err);
    }
}

#[test]
fn what_cannot_be_exported_says_why() {
    let session = trained();
    let ended = |words: &[&str], code: i32| {
        let printed = session.run(words);
        assert_eq!(printed.code, code, "{}", printed.out);
        printed.err
    };
    let error = |words: &[&str]| ended(words, 1);
    let damage = |words: &[&str]| ended(words, 5);
    assert!(error(&["export", "onnx", "small-9"]).contains("no run fits 'small-9'"));
    let text = error(&["export", "onnx", "data/small.csv"]);
    assert_shows!(session, text, @"error: data/small.csv: the model file cannot be used: it is no model file; train the run again");
    let path = model(&session, "small-3");
    let bytes = fs::read(session.root().join(&path)).unwrap();
    fs::write(session.root().join(&path), &bytes[1..]).unwrap();
    assert!(damage(&["export", "onnx", "small-3"]).contains("but"), "a damaged model is not used");
    fs::remove_file(session.root().join(&path)).unwrap();
    assert!(damage(&["export", "onnx", "small-3"]).contains("model.forest is missing"));
}
