use std::fs::{self, OpenOptions};
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::super::clock::now;
use super::super::{Fate, Lookup, MissReason};
use super::*;

/// The folder of the only unsealed attempt.
fn unsealed(project: &Project) -> PathBuf {
    let folder = project.root().join(".fairledger/tmp/housing");
    fs::read_dir(folder).unwrap().next().unwrap().unwrap().path()
}

/// An attempt whose process died after two points and half a third.
fn died(project: &Project) -> PathBuf {
    let recorder = project.begin(1, 1);
    recorder.metric("rmse", 0.5, 0);
    recorder.metric("rmse", 0.4, 1);
    recorder.seal_nothing();
    let folder = unsealed(project);
    let mut file = OpenOptions::new().append(true).open(folder.join("metrics.jsonl")).unwrap();
    file.write_all(b"{\"name\":\"rmse\",\"val").unwrap();
    folder
}

#[test]
fn a_dead_attempt_is_recorded_as_interrupted_with_its_metrics() {
    let project = Project::new();
    died(&project);
    let store = project.reopened();
    assert_eq!(store.attempts().unwrap(), []);
    let recovered = store.recover(now()).unwrap();
    let Fate::Interrupted(entry) = &recovered[0].fate else { panic!("{recovered:?}") };
    assert_eq!(entry.attempt.status, Status::Interrupted);
    assert_eq!(entry.attempt.cause.as_deref(), Some("its process died"));
    assert_eq!(entry.attempt.metrics["rmse"].to_bits(), 0.4f64.to_bits());
    assert!(entry.attempt.ended >= entry.attempt.started);
    assert_eq!(store.attempts().unwrap(), [Arc::clone(entry)]);
    assert_eq!(store.verify(&mut |_, _| {}).unwrap().faults, []);
    let miss = Lookup::Miss(MissReason::Interrupted(Arc::clone(entry)));
    assert_eq!(store.lookup(entry.attempt.run).unwrap(), miss);
    assert!(store.recover(now()).unwrap().is_empty());
}

#[test]
fn a_living_attempt_is_left_alone() {
    let project = Project::new();
    let recorder = project.begin(1, 1);
    let other = project.reopened();
    assert!(other.recover(now()).unwrap().is_empty());
    let running = other.running().unwrap();
    assert_eq!(running[0].attempt.attempt, recorder.place().attempt);
    assert_eq!(running[0].attempt.status, Status::Running);
    recorder.finish(ending(Status::Finished)).unwrap();
    assert!(other.running().unwrap().is_empty());
}

#[test]
fn a_death_between_seal_and_rename_costs_nothing() {
    let project = Project::new();
    let entry = project.sealed(1, 1);
    let name = format!("{}.{}", entry.attempt.run, entry.attempt.attempt);
    let tmp = project.root().join(".fairledger/tmp/housing").join(name);
    fs::rename(project.root().join(&entry.directory), &tmp).unwrap();
    let store = project.reopened();
    let recovered = store.recover(now()).unwrap();
    assert!(matches!(&recovered[0].fate, Fate::Completed(same) if *same == entry));
    assert_eq!(store.lookup(entry.attempt.run).unwrap(), Lookup::Hit(entry));
}

#[test]
fn a_death_while_results_are_written_keeps_the_metrics_and_sets_the_rest_aside() {
    let project = Project::new();
    let entry = project.sealed(1, 1);
    let name = format!("{}.{}", entry.attempt.run, entry.attempt.attempt);
    let tmp = project.root().join(".fairledger/tmp/housing").join(&name);
    fs::rename(project.root().join(&entry.directory), &tmp).unwrap();
    let manifest = fs::read(tmp.join("manifest.toml")).unwrap();
    fs::write(tmp.join("manifest.toml"), &manifest[..100]).unwrap();
    let store = project.reopened();
    let recovered = store.recover(now()).unwrap();
    let Fate::Interrupted(entry) = &recovered[0].fate else { panic!("{recovered:?}") };
    assert_eq!(entry.attempt.result, None);
    assert_eq!(entry.attempt.metrics["rmse"].to_bits(), 0.1f64.to_bits());
    let files = files_below(&project.root().join(&entry.directory));
    assert_eq!(files, ["log.txt", "manifest.toml", "metrics.jsonl", "params.toml", "run.toml"]);
    let aside = files_below(&project.root().join(".fairledger/lost+found").join(name));
    assert_eq!(
        aside,
        [
            ".gitignore",
            "artifacts/model.forest",
            "artifacts/tables/predictions.csv",
            "manifest.toml"
        ]
    );
}

#[test]
fn unreadable_remains_are_moved_and_never_deleted() {
    let project = Project::new();
    let folder = died(&project);
    fs::write(folder.join("params.toml"), "seed =").unwrap();
    let recovered = project.reopened().recover(now()).unwrap();
    let Fate::Lost { folder, what } = &recovered[0].fate else { panic!("{recovered:?}") };
    assert!(what.starts_with("params.toml "), "{what}");
    assert_eq!(files_below(folder), ["metrics.jsonl", "params.toml", "run.toml"]);
    assert_eq!(project.store.attempts().unwrap(), []);
}

#[test]
fn an_attempt_that_arrives_in_pieces_is_taken_when_it_is_whole() {
    let (here, there) = (Project::new(), Project::new());
    let entry = there.sealed(1, 1);
    let target = here.root().join(&entry.directory);
    fs::create_dir_all(target.join("artifacts/tables")).unwrap();
    for file in files_below(&there.root().join(&entry.directory)) {
        assert!(here.store.attempts().unwrap().is_empty() || file == "run.toml");
        fs::copy(there.path(&entry, &file), here.path(&entry, &file)).unwrap();
    }
    assert_eq!(here.store.lookup(entry.attempt.run).unwrap(), Lookup::Hit(entry));
    assert_eq!(here.store.faults().unwrap(), []);
}

#[test]
fn one_of_many_gets_the_lease_and_all_get_it_in_turn() {
    let project = Project::new();
    let run = request(1).id();
    let (inside, turns) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let store = project.reopened();
                for _ in 0..40 {
                    if let Some(lease) = store.claim(run).unwrap() {
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        turns.fetch_add(1, Ordering::SeqCst);
                        thread::yield_now();
                        inside.fetch_sub(1, Ordering::SeqCst);
                        drop(lease);
                    }
                }
            });
        }
    });
    assert!(turns.load(Ordering::SeqCst) > 0);
    let held = project.store.claim(run).unwrap();
    assert!(held.is_some() && project.reopened().claim(run).unwrap().is_none());
}

#[test]
fn writers_that_seal_at_once_lose_nothing() {
    let project = Project::new();
    thread::scope(|scope| {
        for worker in 0..4 {
            let project = &project;
            scope.spawn(move || {
                for seed in 0..5 {
                    project.sealed(worker * 100 + seed, 1);
                    project.reopened().attempts().unwrap();
                }
            });
        }
    });
    assert_eq!(project.store.attempts().unwrap().len(), 20);
    assert_eq!(project.store.verify(&mut |_, _| {}).unwrap().faults, []);
}
