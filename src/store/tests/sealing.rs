use std::fs;

use super::super::{Lookup, MissReason, Store, StoreError};
use super::*;

const PARAMS: &str = "\
day = 2026-01-01
seed = 1

[data]
rows = 3
target = \"price\"

[params]
alpha = 0.001
max_depth = 4
name = 'é \"x\"'
";
const RUN: &str = "";
const MANIFEST: &str = "";

#[test]
fn a_ledger_is_found_from_below() {
    let project = Project::new();
    let below = project.root().join("experiments/housing");
    assert_eq!(Store::find(&below).as_deref(), Some(project.root()));
    assert!(matches!(Store::open(&below), Err(StoreError::NotALedger(_))));
    assert_eq!(fs::read_to_string(project.root().join(".fairledger/.gitignore")).unwrap(), "*\n");
}

#[test]
fn a_sealed_attempt_is_read_back_by_another_process() {
    let project = Project::new();
    let entry = project.sealed(1, 1);
    assert_eq!(entry.attempt.metrics["rmse"].to_bits(), 0.1f64.to_bits());
    assert!(entry.attempt.result.is_some());
    let other = project.reopened();
    assert_eq!(other.attempts().unwrap(), [Arc::clone(&entry)]);
    assert_eq!(other.lookup(entry.attempt.run).unwrap(), Lookup::Hit(Arc::clone(&entry)));
    let absent = other.lookup(request(2).id()).unwrap();
    assert_eq!(absent, Lookup::Miss(MissReason::NeverRan));
    assert_eq!(other.read_file(&entry, "log.txt").unwrap(), b"fitting\n");
    let verification = other.verify(&mut |_, _| {}).unwrap();
    assert_eq!((verification.attempts, verification.files), (1, 7));
    assert_eq!((verification.absent, verification.faults), (vec![], vec![]));
    assert_eq!(files_below(&project.root().join(".fairledger/leases")), [""; 0]);
}

#[test]
fn the_bytes_of_the_files_are_pinned() {
    let project = Project::new();
    let mut end = ending(Status::Finished);
    end.outcome.artifacts.clear();
    let entry = project.begin(1, 1).finish(end).unwrap();
    let directory = "experiments/housing/runs/23/b4761c1c79043ae13341a099a707dd";
    assert_eq!(entry.directory, format!("{directory}.01M7Q5CQG00000000000000001"));
    for (file, golden) in
        [("params.toml", PARAMS), ("run.toml", RUN), ("manifest.toml", MANIFEST)]
    {
        assert_eq!(fs::read_to_string(project.path(&entry, file)).unwrap(), golden, "{file}");
    }
}

#[test]
fn the_manifest_names_every_file_and_git_ignores_the_large_ones() {
    let project = Project::new();
    let entry = project.sealed(1, 1);
    let ignore = fs::read_to_string(project.path(&entry, ".gitignore")).unwrap();
    assert_eq!(ignore, "/artifacts/model.forest\n");
    let paths: Vec<_> = entry.manifest.files.iter().map(|file| file.path.as_str()).collect();
    let expected = [
        ".gitignore",
        "artifacts/model.forest",
        "artifacts/tables/predictions.csv",
        "log.txt",
        "metrics.jsonl",
        "params.toml",
        "run.toml",
    ];
    assert_eq!(paths, expected);
}

#[test]
fn a_run_without_artifacts_is_four_files() {
    let project = Project::new();
    let recorder = project.begin(1, 1);
    recorder.metric("r2", f64::NAN, 0);
    let mut end = ending(Status::Finished);
    end.outcome = Outcome::default();
    let entry = recorder.finish(end).unwrap();
    let files = files_below(&project.root().join(&entry.directory));
    assert_eq!(files, ["manifest.toml", "metrics.jsonl", "params.toml", "run.toml"]);
    let again = project.reopened().attempts().unwrap();
    assert!(again[0].attempt.metrics["r2"].is_nan());
    assert_eq!(again[0].attempt.result, entry.attempt.result);
}

#[test]
fn a_failed_attempt_is_kept_but_never_a_hit() {
    let project = Project::new();
    let recorder = project.begin(1, 1);
    let entry = recorder.finish(ending(Status::Failed)).unwrap();
    assert_eq!(entry.attempt.result, None);
    let run = entry.attempt.run;
    let miss = Lookup::Miss(MissReason::Unsuccessful(entry));
    assert_eq!(project.store.lookup(run).unwrap(), miss);
    let finished = project.sealed(1, 2);
    assert_eq!(project.store.lookup(run).unwrap(), Lookup::Hit(finished));
}

#[test]
fn an_artifact_no_system_can_hold_fails_the_attempt() {
    let project = Project::new();
    let mut end = ending(Status::Finished);
    end.outcome.artifacts[0].path = "../model".into();
    let entry = project.begin(1, 1).finish(end).unwrap();
    assert_eq!(entry.attempt.status, Status::Failed);
    assert_eq!(
        entry.attempt.cause.as_deref(),
        Some("an artifact cannot be kept: the path '../model' leads out of its folder")
    );
}

#[test]
fn what_is_begun_must_agree() {
    let project = Project::new();
    let lease = project.store.claim(request(1).id()).unwrap().unwrap();
    let attempt = new_attempt(&request(2), 1);
    assert!(matches!(
        project.store.begin(lease, "housing", &request(2), attempt),
        Err(StoreError::Request(_))
    ));
}

#[test]
fn cancelling_reaches_the_trainer() {
    let project = Project::new();
    let recorder = project.begin(1, 1);
    let control = recorder.control();
    recorder.progress(3, 10);
    assert_eq!((control.progress(), recorder.cancelled()), ((3, 10), false));
    control.cancel();
    assert!(recorder.cancelled());
}

#[test]
fn text_files_have_limits() {
    let project = Project::new();
    let folder = project.root().join("experiments/housing");
    fs::write(folder.join("b.toml"), "x = 1").unwrap();
    fs::write(folder.join("a.toml"), b"x = 1\ny = '\xff'").unwrap();
    fs::write(folder.join("experiment.toml"), vec![b'#'; (1 << 20) + 1]).unwrap();
    assert_eq!(project.store.experiments().unwrap(), ["housing"]);
    assert_eq!(project.store.specs("housing").unwrap(), ["a.toml", "b.toml"]);
    let read = |name: &str| project.store.read_text(format!("experiments/housing/{name}"));
    assert_eq!(read("b.toml").unwrap(), "x = 1");
    assert!(read("a.toml").unwrap_err().to_string().contains("is not UTF-8 in line 2"));
    assert!(read("experiment.toml").unwrap_err().to_string().contains("longer than 1 MiB"));
}

#[test]
fn a_copied_folder_has_a_writer_of_its_own() {
    let project = Project::new();
    let writer = project.store.writer().unwrap();
    assert_eq!(project.reopened().writer().unwrap(), writer);
    if cfg!(unix) {
        let copy = Project::new();
        let name = ".fairledger/writer";
        fs::copy(project.root().join(name), copy.root().join(name)).unwrap();
        assert_ne!(copy.store.writer().unwrap(), writer);
    }
}
