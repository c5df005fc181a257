//! Deleting, restoring and purging runs, and why things are kept.

use crate::assert_shows;
use crate::session::Session;

fn trained() -> Session {
    let session = Session::small();
    session.ok(&["run", "-j", "1"]);
    session
}

fn labels(session: &Session, words: &[&str]) -> Vec<String> {
    let found = session.run(words).json();
    let runs = found.as_array().unwrap().iter();
    runs.map(|run| run["label"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_is_deleted_is_hidden_and_comes_back() {
    let session = trained();
    let files = session.attempts();
    let page = std::fs::read_dir(session.root().join("site/x")).unwrap().next().unwrap().unwrap();
    let page = format!("site/x/{}/index.html", page.file_name().to_str().unwrap());
    assert_shows!(session, session.ok(&["delete", "small-2"]), @r"
    small-2 ([RUN]) in quick
    deleted 1 run; the files stay until `fairledger purge`
    next: fairledger restore [RUN] undoes it
    ");
    assert_eq!(labels(&session, &["list", "--json"]), ["small-3"]);
    assert_eq!(labels(&session, &["list", "--json", "--limit", "5"]), ["small-3"]);
    assert_eq!(session.run(&["best", "quick", "--json"]).json()["label"], "small-3");
    assert_eq!(session.run(&["show", "small-2"]).code, 1);
    assert!(session.read(&page).contains("small-3") && !session.read(&page).contains("small-2"));
    assert_eq!(session.attempts(), files, "nothing is removed");
    session.ok(&["verify"]);
    assert_eq!(labels(&session, &["restore", "--json"]), ["small-2"]);
    assert!(session.ok(&["restore"]).contains("small-2"));
    session.ok(&["restore", "small-2"]);
    assert_eq!(labels(&session, &["list", "--json"]).len(), 2);
    assert_eq!(session.ok(&["restore"]), "The trash is empty.\n");
    assert_eq!(session.run(&["restore", "small-2"]).code, 1);
}

#[test]
fn runs_are_deleted_by_a_filter() {
    let session = trained();
    let dry = session.ok(&["delete", "--filter", "n_estimators > 2", "--dry-run"]);
    assert!(dry.contains("small-3") && dry.ends_with("1 run would be deleted\n"), "{dry}");
    assert_eq!(labels(&session, &["list", "--json"]).len(), 2);
    session.ok(&["delete", "--filter", "n_estimators > 2"]);
    assert_eq!(labels(&session, &["list", "--json"]), ["small-2"]);
    assert_eq!(session.run(&["delete"]).code, 2);
    assert_eq!(session.run(&["delete", "--filter", "n_estimators >"]).code, 2);
}

#[test]
fn a_purge_frees_the_disk_and_says_what_the_history_holds() {
    let session = trained();
    assert_eq!(session.ok(&["purge"]), "The trash is empty.\n");
    session.ok(&["delete", "small-2", "small-3"]);
    let unasked = session.run(&["purge"]);
    assert_eq!(unasked.code, 1, "nobody is there to say yes");
    assert!(unasked.err.contains("--yes"), "{}", unasked.err);
    let dry = session.run(&["purge", "small-2", "--dry-run", "--json"]).json();
    assert_eq!((&dry["removed"], dry["directories"].as_array().unwrap().len()), (&false.into(), 1));
    assert!(dry["bytes"].as_u64().unwrap() > 1000, "{dry}");
    assert_eq!(dry["history"]["bytes"], dry["bytes"], "a snapshot holds all of it");
    assert_eq!(session.attempts().len(), 2);
    let printed = session.ok(&["purge", "small-2", "--yes"]);
    assert!(printed.contains("the git history still holds"), "{printed}");
    assert_eq!(session.attempts().len(), 1);
    assert_eq!(labels(&session, &["restore", "--json"]), ["small-3"]);
    assert_eq!(session.git(&["status", "--porcelain"]), "");
    session.ok(&["verify"]);
    session.ok(&["purge", "--yes"]);
    assert_eq!(session.attempts().len(), 0);
    assert!(std::fs::read_dir(session.root().join(".fairledger/trash")).unwrap().next().is_none());
    session.ok(&["run", "-j", "1"]);
    assert_eq!(
        labels(&session, &["list", "--json"]).len(),
        2,
        "what is trained again is shown again"
    );
}

#[test]
fn gc_explains_why_each_thing_is_kept() {
    let session = trained();
    session.ok(&["run", "-j", "1", "--force"]);
    session.ok(&["delete", "small-3"]);
    session.edit("experiments/quick/forest.toml", "[2, 3]", "[2]");
    let kept = session.run(&["gc", "--dry-run", "--json"]).json();
    let of = |why: &str| {
        let all = kept.as_array().unwrap().iter();
        all.filter(|it| it["why"].as_str().unwrap().starts_with(why)).count()
    };
    assert_eq!(of("stands for a run that a spec asks for"), 1, "{kept}");
    assert_eq!(of("finished too"), 1);
    assert_eq!(of("deleted; "), 2);
    assert_eq!(of("derived: "), 2, "the index and the site");
    let attempts = session.attempts();
    let table = session.ok(&["gc", "--dry-run"]);
    assert!(table.contains("finished too: shows whether the run is deterministic"), "{table}");
    assert!(session.ok(&["gc", "--dry-run", "--each"]).contains("quick/forest.toml"));
    assert_eq!(session.attempts(), attempts);
    assert_eq!(session.run(&["gc"]).code, 2);
}

#[test]
fn a_label_that_looks_like_an_id_purges_its_own_run_only() {
    let session = trained();
    let labelled = session.run(&["show", "small-3", "--json"]).json();
    let id = labelled["id"].as_str().unwrap().to_owned();
    // The other run is labelled with the short id of this one.
    session.edit("experiments/quick/forest.toml", "[2, 3]", "[4]");
    session.edit("experiments/quick/forest.toml", "small-{n_estimators}", &id[..10]);
    session.ok(&["run", "-j", "1"]);
    session.ok(&["delete", "--filter", "n_estimators > 2"]);
    let dry = session.run(&["purge", &id[..10], "--dry-run", "--json"]).json();
    let directories = dry["directories"].as_array().unwrap();
    assert_eq!(directories.len(), 1, "{dry}");
    assert!(directories[0].as_str().unwrap().contains(&id[2..]), "{dry}");
}

#[test]
fn what_a_spec_asks_for_and_the_user_deleted_stays_deleted_and_is_told() {
    let session = trained();
    session.ok(&["delete", "small-2"]);
    let attempts = session.attempts();
    let printed = session.ok(&["run", "-j", "1"]);
    assert!(printed.contains("2 runs, 0 trained, 1 already in the ledger, 1 deleted"), "{printed}");
    assert!(printed.contains("in the trash: 1 run that specs ask for"), "{printed}");
    let run = session.run(&["run", "--json"]).json();
    assert_eq!(
        (&run["runs"][0]["result"], &run["runs"][1]["result"]),
        (&"deleted".into(), &"hit".into())
    );
    assert_eq!(session.attempts(), attempts);
    let printed = session.ok(&["plan"]);
    assert!(printed.contains("0 to train, 1 in the ledger, 1 in the trash"), "{printed}");
    let plan = session.run(&["plan", "--json"]).json();
    let told = |at: usize| (plan["runs"][at]["hit"].clone(), plan["runs"][at]["deleted"].clone());
    assert_eq!(told(0), (true.into(), true.into()));
    assert_eq!(told(1), (true.into(), false.into()));
    let status = session.run(&["status", "--json"]).json();
    assert_eq!((&status["finished"], &status["trash"]), (&1.into(), &1.into()), "{status}");
    assert_eq!(status["deleted"][0]["label"], "small-2");
    assert_eq!(status["missing"].as_array().unwrap().len(), 0);
    let printed = session.ok(&["status"]);
    assert!(
        printed.contains("deleted: small-2 (") && printed.contains("1 in the trash"),
        "{printed}"
    );

    session.ok(&["run", "-j", "1", "--force"]);
    assert_eq!(labels(&session, &["list", "--json"]).len(), 2, "it was asked for once more");
    assert_eq!(labels(&session, &["restore", "--json"]), [""; 0]);
    let printed = session.ok(&["run", "-j", "1"]);
    assert!(printed.contains("2 runs, 0 trained, 2 already in the ledger"), "{printed}");
}
