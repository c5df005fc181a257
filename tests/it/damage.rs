//! Bytes that are not what was sealed: named, never a hit, trained again.

use std::fs;
use std::path::{Path, PathBuf};

use crate::session::Session;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_flipped_byte_in_any_file_is_named_and_the_run_is_trained_again() {
    let session = Session::small();
    session.edit("experiments/quick/forest.toml", "[2, 3]", "[2]");
    session.ok(&["run"]);
    let kinds: Vec<PathBuf> = files(&session.attempts()[0])
        .iter()
        .map(|path| path.strip_prefix(&session.attempts()[0]).unwrap().to_owned())
        .collect();
    assert!(kinds.len() >= 8, "{kinds:?}");
    for kind in kinds {
        let newest = session.attempts().pop().unwrap();
        flip(&newest.join(&kind));
        let verified = session.run(&["verify"]);
        assert_eq!(verified.code, 5, "{}: {}", kind.display(), verified.out);
        let named = kind.to_string_lossy().replace('\\', "/");
        assert!(verified.out.contains(&named), "{named}: {}", verified.out);
        let run = session.run(&["run"]);
        assert!(run.out.contains("1 trained"), "{named}: {}\n{}", run.out, run.err);
        fs::remove_dir_all(&newest).unwrap();
        session.ok(&["verify"]);
    }
}

#[test]
fn restored_times_hide_nothing_from_verify_or_from_use() {
    let session = Session::small();
    session.edit("experiments/quick/forest.toml", "[2, 3]", "[2]");
    session.ok(&["run"]);
    let path = session.attempts()[0].join("artifacts/predictions.csv");
    let times = fs::metadata(&path).unwrap();
    flip(&path);
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(times.modified().unwrap()).unwrap();
    drop(file);
    let verified = session.run(&["verify"]);
    assert_eq!(verified.code, 5);
    assert!(verified.out.contains("artifacts/predictions.csv"), "{}", verified.out);
    let page = session.attempts().len();
    session.ok(&["run"]);
    assert_eq!(session.attempts().len(), page + 1);
}

#[test]
fn verify_on_a_whole_ledger_counts_what_it_read() {
    let session = Session::small();
    session.ok(&["run"]);
    let verified = session.run(&["verify", "--json"]).json();
    assert_eq!(verified["attempts"], 2);
    assert_eq!(verified["faults"], serde_json::json!([]));
    assert_eq!(verified["files"], 14);
}
