//! `digest`: what happened in a day, a week or a span of dates.

use std::fs;

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
    assert!(csv.lines().next().unwrap().contains("param_n_estimators"), "{csv}");
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
