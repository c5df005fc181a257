//! Whose commands start by themselves: those whose state was approved on this machine, and no others.
#![cfg(unix)]

use std::fs;

use crate::session::Session;

/// A ledger with a command that leaves a file where it was executed.
fn scripted() -> Session {
    let session = Session::new();
    session.outside(&["init", "--empty", "ledger"]).ok();
    session.write("train.sh", ". ./part.sh\necho \"score: $1\"\n");
    session.write("part.sh", "touch executed\n");
    session.write(
        "experiments/e/script.toml",
        "[command]\nrun = [\"sh\", \"train.sh\", \"{n}\"]\ninputs = [\"train.sh\"]\n\
         metrics = \"stdout\"\n[params]\nn = 1\n",
    );
    session
}

/// Whether anything was executed since the last question.
fn executed(session: &Session) -> bool {
    fs::remove_file(session.root().join("executed")).is_ok()
}

/// Bare `run` and `watch` leave the spec pending, `status` and `plan` say so, and nothing is executed.
#[track_caller]
fn assert_pending(session: &Session, why: &str) {
    for words in [&["run"][..], &["watch", "--once"], &["status"], &["plan"], &["run", "e"]] {
        let printed = session.run(words);
        assert_eq!(printed.code, 0, "{words:?}: {}", printed.err);
        for part in ["pending: experiments/e/script.toml", why, "fairledger approve "] {
            assert!(printed.out.contains(part), "{words:?} misses {part}\n{}", printed.out);
        }
    }
    let status = session.run(&["status", "--json"]).json();
    assert_eq!(status["pending"][0]["spec"], "experiments/e/script.toml");
    assert!(!executed(session), "nothing may start");
}

#[test]
fn a_command_waits_until_it_is_approved() {
    let session = scripted();
    assert_pending(&session, "1 run: never approved on this machine");
    let out = session.ok(&["approve", "e/script"]);
    for part in ["runs    sh train.sh {n}", "reads   train.sh", "waits   never approved"] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    assert!(session.ok(&["watch", "--once"]).contains("1 trained"));
    assert!(executed(&session));
    // An edit revokes, of the spec and of what it names; the difference is shown.
    session.edit("experiments/e/script.toml", "n = 1", "n = 2");
    assert_pending(&session, "changed since it was approved: the spec");
    session.edit("train.sh", "score", "points");
    assert_pending(&session, "changed since it was approved: the spec, train.sh");
    let out = session.ok(&["approve", "e/script", "--show"]);
    for part in ["-n = 1", "+n = 2", "-echo \"score: $1\"", "+echo \"points: $1\""] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    assert_pending(&session, "changed since it was approved");
    // Naming the spec approves what it is now.
    assert!(session.ok(&["run", "e/script"]).contains("1 trained"));
    assert!(executed(&session));
    assert!(session.ok(&["plan"]).contains("0 to train"));
    let listed = session.ok(&["trust"]);
    assert!(listed.contains("here: experiments/e/script.toml"), "{listed}");
    assert!(session.ok(&["trust", "--revoke", "e/script"]).contains("took back 1 approval"));
    session.edit("experiments/e/script.toml", "n = 2", "n = 3");
    assert_pending(&session, "never approved on this machine");
}

#[test]
fn followed_edits_are_approved_until_something_is_pulled() {
    let session = scripted();
    session.git(&["add", "."]);
    session.git(&["commit", "-qm", "mine"]);
    session.ok(&["approve", "e/script", "--follow-edits"]);
    session.edit("experiments/e/script.toml", "n = 1", "n = 2");
    session.edit("train.sh", "score", "points");
    assert!(session.ok(&["run"]).contains("1 trained"));
    session.git(&["commit", "-qam", "an edit"]);
    session.edit("experiments/e/script.toml", "n = 2", "n = 3");
    assert!(session.ok(&["run"]).contains("1 trained"), "own commits and snapshots end nothing");
    assert!(executed(&session));
    session.git(&["branch", "-q", "theirs"]);
    session.git(&["fetch", "-q", ".", "theirs"]);
    session.edit("experiments/e/script.toml", "n = 3", "n = 4");
    assert_pending(&session, "something was fetched or pulled since it was approved");
}

#[test]
fn a_version_is_not_asked_before_it_is_approved() {
    let session = scripted();
    session.edit(
        "experiments/e/script.toml",
        "metrics",
        "version = [\"sh\", \"-c\", \"touch executed; echo 1\"]\nmetrics",
    );
    assert_pending(&session, "its runs: never approved on this machine");
    session.ok(&["run", "e/script"]);
    assert!(executed(&session));
}

#[test]
fn a_renamed_folder_and_a_copy_are_other_places() {
    let session = scripted();
    session.ok(&["approve", "e/script", "--follow-edits"]);
    let old = session.root().to_owned();
    let new = old.with_file_name("renamed");
    fs::rename(&old, &new).unwrap();
    let session = session.at(&new);
    assert_pending(&session, "the ledger is not in the folder it was approved in");
    let status = std::process::Command::new("cp").arg("-a").arg(&new).arg(&old).status().unwrap();
    assert!(status.success());
    let session = session.at(&old);
    assert_pending(&session, "1 run: ");
}

#[test]
fn a_link_in_the_place_of_an_input_is_a_change() {
    let session = scripted();
    session.ok(&["approve", "e/script"]);
    let text = session.read("train.sh");
    session.write("elsewhere.sh", &text);
    fs::remove_file(session.root().join("train.sh")).unwrap();
    std::os::unix::fs::symlink("elsewhere.sh", session.root().join("train.sh")).unwrap();
    assert_pending(&session, "changed since it was approved: train.sh");
}

#[test]
fn approvals_are_not_believed_where_they_could_have_been_brought() {
    let session = scripted();
    let inside = session.root().join("config").display().to_string();
    let set = [("XDG_CONFIG_HOME", inside.as_str())];
    for words in [&["run"][..], &["approve", "e/script"], &["run", "e/script"]] {
        let printed = session.with(&set, words);
        assert_eq!(printed.code, 1, "{words:?}");
        assert!(printed.err.contains("that is inside the ledger"), "{}", printed.err);
    }
    assert!(!executed(&session));
}

#[test]
fn results_of_others_are_hits_of_pending_specs() {
    let session = scripted();
    session.ok(&["run", "e/script"]);
    session.ok(&["trust", "--revoke-all"]);
    let out = session.ok(&["run"]);
    assert!(out.contains("1 already in the ledger") && !out.contains("pending"), "{out}");
    let out = session.ok(&["run", "--force"]);
    assert!(out.contains("pending: experiments/e/script.toml"), "{out}");
}

#[test]
fn what_has_no_command_needs_no_approval() {
    let session = Session::small();
    let printed = session.run(&["approve", "quick/forest"]);
    assert_eq!(printed.code, 1);
    assert!(printed.err.contains("has no command to approve"), "{}", printed.err);
}

#[test]
fn a_daemon_starts_what_is_approved_meanwhile_and_follows_the_inputs() {
    let session = scripted();
    let daemon = crate::watching::Daemon::start(&session);
    daemon.until("pending: experiments/e/script.toml, 1 run: never approved");
    assert!(!executed(&session));
    session.ok(&["approve", "e/script", "--follow-edits"]);
    daemon.until("1 trained");
    assert!(executed(&session));
    session.edit("train.sh", "score", "points");
    daemon.until("train.sh: 1 trained");
    session.git(&["fetch", "-q", ".", "HEAD"]);
    session.edit("train.sh", "points", "marks");
    daemon.until("something was fetched or pulled");
    assert_eq!(session.attempts().len(), 2);
}

#[test]
fn results_of_others_are_hits_labelled_imported_and_can_be_left_out() {
    let session = Session::small();
    session.ok(&["run"]);
    assert!(!session.ok(&["run"]).contains("imported"));
    let other = session.root().with_file_name("other");
    fs::create_dir(&other).unwrap();
    let home = other.display().to_string();
    let set = [("XDG_CONFIG_HOME", home.as_str())];
    let out = session.with(&set, &["run"]).ok();
    assert!(
        out.contains("0 trained, 2 already") && out.matches("hit, imported").count() == 2,
        "{out}"
    );
    let text = session.with(&set, &["show", "small-2"]).ok();
    assert!(text.contains("imported: executed by somebody else"), "{text}");
    assert_eq!(session.with(&set, &["show", "small-2", "--json"]).json()["imported"], true);
    assert!(session.with(&set, &["run", "--own"]).ok().contains("2 trained"));
    let out = session.with(&set, &["run", "--own"]).ok();
    assert!(out.contains("2 already") && !out.contains("imported"), "{out}");
    assert_eq!(session.attempts().len(), 4);
    assert_eq!(session.run(&["show", "small-2", "--json"]).json()["deterministic"], true);
}
