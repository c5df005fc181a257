//! The commands that read, and the small ones that write.

use crate::assert_shows;
use crate::session::Session;

fn trained() -> Session {
    let session = Session::small();
    session.ok(&["run", "-j", "1"]);
    session
}

#[test]
fn the_whole_help() {
    let session = Session::new();
    std::fs::create_dir_all(session.root()).unwrap();
    assert_shows!(session, session.ok(&["--help"]), @r"
    A ledger of machine-learning experiments that is a folder

    Edit a spec, save it, and `fairledger run` trains what is new. Runs are files; git carries them.

    Usage: fairledger [OPTIONS] <COMMAND>

    Commands:
      init       Make a new ledger, with an example that runs
      run        Train what the specs ask for and the ledger does not hold
      plan       Say what `run` would train and why, and train nothing
      watch      Watch the ledger and train whatever a saved spec asks for
      approve    Show what a spec's command would execute, and let it start by itself from now on
      trust      List what was approved on this machine, and take it back
      stop       Stop a run that is under way, here or in another process
      list       List the runs of the ledger, newest first
      show       Show everything about a run
      best       Show the best finished run of an experiment by its goal, or of a spec's sweep
      diff       Compare runs: what was asked and what came out, only what differs
      history    Show what happened day by day: attempts, how they ended, and new best runs
      digest     Tell what happened in a day, a week or any span of dates
      why        Say why a run was trained: what differs from the nearest earlier one
      log        Print what a run's trainer printed, of a run under way what it printed so far
      tag        Put tags on a run; an empty value removes one
      note       Add a note to a run
      delete     Move runs to the trash: they are hidden, and nothing is removed
      restore    Take runs out of the trash; without names list what is in it
      purge      Remove the runs in the trash from the disk, for good
      gc         Explain why each thing in the ledger is kept, and what it takes; removes nothing
      export     Write what the ledger holds for other ledgers and other programs
      import     Bring what another ledger or another tracker recorded into this one
      fair       Show which FAIR indicators the ledger meets, and what to write for the others
      predict    Predict new rows with the model of a run, a registered model or a model file
      report     Bring the site up to date, or write one file to share
      data       Show what is in a data file: columns, types, empty cells, simple statistics, digests
      status     Show what runs, what is missing, and how the ledger stands
      doctor     Look over this machine and the ledger for what would go wrong, and say the cure
      verify     Hash every file again, recompute every id, and name each fault
      reproduce  Execute a run again and compare with what was sealed, byte by byte
      snapshot   Commit what changed in the ledger now
      push       Push the snapshots with the git program
      backup     Push the snapshots, and prove that the remote has everything
      publish    Put the site on a branch of its own, or into a folder
      model      Register models: named, with versions, aliases and a history
      monitor    Watch over registered models on new data
      models     List the built-in models, or document the params of one
      schema     Print the JSON Schema of a TOML file, for editors
      help       Print this message or the help of the given subcommand(s)

    Options:
      -C <DIR>
              Work as if started in this folder

      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Runs are named by their id, by the beginning of it, or by their label; registered models by NAME,
    NAME@alias or NAME/3.

    Exit codes: 0 done, 1 error, 2 wrong usage, 3 mistakes in specs, 4 a run failed,
                5 a damaged file, 6 reproduce got another result, 7 a monitor raised an alert,
                130 ended by the user
    ");
}

#[test]
fn list_best_and_diff() {
    let session = trained();
    assert_shows!(session, session.ok(&["list"]), @r"
    quick (quick)
       run         label    status    started                     r2      mae      mse     rmse  files
       [RUN]  small-3  finished  [TIME]  -8.38576  6.48333  47.0461  6.85902  present
    *  [RUN]  small-2  finished  [TIME]  -7.42344      6.1  42.2225  6.49788  present

    next: fairledger show [RUN]
    ");
    assert_shows!(session, session.ok(&["best", "quick"]), @r"
    small-2 ([RUN])  r2 -7.42344
    bootstrap=true max_depth=none max_features=1.0 min_impurity_decrease=0.0 min_samples_leaf=1 min_samples_split=2 n_estimators=2
    lead over small-3 ([RUN]): 0.962316, one seed each: the noise is not known
    next: fairledger show [RUN]
    ");
    assert_shows!(session, session.ok(&["diff", "small-2", "small-3"]), @r"
    part                  small-2   small-3   difference
    metrics.mae               6.1   6.48333    +0.383333
    metrics.mse           42.2225   47.0461     +4.82361
    metrics.r2           -7.42344  -8.38576    -0.962316
    metrics.rmse          6.49788   6.85902    +0.361133
    metrics.train_mae      0.7125  0.741667   +0.0291667
    metrics.train_mse    0.693125  0.883889    +0.190764
    metrics.train_r2     0.966954  0.957859  -0.00909509
    metrics.train_rmse   0.832541  0.940154    +0.107612
    model.nodes                18        27           +9
    model.trees                 2         3           +1
    params.n_estimators         2         3           +1
    next: fairledger show [RUN]
    ");
}

#[test]
fn show_tells_everything() {
    let session = trained();
    let shown = session.ok(&["show", "small-2"]);
    for part in [
        "quick / small-2",
        "finished",
        "metric",
        "params",
        "n_estimators",
        "provenance",
        "data/small.csv, 12 rows",
        "files",
        "artifacts/predictions.csv",
        "next: fairledger log",
    ] {
        assert!(shown.contains(part), "{part} is missing:\n{shown}");
    }
    let json = session.run(&["show", "small-2", "--json"]).json();
    assert_eq!(json["params"]["n_estimators"], 2);
    assert_eq!(json["features"], serde_json::json!(["x"]));
}

#[test]
fn ids_are_taken_by_any_unique_beginning() {
    let session = trained();
    let runs = session.runs();
    let id = runs[0]["id"].as_str().unwrap();
    session.ok(&["show", &id[..8]]);
    session.ok(&["show", id]);
    session.ok(&["show", &id[..8].to_uppercase()]);
    let printed = session.run(&["show", "zz"]);
    assert_eq!(printed.code, 1);
    assert_shows!(session, printed.err, @r"
    error: no run fits 'zz'
      hint: `fairledger list` shows the runs, `fairledger model list` the models
    ");
    let ambiguous = session.run(&["show", ""]);
    assert_eq!(ambiguous.code, 1);
}

#[test]
fn tags_and_notes_are_kept_beside_the_sealed_run() {
    let session = trained();
    session.ok(&["tag", "small-2", "owner=ada", "stage=draft"]);
    session.ok(&["tag", "small-2", "stage="]);
    session.ok(&["note", "small-2", "a first", "try"]);
    let json = session.run(&["show", "small-2", "--json"]).json();
    assert_eq!(json["tags"], serde_json::json!({ "owner": "ada" }));
    assert_eq!(json["notes"][0]["text"], "a first try");
    session.ok(&["verify"]);
    assert_eq!(session.git(&["status", "--porcelain"]), "");
    assert!(session.read(&page(&session, "small-2")).contains("a first try"));
    assert_eq!(session.run(&["tag", "small-2", "novalue"]).code, 2);
}

fn page(session: &Session, label: &str) -> String {
    let id = session.run(&["show", label, "--json"]).json()["id"].as_str().unwrap().to_owned();
    format!("site/r/{}/{id}/index.html", &id[..2])
}

#[test]
fn status_tells_what_is_missing_and_where_snapshots_go() {
    let session = Session::small();
    assert_shows!(session, session.ok(&["status"]), @r"
    ledger in [LEDGER]
    no daemon watches it
    1 experiment: 0 finished, 0 failed, 0 interrupted
    missing: small-2 ([RUN]) of experiments/quick/forest.toml
    missing: small-3 ([RUN]) of experiments/quick/forest.toml
    snapshots: branch, last on refs/heads/main as [RUN]
    next: fairledger run
    ");
    session.ok(&["run"]);
    let status = session.run(&["status", "--json"]).json();
    assert_eq!(status["missing"], serde_json::json!([]));
    assert_eq!(status["snapshot"]["place"], "refs/heads/main");
}

#[test]
fn a_log_that_is_empty_says_so() {
    let session = trained();
    let printed = session.run(&["log", "small-2"]);
    assert_eq!(printed.code, 0);
    assert!(printed.err.contains("printed nothing"), "{}", printed.err);
}

#[test]
fn schemas_are_printed_for_editors() {
    let session = trained();
    let schema = session.run(&["schema", "spec"]).json();
    assert!(schema["properties"]["sweep"].is_object());
    assert_eq!(schema["additionalProperties"], false);
    for kind in ["ledger", "experiment"] {
        assert!(session.run(&["schema", kind]).json()["properties"].is_object());
    }
}

#[test]
fn pictures_are_saved_as_files_that_do_not_change() {
    let session = trained();
    session.ok(&["report", "--pictures", "pictures"]);
    let pictures = |folder: &str| {
        let mut found: Vec<(String, Vec<u8>)> = walk(&session.root().join(folder));
        found.sort();
        found
    };
    let first = pictures("pictures");
    assert!(first.len() >= 4, "{} pictures", first.len());
    assert!(
        first
            .iter()
            .all(|(name, bytes)| name.split('.').next_back() == Some("svg")
                && bytes.starts_with(b"<"))
    );
    session.ok(&["report", "--pictures", "again"]);
    assert!(
        first.iter().map(|(_, bytes)| bytes).eq(pictures("again").iter().map(|(_, bytes)| bytes))
    );
}

fn walk(folder: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(walk(&path));
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    found
}

#[test]
fn a_theme_changes_a_block_and_a_broken_one_stops_nothing() {
    let session = trained();
    let block = "{% extends \"builtin/overview.html\" %}{% block nav_extra %}<b>our lab</b>{% endblock nav_extra %}";
    session.write("theme/overview.html", block).write("theme/custom.css", "b { color: teal }");
    session.ok(&["report"]);
    let page = session.read("site/index.html");
    assert!(page.contains("<b>our lab</b>") && page.contains("Experiments"), "{page}");
    assert!(session.read("site/app.css").ends_with("b { color: teal }"));
    session.write("theme/overview.html", "{% block");
    session.edit("experiments/quick/forest.toml", "[2, 3]", "[2, 3, 4]");
    let printed = session.run(&["run"]);
    assert_eq!(printed.code, 1);
    assert!(printed.out.contains("1 trained"), "{}", printed.out);
    assert!(printed.err.contains("overview.html"), "{}", printed.err);
    assert_eq!(session.read("site/index.html"), page);
    assert_eq!(session.git(&["status", "--porcelain"]), "");
}

#[test]
fn init_touches_nothing_that_exists() {
    let session = Session::small();
    let printed = session.outside(&["init", "ledger"]);
    assert_eq!(printed.code, 1);
    assert!(printed.err.contains("already holds a ledger.toml"), "{}", printed.err);
}

#[test]
fn a_label_cannot_steer_the_terminal() {
    let session = Session::small();
    let label = "name = \"\\u001b[2Jsmall\\u202e\\n{n_estimators}\"";
    session.edit("experiments/quick/forest.toml", "name = \"small-{n_estimators}\"", label);
    session.edit("experiments/quick/forest.toml", "seed = 7", "sed = \"\\u001b[31m\"");
    let mistaken = session.run(&["plan"]);
    session.edit("experiments/quick/forest.toml", "sed = \"\\u001b[31m\"", "seed = 7");
    let trained = session.run(&["run"]);
    let id = session.runs()[0]["id"].as_str().unwrap().to_owned();
    let texts = [
        mistaken.err,
        trained.out,
        trained.err,
        session.ok(&["list"]),
        session.ok(&["show", &id]),
        session.ok(&["plan"]),
        session.ok(&["best", "quick"]),
        session.ok(&["diff", session.runs()[1]["id"].as_str().unwrap(), &id]),
    ];
    for text in texts {
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
    }
    let row = session.ok(&["list"]);
    assert!(row.contains("\\u{1b}[2Jsmall\\u{202e}\\n2"), "{row}");
    // Programs get what was written.
    assert!(session.runs()[0]["label"].as_str().unwrap().starts_with("\u{1b}[2Jsmall\u{202e}\n"));
}

#[test]
fn a_goal_that_no_run_has_is_reported() {
    let session = trained();
    session.write("experiments/quick/experiment.toml", "[goal]\nmetric = \"r22\"\n");
    let words = "no best: no run has the goal's metric `r22`; did you mean `r2`?";
    assert!(session.ok(&["run"]).contains(words), "{}", session.ok(&["run"]));
    assert!(session.ok(&["list"]).contains(words), "{}", session.ok(&["list"]));
    let best = session.run(&["best", "quick"]);
    assert_eq!(best.code, 1);
    assert_shows!(session, best.err, @r"
    error: 'quick' has no finished run with a value of r22
      hint: did you mean `r2`?
    ");
    session.write("experiments/quick/experiment.toml", "[goal]\nmetric = \"speed\"\n");
    assert!(session.ok(&["list"]).contains("`speed`; there are mae, mse, r2, rmse"));
    session.write("experiments/quick/experiment.toml", "[goal]\nmetric = \"mae\"\n");
    assert!(!session.ok(&["list"]).contains("no best"));
}

#[test]
fn the_doctor_says_what_is_wrong_and_its_cure() {
    let session = Session::small();
    let out = session.ok(&["doctor"]);
    for part in [
        "ok   disk:",
        "ok   locks: work; no daemon",
        "ok   git: git version",
        "ok   specs: 1 spec",
        " room: ",
        " file system: ",
        " names: ",
        " file events: ",
        "ok   clock: ",
    ] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    let spec = session.root().join("experiments/quick/forest.toml");
    let file = std::fs::File::options().write(true).open(&spec).unwrap();
    let later = std::time::SystemTime::now() + std::time::Duration::from_hours(2);
    file.set_modified(later).unwrap();
    let out = session.ok(&["doctor"]);
    assert!(out.contains("and experiments/quick/forest.toml was changed later"), "{out}");
    session.edit("experiments/quick/forest.toml", "seed", "sede");
    let printed = session.run(&["doctor", "--json"]);
    assert_eq!(printed.code, 1);
    let checks: serde_json::Value = serde_json::from_str(&printed.out).unwrap();
    let specs = checks.as_array().unwrap().iter().find(|it| it["name"] == "specs").unwrap();
    assert_eq!((&specs["health"], &specs["cure"]), (&"bad".into(), &"fairledger plan".into()));
}

#[cfg(target_os = "linux")]
#[test]
fn a_service_is_printed_for_this_system() {
    let session = Session::small();
    let printed = session.run(&["watch", "--print-service"]);
    assert!(printed.err.contains("~/.config/systemd/user/fairledger-"), "{}", printed.err);
    let root = session.root().display().to_string();
    assert!(printed.out.contains(&format!("-C {root} watch")), "{}", printed.out);
}
