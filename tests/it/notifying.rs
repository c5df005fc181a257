//! `[notify]`: a command that is told of alerts, once each, and only after it was approved.

use std::fs;

use serde_json::Value;

use crate::monitoring::housing;
use crate::session::Session;
use crate::watching::Daemon;

const TELL: &str = "cat >> told.json\n\
                    echo \"$FAIRLEDGER_MONITOR ${FAIRLEDGER_ALERT##*/} $HOOK\" >> told.txt\n";

/// A monitor that raises an alert, and tells a command of it.
fn alarmed(command: &str) -> Session {
    let session = housing();
    session.write("tell.sh", TELL);
    let text = format!(
        "model = \"house@champion\"\ndata = \"data/drifted.csv\"\nalert = [\"r2 < 0.8\"]\n\n\
         [notify]\ncommand = {command}\nenv_pass = [\"HOOK\"]\n"
    );
    session.write("monitors/house.toml", &text);
    session
}

/// The lines that the command wrote.
fn told(session: &Session) -> Vec<String> {
    let text = fs::read_to_string(session.root().join("told.txt")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_command_is_told_once_after_it_was_approved() {
    let session = alarmed("[\"sh\", \"tell.sh\"]");
    let run = || session.with(&[("HOOK", "secret words")], &["monitor", "run", "--json"]);
    assert_eq!(run().code, 7);
    assert!(told(&session).is_empty(), "nobody approved it");
    let status = session.ok(&["status"]);
    assert!(
        status.contains("pending: monitors/house.toml, 1 alert to tell: never approved"),
        "{status}"
    );
    let shown = session.ok(&["approve", "monitors/house.toml"]);
    assert!(shown.contains("runs    sh tell.sh") && shown.contains("reads   tell.sh"), "{shown}");
    let printed = run();
    let alerts: Value = serde_json::from_str(&printed.out).unwrap();
    let alert = alerts[0]["alert"].as_str().unwrap();
    assert!(printed.err.contains(&format!("told of {alert}")), "{}", printed.err);
    let name = alert.rsplit('/').next().unwrap();
    assert_eq!(told(&session), [format!("house {name} secret words")]);
    assert_eq!(session.read("told.json"), session.read(alert));
    run();
    assert_eq!(told(&session).len(), 1, "once an alert");
    // Another script is another command.
    session.edit("tell.sh", "cat", "cat -");
    session.edit("monitors/house.toml", "r2 < 0.8", "r2 < 0.79");
    run();
    assert_eq!(told(&session).len(), 1);
    let status = session.run(&["status", "--json"]).json();
    assert_eq!(status["pending"][0]["spec"], "monitors/house.toml");
    session.ok(&["approve", "monitors/house.toml"]);
    run();
    assert_eq!(told(&session).len(), 2);
    session.ok(&["verify"]);
}

#[test]
fn the_daemon_tells_too() {
    let session = alarmed("[\"sh\", \"tell.sh\"]");
    session.ok(&["approve", "monitors/house.toml"]);
    let daemon = Daemon::start(&session);
    daemon.until("told of monitors/alerts/house-");
    assert_eq!(told(&session).len(), 1);
    drop(daemon);
    session.ok(&["watch", "--once"]);
    assert_eq!(told(&session).len(), 1);
}

#[test]
fn a_command_that_fails_is_tried_and_then_named() {
    let session = alarmed("[\"sh\", \"-c\", \"echo x >> tries; echo no luck >&2; exit 3\"]");
    session.ok(&["approve", "monitors/house.toml"]);
    let printed = session.run(&["monitor", "run"]);
    assert!(
        printed.err.contains("not told of") && printed.err.contains("no luck"),
        "{}",
        printed.err
    );
    assert_eq!(session.read("tries").lines().count(), 3);
    session.run(&["monitor", "run"]);
    assert_eq!(session.read("tries").lines().count(), 3, "given up");
    let status = session.ok(&["status"]);
    assert!(
        status.contains("not told: monitors/alerts/house-") && status.contains("no luck"),
        "{status}"
    );
}

#[test]
fn mistakes_in_it_are_found_before_any_alert() {
    let session = alarmed("[]");
    session.edit("monitors/house.toml", "env_pass = [\"HOOK\"]", "timeout = \"soon\"");
    let printed = session.run(&["monitor", "run"]);
    assert_eq!(printed.code, 3);
    assert!(
        printed.err.contains("names no program") && printed.err.contains("\"90s\""),
        "{}",
        printed.err
    );
}
