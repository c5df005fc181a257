use std::fs;
use std::io::Read as _;

use super::super::{Lookup, StoreError};
use super::*;
use crate::ledger::digest::Digest;
use crate::ledger::facts::DataFacts;

#[test]
fn whatever_happens_to_the_index_the_answers_are_the_same() {
    let project = Project::new();
    let entries = [project.sealed(1, 1), project.sealed(2, 2), project.sealed(1, 3)];
    let path = project.root().join(".fairledger/index.sqlite");
    project.reopened().attempts().unwrap();
    let whole = fs::read(&path).unwrap();
    let wrecks: [&dyn Fn(); 6] = [
        &|| fs::remove_file(&path).unwrap(),
        &|| fs::write(&path, b"garbage, not a database").unwrap(),
        &|| fs::write(&path, &whole[..whole.len() / 2]).unwrap(),
        &|| fs::write(&path, b"").unwrap(),
        &|| fs::write(&path, [&whole[..100], &vec![0xa5; whole.len() - 100]].concat()).unwrap(),
        &|| {
            fs::remove_file(&path).unwrap();
            fs::create_dir(&path).unwrap();
        },
    ];
    for wreck in wrecks {
        wreck();
        let store = project.reopened();
        assert_eq!(store.attempts().unwrap(), entries);
        let hit = Lookup::Hit(Arc::clone(&entries[2]));
        assert_eq!(store.lookup(entries[0].attempt.run).unwrap(), hit);
    }
}

#[test]
fn an_index_that_is_believed_follows_every_change() {
    let project = Project::new();
    let first = project.sealed(1, 1);
    project.store.attempts().unwrap();
    // Until then no stamp of a folder is believed.
    std::thread::sleep(std::time::Duration::from_millis(2100));
    for store in [&project.store, &project.reopened()] {
        assert_eq!(store.attempts().unwrap(), [Arc::clone(&first)]);
    }
    let second = project.sealed(1, 2);
    let third = project.sealed(2, 3);
    let all = [Arc::clone(&first), Arc::clone(&second), Arc::clone(&third)];
    assert_eq!(project.store.attempts().unwrap(), all);
    fs::remove_dir_all(project.root().join(&first.directory)).unwrap();
    assert_eq!(project.reopened().attempts().unwrap(), [second, third]);
    fs::remove_dir_all(project.root().join("experiments/housing")).unwrap();
    assert_eq!(project.store.attempts().unwrap(), []);
}

#[test]
fn a_renamed_experiment_keeps_its_attempts() {
    let project = Project::new();
    let entry = project.sealed(1, 1);
    project.store.attempts().unwrap();
    let experiments = project.root().join("experiments");
    fs::rename(experiments.join("housing"), experiments.join("houses")).unwrap();
    let Lookup::Hit(moved) = project.store.lookup(entry.attempt.run).unwrap() else {
        panic!("a renamed experiment is no reason to train")
    };
    assert_eq!(moved.experiment, "houses");
    assert_eq!(project.store.verify(&mut |_, _| {}).unwrap().faults, []);
}

#[test]
fn an_attempt_with_dates_and_numbers_json_has_not_is_kept_as_it_is() {
    let project = Project::new();
    let recorder = project.begin(1, 1);
    recorder.metric("loss", f64::INFINITY, 0);
    recorder.metric("third", 1.0 / 3.0, 0);
    let mut end = ending(Status::Finished);
    let date = "2026-01-01T01:00:00+01:00".parse().unwrap();
    end.outcome.facts.insert("day".into(), toml::Value::Datetime(date));
    let entry = recorder.finish(end).unwrap();
    assert_eq!(project.reopened().attempts().unwrap(), [Arc::clone(&entry)]);
    assert_eq!(project.reopened().attempts().unwrap(), [entry]);
}

#[test]
fn facts_of_data_are_taken_again_only_when_the_file_changed() {
    let project = Project::new();
    let path = project.root().join("data.csv");
    let mut taken = 0;
    let mut facts = |store: &Store| {
        let facts = store.data_facts("data.csv", &mut |mut file| {
            taken += 1;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
            let (size, blake3) = (bytes.len() as u64, Digest::of(&bytes));
            Ok(DataFacts { size, blake3, sha256: String::new(), rows: 1, columns: vec![] })
        });
        (facts.map(|facts| facts.size), taken)
    };
    let (missing, _) = facts(&project.store);
    let message = missing.unwrap_err().to_string();
    assert_eq!(message, "data.csv: there is no such file");
    fs::write(&path, "1234").unwrap();
    assert_eq!(facts(&project.store).0.unwrap(), 4);
    std::thread::sleep(std::time::Duration::from_millis(2100));
    let (size, before) = facts(&project.store);
    assert_eq!(size.unwrap(), 4);
    let (size, after) = facts(&project.reopened());
    assert_eq!((size.unwrap(), after), (4, before));
    fs::write(&path, "12345").unwrap();
    let (size, changed) = facts(&project.store);
    assert_eq!((size.unwrap(), changed), (5, before + 1));
    let outside = project.store.data_facts("../x", &mut |_| Err(String::new()));
    assert!(matches!(outside, Err(StoreError::Path(_))));
}
