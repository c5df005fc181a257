//! Snapshots in a user's repository: what is committed, and what is never touched.

use std::fs;

use crate::session::Session;

#[test]
fn a_ledger_of_its_own_is_committed_and_clean() {
    let session = Session::small();
    let printed = session.ok(&["run"]);
    assert!(printed.contains("snapshot:") && printed.contains(" on main"), "{printed}");
    assert_eq!(session.git(&["status", "--porcelain"]), "");
    let log = session.git(&["log", "--stat", "-1"]);
    assert!(log.contains("Record 2 runs") && log.contains("Fairledger-Runs: 2"), "{log}");
    assert!(log.contains("forest.toml"), "{log}");
    let before = session.git(&["rev-parse", "HEAD"]);
    session.ok(&["run"]);
    assert_eq!(session.git(&["rev-parse", "HEAD"]), before);
}

#[test]
fn a_clone_holds_the_same_runs() {
    let session = Session::small();
    session.ok(&["run"]);
    let list = session.ok(&["list", "--json"]);
    let clone = session.root().parent().unwrap().join("clone");
    session.git(&["clone", "--quiet", ".", clone.to_str().unwrap()]);
    let session = session.at(clone);
    session.ok(&["verify"]);
    assert_eq!(session.ok(&["list", "--json"]), list);
    assert!(session.ok(&["run"]).contains("0 trained"));
}

#[test]
fn what_git_does_not_carry_is_absent_and_still_a_hit() {
    let session = Session::small();
    session.edit("ledger.toml", "[snapshot]", "[snapshot]\nmax_file = 600");
    session.ok(&["run"]);
    assert_eq!(session.git(&["status", "--porcelain"]), "");
    let clone = session.root().parent().unwrap().join("clone");
    session.git(&["clone", "--quiet", ".", clone.to_str().unwrap()]);
    fs::copy(session.root().join("data/small.csv"), clone.join("data/small.csv")).unwrap();
    let session = session.at(clone);
    let verified = session.ok(&["verify"]);
    assert!(verified.contains("absent: experiments/quick/runs/"), "{verified}");
    assert!(session.ok(&["list"]).contains("absent: "));
    assert!(session.ok(&["run"]).contains("0 trained"));
}

/// HEAD, the index and what is staged, as they are now.
fn state(session: &Session) -> (String, Vec<u8>, String) {
    (
        session.git(&["rev-parse", "HEAD"]),
        fs::read(session.root().join(".git/index")).unwrap(),
        session.git(&["diff", "--cached"]),
    )
}

fn untouched_and_on_the_ref(session: &Session, reason: &str) {
    let before = state(session);
    let printed = session.ok(&["run"]);
    assert!(printed.contains("refs/fairledger/"), "{printed}");
    assert!(printed.contains(reason), "{printed}");
    assert_eq!(state(session), before);
    let status = session.ok(&["status"]);
    assert!(status.contains("refs/fairledger/") && status.contains(reason), "{status}");
}

#[test]
fn staged_changes_stay_staged() {
    let session = Session::small();
    session.write("notes.txt", "mine");
    session.git(&["add", "notes.txt"]);
    untouched_and_on_the_ref(&session, "changes are staged");
}

#[test]
fn a_detached_head_stays_where_it_is() {
    let session = Session::small();
    session.git(&["checkout", "--quiet", "--detach"]);
    untouched_and_on_the_ref(&session, "HEAD is on no branch");
}

#[cfg(unix)]
#[test]
fn a_commit_hook_is_not_gone_around() {
    use std::os::unix::fs::PermissionsExt;
    let session = Session::small();
    session.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 1\n");
    let hook = session.root().join(".git/hooks/pre-commit");
    fs::set_permissions(hook, fs::Permissions::from_mode(0o755)).unwrap();
    untouched_and_on_the_ref(&session, "commit hook");
}

#[test]
fn nobody_is_put_down_as_author() {
    let session = Session::small();
    fs::write(session.home().join(".gitconfig"), "").unwrap();
    untouched_and_on_the_ref(&session, "git does not know who you are");
}

#[test]
fn inside_a_repository_of_somebody_the_branch_is_left_alone() {
    let outer = Session::new();
    fs::create_dir_all(outer.root()).unwrap();
    outer.git(&["init", "--quiet"]);
    outer.git(&["commit", "--quiet", "--allow-empty", "-m", "theirs"]);
    let head = outer.git(&["rev-parse", "HEAD"]);
    outer.ok(&["init", "--empty", "inner"]);
    assert_eq!(outer.git(&["rev-parse", "HEAD"]), head);
    assert!(outer.git(&["for-each-ref", "refs/fairledger"]).contains("refs/fairledger/"));
}

#[test]
fn push_carries_the_branch() {
    let session = Session::small();
    let remote = session.root().parent().unwrap().join("remote.git");
    session.git(&["init", "--quiet", "--bare", remote.to_str().unwrap()]);
    let printed = session.run(&["push"]);
    assert_eq!(printed.code, 1, "{}", printed.err);
    session.git(&["remote", "add", "origin", remote.to_str().unwrap()]);
    session.ok(&["run"]);
    session.ok(&["push"]);
    let head = session.git(&["rev-parse", "HEAD"]);
    assert_eq!(
        session.git(&["ls-remote", "origin", "refs/heads/main"]).split('\t').next(),
        Some(head.trim())
    );
}
