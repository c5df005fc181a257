//! Specs that run a program: what it is handed, what is recorded of it, and how it may end.
#![cfg(unix)]

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::session::Session;

/// A ledger with one spec that runs a script of a shell.
fn scripted(script: &str, rest: &str) -> Session {
    let session = Session::new();
    session.outside(&["init", "--empty", "ledger"]).ok();
    session.write("train.sh", script);
    let spec = format!(
        "name = \"s-{{lr}}\"\n[command]\nrun = [\"sh\", \"train.sh\", \"{{lr}}\", \"--seed={{seed}}\"]\n\
         inputs = [\"train.sh\"]\n{rest}"
    );
    session.write("experiments/e/script.toml", &spec);
    session
}

const PARAMS: &str = "[params]\nlr = 0.5\nwidth = 3\n";

/// What is printed and what is appended to the file of metrics are read side by side.
#[test]
fn the_order_of_two_ways_to_report_is_no_difference() {
    let script = r#"
        printed() { echo "rmse: 0.25"; }
        appended() { echo "{\"loss\":1.5}" >> "$FAIRLEDGER_METRICS"; }
        $FIRST; sleep 0.3; $SECOND"#;
    let rest = "env_pass = [\"FIRST\", \"SECOND\"]\nmetrics = \"stdout\"\n".to_owned() + PARAMS;
    let session = scripted(script, &rest);
    for order in [["printed", "appended"], ["appended", "printed"]] {
        let variables = [("FIRST", order[0]), ("SECOND", order[1])];
        session.with(&variables, &["run", "e/script", "--force"]).ok();
    }
    let run = session.run(&["show", "s-0.5", "--json"]).json();
    assert_eq!(
        (run["attempts"].as_array().unwrap().len(), &run["deterministic"]),
        (2, &true.into())
    );
    session.ok(&["verify"]);
}

#[test]
fn a_command_is_handed_its_params_and_everything_it_leaves_is_kept() {
    let script = r#"
        echo "arguments: $*"
        cat "$FAIRLEDGER_PARAMS"
        echo "{\"name\":\"loss\",\"value\":1.5}" >> "$FAIRLEDGER_METRICS"
        echo "{\"name\":\"loss\",\"value\":0.75}" >> "$FAIRLEDGER_METRICS"
        echo "{\"r2\":0.9,\"seen\":$FAIRLEDGER_SEED}" >> "$FAIRLEDGER_METRICS"
        echo "{\"name\":\"top 5, \\u00fc\",\"value\":0.125}" >> "$FAIRLEDGER_METRICS"
        echo "stage=tried" >> "$FAIRLEDGER_TAGS"
        mkdir "$FAIRLEDGER_ARTIFACTS/deep" "$FAIRLEDGER_ARTIFACTS/empty"
        echo "$FAIRLEDGER_RUN_ID" > "$FAIRLEDGER_ARTIFACTS/deep/id.txt"
        echo "secret was ${OPEN_SESAME}, home ${HOME:+set}, other ${UNNAMED:-absent}"
        echo "rmse: 0.25"
        echo warned >&2"#;
    let rest =
        "seed = 7\nenv_key = [\"MODE\"]\nenv_pass = [\"OPEN_SESAME\"]\nmetrics = \"stdout\"\n\
                version = [\"sh\", \"-c\", \"echo shell 1.0\"]\n"
            .to_owned();
    let session = scripted(script, &(rest + PARAMS));
    let variables =
        [("MODE", "fast"), ("OPEN_SESAME", "sesame-0815"), ("UNNAMED", "handed on by mistake")];
    let out = session.with(&variables, &["run", "e/script"]).ok();
    assert!(out.contains("1 trained"), "{out}");
    let run = session.run(&["show", "s-0.5", "--json"]).json();
    assert_eq!(run["status"], "finished");
    assert_eq!(run["trainer"], "sh train.sh");
    assert_eq!((&run["seed"], &run["params"]["width"]), (&7.into(), &3.into()));
    for (name, value) in
        [("loss", 0.75), ("r2", 0.9), ("seen", 7.0), ("rmse", 0.25), ("top 5, ü", 0.125)]
    {
        assert_eq!(run["metrics"][name], value, "{name}");
    }
    assert_eq!(run["tags"]["stage"], "tried");
    assert_eq!(run["command"]["run"][2], "0.5");
    assert_eq!(run["command"]["exit"], serde_json::json!({ "by": "code", "code": 0 }));
    assert_eq!(run["versions"]["sh"], "shell 1.0");
    let files = run["artifacts"].as_array().unwrap();
    assert!(files.iter().any(|file| file["path"] == "artifacts/deep/id.txt"), "{files:?}");
    let directory = run["directory"].as_str().unwrap();
    let id = session.read(&format!("{directory}/artifacts/deep/id.txt"));
    assert_eq!(id.trim(), run["id"].as_str().unwrap());
    assert!(!session.root().join(directory).join("artifacts/empty").exists());
    let log = session.ok(&["log", "s-0.5"]);
    for part in [
        "arguments: 0.5 --seed=7",
        "\"width\": 3",
        "secret was [OPEN_SESAME], home set, other absent",
        "warned",
    ] {
        assert!(log.contains(part), "{part}\n{log}");
    }
    let text = session.ok(&["show", "s-0.5"]);
    for part in ["sh train.sh 0.5 --seed=7", "exit code 0", "passed, not recorded", "shell 1.0"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(session.read(&format!("{directory}/params.toml")).contains("MODE = \"fast\""));
    assert!(!session.root().join(".fairledger/work").read_dir().unwrap().any(|_| true));
    session.ok(&["verify"]);
    // The same once more is a hit; another value of a variable of env_key is another run.
    assert!(session.with(&variables, &["run"]).ok().contains("1 already in the ledger"));
    let slow = session.with(&[("MODE", "slow")], &["run"]).ok();
    assert!(slow.contains("1 trained"), "{slow}");
}

#[test]
fn sweeps_replicates_and_seeds_work_as_for_trainers() {
    let script =
        "echo \"score: $1\"; echo \"{\\\"seed\\\": $FAIRLEDGER_SEED}\" >> $FAIRLEDGER_METRICS";
    let rest = "metrics = \"stdout\"\nseed = 3\nreplicates = 2\n\
                [sweep]\nmethod = \"grid\"\nparams = { lr = [1, 2, 4] }\n";
    let session = scripted(script, rest);
    session.write(
        "experiments/e/experiment.toml",
        "[goal]\nmetric = \"score\"\ndirection = \"minimize\"\n",
    );
    let out = session.ok(&["run", "e/script"]);
    assert!(out.contains("6 trained"), "{out}");
    assert!(out.contains("best: s-1"), "{out}");
    let runs = session.runs();
    let seeds: Vec<_> = runs.iter().map(|run| run["metrics"]["seed"].as_f64().unwrap()).collect();
    assert!(seeds.contains(&3.0) && seeds.contains(&4.0), "{seeds:?}");
    let cells: std::collections::BTreeSet<_> = runs
        .iter()
        .map(|run| {
            session.run(&["show", run["id"].as_str().unwrap(), "--json"]).json()["cell"].to_string()
        })
        .collect();
    assert_eq!(cells.len(), 3, "argv with the seed in it is one cell all the same");
    // An edit of the script is a new run of each point, and `why` says so.
    session.write("train.sh", "echo \"score: 9\"\n");
    let out = session.ok(&["run", "-j", "1", "e/script"]);
    assert!(out.contains("6 trained"), "{out}");
    let first = &session.runs()[6];
    let why = session.ok(&["why", first["id"].as_str().unwrap()]);
    assert!(why.contains("command.inputs.train.sh"), "{why}");
}

#[test]
fn a_sweep_that_goes_by_results_takes_the_metric_on_trust() {
    let session = scripted(
        "echo \"score: $1\"",
        "metrics = \"stdout\"\n[sweep]\nmethod = \"tpe\"\nsamples = 6\nmetric = \"score\"\n\
         direction = \"minimize\"\nparams = { lr = { low = 0.0, high = 1.0 } }\n",
    );
    let out = session.ok(&["run", "e/script"]);
    assert!(out.contains("6 trained"), "{out}");
}

#[test]
fn failures_are_attempts_with_their_metrics_and_their_cause() {
    let script = r#"
        echo "{\"loss\": 2}" >> "$FAIRLEDGER_METRICS"
        echo kept > "$FAIRLEDGER_ARTIFACTS/partial.txt"
        echo "ValueError: no" >&2
        case $1 in 3) exit 3;; 9) kill -SEGV $$;; *) sleep 100;; esac"#;
    let rest = "timeout = \"300ms\"\n[sweep]\nmethod = \"grid\"\nparams = { lr = [3, 9, 0] }\n";
    let session = scripted(script, rest);
    let printed = session.run(&["run", "e/script"]);
    assert_eq!(printed.code, 4, "{}", printed.err);
    for (label, cause) in [
        ("s-3", "exit code 3: ValueError: no"),
        ("s-9", "ended by signal 11 (SEGV)"),
        ("s-0", "took longer than its timeout of 0 s"),
    ] {
        let run = session.run(&["show", label, "--json"]).json();
        assert_eq!(run["status"], "failed", "{label}");
        assert_eq!(run["cause"], cause);
        assert_eq!(run["metrics"]["loss"], 2.0);
        let files = run["artifacts"].as_array().unwrap();
        assert!(files.iter().any(|file| file["path"] == "artifacts/partial.txt"), "{files:?}");
    }
    session.edit("experiments/e/script.toml", "\"sh\", \"train.sh\"", "\"no-such-program\"");
    session.edit("experiments/e/script.toml", "[3, 9, 0]", "[3]");
    let printed = session.run(&["run", "e/script"]);
    assert_eq!(printed.code, 4);
    assert!(printed.err.contains("there is no program `no-such-program`"), "{}", printed.err);
    session.ok(&["verify"]);
}

#[test]
fn artifacts_that_cannot_be_kept_fail_the_run_and_are_not_lost() {
    let session = scripted(
        "echo x > \"$FAIRLEDGER_ARTIFACTS/good.txt\"; ln -s /etc/passwd \"$FAIRLEDGER_ARTIFACTS/link\"",
        PARAMS,
    );
    let printed = session.run(&["run", "e/script"]);
    assert_eq!(printed.code, 4);
    assert!(
        printed.err.contains("an artifact cannot be kept: 'link' is no regular file"),
        "{}",
        printed.err
    );
    let lost = session.root().join(".fairledger/lost+found");
    let found = Command::new("find").arg(&lost).args(["-name", "good.txt"]).output().unwrap();
    assert!(!found.stdout.is_empty());
    session.ok(&["verify"]);
}

#[test]
fn what_was_not_committed_is_kept_beside_the_commit() {
    let session = scripted("echo one", PARAMS);
    session.git(&["add", "."]);
    session.git(&["commit", "-qm", "mine"]);
    session.ok(&["run", "e/script"]);
    let clean = session.run(&["show", "s-0.5", "--json"]).json();
    let has_patch = |run: &serde_json::Value| {
        run["artifacts"].as_array().unwrap().iter().any(|file| file["path"] == "code.patch")
    };
    assert!(!has_patch(&clean), "{clean}");
    session.write("train.sh", &format!("echo two # hf_{}1\n", "a".repeat(30)));
    session.ok(&["run", "e/script"]);
    let newest = session.runs().pop().unwrap();
    let run = session.run(&["show", newest["id"].as_str().unwrap(), "--json"]).json();
    assert!(has_patch(&run));
    let patch = session.read(&format!("{}/code.patch", run["directory"].as_str().unwrap()));
    assert!(patch.contains("-echo one") && patch.contains("+echo two # [secret]"), "{patch}");
}

#[test]
fn an_input_that_changes_meanwhile_is_named() {
    let session = scripted("echo '# more' >> train.sh", PARAMS);
    session.ok(&["run", "e/script"]);
    let text = session.ok(&["show", "s-0.5"]);
    assert!(text.contains("changed while it ran") && text.contains("train.sh"), "{text}");
}

#[test]
fn the_page_of_a_run_shows_the_command_and_how_it_ended() {
    let session = scripted("echo hello there; exit 3", PARAMS);
    assert_eq!(session.run(&["run", "e/script"]).code, 4);
    let run = session.run(&["show", "s-0.5", "--json"]).json();
    let id = run["id"].as_str().unwrap();
    let page = session.read(&format!("site/r/{}/{id}/index.html", &id[..2]));
    for part in ["sh train.sh 0.5 --seed=0", "exit code 3", "hello there"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("all rows are training rows"));
    let printed = session.run(&["reproduce", "s-0.5"]);
    assert_eq!(printed.code, 1);
}

/// Waits until a command says that it is under way.
fn until(what: &str, is: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !is() {
        assert!(Instant::now() < end, "{what}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn ctrl_c_lets_a_command_tidy_up_and_records_it_as_interrupted() {
    let script = "trap 'echo tidy; exit 0' TERM
        echo '{\"loss\": 2}' >> \"$FAIRLEDGER_METRICS\"; touch begun; while :; do sleep 0.05; done";
    let session = scripted(script, PARAMS);
    let mut child = session.start(&["run", "e/script"]);
    until("begun", || session.root().join("begun").exists());
    let status = session.ok(&["status"]);
    assert!(status.contains("running: s-0.5"), "{status}");
    kill("-INT", child.id());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let run = session.run(&["show", "s-0.5", "--json"]).json();
    assert_eq!((&run["status"], &run["cause"]), (&"interrupted".into(), &"cancelled".into()));
    assert_eq!(run["metrics"]["loss"], 2.0);
    assert!(session.ok(&["log", "s-0.5"]).contains("tidy"));
}

#[test]
fn a_command_that_outlives_its_supervisor_is_ended_and_never_runs_twice() {
    let script = "test -e hold || exit 0
        echo $$ > begun; echo '{\"loss\": 2}' >> \"$FAIRLEDGER_METRICS\"; exec sleep 600";
    let session = scripted(script, PARAMS);
    session.write("hold", "");
    let mut child = session.start(&["run", "e/script"]);
    let begun = session.root().join("begun");
    until("begun", || begun.exists() && !session.read("begun").is_empty());
    until("metrics", || session.run(&["status"]).out.contains("running: s-0.5"));
    thread::sleep(Duration::from_millis(300));
    child.kill().unwrap();
    child.wait().unwrap();
    let command: u32 = session.read("begun").trim().parse().unwrap();
    assert!(is_alive(command), "kill -9 does not reach it");
    assert!(session.ok(&["status"]).contains("running: s-0.5"), "its lease is held");
    std::fs::remove_file(session.root().join("hold")).unwrap();
    let printed = session.run(&["run", "e/script"]);
    assert_eq!(printed.code, 0, "{}", printed.err);
    assert!(
        printed.err.contains("ended a command that outlived its supervisor"),
        "{}",
        printed.err
    );
    assert!(printed.err.contains("interrupted before: s-0.5"), "{}", printed.err);
    assert!(!is_alive(command));
    assert_eq!(session.attempts().len(), 2);
    let run = session.run(&["show", "s-0.5", "--json"]).json();
    assert_eq!(run["status"], "finished");
    session.ok(&["verify"]);
}

#[test]
fn a_run_is_stopped_from_elsewhere_and_a_daemon_leaves_it_alone() {
    let script = "test -e hold || { echo 'score: 2'; exit 0; }
        echo 'well begun'; echo '{\"loss\": 2, \"step\": 5}' >> \"$FAIRLEDGER_METRICS\"; touch begun; sleep 600";
    let session = scripted(script, PARAMS);
    session.write("hold", "");
    session.ok(&["approve", "e/script", "--follow-edits"]);
    let daemon = crate::watching::Daemon::start(&session);
    until("begun", || session.root().join("begun").exists());
    until("metrics", || session.ok(&["status"]).contains("loss 2, step 5"));
    let running = &session.run(&["status", "--json"]).json()["running"][0];
    assert_eq!((&running["step"], &running["estimate"]), (&5.into(), &serde_json::Value::Null));
    assert_eq!(running["spec"], "experiments/e/script.toml");
    until("log", || session.ok(&["log", "s-0.5"]).contains("well begun"));
    for word in ["other", ""] {
        assert_eq!(session.run(&["stop", word]).code, 1, "{word:?}");
    }
    assert!(session.ok(&["stop", "s-0.5"]).contains("stopped s-0.5"));
    daemon.until("interrupted s-0.5");
    daemon.until("0 trained");
    // Another save makes a pass, which lets the stopped run be.
    session.write("experiments/e/README.md", "more\n");
    daemon.until("0 trained");
    let run = session.run(&["show", "s-0.5", "--json"]).json();
    assert_eq!((&run["status"], &run["cause"]), (&"interrupted".into(), &"stopped".into()));
    drop(daemon);
    std::fs::remove_file(session.root().join("hold")).unwrap();
    assert!(session.ok(&["run"]).contains("1 trained"));
}

#[test]
fn the_most_memory_a_command_took_is_recorded_and_shown() {
    let session = scripted("sleep 0.1", PARAMS);
    session.ok(&["run", "e/script"]);
    let run = session.run(&["show", "s-0.5", "--json"]).json();
    assert!(run["command"]["peak_memory"].as_u64().unwrap() > 0);
    assert!(session.ok(&["show", "s-0.5"]).contains("peak memory"));
}

#[test]
fn a_word_that_fits_two_runs_under_way_stops_neither() {
    let points: Vec<String> = (1..=17).map(|lr| lr.to_string()).collect();
    let sweep = |points: &[String]| {
        format!("[sweep]\nmethod = \"grid\"\nparams = {{ lr = [{}] }}\n", points.join(", "))
    };
    let session = scripted("touch begun-$1; exec sleep 600", &sweep(&points));
    session.ok(&["approve", "e/script"]);
    // Of seventeen ids two begin with the same digit.
    let plan = session.run(&["plan", "--json"]).json();
    let ids: Vec<String> = plan["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 17);
    let two = (0..17).flat_map(|a| (a + 1..17).map(move |b| (a, b)));
    let (a, b) = two.into_iter().find(|(a, b)| ids[*a][..1] == ids[*b][..1]).unwrap();
    let spec = session.read("experiments/e/script.toml");
    let fewer = spec.replace(&sweep(&points), &sweep(&[points[a].clone(), points[b].clone()]));
    session.write("experiments/e/script.toml", &fewer);
    let child = session.start(&["run", "-j", "2", "e/script"]);
    for at in [a, b] {
        until("begun", || session.root().join(format!("begun-{}", points[at])).exists());
    }
    until("both", || session.ok(&["status"]).matches("running: ").count() == 2);
    let printed = session.run(&["stop", &ids[a][..1]]);
    assert!(printed.code == 1 && printed.err.contains("fits 2 runs"), "{}", printed.err);
    let stopped = session.ok(&["stop", &ids[a].to_uppercase()]);
    assert!(stopped.contains(&format!("stopped s-{}", points[a])), "{stopped}");
    session.ok(&["stop", &format!("s-{}", points[b])]);
    assert!(!child.wait_with_output().unwrap().status.success());
}

#[test]
fn a_result_is_kept_though_nobody_can_say_what_its_inputs_are_by_now() {
    let script = r#"echo "score: 2"; echo nonsense > "$XDG_CONFIG_HOME/fairledger/trust.toml""#;
    let session = scripted(script, &format!("metrics = \"stdout\"\n{PARAMS}"));
    session.ok(&["run", "e/script"]);
    let run = session.run(&["show", "s-0.5", "--json"]).json();
    assert_eq!((&run["status"], &run["metrics"]["score"]), (&"finished".into(), &2.0.into()));
    let log = session.ok(&["log", "s-0.5"]);
    assert!(log.contains("whether its inputs changed meanwhile cannot be found out"), "{log}");
}

#[test]
fn status_tells_how_far_a_sweep_is_what_waits_and_what_failed() {
    let script = "test $1 = 1 && exit 0; test $1 = 2 && exit 7
        touch begun-$1; while ! test -e go; do sleep 0.05; done";
    let sweep = "[sweep]\nmethod = \"grid\"\nparams = { lr = [1, 2, 3, 4, 5] }\n";
    let session = scripted(script, sweep);
    let child = session.start(&["run", "-j", "1", "e/script"]);
    until("begun", || session.root().join("begun-3").exists());
    let status = session.run(&["status", "--json"]).json();
    let progress = &status["progress"][0];
    for (name, number) in
        [("total", 5), ("done", 1), ("failed", 1), ("running", 1), ("queued", 2), ("following", 0)]
    {
        assert_eq!(progress[name], number, "{name}: {progress}");
    }
    // By the one run that finished, of which only the time that it took is known.
    assert_eq!(progress["estimate"]["by"], "earlier");
    assert_eq!(status["running"][0]["estimate"]["runs"], 1);
    let labels = |kind: &str| {
        let runs = status[kind].as_array().unwrap().iter();
        runs.map(|run| run["label"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        (labels("queued"), labels("failures")),
        (vec!["s-4".into(), "s-5".into()], vec!["s-2".to_owned()])
    );
    let text = session.ok(&["status"]);
    for part in [
        "experiments/e/script.toml: 1 of 5 done, 1 failed, 1 running, 2 queued, ",
        "by 1 earlier run",
        "queued: s-4 (",
        "failed: s-2 (",
        ": exit code 7",
        "next: fairledger log ",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    session.write("go", "");
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(4));
    let status = session.run(&["status", "--json"]).json();
    assert_eq!(status["progress"], serde_json::json!([]));
    assert_eq!(status["failures"][0]["cause"], "exit code 7");
}

#[test]
fn status_tells_how_far_a_built_in_model_is() {
    let session = Session::small();
    session.edit("experiments/quick/forest.toml", "[2, 3]", "[400000]");
    let child = session.start(&["run"]);
    until("progress", || {
        let running = &session.run(&["status", "--json"]).json()["running"][0];
        running["done"].as_u64().is_some_and(|done| done > 0)
            && running["total"].as_u64() >= running["done"].as_u64()
            && running["estimate"]["seconds"].as_f64().is_some()
    });
    let text = session.ok(&["status"]);
    assert!(text.contains(" done, ") && text.contains(" left at this pace"), "{text}");
    session.ok(&["stop", "small-400000"]);
    assert!(!child.wait_with_output().unwrap().status.success());
    assert!(
        std::fs::read_dir(session.root().join(".fairledger/progress")).unwrap().next().is_none()
    );
}

#[test]
fn a_save_does_not_wait_for_what_another_spec_trains() {
    let session = scripted("touch begun; while ! test -e go; do sleep 0.05; done", PARAMS);
    session.ok(&["approve", "e/script", "--follow-edits"]);
    session.write("data/small.csv", crate::session::SMALL_DATA);
    let daemon = crate::watching::Daemon::start(&session);
    until("begun", || session.root().join("begun").exists());
    let spec = crate::session::SMALL_SPEC.replace("[2, 3]", "[2]");
    session.write("experiments/quick/forest.toml", &spec);
    daemon.until("done small-2");
    assert!(session.ok(&["status"]).contains("running: s-0.5"));
    session.write("go", "");
    daemon.until("done s-0.5");
    assert_eq!(session.attempts().len(), 2);
}

#[test]
fn points_that_an_edited_spec_no_longer_asks_for_are_not_begun() {
    let script = "touch begun-$1; while ! test -e go; do sleep 0.05; done";
    let sweep = "[sweep]\nmethod = \"grid\"\nparams = { lr = [1, 2, 3] }\n";
    let session = scripted(script, sweep);
    let child = session.start(&["run", "-j", "1", "e/script"]);
    until("begun", || session.root().join("begun-1").exists());
    session.edit("experiments/e/script.toml", "[1, 2, 3]", "[1, 4]");
    session.ok(&["approve", "e/script"]);
    session.write("go", "");
    let output = child.wait_with_output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && out.contains("2 trained"), "{out}");
    let labels: std::collections::BTreeSet<String> =
        session.runs().iter().map(|run| run["label"].as_str().unwrap().to_owned()).collect();
    assert_eq!(labels, ["s-1", "s-4"].map(str::to_owned).into());
    assert!(!session.root().join("begun-2").exists());
}

#[test]
fn failures_are_retried_as_often_as_the_spec_says_and_mistakes_never() {
    let script = "echo x >> tries; test $(wc -l < tries) -ge 3";
    let session = scripted(script, &format!("retries = 2\n{PARAMS}"));
    let printed = session.run(&["run", "e/script"]);
    assert_eq!(printed.code, 0, "{}", printed.err);
    for pause in ["s-0.5 is tried again in 1 s", "s-0.5 is tried again in 4 s"] {
        assert!(printed.err.contains(pause), "{}", printed.err);
    }
    let run = session.run(&["show", "s-0.5", "--json"]).json();
    let attempts: Vec<_> =
        run["attempts"].as_array().unwrap().iter().map(|it| it["status"].clone()).collect();
    assert_eq!(attempts, ["failed", "failed", "finished"]);
    session.edit("experiments/e/script.toml", "\"sh\"", "\"no-such-program\"");
    let printed = session.run(&["run", "e/script"]);
    assert!(!printed.err.contains("tried again"), "{}", printed.err);
    session.edit("experiments/e/script.toml", "retries = 2", "retries = 2\nmemory = \"much\"");
    assert!(session.run(&["run"]).err.contains("`memory` is a size"));
}

fn kill(signal: &str, process: u32) {
    let status = Command::new("kill").args([signal, &process.to_string()]).status().unwrap();
    assert!(status.success());
}

fn is_alive(process: u32) -> bool {
    let state = Command::new("ps").args(["-o", "stat=", "-p", &process.to_string()]).output();
    let state = String::from_utf8(state.unwrap().stdout).unwrap();
    !state.trim().is_empty() && !state.starts_with('Z')
}
