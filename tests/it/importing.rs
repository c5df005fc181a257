//! Bringing the runs of an MLflow store of files into a ledger.

use crate::assert_shows;
use crate::session::Session;

const EXPERIMENT: &str = "experiment_id: '7'\nname: Housing prices\nlifecycle_stage: active\n";

/// A store with two runs: one finished with everything a run can have, one that failed.
fn stored() -> Session {
    let session = Session::new();
    session.outside(&["init", "--empty", "ledger"]).ok();
    let write = |path: &str, text: &str| {
        session.write(&format!("../mlruns/7/{path}"), text);
    };
    write("meta.yaml", EXPERIMENT);
    write("tags/mlflow.note.content", "Which *forest*?");
    write("tags/team", "north");
    let run = |id: &str, name: &str, status: u8, stage: &str| {
        format!(
            "artifact_uri: file:///gone/mlruns/7/{id}/artifacts\nend_time: 1795659182050\nexperiment_id: '7'\n\
             lifecycle_stage: {stage}\nrun_id: {id}\nrun_name: {name}\nstart_time: 1795659181966\nstatus: {status}\n"
        )
    };
    write("a1/meta.yaml", &run("a1", "forest 1", 3, "active"));
    for (path, text) in [
        ("params/max_depth", "10"),
        ("params/rate", "1e-05"),
        ("params/model/kind", "forest"),
        ("metrics/r2", "1795659182000 0.5 0\n1795659182001 0.75 2\n1795659182002 0.25 -1\n"),
        ("metrics/loss", "1795659182000 nan 0\n1795659182001 inf\n"),
        ("tags/mlflow.note.content", "the first"),
        ("tags/mlflow.source.git.commit", "489de2cbd567977c9fccbb55a46f83146f08f468"),
        ("tags/dataset", "housing"),
        ("artifacts/deep/notes.txt", "kept\n"),
        ("artifacts/what?.csv", "a,b\n1,2\n"),
    ] {
        write(&format!("a1/{path}"), text);
    }
    write("b2/meta.yaml", &run("b2", "breaks", 4, "active"));
    write("c3/meta.yaml", &run("c3", "thrown away", 3, "deleted"));
    session
}

#[test]
fn a_store_of_files_is_brought_with_all_it_holds() {
    let session = stored();
    assert_shows!(session, session.ok(&["import", "mlflow", "../mlruns"]), @r"
    3 runs in 1 experiment brought: 2 finished, 1 failed, 0 interrupted; 1 of them in the trash
    3 params, 4 metric points, 3 tags, 1 note, 2 artifacts, 0 registered models, 0 versions
    without a counterpart here:
      forest 1: 1 point of negative steps, kept in mlflow.json
      forest 1: the artifact what?.csv is kept as what_.csv
    next: fairledger list, or fairledger report --open
    ");
    let run = session.run(&["show", "forest 1", "--json"]).json();
    assert_eq!(run["tracker"], serde_json::json!({ "name": "mlflow", "run": "a1" }));
    assert_eq!(
        run["params"],
        serde_json::json!({ "max_depth": 10, "rate": 1e-5, "model/kind": "forest" })
    );
    assert_eq!(run["metrics"], serde_json::json!({ "r2": 0.75, "loss": "Infinity" }));
    assert_eq!(
        (&run["tags"]["dataset"], &run["notes"][0]["text"]),
        (&"housing".into(), &"the first".into())
    );
    assert_eq!(run["git"]["commit"], "489de2cbd567977c9fccbb55a46f83146f08f468");
    assert_eq!(run["started"], "2026-11-26T02:13:01.966Z");
    let directory = run["directory"].as_str().unwrap();
    assert_eq!(session.read(&format!("{directory}/artifacts/deep/notes.txt")), "kept\n");
    assert_eq!(session.read(&format!("{directory}/artifacts/what_.csv")), "a,b\n1,2\n");
    let rest: serde_json::Value =
        serde_json::from_str(&session.read(&format!("{directory}/artifacts/mlflow.json"))).unwrap();
    assert_eq!(
        (&rest["negative_steps"][0]["step"], &rest["params"]["rate"]),
        (&(-1).into(), &"1e-05".into())
    );
    let experiment = session.read("experiments/housing-prices/experiment.toml");
    assert!(
        experiment.contains("Housing prices") && experiment.contains("Which *forest*?"),
        "{experiment}"
    );
    assert!(session.ok(&["restore"]).contains("thrown away"));
    assert_eq!(
        session.run(&["list", "params.max_depth = '10'", "--json"]).json()[0]["label"],
        "forest 1"
    );
    assert!(session.read("site/index.html").contains("Housing prices"));
    assert_eq!(session.run(&["reproduce", "forest 1"]).code, 1);
    session.ok(&["verify"]);
}

#[test]
fn registered_models_keep_their_versions_and_aliases() {
    let session = stored();
    let write = |path: &str, text: &str| {
        session.write(&format!("../mlruns/{path}"), text);
    };
    write("7/a1/artifacts/model/MLmodel", "flavors:\n");
    write("7/a1/artifacts/model/model.pkl", "learnt");
    write("models/house price/meta.yaml", "name: house price\ndescription: Prices\n");
    write("models/house price/tags/owner", "north");
    write("models/house price/aliases/champion", "1");
    let version = |number: u8, run: &str| {
        format!(
            "name: house price\nversion: {number}\nrun_id: {run}\nsource: runs:/{run}/model\ncreation_timestamp: 1795659183000\ncurrent_stage: Production\n"
        )
    };
    write("models/house price/version-1/meta.yaml", &version(1, "a1"));
    write("models/house price/version-2/meta.yaml", &version(2, "gone"));
    let brought = session.ok(&["import", "mlflow", ".."]);
    assert!(brought.contains("1 registered model, 1 version\n"), "{brought}");
    assert!(
        brought.contains(
            "version 2 of the model 'house price': the run it came from is not in the store"
        ),
        "{brought}"
    );
    let model = session.run(&["model", "show", "house price", "--json"]).json();
    assert_eq!(model["description"], "Prices", "{model}");
    assert_eq!(model["tags"]["owner"], "north");
    assert_eq!(model["versions"][0]["tags"]["stage"], "Production", "{model}");
    assert!(model.to_string().contains("artifacts/model/model.pkl"), "{model}");
    assert!(model.to_string().contains("champion"), "{model}");
    session.ok(&["import", "mlflow", ".."]);
    assert_eq!(
        session.run(&["model", "show", "house price", "--json"]).json(),
        model,
        "again adds nothing"
    );
    session.ok(&["verify"]);
}

#[test]
fn importing_again_adds_what_is_new() {
    let session = stored();
    session.ok(&["import", "mlflow", ".."]);
    let attempts = session.attempts();
    let again = session.run(&["import", "mlflow", "..", "--json"]).json();
    assert_eq!((&again["runs"], &again["held"]), (&0.into(), &3.into()));
    assert_eq!(session.attempts(), attempts);
    let dry = session.run(&["import", "mlflow", "..", "--dry-run", "--json"]).json();
    assert_eq!((&dry["runs"], &dry["held"]), (&0.into(), &3.into()), "as it would be");
    let meta = session.read("../mlruns/7/b2/meta.yaml");
    session.write(
        "../mlruns/7/d4/meta.yaml",
        &meta
            .replace("b2", "d4")
            .replace("status: 4", "status: 1")
            .replace("end_time: 1795659182050", "end_time: null"),
    );
    let running = session.run(&["import", "mlflow", "..", "--json"]).json();
    assert_eq!((&running["runs"], &running["interrupted"]), (&1.into(), &1.into()));
    session.write(
        "../mlruns/7/d4/meta.yaml",
        &meta.replace("b2", "d4").replace("status: 4", "status: 3"),
    );
    let ended = session.run(&["import", "mlflow", "..", "--json"]).json();
    assert_eq!((&ended["runs"], &ended["finished"]), (&1.into(), &1.into()), "it ended since");
    assert_eq!(session.run(&["list", "--json"]).json().as_array().unwrap().len(), 3);
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_brought() {
    let session = stored();
    session.write("../mlruns/7/b2/metrics/loss", "1795659182000 0.5 0\nhalf a li\n");
    session.write("../mlruns/7/c3/meta.yaml", "status: [\n");
    let brought = session.run(&["import", "mlflow", ".."]);
    assert_eq!(brought.code, 1);
    assert!(brought.err.contains("loss: line 2 is no metric point: half a li"), "{}", brought.err);
    assert!(brought.err.contains("not brought: run c3: "), "{}", brought.err);
    assert!(brought.out.starts_with("1 run in 1 experiment brought"), "{}", brought.out);
    for (path, why) in
        [("nowhere", "holds no MLflow store"), ("ledger.toml", "file is not a database")]
    {
        let refused = session.run(&["import", "mlflow", path]);
        assert_eq!(refused.code, 1);
        assert!(refused.err.contains(why), "{}", refused.err);
    }
}

#[cfg(unix)]
#[test]
fn a_link_among_the_artifacts_is_not_followed() {
    let session = stored();
    session.write("../secret.txt", "mine\n");
    std::os::unix::fs::symlink("/etc/passwd", session.root().join("../mlruns/7/a1/artifacts/link"))
        .unwrap();
    let brought = session.ok(&["import", "mlflow", ".."]);
    assert!(brought.contains("forest 1: the artifact link is no regular file"), "{brought}");
}
