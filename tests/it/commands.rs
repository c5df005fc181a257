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
    assert_shows!(session, session.ok(&["--help"]), @"");
}

#[test]
fn list_best_and_diff() {
    let session = trained();
    assert_shows!(session, session.ok(&["list"]), @"");
    assert_shows!(session, session.ok(&["best", "quick"]), @"");
    assert_shows!(session, session.ok(&["diff", "small-2", "small-3"]), @"");
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
    assert_shows!(session, printed.err, @"");
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
    assert_shows!(session, session.ok(&["status"]), @"");
    session.ok(&["run"]);
    let status = session.run(&["status", "--json"]).json();
    assert_eq!(status["finished"], 2);
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
    assert!(first.iter().all(|(name, bytes)| name.ends_with(".svg") && bytes.starts_with(b"<")));
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
fn init_touches_nothing_that_exists() {
    let session = Session::small();
    let printed = session.outside(&["init", "ledger"]);
    assert_eq!(printed.code, 1);
    assert!(printed.err.contains("already holds a ledger.toml"), "{}", printed.err);
}
