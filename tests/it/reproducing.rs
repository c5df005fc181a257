//! `reproduce`: the same request on the same data gives the same bytes, and what differs is named.

use std::fs;
use std::path::PathBuf;

use fairledger::ledger::digest::{Digest, sha256_hex};
use fairledger::ledger::manifest::Manifest;

use crate::assert_shows;
use crate::session::Session;

/// A ledger with one forest.
fn trained() -> Session {
    let session = Session::small();
    session.edit("experiments/quick/forest.toml", "[2, 3]", "[20]");
    session.ok(&["run"]);
    session
}

fn attempt(session: &Session) -> PathBuf {
    session.attempts()[0].clone()
}

/// Changes a file of the attempt and seals it again, as if it had come out so.
#[track_caller]
fn forge(session: &Session, path: &str, from: &str, to: &str) {
    let attempt = attempt(session);
    let text = fs::read_to_string(attempt.join(path)).unwrap();
    assert!(text.contains(from), "{path} has no {from:?}");
    let text = text.replacen(from, to, 1);
    fs::write(attempt.join(path), &text).unwrap();
    let place = attempt.join("manifest.toml");
    let mut manifest = Manifest::from_text(&fs::read_to_string(&place).unwrap()).unwrap();
    let file = manifest.files.iter_mut().find(|file| file.path == path).unwrap();
    file.size = text.len() as u64;
    file.blake3 = Digest::of(text.as_bytes());
    file.sha256 = sha256_hex(text.as_bytes());
    fs::write(place, manifest.to_text()).unwrap();
    // The index trusts that a sealed attempt is never changed.
    drop(fs::remove_dir_all(session.root().join(".fairledger")));
}

#[test]
fn a_forest_comes_out_the_same_and_leaves_nothing_behind() {
    let session = trained();
    let printed = session.run(&["reproduce", "small-20"]);
    assert_eq!(
        printed.err,
        format!("train small-20 ({})\n", session.runs()[0]["short"].as_str().unwrap())
    );
    assert_shows!(session, printed.ok(), @r"
    small-20 ([RUN]), sealed [TIME]
    data: data/small.csv
    8 metric points and 4 artifacts: the same to the last byte
    ");
    let json = session.run(&["reproduce", "small-20", "--json"]).json();
    assert_eq!((&json["same"], &json["tolerance"]), (&true.into(), &0.0.into()));
    assert_eq!(json["result"], json["result_now"]);
    assert_eq!(
        (session.attempts().len(), session.git(&["status", "--porcelain"])),
        (1, String::new())
    );
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let session = Session::small();
    session.edit("experiments/quick/forest.toml", "[2, 3]", "[50]");
    let result =
        |session: &Session| session.run(&["show", "small-50", "--json"]).json()["result"].clone();
    session.with_threads("1", &["run"]).ok();
    let one = result(&session);
    session.with_threads("2", &["run", "--force"]).ok();
    assert_eq!(session.attempts().len(), 2);
    assert_eq!(result(&session), one);
    for threads in ["1", "2", "3"] {
        let json = session.with_threads(threads, &["reproduce", "small-50", "--json"]).json();
        assert_eq!((&json["same"], &json["result_now"]), (&true.into(), &one));
    }
}

/// Bins are asked for by name. That splits are exact need not be said, so the run without a word is
/// the one that says it.
#[test]
fn splits_between_bins_are_runs_of_their_own() {
    let session = Session::small();
    let spec = "experiments/quick/forest.toml";
    session.edit(spec, "[2, 3]", "[20]").ok(&["run"]);
    session.edit(spec, "seed = 7\n", "seed = 7\n[params]\ntree_method = \"exact\"\n").ok(&["run"]);
    assert_eq!(session.attempts().len(), 1);
    session.edit(spec, "small-", "{tree_method}-");
    assert!(session.ok(&["plan"]).contains("exact-20"));
    session.edit(spec, "\"exact\"", "\"hist\"");
    session.with_threads("1", &["run"]).ok();
    assert_eq!(session.attempts().len(), 2);
    let again = session.with_threads("2", &["reproduce", "hist-20", "--json"]).json();
    assert_eq!(again["same"], true);
    session.ok(&["export", "onnx", "hist-20"]);
    // Nor need the number of bins be said where it is the usual one.
    session.edit(spec, "\"hist\"\n", "\"hist\"\nmax_bins = 255\n").ok(&["run"]);
    assert_eq!(session.attempts().len(), 2);
    session.edit(spec, "max_bins = 255", "max_bins = 2").ok(&["run"]);
    assert_eq!(session.attempts().len(), 3);
    session.edit(spec, "max_bins = 2", "max_bins = 256");
    let refused = session.run(&["run"]);
    assert!(refused.err.contains("a whole number from 2 to 255"), "{}", refused.err);
}

#[test]
fn every_model_comes_out_the_same_with_another_number_of_threads_and_can_be_asked() {
    let session = Session::small();
    fs::remove_file(session.root().join("experiments/quick/forest.toml")).unwrap();
    // A table for each task under the names that the shortest specs have.
    let rows = 0..60;
    let house = |row: i32| format!("{},{},{}\n", row * 37 % 60, row * 11 % 17, row * 37 % 60 * 3);
    let iris = |row: i32, kinds: i32| {
        let kind = row % kinds;
        format!("{},{},{}\n", kind * 4 + row % 5, row % 7, ["a", "b", "c"][kind as usize])
    };
    let houses: String = rows.clone().map(house).collect();
    session.write("data/housing.csv", &format!("area,age,price\n{houses}"));
    for (name, kinds) in [("iris", 3), ("two", 2)] {
        let irises: String = rows.clone().map(|row| iris(row, kinds)).collect();
        let text = format!("petal_length,petal_width,species\n{irises}");
        session.write(&format!("data/{name}.csv"), &text);
    }
    let models = session.run(&["models", "--json"]).json();
    for model in models.as_array().unwrap() {
        let (name, spec) = (model["name"].as_str().unwrap(), model["spec"].as_str().unwrap());
        // linfa's tree takes two classes at most.
        let data = if name == "linfa-decision-tree" { "data/two.csv" } else { "data/iris.csv" };
        let spec = spec.replace("data/iris.csv", data);
        session.write(&format!("experiments/quick/{name}.toml"), &spec);
    }
    session.with_threads("1", &["run", "-j", "1"]).ok();
    for model in models.as_array().unwrap() {
        let name = model["name"].as_str().unwrap();
        let again = session.with_threads("3", &["reproduce", name, "--json"]);
        assert_eq!(again.json()["same"], true, "{name}");
        let data = if model["task"] == "regression" { "housing" } else { "iris" };
        let predicted = session.run(&["predict", name, "-i", &format!("data/{data}.csv")]);
        if predicted.err.contains("has no model: its trainer left none") {
            assert_eq!(model["task"], "clustering", "{name}");
        } else {
            assert_eq!(predicted.ok().lines().count(), 61, "{name}");
        }
    }
}

#[test]
fn data_is_found_by_its_content() {
    let session = trained();
    fs::create_dir(session.root().join("data/old")).unwrap();
    let (from, to) = ("data/small.csv", "data/old/renamed.csv");
    fs::rename(session.root().join(from), session.root().join(to)).unwrap();
    session.write("data/small.csv", "x,y,part\n1,2,train\n2,4,test\n");
    let printed = session.ok(&["reproduce", "small-20"]);
    assert!(printed.contains("data: data/old/renamed.csv"), "{printed}");
    // What no column in use holds does not count.
    session.edit(to, "1,2.1,a", "1,2.1,changed");
    session.ok(&["reproduce", "small-20"]);
    fs::remove_file(session.root().join(to)).unwrap();
    let printed = session.run(&["reproduce", "small-20"]);
    assert_eq!((printed.code, printed.out.as_str()), (1, ""));
    assert_shows!(session, printed.err, @r"
    error: the data of 'small-20' is not in the ledger: it read data/small.csv, 12 rows, blake3 [DIGEST], which is gone or changed
      hint: put a file of that content anywhere below data/; its name does not matter
    ");
}

#[test]
fn a_damaged_artifact_is_named_and_its_sealed_digest_compared() {
    let session = trained();
    let path = attempt(&session).join("artifacts/predictions.csv");
    let mut bytes = fs::read(&path).unwrap();
    bytes[30] ^= 1;
    fs::write(&path, bytes).unwrap();
    let printed = session.run(&["reproduce", "small-20"]);
    assert_eq!(printed.code, 5, "{}", printed.err);
    let shown = printed.out.replace(&attempt(&session).display().to_string(), "[ATTEMPT]");
    assert!(shown.contains("artifacts/predictions.csv is not what was sealed"), "{shown}");
    assert!(shown.contains("the same to the last byte"), "{shown}");
    let json = session.run(&["reproduce", "small-20", "--json"]);
    assert_eq!(json.code, 5);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let artifacts = json["artifacts"].as_array().unwrap();
    let damaged = artifacts.iter().find(|it| it["path"] == "predictions.csv").unwrap();
    assert_eq!((&damaged["stored"], &damaged["outcome"]), (&"damaged".into(), &"same".into()));
    // Without its points a run cannot be compared.
    let path = attempt(&session).join("metrics.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("r2", "r3", 1)).unwrap();
    let printed = session.run(&["reproduce", "small-20"]);
    assert_eq!(printed.code, 5);
    assert!(
        printed.err.contains("metrics.jsonl was changed after it was sealed"),
        "{}",
        printed.err
    );
}

#[test]
fn the_first_difference_is_named_with_its_place() {
    let session = trained();
    forge(&session, "artifacts/predictions.csv", "10,20.2,", "10,20.3,");
    forge(&session, "metrics.jsonl", "\"name\":\"mae\",\"value\":", "\"name\":\"mae\",\"value\":1");
    let printed = session.run(&["reproduce", "small-20"]);
    assert_eq!(printed.code, 6);
    assert_shows!(session, printed.out, @r#"
    small-20 ([RUN]), sealed [TIME]
    data: data/small.csv
    differs: metric mae at step 0: 15.524999999999999 was sealed, 5.524999999999998 now
    differs: artifacts/predictions.csv at byte 53, line 3: "10,20.3,15.525000000000002" was sealed, "10,20.2,15.525000000000002" now
    1 of 8 metric points and 1 of 4 artifacts differ
    next: fairledger show [RUN]
    "#);
}

#[test]
fn another_target_is_compared_by_numbers() {
    let session = trained();
    let target = format!("target = \"{}-", std::env::consts::ARCH);
    forge(&session, "run.toml", &target, "target = \"vax-");
    forge(&session, "artifacts/predictions.csv", "10,20.2,", "10,20.200000000001,");
    let printed = session.run(&["reproduce", "small-20"]);
    assert_eq!(printed.code, 0);
    assert!(printed.out.contains("sealed on vax-"), "{}", printed.out);
    assert!(printed.out.contains("numbers are compared at a share of 1e-9"), "{}", printed.out);
    assert!(
        printed.out.contains("8 metric points and 4 artifacts: close enough"),
        "{}",
        printed.out
    );
    forge(&session, "artifacts/predictions.csv", "10,20.200000000001,", "10,20.3,");
    let printed = session.run(&["reproduce", "small-20"]);
    assert_eq!(printed.code, 6);
    assert!(printed.out.contains("differs: artifacts/predictions.csv at byte"), "{}", printed.out);
}

#[test]
fn an_absent_artifact_is_compared_by_its_digest() {
    let session = trained();
    session.edit("ledger.toml", "[snapshot]", "[snapshot]\nmax_file = 100");
    fs::remove_dir_all(attempt(&session)).unwrap();
    session.ok(&["run"]);
    fs::remove_file(attempt(&session).join("artifacts/model.forest")).unwrap();
    let printed = session.ok(&["reproduce", "small-20"]);
    assert!(printed.contains("absent: artifacts/model.forest"), "{printed}");
    assert!(printed.contains("the same to the last byte"), "{printed}");
}

#[test]
fn a_run_that_failed_has_nothing_to_compare_with() {
    let session = Session::small();
    session.edit("data/small.csv", "1,2.1", "1e300,2.1");
    assert_eq!(session.run(&["run"]).code, 4);
    let printed = session.run(&["reproduce", "small-2"]);
    assert_eq!(printed.code, 1);
    assert_eq!(printed.err, "error: 'small-2' cannot be reproduced: it failed\n");
    assert_eq!(session.run(&["reproduce", "nothing"]).code, 1);
}
