//! Clustering through the whole flow: no target, no split, and what the commands and pages make of
//! such runs.

use std::fmt::Write as _;

use crate::session::Session;

const SPEC: &str = "\
[data]
path = \"data/points.csv\"
features = [\"x\", \"y\"]

[train]
model = \"k-means\"
seed = 1

[params]
n_clusters = 3
";

/// A ledger with three groups of points, which the last column names.
fn points() -> Session {
    let session = Session::new();
    session.outside(&["init", "--empty", "ledger"]).ok();
    let mut text = String::from("x,y,kind,part\n");
    for row in 0..30 {
        let (kind, part) = (row % 3, if row < 24 { "train" } else { "test" });
        let (x, y) = (10 * kind + row % 5, 20 * (kind % 2) + row % 4);
        let _ = writeln!(text, "{x},{y},kind {kind},{part}");
    }
    session.write("data/points.csv", &text);
    session.write("experiments/groups/means.toml", SPEC);
    session
}

/// All that is known of the only run.
fn shown(session: &Session) -> serde_json::Value {
    let short = session.runs()[0]["short"].as_str().unwrap().to_owned();
    session.run(&["show", &short, "--json"]).json()
}

#[test]
fn a_clustering_needs_no_target_and_no_split() {
    let session = points();
    session.ok(&["run"]);
    let run = &shown(&session);
    let metrics = run["metrics"].as_object().unwrap();
    let names: Vec<&str> = metrics.keys().map(String::as_str).collect();
    let expected =
        ["calinski_harabasz", "clusters", "davies_bouldin", "inertia", "noise", "silhouette"];
    assert_eq!(names, expected);
    assert_eq!(metrics["clusters"], 3.0);
    assert!(metrics["silhouette"].as_f64().unwrap() > 0.6, "{metrics:?}");
    assert_eq!((&run["target"], &run["split"]), (&"".into(), &"".into()));

    let attempt = session.attempts()[0].clone();
    let clusters = std::fs::read_to_string(attempt.join("artifacts/clusters.csv")).unwrap();
    assert_eq!(clusters.lines().count(), 31);
    assert!(attempt.join("artifacts/centroids.csv").exists());
    assert!(!attempt.join("artifacts/predictions.csv").exists());

    let text = session.ok(&["show", run["short"].as_str().unwrap()]);
    assert!(text.contains("none: all rows are training rows"), "{text}");
    session.ok(&["list"]);
    session.ok(&["report"]);
    let id = run["id"].as_str().unwrap();
    let page = session.read(&format!("site/r/{}/{id}/index.html", &id[..2]));
    for text in ["Rows by cluster", "none: all rows are training rows", "x, y", "silhouette"] {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains("No picture"));
}

#[test]
fn known_groups_and_a_split_are_looked_at_where_they_are_given() {
    let session = points();
    session.edit(
        "experiments/groups/means.toml",
        "features = [\"x\", \"y\"]",
        "target = \"kind\"\nsplit = { column = \"part\" }",
    );
    session.ok(&["run"]);
    let run = &shown(&session);
    assert_eq!(run["features"], serde_json::json!(["x", "y"]));
    for name in ["adjusted_rand", "train_adjusted_rand", "silhouette", "train_inertia"] {
        assert!(run["metrics"][name].is_f64(), "{name} in {run}");
    }
    assert_eq!(run["metrics"]["train_adjusted_rand"], 1.0);
    assert_eq!(run["model"]["test_rows"], 6);
}

#[test]
fn noise_is_shown_and_new_rows_find_their_cluster() {
    let session = points();
    let data = session.read("data/points.csv") + "500,500,far,test\n";
    session.write("data/points.csv", &data);
    let spec = SPEC.replace("k-means", "dbscan").replace("n_clusters = 3", "eps = 3");
    session.write("experiments/groups/means.toml", &spec);
    session.ok(&["run"]);
    let run = &shown(&session);
    assert_eq!(run["metrics"]["clusters"], 3.0);
    assert_eq!(run["metrics"]["noise"], 1.0 / 31.0);
    assert!(run["metrics"].get("inertia").is_none());
    let log = session.ok(&["log", run["short"].as_str().unwrap()]);
    assert!(log.contains("no inertia: the model has no centroids"), "{log}");
    session.ok(&["report"]);
    let id = run["id"].as_str().unwrap();
    let page = session.read(&format!("site/r/{}/{id}/index.html", &id[..2]));
    assert!(page.contains("31 rows in 3 clusters; noise is in none."), "{page}");

    session.write("new.csv", "x,y\n1,1\n300,1\n");
    let short = run["short"].as_str().unwrap();
    let answers = session.ok(&["predict", short, "--input", "new.csv"]);
    let clusters: Vec<&str> =
        answers.lines().skip(1).map(|line| line.rsplit(',').next().unwrap()).collect();
    assert_eq!(clusters, ["0", "-1"], "{answers}");
}

#[test]
fn what_clusters_cannot_have_is_a_mistake() {
    let session = points();
    let spec = SPEC.to_owned() + "\n[evaluate]\nmetrics = [\"adjusted_rand\"]\ncv = 3\n";
    session.write("experiments/groups/means.toml", &spec);
    let printed = session.run(&["plan"]);
    for text in [
        "\"adjusted_rand\" compares with known groups",
        "name their column as `target` in [data]",
        "a clustering model has no target that `cv` could use",
    ] {
        assert!(printed.err.contains(text), "{}", printed.err);
    }
    session.write("experiments/groups/means.toml", &SPEC.replace("= 3", "= 300"));
    let printed = session.run(&["run"]);
    let text = "n_clusters is 300, more than its 30 training rows; lower it";
    assert!(format!("{}{}", printed.out, printed.err).contains(text), "{}", printed.err);
}
