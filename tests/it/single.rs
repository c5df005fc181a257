//! `report --single`: chosen runs as one file to share.

use std::fs;
use std::process::Command;

use crate::session::Session;

/// Five forests over the small data.
fn forests() -> Session {
    let session = Session::small();
    session.edit("experiments/quick/forest.toml", "[2, 3]", "[2, 3, 4, 5, 6], max_depth = [2]");
    session.ok(&["run"]);
    session
}

/// The heads of the rows of a page's first table: labels in their order.
fn labels(page: &str) -> Vec<String> {
    let rows = page.split("<th scope=\"row\">").skip(1);
    rows.filter_map(|row| Some(row.split([' ', '<']).next()?.to_owned())).collect()
}

#[test]
fn one_file_holds_everything_it_shows() {
    let session = forests();
    fs::remove_dir_all(session.root().join("site")).unwrap();
    let said = session.ok(&["report", "--single", "out.html"]);
    assert!(said.starts_with("out.html: "), "{said}");
    let page = session.read("out.html");
    for words in
        ["5 runs.", "distributions", "impact of params", "over time", "<svg", "@media print"]
    {
        assert!(page.contains(words), "{words}");
    }
    for forbidden in ["<script", "href=", "src=", "url("] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("default-src &#39;none&#39;"), "{}", &page[..400]);
    assert!(!session.root().join("site").exists(), "the site is not built");
    assert_eq!(session.ok(&["report", "--single", "-"]), page);
}

#[test]
fn a_filter_its_order_and_a_number_choose_the_runs() {
    let session = forests();
    let best: Vec<String> = session
        .run(&["list", "--json", "--sort", "metrics.r2 desc"])
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["label"].as_str().unwrap().to_owned())
        .collect();
    let page = session.ok(&["report", "--single", "-", "quick", "--top", "3", "--form", "table"]);
    assert_eq!(labels(&page), best[..3]);
    assert!(!page.contains("<svg") && page.contains(">n_estimators<"));
    let filter = "params.n_estimators > 3 order by params.n_estimators desc";
    let page = session.ok(&["report", "--single", "-", "--form", "table", "--top", "2", filter]);
    assert_eq!(labels(&page), ["small-6", "small-5"]);
    let page = session.ok(&["report", "--single", "-", "--form", "comparison"]);
    assert_eq!(page.matches("<figure>").count(), 4);
}

#[test]
fn two_clones_write_the_same_file() {
    let session = forests();
    session.ok(&["snapshot"]);
    let clone = session.root().parent().unwrap().join("clone");
    let cloned =
        Command::new("git").arg("clone").arg("-q").arg(session.root()).arg(&clone).status();
    assert!(cloned.unwrap().success());
    let page = session.ok(&["report", "--single", "-"]);
    assert_eq!(session.at(clone).ok(&["report", "--single", "-"]), page);
}

#[test]
fn nothing_is_written_about_nothing() {
    let session = forests();
    session.write("out.html", "mine");
    let printed = session.run(&["report", "--single", "out.html", "params.n_estimator > 3"]);
    assert_eq!((printed.code, session.read("out.html").as_str()), (1, "mine"));
    assert!(printed.err.contains("no run has params.n_estimator"), "{}", printed.err);
    assert_eq!(session.run(&["report", "quick"]).code, 2);
    assert_eq!(session.run(&["report", "--top", "3"]).code, 2);
    assert_eq!(session.run(&["report", "--single", "-", "--as-of", "2026-11-16"]).code, 2);
}
