//! `digest`: what happened in a day, a week or a span of dates.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::time::SystemTime;

use fairledger::ledger::time::Timestamp;

use crate::session::Session;

#[test]
fn a_day_is_told_in_every_form() {
    let session = Session::small();
    session.ok(&["run"]);
    let spec = "name = \"broken\"\n[data]\npath = \"data/small.csv\"\ntarget = \"word\"\nfeatures = [\"x\"]\n\
                [train]\nmodel = \"linear-regression\"\n";
    session.write("experiments/quick/broken.toml", spec);
    drop(session.run(&["run"]));
    let today = session.runs()[0]["started"].as_str().unwrap()[..10].to_owned();
    let text = session.ok(&["digest", "daily", &today]);
    assert!(text.contains("| quick | "), "{text}");
    assert!(text.contains("(new best)") && text.contains("2 finished"), "{text}");
    let shown = session.run(&["digest", "weekly", &today, "--json"]).json();
    assert_eq!(
        (&shown["finished"], &shown["experiments"][0]["is_record"]),
        (&2.into(), &true.into())
    );
    let csv = session.ok(&["digest", "daily", &today, "--csv"]);
    assert_eq!(csv.lines().count(), 1 + shown["runs"].as_u64().unwrap() as usize);
    let head: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    for column in
        ["run_id", "r2", "r2_score", "rmse", "n_estimators", "max_depth", "min_samples_split"]
    {
        assert!(head.contains(&column), "{column}: {csv}");
    }
    let html = session.ok(&["digest", "daily", &today, "--html"]);
    assert!(html.contains("<style>") && !html.contains("<script") && !html.contains("href=\"../"));
    assert!(html.contains("impact of params"));
    fs::create_dir(session.root().join("out")).unwrap();
    session.ok(&["digest", "daily", &today, "-o", "out"]);
    for (ending, content) in [("csv", csv), ("html", html)] {
        assert_eq!(session.read(&format!("out/daily-{today}.{ending}")), content);
    }
    assert!(session.ok(&["digest", "daily", "2020-01-01"]).contains("0 runs"));
    assert_eq!(session.run(&["digest", "range", "2020-01-02", "2020-01-01"]).code, 2);
    assert!(session.ok(&["digest", "range", "2020-01-01", "2020-01-02"]).contains("2020-01-01 to"));
}

/// A ledger in a time zone with runs of the past: each started so many hours ago, brought from another
/// tracker.
fn past(zone: &str, hours: &[i64]) -> (Session, Vec<String>) {
    let session = Session::new();
    session.outside(&["init", "--empty", "ledger"]).ok();
    session.edit("ledger.toml", "time_zone = \"UTC\"", &format!("time_zone = \"{zone}\""));
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
    let write = |path: &str, text: &str| {
        session.write(&format!("../mlruns/7/{path}"), text);
    };
    write("meta.yaml", "experiment_id: '7'\nname: old\nlifecycle_stage: active\n");
    let mut dates = Vec::new();
    for (at, ago) in hours.iter().enumerate() {
        let start = i64::try_from(now).unwrap() - ago * 3_600_000;
        dates.push(Timestamp::from_microseconds(start * 1000).date(zone));
        let end = start + 84;
        let meta = format!(
            "artifact_uri: file:///gone\nend_time: {end}\nexperiment_id: '7'\nlifecycle_stage: active\n\
             run_id: a{at}\nrun_name: run {at}\nstart_time: {start}\nstatus: 3\n"
        );
        write(&format!("a{at}/meta.yaml"), &meta);
        write(&format!("a{at}/params/depth"), &at.to_string());
        write(&format!("a{at}/metrics/r2"), &format!("{start} 0.{at} 0\n"));
    }
    session.ok(&["import", "mlflow", "../mlruns"]);
    (session, dates)
}

/// The digests there are, without their endings.
fn digests(session: &Session) -> BTreeSet<String> {
    let files = fs::read_dir(session.root().join("digests")).into_iter().flatten();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter_map(|name| Some(name.strip_suffix(".html")?.to_owned())).collect()
}

#[test]
fn the_daemon_tells_of_days_that_ended_once() {
    // Two days of which it is told, today, and one long past; far east the days are others.
    for zone in ["UTC", "Pacific/Kiritimati", "America/Santiago"] {
        let (session, dates) = past(zone, &[0, 26, 27, 74, 24 * 60]);
        let said = session.ok(&["watch", "--once"]);
        let ended: BTreeSet<&String> = dates[1..4].iter().collect();
        let daily = |names: &BTreeSet<String>| -> BTreeSet<String> {
            names.iter().filter_map(|name| Some(name.strip_prefix("daily-")?.to_owned())).collect()
        };
        let made = digests(&session);
        assert_eq!(daily(&made), ended.iter().map(|date| (*date).clone()).collect(), "{zone}");
        for date in &ended {
            assert!(said.contains(&format!("digest: digests/daily-{date}.html")), "{said}");
            for (ending, word) in [("csv", "--csv"), ("html", "--html")] {
                let told = session.ok(&["digest", "daily", date, word]);
                assert_eq!(session.read(&format!("digests/daily-{date}.{ending}")), told);
            }
            assert!(session.read(&format!("digests/daily-{date}.md")).contains("old"));
        }
        let again = session.ok(&["watch", "--once"]);
        assert!(!again.contains("digest:"), "{again}");
        assert_eq!(digests(&session), made);
    }
}

#[test]
fn weeks_end_with_their_sunday() {
    let (session, dates) = past("UTC", &[24 * 8, 24 * 15]);
    session.ok(&["watch", "--once"]);
    let weekly: Vec<String> = digests(&session).into_iter().collect();
    assert_eq!(weekly.len(), 2, "a week each, and no day so far back: {weekly:?}");
    for name in &weekly {
        let last = name.strip_prefix("weekly-").unwrap();
        assert_eq!(Timestamp::days_since_monday(last), Some(6), "{name}");
        let told = session.ok(&["digest", "weekly", last, "--csv"]);
        assert_eq!(session.read(&format!("digests/{name}.csv")), told);
    }
    assert!(dates[0].as_str() <= weekly[1].trim_start_matches("weekly-"), "{dates:?} {weekly:?}");
}

#[test]
fn what_comes_late_is_told_and_two_clones_tell_the_same() {
    let (session, dates) = past("UTC", &[26]);
    session.ok(&["watch", "--once"]);
    let name = format!("digests/daily-{}", dates[0]);
    assert!(session.read(&format!("{name}.md")).contains("1 runs"));
    assert!(!session.git(&["status", "--porcelain"]).contains("digests"), "git ignores them");
    let store = |path: &str| session.read(&format!("../mlruns/7/{path}"));
    let meta = store("a0/meta.yaml").replace("run_id: a0", "run_id: b0");
    session.write("../mlruns/7/b0/meta.yaml", &meta);
    session.ok(&["import", "mlflow", "../mlruns"]);
    assert!(session.ok(&["watch", "--once"]).contains("digest:"));
    assert!(session.read(&format!("{name}.md")).contains("2 runs"));
    session.ok(&["snapshot"]);
    let clone = session.root().parent().unwrap().join("clone");
    let cloned =
        Command::new("git").arg("clone").arg("-q").arg(session.root()).arg(&clone).status();
    assert!(cloned.unwrap().success());
    let files =
        |session: &Session| ["csv", "html", "md"].map(|it| session.read(&format!("{name}.{it}")));
    let first = files(&session);
    let clone = session.at(clone);
    clone.ok(&["watch", "--once"]);
    assert_eq!(files(&clone), first);
}
