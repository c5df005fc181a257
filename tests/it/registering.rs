//! `model`: runs become versions of named models, aliases point at them, and clones merge.

use std::fs;

use serde_json::Value;

use crate::assert_shows;
use crate::session::Session;

/// A ledger with two trained forests, `small-2` and `small-3`.
fn trained() -> Session {
    let session = Session::small();
    session.ok(&["run"]);
    session
}

fn model(session: &Session, name: &str) -> Value {
    session.run(&["model", "show", name, "--json"]).json()
}

/// The model file of a run.
fn model_file(session: &Session, label: &str) -> std::path::PathBuf {
    let run = session.run(&["show", label, "--json"]).json();
    session.root().join(run["directory"].as_str().unwrap()).join("artifacts/model.forest")
}

#[test]
fn a_version_pins_a_run_and_stands_for_it_everywhere() {
    let session = trained();
    let printed = session.ok(&[
        "model",
        "register",
        "house",
        "small-2",
        "--description",
        "first",
        "--tag",
        "stage=tried",
    ]);
    assert_shows!(session, printed, @r"
    registered small-2 ([RUN]) as house/1 ([RUN])
    next: fairledger model alias house@champion 1
    ");
    session.ok(&["model", "register", "house", "small-3"]);
    assert!(session.ok(&["model", "register", "house", "small-3"]).contains("is house/2"));
    assert_eq!(
        session.ok(&["model", "alias", "house@champion", "1"]).lines().next().unwrap(),
        "house@champion is version 1"
    );
    session.ok(&["model", "describe", "house", "What", "a house costs"]);
    session.ok(&["model", "tag", "house", "team=homes", "gone=1"]);
    session.ok(&["model", "tag", "house", "gone="]);
    for (name, label) in
        [("house", "small-3"), ("house/1", "small-2"), ("house@champion", "small-2")]
    {
        let of = |what: &str| session.ok(&["predict", what, "x=3.5"]);
        assert_eq!(of(name), of(label), "{name}");
        assert!(session.ok(&["show", name]).contains(&format!("/ {label} (")), "{name}");
    }
    session.ok(&["export", "onnx", "house@champion", "-o", "house.onnx"]);
    session.ok(&["export", "onnx", "small-2", "-o", "run.onnx"]);
    let bytes = |name: &str| fs::read(session.root().join(name)).unwrap();
    assert_eq!(bytes("house.onnx"), bytes("run.onnx"));
    let shown = model(&session, "house");
    assert_eq!(
        (&shown["aliases"]["champion"], &shown["tags"]["team"]),
        (&1.into(), &"homes".into())
    );
    assert_eq!(shown["tags"].as_object().unwrap().len(), 1);
    let first = &shown["versions"][0];
    let run = session.run(&["show", "small-2", "--json"]).json();
    for field in ["attempt", "metrics", "data_digest", "data", "params"] {
        assert_eq!(first[field], run[field], "{field}");
    }
    assert_eq!(
        (&first["description"], &first["tags"]["stage"]),
        (&"first".into(), &"tried".into())
    );
    let text = session.ok(&["model", "show", "house"]);
    assert!(text.contains("What a house costs") && text.contains("@champion"), "{text}");
    session.ok(&["verify"]);
    assert_eq!(session.git(&["status", "--porcelain"]).trim(), "?? house.onnx\n?? run.onnx");
}

#[test]
fn the_profile_describes_the_training_rows() {
    let session = trained();
    session.ok(&["model", "register", "house", "small-2"]);
    let id = model(&session, "house")["versions"][0]["version"].as_str().unwrap().to_owned();
    let text = session.read(&format!("models/house/{id}.profile.json"));
    let profile: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(profile["rows"], 8);
    let [x, y] = &profile["columns"].as_array().unwrap()[..] else { panic!("{profile}") };
    assert_eq!((&x["name"], &x["role"], &x["mean"]), (&"x".into(), &"feature".into(), &4.5.into()));
    assert_eq!((&y["name"], &y["role"]), (&"y".into(), &"target".into()));
    assert_eq!(x["values"].as_array().unwrap().len(), 8);
    fs::remove_file(session.root().join("data/small.csv")).unwrap();
    let printed = session.run(&["model", "register", "later", "small-2"]);
    assert!(printed.err.contains("no profile of the training data"), "{}", printed.err);
    assert_eq!(model(&session, "later")["versions"][0]["profile"], false);
    session.ok(&["verify"]);
}

#[test]
fn a_flipped_byte_is_refused_by_the_name_of_the_file() {
    let session = trained();
    session.ok(&["model", "register", "house", "small-2"]);
    let path = model_file(&session, "small-2");
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, bytes).unwrap();
    let printed = session.run(&["predict", "house", "x=3"]);
    assert_eq!((printed.code, printed.out.as_str()), (5, ""));
    assert!(printed.err.contains("artifacts/model.forest was changed"), "{}", printed.err);
    let again = session.run(&["model", "register", "other", "small-2"]);
    assert_eq!(again.code, 5, "{}", again.err);
    // Training makes the same file again: the version is whole, though its attempt is not.
    session.ok(&["run"]);
    session.ok(&["predict", "house", "x=3"]);
}

#[test]
fn a_version_that_was_edited_is_no_version() {
    let session = trained();
    session.ok(&["model", "register", "house", "small-2"]);
    let id = model(&session, "house")["versions"][0]["version"].as_str().unwrap().to_owned();
    let path = format!("models/house/{id}.toml");
    session.edit(&path, "label = \"small-2\"", "label = \"small-9\"");
    let printed = session.run(&["predict", "house", "x=3"]);
    assert_eq!(printed.code, 5);
    assert!(printed.err.contains(&path), "{}", printed.err);
    let verified = session.run(&["verify"]);
    assert!(verified.code == 5 && (verified.out + &verified.err).contains(&id));
}

#[test]
fn aliases_move_go_back_and_have_a_history() {
    let session = trained();
    for label in ["small-2", "small-3"] {
        session.ok(&["model", "register", "house", label]);
    }
    for version in ["1", "house/2", "1"] {
        session.ok(&["model", "alias", "house@champion", version]);
    }
    assert!(session.ok(&["model", "rollback", "house@champion"]).contains("version 2 again"));
    assert!(session.ok(&["model", "rollback", "house@champion"]).contains("version 1 again"));
    let nothing = session.run(&["model", "rollback", "house@champion"]);
    assert!(nothing.code == 1 && nothing.err.contains("nothing else before"), "{}", nothing.err);
    let history = session.run(&["model", "history", "house", "--json"]).json();
    let numbers: Vec<_> = history.as_array().unwrap().iter().map(|it| &it["version"]).collect();
    assert_eq!(numbers, [1, 2, 1, 2, 1]);
    let moved = history[1]["time"].as_str().unwrap();
    let then = session.run(&["model", "history", "house", "--at", moved, "--json"]).json();
    assert_eq!(then["aliases"]["champion"], 2);
    let before = session.ok(&["model", "history", "house", "--at", "2020-01-01"]);
    assert_eq!(before, "house had no alias by 2020-01-01\n");
    assert_eq!(session.run(&["model", "history", "house", "--at", "soon"]).code, 2);
    let refused = session.run(&["model", "delete", "house/1"]);
    assert_eq!(refused.code, 1);
    assert_shows!(session, refused.err, @r"
    error: version 1 of 'house' is not deleted: @champion points still there
      hint: move the alias, or take it away with `fairledger model alias NAME@alias --remove`
    ");
    assert_eq!(session.run(&["model", "delete", "house"]).code, 1);
    session.ok(&["model", "delete", "house/2"]);
    assert_eq!(session.run(&["predict", "house/2", "x=1"]).code, 1);
    assert!(session.ok(&["show", "house"]).contains("small-2"), "the newest that is left");
    session.ok(&["model", "restore", "house/2"]);
    session.ok(&["predict", "house/2", "x=1"]);
    session.ok(&["model", "alias", "house@champion", "--remove"]);
    session.ok(&["model", "delete", "house"]);
    assert!(session.ok(&["model", "list"]).contains("No model is registered."));
    assert!(session.ok(&["model", "list", "--all"]).contains("house (deleted)"));
}

#[test]
fn a_model_stands_for_its_run_also_in_why_and_in_the_trash() {
    let session = trained();
    session.ok(&["model", "register", "quick", "small-2"]);
    session.ok(&["model", "alias", "quick@champion", "1"]);
    for name in ["quick", "quick@champion", "quick/1"] {
        assert_eq!(session.ok(&["why", name]), session.ok(&["why", "small-2"]), "{name}");
        session.ok(&["delete", name]);
        assert!(session.ok(&["restore", name]).contains("restored small-2"), "{name}");
    }
    assert!(session.ok(&["why", "quick/forest.toml"]).contains("small-3"), "a spec, not a version");
    assert!(session.run(&["why", "quick/9"]).err.contains("'quick' has no version 9"));
}

#[test]
fn what_does_not_exist_is_said_with_what_does() {
    let session = trained();
    session.ok(&["model", "register", "house", "small-2"]);
    for (words, expected) in [
        (&["predict", "hose@champion", "x=1"][..], "did you mean 'house'?"),
        (&["predict", "house@champion", "x=1"], "'house' has no alias 'champion'"),
        (&["predict", "house/2", "x=1"], "'house' has no version 2; it has 1"),
        (&["predict", "home", "x=1"], "no run fits 'home'"),
        (&["model", "show", "hose"], "did you mean 'house'?"),
        (&["model", "register", "a/b", "small-2"], "cannot be the name of a model"),
        (&["model", "register", "house", "small-9"], "no run fits 'small-9'"),
        (&["model", "alias", "house@3", "1"], "cannot be an alias"),
        (&["model", "alias", "house", "1"], "write NAME@alias"),
        (&["model", "register", "house", "small-2", "--file", "x.pkl"], "it left no file x.pkl"),
    ] {
        let printed = session.run(words);
        assert!(printed.code != 0 && printed.err.contains(expected), "{words:?}: {}", printed.err);
    }
}

#[test]
fn the_card_has_the_front_matter_of_the_hub() {
    let session = trained();
    session.edit("ledger.toml", "licence = \"\"", "licence = \"CC-BY-4.0\"");
    session.ok(&["model", "register", "house", "small-2"]);
    let card = session.ok(&["model", "card", "house"]);
    let (front, rest) = card.strip_prefix("---\n").unwrap().split_once("---\n").unwrap();
    assert!(front.contains("license: \"cc-by-4.0\"\n"), "{front}");
    assert!(front.contains("pipeline_tag: \"tabular-regression\"\n"), "{front}");
    assert!(front.contains("model-index: [{\"name\":\"house\""), "{front}");
    assert!(rest.contains("| `n_estimators` | `2` |"), "{rest}");
    let id = model(&session, "house")["versions"][0]["version"].as_str().unwrap().to_owned();
    assert_eq!(session.read(&format!("models/house/{id}.md")), card);
    session.ok(&["model", "card", "house/1", "-o", "README.md"]);
    assert_eq!(session.read("README.md"), card);
}

#[test]
fn git_carries_the_model_file_once_it_is_registered() {
    let session = Session::small();
    session.edit("ledger.toml", "[snapshot]", "[snapshot]\nmax_file = 6000");
    session.edit("experiments/quick/forest.toml", "[2, 3]", "[150, 200]");
    session.ok(&["run"]);
    let clone = |name: &str| {
        let path = session.root().parent().unwrap().join(name);
        session.git(&["clone", "--quiet", ".", path.to_str().unwrap()]);
        path
    };
    let file = model_file(&session, "small-200");
    let inside = file.strip_prefix(session.root()).unwrap().to_owned();
    assert!(fs::metadata(&file).unwrap().len() > 6000);
    assert!(!clone("before").join(&inside).exists());
    session.ok(&["model", "register", "house", "small-200"]);
    assert_eq!(session.git(&["status", "--porcelain"]), "");
    let head = session.git(&["rev-parse", "HEAD"]);
    session.ok(&["snapshot"]);
    assert_eq!(session.git(&["rev-parse", "HEAD"]), head);
    let run = session.run(&["show", "small-200", "--json"]).json();
    let directory = run["directory"].as_str().unwrap();
    let tree = session.git(&["rev-parse", &format!("HEAD:{directory}")]);
    assert_eq!(run["swhid"]["directory"], format!("swh:1:dir:{}", tree.trim()));
    let after = clone("after");
    assert_eq!(fs::read(after.join(&inside)).unwrap(), fs::read(&file).unwrap());
    let predicted = session.ok(&["predict", "house", "x=4"]);
    let session = session.at(after);
    assert_eq!(session.ok(&["predict", "house", "x=4"]), predicted);
    assert_eq!(session.run(&["predict", "small-150", "x=4"]).code, 1, "absent");
    session.ok(&["verify"]);
}

#[test]
fn two_clones_merge_by_plain_git_and_nothing_is_lost() {
    let here = trained();
    here.ok(&["model", "register", "house", "small-2"]);
    let path = here.root().parent().unwrap().join("clone");
    here.git(&["clone", "--quiet", ".", path.to_str().unwrap()]);
    let spec = here.read("experiments/quick/forest.toml");
    let work = |session: &Session, trees: &str, name: &str| {
        let spec = spec.replace("[2, 3]", &format!("[{trees}]"));
        session.write(&format!("experiments/quick/{name}.toml"), &spec);
        session.ok(&["run"]);
        session.ok(&["note", "small-2", "noted", name]);
        // The same run in both, then one of its own.
        session.ok(&["model", "register", "house", "small-3"]);
        session.ok(&["model", "register", "house", &format!("small-{trees}")]);
        session.ok(&["model", "alias", "house@champion", "3"]);
    };
    work(&here, "4", "here");
    let before = here.runs().len();
    let root = here.root().to_owned();
    let there = here.at(&path);
    work(&there, "5", "there");
    let here = there.at(&root);
    here.git(&["fetch", "--quiet", path.to_str().unwrap(), "main"]);
    here.git(&["merge", "--quiet", "--no-edit", "FETCH_HEAD"]);
    here.ok(&["verify"]);
    assert_eq!(here.runs().len(), before + 1);
    let notes = here.run(&["show", "small-2", "--json"]).json()["notes"].clone();
    let notes: Vec<_> = notes.as_array().unwrap().iter().map(|it| it["text"].clone()).collect();
    assert_eq!(notes, ["noted here", "noted there"]);
    let shown = model(&here, "house");
    let labels: Vec<_> =
        shown["versions"].as_array().unwrap().iter().map(|it| it["label"].clone()).collect();
    assert_eq!(labels, ["small-2", "small-3", "small-4", "small-5"]);
    assert_eq!(shown["aliases"]["champion"], 4, "the later move counts");
    let merged = shown["merged"].as_array().unwrap();
    assert_eq!(merged.len(), 2, "{merged:?}");
    assert!(merged[0].as_str().unwrap().contains("@champion was moved in two copies"));
    assert!(merged[1].as_str().unwrap().contains("version 4 was registered as 3"));
    here.ok(&["model", "alias", "house@champion", "3"]);
    assert_eq!(model(&here, "house")["merged"].as_array().unwrap().len(), 1);
    here.ok(&["run"]);
    assert_eq!(here.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_run_that_a_version_needs_is_not_purged() {
    let session = trained();
    session.ok(&["model", "register", "house", "small-2"]);
    session.ok(&["delete", "small-2", "small-3"]);
    let refused = session.run(&["purge", "--yes", "small-2"]);
    assert!(refused.code == 1 && refused.err.contains("registered as house/1"), "{}", refused.err);
    session.ok(&["purge", "--yes"]);
    assert_eq!(session.attempts().len(), 1);
    session.ok(&["predict", "house", "x=3"]);
    session.ok(&["model", "delete", "house/1"]);
    session.ok(&["purge", "--yes"]);
    assert_eq!(session.attempts().len(), 0);
}
