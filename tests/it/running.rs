//! `run`, `plan` and `why`: what is trained, what is skipped, and what the program says about it.

use crate::assert_shows;
use crate::session::{SMALL_SPEC, Session};

#[test]
fn a_second_run_trains_nothing() {
    let session = Session::small();
    let first = session.run(&["run"]);
    assert!(first.err.contains("train small-2"), "{}", first.err);
    assert_shows!(session, first.out, @r"
    quick: 2 runs, 2 trained, 0 already in the ledger
       label    run         result         r2      mae      mse     rmse  fit
    *  small-2  [RUN]  trained  -7.42344      6.1  42.2225  6.49788  [DURATION]
       small-3  [RUN]  trained  -8.38576  6.48333  47.0461  6.85902  [DURATION]
    best: small-2 ([RUN]), r2 -7.42344 (higher is better)

    site: [LEDGER]/site/index.html
    snapshot: 18 files in commit [RUN] on main
    next: fairledger report --open, or fairledger show [RUN]
    ");
    let second = session.run(&["run"]);
    assert_eq!((second.code, second.err.as_str()), (0, ""));
    assert!(second.out.contains("quick: 2 runs, 0 trained, 2 already in the ledger"));
    assert_eq!(session.attempts().len(), 2);
}

#[test]
fn plan_says_what_would_run_and_trains_nothing() {
    let session = Session::small();
    assert_shows!(session, session.ok(&["plan"]), @r"
    spec               label    run         would  because
    quick/forest.toml  small-2  [RUN]  train  new; the first of its kind
    quick/forest.toml  small-3  [RUN]  train  new; the first of its kind
    2 to train, 0 in the ledger
    next: fairledger run
    ");
    assert_eq!(session.attempts().len(), 0);
    session.ok(&["run", "-j", "1"]);
    session.edit("experiments/quick/forest.toml", "[2, 3]", "[2, 3, 5]");
    let plan = session.ok(&["plan"]);
    assert!(plan.contains("1 to train, 2 in the ledger"), "{plan}");
    assert!(plan.contains("differs from small-3 in params.n_estimators"), "{plan}");
}

#[test]
fn why_names_the_parts_that_differ() {
    let session = Session::small();
    session.ok(&["run", "-j", "1"]);
    session.edit("experiments/quick/forest.toml", "seed = 7", "seed = 8");
    session.edit("experiments/quick/forest.toml", "[2, 3]", "[2]");
    assert_shows!(session, session.ok(&["why", "quick/forest.toml"]), @r"
    small-2 ([RUN])
      nearest earlier run: small-2 ([RUN])
      seed: 7 → 8
    ");
    assert_shows!(session, session.ok(&["why", "small-3"]), @r"
    small-3 ([RUN])
      nearest earlier run: small-2 ([RUN])
      params.n_estimators: 2 → 3
    ");
}

#[test]
fn a_changed_row_trains_again_and_an_unused_column_does_not() {
    let session = Session::small();
    session.ok(&["run"]);
    session.edit("data/small.csv", "1,2.1,a", "1,2.1,changed");
    assert!(session.ok(&["run"]).contains("0 trained"));
    session.edit("data/small.csv", "1,2.1,", "1,2.2,");
    assert!(session.ok(&["run"]).contains("2 trained"));
}

#[test]
fn force_adds_an_attempt_with_the_same_result() {
    let session = Session::small();
    session.ok(&["run"]);
    session.ok(&["run", "--force", "-j", "1"]);
    assert_eq!(session.attempts().len(), 4);
    let run = session.run(&["show", "small-2", "--json"]).json();
    let attempts = run["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 2);
    assert_eq!(attempts[0]["result"], attempts[1]["result"]);
    assert_eq!(run["deterministic"], true);
}

#[test]
fn the_result_does_not_depend_on_the_number_of_jobs() {
    let results = |jobs: &str| {
        let session = Session::small();
        session.ok(&["run", "-j", jobs]);
        let show = |label: &str| session.run(&["show", label, "--json"]).json()["result"].clone();
        [show("small-2"), show("small-3")]
    };
    assert_eq!(results("1"), results("4"));
}

#[test]
fn a_mistake_in_one_spec_does_not_stop_the_others() {
    let session = Session::small();
    session.write("experiments/quick/wrong.toml", &SMALL_SPEC.replace("[2, 3]", "[0]"));
    session.write("experiments/quick/torn.toml", "[data\n");
    let printed = session.run(&["run"]);
    assert_eq!(printed.code, 3);
    assert!(printed.out.contains("2 trained"), "{}", printed.out);
    assert!(printed.err.contains("wrong.toml") && printed.err.contains("torn.toml"));
}

#[test]
fn one_spec_or_one_experiment_can_be_named() {
    let session = Session::small();
    session.write("experiments/other/forest.toml", &SMALL_SPEC.replace("[2, 3]", "[4]"));
    assert!(session.ok(&["run", "other"]).contains("other: 1 run, 1 trained"));
    session.ok(&["run", "experiments/quick/forest.toml"]);
    assert_eq!(session.attempts().len(), 3);
    let printed = session.run(&["run", "nowhere"]);
    assert_eq!(printed.code, 1);
    assert!(printed.err.contains("no spec at 'nowhere'"), "{}", printed.err);
}

#[test]
fn two_programs_at_once_train_each_run_once() {
    let session = Session::small();
    session.edit("experiments/quick/forest.toml", "[2, 3]", "[200, 201, 202, 203]");
    let children: Vec<_> = (0..3).map(|_| session.start(&["run"])).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(session.attempts().len(), 4);
    session.ok(&["verify"]);
}

#[test]
fn a_run_without_artifacts_of_weight_stays_small() {
    let session = Session::small();
    session.ok(&["run"]);
    for attempt in session.attempts() {
        let names: Vec<String> = std::fs::read_dir(&attempt)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let files = names.iter().filter(|name| *name != "artifacts").count();
        assert_eq!(files, 4, "{names:?}");
    }
}

#[test]
fn a_run_that_failed_is_not_counted_as_trained() {
    let session = Session::small();
    session.edit("data/small.csv", "1,2.1", "1e300,2.1");
    let other = SMALL_SPEC.replace("[\"x\"]", "[\"y2\"]").replace("[2, 3]", "[4]");
    session.write("experiments/quick/other.toml", &other);
    let text = session.read("data/small.csv");
    let lines = text.lines().enumerate();
    let lines = lines.map(|(row, line)| format!("{line},{}\n", if row == 0 { "y2" } else { "1" }));
    session.write("data/small.csv", &lines.collect::<String>());
    let printed = session.run(&["run"]);
    assert_eq!(printed.code, 4);
    let tally = "quick: 3 runs, 1 trained, 0 already in the ledger, 2 failed";
    assert!(printed.out.contains(tally), "{}", printed.out);
    let watched = session.run(&["watch", "--once"]);
    let tally = "0 trained, 1 already in the ledger, 2 failed";
    assert!(watched.out.contains(tally), "{}", watched.out);
}
