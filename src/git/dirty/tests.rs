//! What git calls changed.

use super::super::Mode;
use super::super::fixture::Fixture;

#[test]
fn before_the_first_commit_there_is_no_head() {
    assert_eq!(Fixture::new().repo().head(), None);
}

#[test]
fn only_tracked_files_outside_the_runs_make_dirty() {
    let fixture = Fixture::with_ledger_in("ledger");
    fixture.write("../src/train.py", "1\n");
    fixture.write("experiments/h/forest.toml", "a = 1\n");
    fixture.write("experiments/h/runs/ab/1/log.txt", "1\n");
    fixture.git(&["add", "."]);
    fixture.git(&["commit", "-qm", "mine"]);
    let dirty = || fixture.repo().head().unwrap().dirty;
    assert_eq!(fixture.repo().head().unwrap().commit, fixture.git(&["rev-parse", "HEAD"]).trim());
    assert!(!dirty());

    fixture.write("experiments/h/runs/ab/1/log.txt", "2\n");
    fixture.write("experiments/h/runs/ab/2/log.txt", "2\n");
    fixture.git(&["add", "ledger/experiments/h/runs/ab/2"]);
    fixture.write("new.toml", "untracked\n");
    assert!(!dirty());

    fixture.write("../src/train.py", "2\n");
    assert!(dirty(), "same size, and within the same second");
    fixture.git(&["add", "src"]);
    assert!(dirty(), "staged");
    fixture.git(&["commit", "-qm", "mine"]);
    assert!(!dirty());
    std::fs::remove_file(fixture.root().join("experiments/h/forest.toml")).unwrap();
    assert!(dirty(), "gone");
    fixture.snapshot(Mode::Branch, &["experiments"]);
    assert!(!dirty());
}
