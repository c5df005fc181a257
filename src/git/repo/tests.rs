//! Repositories of every kind.

use super::super::fixture::Fixture;
use super::*;

#[test]
fn a_folder_without_a_repository_has_none() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Repo::discover(folder.path()).unwrap().is_none());
    let repo = Repo::init(folder.path()).unwrap();
    assert!(repo.is_ledger_root());
    let head = std::fs::read_to_string(folder.path().join(".git/HEAD")).unwrap();
    assert_eq!(head, "ref: refs/heads/main\n");
    assert!(Repo::discover(folder.path()).unwrap().is_some());
}

#[test]
fn a_second_init_keeps_the_repository() {
    let fixture = Fixture::new();
    fixture.write("a.toml", "a = 1\n");
    fixture.git(&["add", "."]);
    fixture.git(&["commit", "-qm", "mine"]);
    let before = fixture.git(&["rev-parse", "HEAD"]);
    Repo::init(fixture.root()).unwrap();
    assert_eq!(fixture.git(&["rev-parse", "HEAD"]), before);
}

#[test]
fn unsupported_repositories_are_refused_in_one_line() {
    for arguments in
        [["init", "-q", "--object-format=sha256"], ["init", "-q", "--ref-format=reftable"]]
    {
        let folder = tempfile::tempdir().unwrap();
        let made = std::process::Command::new("git")
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        if !made.status.success() {
            continue; // An older git cannot make one, so there is nothing to meet.
        }
        let error = Repo::discover(folder.path()).unwrap_err();
        assert!(matches!(error, GitError::Unsupported(..)), "{error}");
        assert!(!error.to_string().contains('\n'));
    }
}

#[test]
fn a_bare_repository_holds_no_ledger() {
    let folder = tempfile::tempdir().unwrap();
    Repository::init_bare(folder.path()).unwrap();
    assert!(Repo::discover(folder.path()).unwrap().is_none());
}
