use std::fs::{self, File};

use proptest::prelude::*;

use super::super::{Fault, Lookup, MissReason, StoreError};
use super::*;
use crate::ledger::view::FileState;

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    let at = at % bytes.len();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn faults(store: &Store) -> Vec<Fault> {
    store.verify(&mut |_, _| {}).unwrap().faults
}

#[test]
fn a_flipped_byte_in_any_file_is_named_and_misses() {
    let project = Project::new();
    let entry = project.sealed(1, 1);
    for file in files_below(&project.root().join(&entry.directory)) {
        assert!(matches!(project.store.lookup(entry.attempt.run).unwrap(), Lookup::Hit(_)));
        let path = project.path(&entry, &file);
        let whole = fs::read(&path).unwrap();
        flip(&path, 5);
        for store in [&project.store, &project.reopened()] {
            let Lookup::Miss(MissReason::Damaged(fault)) = store.lookup(entry.attempt.run).unwrap()
            else {
                panic!("{file} was flipped");
            };
            assert_eq!((&fault.directory, &fault.file), (&entry.directory, &file));
            assert_eq!(faults(store)[0].file, file);
            if file != "manifest.toml" {
                let error = store.read_file(&entry, &file).unwrap_err();
                assert!(error.to_string().contains(&format!("/{file} was changed")), "{error}");
            }
        }
        fs::write(&path, whole).unwrap();
    }
}

#[test]
fn restored_times_hide_nothing() {
    let project = Project::new();
    let entry = project.sealed(1, 1);
    let path = project.path(&entry, "artifacts/model.forest");
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    let set_time =
        || File::options().write(true).open(&path).unwrap().set_modified(long_ago).unwrap();
    set_time();
    assert!(matches!(project.store.lookup(entry.attempt.run).unwrap(), Lookup::Hit(_)));
    flip(&path, 3);
    set_time();
    assert_eq!(faults(&project.store)[0].file, "artifacts/model.forest");
    let read = project.store.read_file(&entry, "artifacts/model.forest");
    assert!(matches!(read, Err(StoreError::Damaged { .. })));
    if cfg!(unix) {
        let lookup = project.store.lookup(entry.attempt.run).unwrap();
        assert!(matches!(lookup, Lookup::Miss(MissReason::Damaged(_))));
    }
}

#[test]
fn a_large_file_may_be_absent_and_a_small_one_not() {
    let project = Project::new();
    let entry = project.sealed(1, 1);
    fs::remove_file(project.path(&entry, "artifacts/model.forest")).unwrap();
    let store = project.reopened();
    assert!(matches!(store.lookup(entry.attempt.run).unwrap(), Lookup::Hit(_)));
    let states = store.file_states(&entry);
    assert_eq!(states[..2], [FileState::Present, FileState::Absent]);
    let error = store.read_file(&entry, "artifacts/model.forest").unwrap_err();
    assert!(matches!(error, StoreError::Absent { size: 2000, .. }), "{error}");
    let verification = store.verify(&mut |_, _| {}).unwrap();
    assert_eq!(verification.absent, [format!("{}/artifacts/model.forest", entry.directory)]);
    assert_eq!(verification.faults, []);

    fs::remove_file(project.path(&entry, "artifacts/tables/predictions.csv")).unwrap();
    assert!(matches!(store.lookup(entry.attempt.run).unwrap(), Lookup::Miss(_)));
    assert_eq!(store.file_states(&entry)[2], FileState::Damaged);
    assert_eq!(faults(&store)[0].what, "is missing");
    // Without the file that excuses it, nothing is absent.
    fs::remove_file(project.path(&entry, ".gitignore")).unwrap();
    assert_eq!(store.file_states(&entry)[..2], [FileState::Damaged, FileState::Damaged]);
}

#[test]
fn an_older_intact_attempt_stands_in_for_a_damaged_one() {
    let project = Project::new();
    let (older, newer) = (project.sealed(1, 1), project.sealed(1, 2));
    let run = older.attempt.run;
    assert_eq!(project.store.lookup(run).unwrap(), Lookup::Hit(Arc::clone(&newer)));
    flip(&project.path(&newer, "log.txt"), 0);
    assert_eq!(project.store.lookup_all(&[run]).unwrap(), [Lookup::Hit(older)]);
}

#[test]
fn what_does_not_belong_is_named() {
    let project = Project::new();
    let entry = project.sealed(1, 1);
    let runs = project.root().join("experiments/housing/runs");
    fs::write(runs.join("notes.txt"), "x").unwrap();
    fs::write(project.path(&entry, "artifacts/tables/extra.csv"), "x").unwrap();
    fs::create_dir(project.path(&entry, "more")).unwrap();
    fs::write(project.path(&entry, ".DS_Store"), "x").unwrap();
    let named: Vec<_> = faults(&project.store).into_iter().map(|fault| fault.file).collect();
    assert_eq!(named, ["notes.txt", "artifacts/tables/extra.csv", "more"]);
}

#[test]
fn an_attempt_under_another_name_is_refused() {
    let project = Project::new();
    let entry = project.sealed(1, 1);
    let other = entry.directory.replace("/runs/", "/runs/00/").replacen("/runs/00/", "/runs/", 1);
    let moved = project.root().join(other.rsplit_once('/').unwrap().0).join(format!(
        "{}.{}",
        "0".repeat(30),
        entry.attempt.attempt
    ));
    fs::rename(project.root().join(&entry.directory), &moved).unwrap();
    assert_eq!(project.reopened().attempts().unwrap(), []);
    let fault = &project.store.faults().unwrap()[0];
    assert_eq!(fault.what, "is of another attempt than its directory's name");
}

#[cfg(unix)]
#[test]
fn a_link_is_no_file_of_an_attempt() {
    let project = Project::new();
    let entry = project.sealed(1, 1);
    let path = project.path(&entry, "log.txt");
    let elsewhere = project.root().join("elsewhere");
    fs::rename(&path, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
    assert_eq!(faults(&project.store)[0].what, "is no regular file");
    assert!(project.store.read_file(&entry, "log.txt").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]
    #[test]
    fn verify_finds_any_flipped_bit(file in 0usize..8, at in any::<usize>(), bit in 0u8..8) {
        thread_local!(static PROJECT: (Project, Arc<Entry>) = {
            let project = Project::new();
            let entry = project.sealed(1, 1);
            (project, entry)
        });
        PROJECT.with(|(project, entry)| {
            let files = files_below(&project.root().join(&entry.directory));
            let path = project.path(entry, &files[file]);
            let whole = fs::read(&path).unwrap();
            let mut bytes = whole.clone();
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            fs::write(&path, bytes).unwrap();
            let faults = faults(&project.store);
            fs::write(&path, whole).unwrap();
            assert_eq!(faults.first().map(|fault| &fault.file), Some(&files[file]));
        });
    }
}
