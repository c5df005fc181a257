//! Tables of runs: for people, for spreadsheets and for data frames.

use serde_json::{Value, json};

use crate::assert_shows;
use crate::session::{SMALL_SPEC, Session};

fn trained() -> Session {
    let session = Session::small();
    session.ok(&["run", "-j", "1"]);
    session
}

/// Lines of CSV as rows of cells; a comma in quotes divides nothing.
fn rows(csv: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| {
        let mut quoted = false;
        let divides = |c: char| {
            quoted ^= c == '"';
            c == ',' && !quoted
        };
        line.split(divides).map(str::to_owned).collect()
    };
    csv.lines().map(cells).collect()
}

#[test]
fn an_order_and_a_limit_make_one_list_of_all_experiments() {
    let session = trained();
    let spec = SMALL_SPEC.replace("[2, 3]", "[2, 4]").replace("\"small-", "\"other-");
    session.write("experiments/second/forest.toml", &spec);
    session.ok(&["run", "-j", "1"]);
    let labels = |words: &[&str]| {
        let csv = session.ok(&[&["list", "--csv", "--columns", "label"], words].concat());
        csv.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        labels(&["--sort", "params.n_estimators desc, experiment"]),
        ["other-4", "small-3", "small-2", "other-2"]
    );
    assert_eq!(
        labels(&["order by n_estimators, experiment desc"]),
        labels(&["--sort", "n_estimators, experiment desc"])
    );
    assert_eq!(labels(&["--sort", "metrics.rmse", "--limit", "1", "second"]).len(), 1);
    assert_eq!(labels(&["--limit", "1"]), ["other-4"], "the newest");
    assert_eq!(labels(&["--limit", "0"]), [""; 0]);
    assert_shows!(session, session.ok(&["list", "--sort", "n_estimators desc", "--limit", "2"]), @r"
    run         label    experiment  status    started                   mae      mse        r2     rmse
    [RUN]  other-4  second      finished  [TIME]    6.675  49.5681   -8.8889  7.04046
    [RUN]  small-3  quick       finished  [TIME]  6.48333  47.0461  -8.38576  6.85902

    next: fairledger show [RUN]
    ");
    let wrong = session.run(&["list", "--sort", "metrics.r2 descending"]);
    assert_eq!(wrong.code, 2, "{}", wrong.err);
}

#[test]
fn columns_are_chosen_by_the_names_of_the_filter_language() {
    let session = trained();
    assert_shows!(session, session.ok(&["list", "--columns", "run,params.n_estimators,r2,curve.rmse,files"]), @r"
    quick (quick)
    run         params.n_estimators        r2  curve.rmse  files
    [RUN]                    3  -8.38576  ▅           present
    [RUN]                    2  -7.42344  ▅           present

    next: fairledger show [RUN]
    ");
    let more = session.ok(&["list", "--columns", "+params.n_estimators"]);
    let head = more.lines().nth(1).unwrap();
    assert!(head.ends_with("rmse  params.n_estimators"), "{head}");
    let wrong = session.run(&["list", "--columns", "attributes.statsu"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("did you mean attributes.status?"), "{}", wrong.err);
}

#[test]
fn csv_holds_what_json_holds() {
    let session = trained();
    session.ok(&["tag", "small-2", "team=a \"b\""]);
    let csv = session.ok(&["list", "--csv"]);
    let table = rows(&csv);
    let json = session.run(&["list", "--json"]).json();
    assert_eq!(table.len(), 3);
    let column = |name: &str| table[0].iter().position(|it| *it == name).expect(name);
    for (row, run) in table[1..].iter().zip(json.as_array().unwrap()) {
        assert_eq!(row.len(), table[0].len());
        assert_eq!(row[column("run_id")], run["id"]);
        assert_eq!(row[column("created")], run["started"]);
        assert_eq!(row[column("status")], "finished");
        assert_eq!(row[column("seed")], "7");
        let number = |name: &str| json!(row[column(name)].parse::<f64>().unwrap());
        assert_eq!(row[column("param_n_estimators")], run["params"]["n_estimators"].to_string());
        assert_eq!(row[column("best_step_r2")], "0");
        for name in ["last_r2", "min_r2", "max_r2", "mean_r2"] {
            assert_eq!(number(name), run["metrics"]["r2"], "{name}");
        }
    }
    assert!(csv.contains("\"a \"\"b\"\"\""), "{csv}");
}

#[test]
fn markdown_is_a_table_for_a_text() {
    let session = trained();
    let text = session.ok(&["list", "--markdown", "--columns", "label,r2", "--sort", "r2"]);
    assert_eq!(
        text,
        "| label | r2 |\n| --- | ---: |\n| small-3 | -8.38576 |\n| small-2 | -7.42344 |\n"
    );
    assert_eq!(session.run(&["list", "--csv", "--json"]).code, 2, "one format at a time");
}

#[test]
fn parquet_files_are_tables_that_the_program_reads_itself() {
    let session = trained();
    session.ok(&["list", "--parquet", "runs.parquet"]);
    let data = session.ok(&["data", "runs.parquet"]);
    assert!(data.contains("2 rows"), "{data}");
    let printed = session.ok(&["export", "parquet"]);
    assert_eq!(session.named(&printed), "2 runs and 16 metric points in [LEDGER]/export\n");
    let points = session.ok(&["data", "export/metrics/experiment=quick/part-0.parquet"]);
    assert!(points.contains("16 rows"), "{points}");
    assert_eq!(session.git(&["status", "--porcelain"]), "?? runs.parquet\n");
    session.ok(&["export", "parquet", "n_estimators > 2"]);
    let data = session.ok(&["data", "export/runs/part-0.parquet"]);
    assert!(data.contains("1 row"), "{data}");
    session.ok(&["export", "parquet", "r2 > 7", "-o", "../elsewhere"]);
    assert!(session.root().join("../elsewhere/runs/part-0.parquet").is_file());
    assert!(!session.root().join("../elsewhere/.gitignore").exists());
}

#[test]
fn several_runs_are_compared_with_a_baseline() {
    let session = trained();
    session.edit("experiments/quick/forest.toml", "[2, 3]", "[2, 3, 4]");
    session.edit(
        "experiments/quick/forest.toml",
        "[sweep]",
        "[evaluate]\nmetrics = [\"r2\"]\n[sweep]",
    );
    session.ok(&["run", "-j", "1"]);
    let runs = session.runs();
    let id = |trees: u64, metrics: usize| {
        let fits = |run: &&serde_json::Value| {
            run["params"]["n_estimators"] == trees
                && run["metrics"].as_object().unwrap().len() == metrics
        };
        runs.iter().find(fits).unwrap()["short"].as_str().unwrap().to_owned()
    };
    let (two, three, four, more) = (id(2, 2), id(3, 2), id(4, 2), id(2, 8));
    assert_shows!(session, session.ok(&["diff", &two, &three, &four]), @r"
    part                  small-2   small-3   difference   small-4   difference
    metrics.r2           -7.42344  -8.38576    -0.962316   -8.8889     -1.46546
    metrics.train_r2     0.966954  0.957859  -0.00909509  0.964473  -0.00248071
    model.nodes                18        27           +9        38          +20
    model.trees                 2         3           +1         4           +2
    params.n_estimators         2         3           +1         4           +2
    next: fairledger show [RUN]
    ");
    let json = session.run(&["diff", &three, &four, "--baseline", &two, "--json"]).json();
    assert_eq!(json["runs"].as_array().unwrap().len(), 3);
    let part = |name: &str| {
        json["parts"].as_array().unwrap().iter().find(|part| part["part"] == name).unwrap().clone()
    };
    assert_eq!(part("params.n_estimators")["values"], json!([2, 3, 4]));
    assert_eq!(part("params.n_estimators")["differences"], json!([0.0, 1.0, 2.0]));
    let judged = session.ok(&["diff", &two, &more]);
    assert!(judged.contains("evaluate.metrics"), "{judged}");
    assert_eq!(session.run(&["diff", &two]).code, 2);
    session.ok(&["diff", &two, "--baseline", &three]);
    assert!(session.ok(&["diff", &two, &two]).contains("do not differ"));
    assert!(session.ok(&["diff", &two, &three, "--all"]).contains("host.target"));
}

#[test]
fn what_the_ledger_ignores_is_no_difference() {
    let session = trained();
    let words = ["diff", "small-2", "small-3", "--json"];
    let parts = |words: &[&str]| -> Vec<String> {
        let told: Value = serde_json::from_str(&session.ok(words)).unwrap();
        let name = |part: &Value| part["part"].as_str().unwrap().to_owned();
        told["parts"].as_array().unwrap().iter().map(name).collect()
    };
    assert!(parts(&words).iter().any(|part| part == "metrics.train_r2"));
    let own = session.read("ledger.toml");
    session
        .write("ledger.toml", &format!("{own}\n[report]\nignore = [\"train_*\", \"params.*\"]\n"));
    let ignored = |part: &String| part.contains("train_") || part.starts_with("params.");
    let left = parts(&words);
    assert!(!left.is_empty() && !left.iter().any(ignored), "{left:?}");
    assert!(parts(&["diff", "small-2", "small-3", "--json", "--all"]).iter().any(ignored));
    let told = session.run(&["diff", "small-2", "small-3"]);
    assert!(told.err.contains("5 parts left out"), "{}", told.err);
    session.ok(&["report"]);
    let manifest = session.read("site/data/manifest.js");
    assert!(manifest.contains("ignored"), "{manifest}");
}

#[test]
fn history_tells_what_happened_day_by_day() {
    let session = Session::small();
    assert!(session.ok(&["history"]).starts_with("Nothing happened yet."));
    session.ok(&["run", "-j", "1"]);
    session.ok(&["note", "small-2", "good"]);
    let days = session.run(&["history", "--json"]).json();
    let today = &session.runs()[0]["started"].as_str().unwrap()[..10].to_owned();
    assert_eq!(days[0]["date"], **today);
    assert_eq!((&days[0]["attempts"], &days[0]["finished"]), (&json!(2), &json!(2)));
    assert_eq!(days[0]["records"][0]["label"], "small-2");
    let table = session.ok(&["history"]);
    assert!(table.contains("quick: small-2, r2 -7.42344"), "{table}");
    assert!(session.ok(&["history", "r2 > 7"]).starts_with("Nothing happened yet."));
}

#[test]
fn metrics_are_summed_up_over_their_steps() {
    let session = Session::small();
    let steps =
        "for i in 3 1 2; do n=$((n + 1)); echo \"{\\\"loss\\\": $i, \\\"step\\\": $n}\"; done";
    let spec =
        format!("name = 'steps'\n[command]\nrun = ['sh', '-c', '{steps}']\nmetrics = 'stdout'\n");
    session.write("experiments/steps/steps.toml", &spec);
    session.ok(&["run", "steps/steps"]);
    let json = session.run(&["show", "steps", "--json"]).json();
    let loss = &json["summaries"]["loss"];
    assert_eq!(
        (&loss["min"], &loss["max"], &loss["mean"]),
        (&json!(1.0), &json!(3.0), &json!(2.0))
    );
    assert_eq!(
        (&loss["points"], &loss["last"], &loss["best_step"]),
        (&json!(3), &json!(2.0), &json!(2))
    );
    let shown = session.ok(&["show", "steps"]);
    assert!(shown.contains("over its steps  points  last  min  max  mean  best step"), "{shown}");
    let columns = "min.loss,max.loss,mean.loss,best_step.loss,best_step.nothing";
    assert_eq!(
        session.ok(&["list", "steps", "--csv", "--columns", columns]),
        format!("{columns}\n1,3,2,2,\n")
    );
}
