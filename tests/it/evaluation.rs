//! How runs are judged: metrics, folds, and the mistakes one can make in asking for them.

use crate::assert_shows;
use crate::session::{SMALL_SPEC, Session};

/// A small ledger whose spec has an evaluation section.
fn judged(section: &str) -> Session {
    let session = Session::small();
    let spec = SMALL_SPEC.replace("[2, 3]", "[2]");
    session.write("experiments/quick/forest.toml", &format!("{spec}\n[evaluate]\n{section}\n"));
    session
}

#[test]
fn every_metric_of_regression_can_be_asked_for() {
    let names = [
        "explained_variance",
        "mae",
        "mape",
        "max_error",
        "median_absolute_error",
        "mse",
        "r2",
        "rmse",
    ];
    let session = judged(&format!("metrics = {names:?}"));
    session.ok(&["run"]);
    let metrics = &session.runs()[0]["metrics"];
    for name in names {
        assert!(metrics[name].is_f64() && metrics[format!("train_{name}")].is_f64(), "{metrics}");
    }
}

#[test]
fn a_run_has_four_metrics_unless_asked_otherwise() {
    let session = judged("");
    session.ok(&["run"]);
    let metrics = session.runs()[0]["metrics"].as_object().unwrap().clone();
    let tests: Vec<_> = metrics.keys().filter(|name| !name.starts_with("train_")).collect();
    assert_eq!(tests, ["mae", "mse", "r2", "rmse"]);
}

#[test]
fn folds_are_steps_and_their_mean_and_deviation_are_metrics() {
    let session = judged("cv = 4");
    let out = session.ok(&["run"]);
    assert!(out.contains("cv_r2") && out.contains("2.6875 ± 1.53"), "{out}");
    let metrics = &session.runs()[0]["metrics"];
    for name in ["cv_r2", "cv_r2_std", "cv_mae", "fold_mae"] {
        assert!(metrics[name].is_f64(), "{metrics}");
    }
    let attempt = session.attempts()[0].clone();
    let lines = std::fs::read_to_string(attempt.join("metrics.jsonl")).unwrap();
    let points: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |name| points.iter().filter(move |point| point["name"] == name);
    let steps: Vec<u64> = of("fold_mae").map(|point| point["step"].as_u64().unwrap()).collect();
    assert_eq!(steps, [1, 2, 3, 4]);
    let sum: f64 = of("fold_mae").map(|point| point["value"].as_f64().unwrap()).sum();
    let mean = of("cv_mae").next().unwrap()["value"].as_f64().unwrap();
    assert!((sum / 4.0 - mean).abs() < 1e-12);
    assert_shows!(session, session.ok(&["show", "small-2"]).split("\nparams").next().unwrap(), @r"
    quick / small-2 ([RUN])
    finished, [TIME]

    metric      test     train  mean of folds ± deviation  better
    mae          6.1    0.7125              2.6875 ± 1.53  lower
    mse      42.2225  0.693125             10.2663 ± 9.72  lower
    r2      -7.42344  0.966954            -8.72833 ± 7.27  higher
    rmse     6.49788  0.832541             2.80867 ± 1.54  lower

    over its steps  points      last       min        max      mean  best step
    fold_mae             4      4.95      1.05       4.95    2.6875          3
    fold_mse             4    25.825     1.225     25.825   10.2663          3
    fold_r2              4  -18.5274  -18.5274  -0.111111  -8.72833          3
    fold_rmse            4   5.08183    1.1068    5.08183   2.80867          3
    ");
    let page = session.read(&page_of(&session));
    assert!(page.contains("mean ± deviation"), "the page has a column of folds");
}

/// The page of the only run.
fn page_of(session: &Session) -> String {
    let id = session.runs()[0]["id"].as_str().unwrap().to_owned();
    format!("site/r/{}/{id}/index.html", &id[..2])
}

#[test]
fn folds_are_part_of_the_identity() {
    let session = judged("");
    session.ok(&["run"]);
    for (section, trained) in [
        ("cv = 2", "1 trained"),
        // The same folds in other words.
        ("cv = { folds = 2 }", "0 trained"),
        ("cv = { folds = 2, kind = \"plain\", shuffle = false }", "0 trained"),
        ("cv = { folds = 2, shuffle = true }", "1 trained"),
        ("cv = { folds = 2, kind = \"time\" }", "1 trained"),
        ("cv = { folds = 2, time = \"word\" }", "1 trained"),
        ("cv = { folds = 2, group = \"word\" }", "1 trained"),
        ("", "0 trained"),
    ] {
        let spec = SMALL_SPEC.replace("[2, 3]", "[2]");
        session.write("experiments/quick/forest.toml", &format!("{spec}\n[evaluate]\n{section}\n"));
        let out = session.ok(&["run"]);
        assert!(out.contains(trained), "{section}: {out}");
    }
}

#[test]
fn a_fold_that_fails_fails_the_run() {
    let session = judged("cv = 8");
    session.edit("data/small.csv", "5,10.1,e,train", "1e300,10.1,e,train");
    session.edit("data/small.csv", "1,2.1,a,train", "1,2.1,a,test");
    let printed = session.run(&["run"]);
    assert_eq!(printed.code, 4);
    session.edit("data/small.csv", "1e300", "5");
    session.edit("experiments/quick/forest.toml", "cv = 8", "cv = 7");
    session.ok(&["run"]);
    session.edit("experiments/quick/forest.toml", "cv = 7", "cv = 8");
    let printed = session.run(&["run"]);
    assert!(
        printed.err.contains("7 rows are too few for 8 folds; ask for fewer"),
        "{}",
        printed.err
    );
    assert_eq!(printed.code, 4);
}

const MISTAKES: &str = r#"
metrics = ["r_2", "mea"]
cv = { folds = 30, kind = "stratified", shuffle = true, seed = 3, time = "wrod", group = "y" }
"#;

#[test]
fn mistakes_of_an_evaluation_are_shown_at_once() {
    let session = judged(MISTAKES);
    assert_shows!(session, session.run(&["plan"]).err, @r#"
    error: experiments/quick/forest.toml:19:12: there is no metric "r_2" for this model
      --> experiments/quick/forest.toml:19:12
       |
    19 | metrics = ["r_2", "mea"]
       |            ^^^^^
       |
       = help: did you mean "r2"?

    error: experiments/quick/forest.toml:19:19: there is no metric "mea" for this model
      --> experiments/quick/forest.toml:19:19
       |
    19 | metrics = ["r_2", "mea"]
       |                   ^^^^^
       |
       = help: did you mean "mae"?

    error: experiments/quick/forest.toml:20:16: 12 rows are too few for 30 folds
      --> experiments/quick/forest.toml:20:16
       |
    20 | cv = { folds = 30, kind = "stratified", shuffle = true, seed = 3, time = "wrod", group = "y" }
       |                ^^
       |
       = help: ask for fewer folds

    error: experiments/quick/forest.toml:20:67: rows go to folds by `group` or by `time`, not by both
      --> experiments/quick/forest.toml:20:67
       |
    20 | cv = { folds = 30, kind = "stratified", shuffle = true, seed = 3, time = "wrod", group = "y" }
       |                                                                   ^^^^
       |
       = help: remove one of them

    error: experiments/quick/forest.toml:20:74: data/small.csv has no column `wrod`
      --> experiments/quick/forest.toml:20:74
       |
    20 | cv = { folds = 30, kind = "stratified", shuffle = true, seed = 3, time = "wrod", group = "y" }
       |                                                                          ^^^^^^
       |
       = help: did you mean `word`?

    error: experiments/quick/forest.toml:20:90: `y` is the target
      --> experiments/quick/forest.toml:20:90
       |
    20 | cv = { folds = 30, kind = "stratified", shuffle = true, seed = 3, time = "wrod", group = "y" }
       |                                                                                          ^^^
       |
       = help: name another column
    "#);
}

#[test]
fn each_impossible_division_has_its_cure() {
    let session = judged("");
    for (section, message, cure) in [
        ("cv = 1", "at least 2", ""),
        ("cv = 13", "12 rows are too few for 13 folds", "ask for fewer folds"),
        ("cv = { folds = 12, kind = \"time\" }", "12 rows are too few", "ask for fewer"),
        ("cv = { folds = 3, kind = \"grouped\" }", "need the column of the groups", "add group ="),
        (
            "cv = { folds = 3, kind = \"stratified\" }",
            "this model predicts numbers",
            "use \"plain\"",
        ),
        ("cv = { folds = 3, kind = \"plain\", group = \"word\" }", "another kind", "remove `kind`"),
        ("cv = { folds = 3, group = \"part\" }", "`part` has 2 groups, too few for 3", "fewer"),
        ("cv = { folds = 3, time = \"y\" }", "`y` is the target", "another column"),
        (
            "cv = { folds = 3, time = \"x\", shuffle = true }",
            "the order of time",
            "remove `shuffle`",
        ),
        ("cv = { folds = 3, seed = 2 }", "the seed changes nothing", "add shuffle = true"),
    ] {
        let spec = SMALL_SPEC.replace("features = [\"x\"]\n", "");
        session.write("experiments/quick/forest.toml", &format!("{spec}\n[evaluate]\n{section}\n"));
        let err = session.run(&["plan"]).err;
        assert!(err.contains(message) && err.contains(cure), "{section}: {err}");
    }
}

/// Thirty rows of three flowers, two of which can be told apart by one column only roughly.
fn flowers() -> String {
    let line = |row: usize| {
        let flower = row % 3;
        let name = ["setosa", "versicolor", "virginica"][flower];
        format!("{},{}.5,{name}\n", 2 * flower + (row * 7) % 5, (row * 5) % 7)
    };
    "length,width,flower\n".to_owned() + &(0..30).map(line).collect::<String>()
}

/// A small ledger with a classification spec.
fn classified(section: &str) -> Session {
    let session = Session::small();
    session.write("data/flowers.csv", &flowers());
    let spec = "[data]\npath = \"data/flowers.csv\"\ntarget = \"flower\"\n\n\
                [train]\nmodel = \"k-neighbors-classifier\"\n\n[evaluate]\n";
    session.write("experiments/quick/forest.toml", &format!("{spec}{section}\n"));
    session
}

#[test]
fn mistakes_in_the_metrics_of_a_classification() {
    let session = classified("metrics = [\"accurracy\", \"f1\", \"r2\", \"log_loss\"]");
    assert_shows!(session, session.run(&["plan"]).err, @r#"
    error: experiments/quick/forest.toml:9:12: there is no metric "accurracy" for this model
     --> experiments/quick/forest.toml:9:12
      |
    9 | metrics = ["accurracy", "f1", "r2", "log_loss"]
      |            ^^^^^^^^^^^
      |
      = help: did you mean "accuracy"?

    error: experiments/quick/forest.toml:9:25: "f1" is for two classes; the target has 3
     --> experiments/quick/forest.toml:9:25
      |
    9 | metrics = ["accurracy", "f1", "r2", "log_loss"]
      |                         ^^^^
      |
      = help: use "f1_macro"

    error: experiments/quick/forest.toml:9:31: there is no metric "r2" for this model
     --> experiments/quick/forest.toml:9:31
      |
    9 | metrics = ["accurracy", "f1", "r2", "log_loss"]
      |                               ^^^^
      |
      = help: metrics: accuracy, balanced_accuracy, precision, recall, f1, precision_macro, recall_macro, f1_macro, precision_micro, recall_micro, f1_micro, precision_weighted, recall_weighted, f1_weighted, log_loss, roc_auc, roc_auc_ovr, average_precision, matthews_corrcoef
    "#);
}

#[test]
fn a_classification_has_folds_with_every_class_and_metrics_of_its_own() {
    let session = classified("cv = 4");
    session.edit("ledger.toml", "[snapshot]", "[defaults]\nmetrics = [\"rmse\"]\n\n[snapshot]");
    session.ok(&["run"]);
    let runs = session.runs();
    let metrics = runs[0]["metrics"].as_object().unwrap();
    let of_folds: Vec<&str> = metrics.keys().filter_map(|name| name.strip_prefix("cv_")).collect();
    let own = ["accuracy", "balanced_accuracy", "f1_macro", "log_loss", "roc_auc_ovr"];
    let expected: Vec<String> = own.map(|name| [name.into(), format!("{name}_std")]).concat();
    assert_eq!(of_folds, expected);
    let request = std::fs::read_to_string(session.attempts()[0].join("params.toml")).unwrap();
    assert!(request.contains("kind = \"stratified\""), "{request}");
}

#[test]
fn a_classification_leaves_its_curves_as_tables() {
    let session = classified("");
    session.ok(&["run"]);
    let artifacts = session.attempts()[0].join("artifacts");
    let read = |name: &str| std::fs::read_to_string(artifacts.join(name)).unwrap();
    let header = |name: &str| read(name).lines().next().unwrap().to_owned();
    let classes = ["setosa", "versicolor", "virginica"];
    let probabilities = classes.map(|class| format!("probability_{class}")).join(",");
    assert_eq!(header("predictions.csv"), format!("row,actual,predicted,{probabilities}"));
    let columns = classes.map(|class| format!("predicted_{class}")).join(",");
    assert_eq!(header("confusion_matrix.csv"), format!("actual,{columns}"));
    assert_eq!(header("roc.csv"), "class,false_positive_rate,true_positive_rate,threshold");
    assert_eq!(header("precision_recall.csv"), "class,recall,precision,threshold");
    assert_eq!(header("calibration.csv"), "class,predicted,observed,rows");
    let page = page_of(&session);
    for picture in ["roc.svg", "precision-recall.svg", "calibration.svg", "confusion-matrix.svg"] {
        assert!(session.read(&page).contains(&format!("href=\"{picture}\"")), "{picture}");
        let file = session.read(&page.replace("index.html", picture));
        assert!(file.starts_with("<svg") && file.contains("prefers-color-scheme"), "{picture}");
    }
    let matrix = read("confusion_matrix.csv");
    let counts = matrix.lines().skip(1).flat_map(|line| line.split(',').skip(1));
    let rows: usize = counts.map(|count| count.parse::<usize>().unwrap()).sum();
    assert_eq!(rows, read("predictions.csv").lines().count() - 1);
}

#[test]
fn importance_and_learning_curve_come_when_asked_for() {
    let session = judged("permutation = 4\nlearning_curve = true\ncv = 2");
    session.ok(&["run"]);
    let artifacts = session.attempts()[0].join("artifacts");
    let importance = std::fs::read_to_string(artifacts.join("permutation_importance.csv")).unwrap();
    assert!(importance.starts_with("feature,metric,mean,deviation\nx,r2,"), "{importance}");
    let curve = std::fs::read_to_string(artifacts.join("learning_curve.csv")).unwrap();
    let rows: Vec<&str> = curve.lines().filter_map(|line| line.strip_prefix("r2,")).collect();
    assert!(rows.len() > 1 && rows.last().unwrap().starts_with("4,"), "{curve}");
    // Both are part of what was asked.
    session.edit("experiments/quick/forest.toml", "permutation = 4", "permutation = 5");
    assert!(session.ok(&["run"]).contains("1 trained"));
    session.edit(
        "experiments/quick/forest.toml",
        "learning_curve = true",
        "learning_curve = false",
    );
    assert!(session.ok(&["run"]).contains("1 trained"));
}
