use std::fs;

use super::super::{Lookup, MissReason, Store, StoreError};
use super::*;

const PARAMS: &str = r#"day = 2026-01-01
seed = 1

[data]
rows = 3
target = "price"

[params]
alpha = 0.001
max_depth = 4
name = 'é "x"'
"#;
const RUN: &str = r#"format = 1
run = "23b4761c1c79043ae13341a099a707dd"
attempt = "01M7Q5CQG00000000000000001"
status = "finished"
label = "rf-4"
spec = "forest.toml"
started = "2026-11-18T11:06:40Z"
ended = "2026-11-18T11:06:41Z"
result = "132e02d5e791524274f17b44c506696905185dc79d1c8b71dfdec6770cf18dd7"

[tags]
team = "blue"

[timings]
fit = 0.25

[model]
nodes = 31

[host]
name = "host"
target = "x86_64-linux-gnu"
cores = 2

[versions]
fairledger = "0.1.0"
"#;
const MANIFEST: &str = r#"format = 1
run = "23b4761c1c79043ae13341a099a707dd"
attempt = "01M7Q5CQG00000000000000001"

[[file]]
path = "metrics.jsonl"
size = 0
blake3 = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"
sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

[[file]]
path = "params.toml"
size = 114
blake3 = "d13093d4cd4fd828e9be5bfec4c3f08257845892b173065b6dc47b7fd08d8722"
sha256 = "1623ace8d597cc4f8925654354f14b229357d555ad7f419d3cad08730b4b0179"

[[file]]
path = "run.toml"
size = 444
blake3 = "b7742744e52f44308539d0cfc778ef6b9cde80e66e6d588c2de2d7b9f950bf16"
sha256 = "a71eeffdf499d1c8b16996447f5e55d8777d918d9b65bf0e70cfee1a11083901"

[seal]
blake3 = "716b2e1cc13ef98a52fd89ca387fd479a8b6f46893b7cfd152a781180bf4fd23"
"#;

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
    for (file, golden) in [("params.toml", PARAMS), ("run.toml", RUN), ("manifest.toml", MANIFEST)]
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
    let miss = Lookup::Miss(MissReason::Failed(entry));
    assert_eq!(project.store.lookup(run).unwrap(), miss);
    assert_eq!(project.store.attempts_of(run).unwrap().len(), 1);
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
fn a_ledger_is_made_and_its_own_files_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("new");
    let files = [
        ("ledger.toml", "format = 1\n"),
        ("data/sub/x.csv", "a\n1\n"),
        ("experiments/housing/forest.toml", ""),
        ("experiments/housing/runs/note.txt", ""),
        ("experiments/housing/annotations/a.jsonl", ""),
        ("experiments/housing/.forest.toml.swp", ""),
        ("notes.txt", ""),
    ];
    let store = Store::create(&root, &files).unwrap();
    assert!(Store::create(&root, &files).is_err());
    let own = [
        "data/sub/x.csv",
        "experiments/housing/annotations/a.jsonl",
        "experiments/housing/forest.toml",
        "ledger.toml",
    ];
    assert_eq!(store.own_files(u64::MAX).unwrap(), own);
    assert_eq!(store.own_files(4).unwrap(), [own[0], own[1], own[2]]);
    assert_eq!(store.data_files().unwrap(), [own[0]]);
}

#[test]
fn a_ledger_has_one_daemon() {
    let project = Project::new();
    assert!(!project.store.is_watched().unwrap());
    let lock = project.store.lock_daemon().unwrap();
    assert!(lock.is_some() && project.reopened().lock_daemon().unwrap().is_none());
    assert!(project.reopened().is_watched().unwrap());
    drop(lock);
    assert!(project.reopened().lock_daemon().unwrap().is_some());
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
