//! A small ledger for the tests: five forests, two linear models, one failed run, one that diverged.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::json;

use crate::ledger::attempt::{DataFile, GitState, Host, Status};
use crate::ledger::cell::note_replicates;
use crate::ledger::config::ReportConfig;
use crate::ledger::digest::Digest;
use crate::ledger::fair::about::About;
use crate::ledger::id::{AttemptId, CellId, RunId};
use crate::ledger::metric::MetricPoint;
use crate::ledger::registry::{ModelView, MoveView, PinnedFile, VersionView};
use crate::ledger::time::Timestamp;
use crate::ledger::view::{
    ArtifactView, AttemptView, ExperimentView, FileState, GoalView, LedgerView, NoteView, RunFiles,
    RunView,
};

const START: i64 = 1_795_000_000_000_000;

/// A finished forest; `index` sets its place in time.
fn forest(index: i64, trees: i64, depth: i64, least: i64, r2: f64) -> RunView {
    let id = RunId::from_digest(&Digest::of(format!("forest {index}").as_bytes()));
    let started = Timestamp::from_microseconds(START + index * 61_000_000);
    let ended = Timestamp::from_microseconds(START + index * 61_000_000 + 418_250);
    let attempt = AttemptId::new(started.milliseconds(), 7 + u128::from(index.unsigned_abs()));
    let result = Digest::of(format!("result {index}").as_bytes());
    let rmse = 108_086.4 * (1.0 - r2).sqrt();
    RunView {
        id,
        short: id.short(),
        label: format!("rf-{trees}-{depth}"),
        experiment: "housing".into(),
        experiments: vec!["housing".into()],
        spec: "forest.toml".into(),
        status: Status::Finished,
        cause: None,
        description: "Five hand-picked forests".into(),
        tags: pairs(&[("dataset", "housing_price"), ("model_type", "RandomForest")]),
        notes: Vec::new(),
        star: false,
        trainer: "random-forest-regressor".into(),
        trainer_version: 1,
        seed: 42,
        cell: CellId::from_digest(&Digest::of(format!("cell {index}").as_bytes())),
        replicates: None,
        params: params(trees, depth, least),
        metrics: metrics(r2, rmse),
        data_digest: Digest::of(b"columns"),
        data: Some(data()),
        features: ["area", "bedrooms", "bathrooms", "age", "distance_to_city"]
            .map(Into::into)
            .into(),
        target: "price".into(),
        split: "column \"split\": 800 train, 200 test".into(),
        timings: BTreeMap::from([("fit".into(), 0.2751), ("predict".into(), 0.0031)]),
        model: BTreeMap::from([("nodes".into(), json!(181_244)), ("trees".into(), json!(trees))]),
        started,
        ended,
        host: Host { name: "ada".into(), target: "aarch64-macos".into(), cores: 10 },
        command: None,
        tracker: None,
        git: Some(GitState { commit: "7f3ac21d".repeat(5), dirty: false }),
        versions: pairs(&[("fairledger", "0.1.0"), ("rustc", "1.95.0")]),
        result: Some(result),
        deterministic: true,
        attempt,
        directory: format!("experiments/housing/runs/{}/{}", &id.to_string()[..2], attempt),
        attempts: vec![AttemptView {
            attempt,
            status: Status::Finished,
            cause: None,
            started,
            ended,
            result: Some(result),
        }],
        artifacts: artifacts(),
    }
}

fn params(trees: i64, depth: i64, least: i64) -> BTreeMap<String, serde_json::Value> {
    [
        ("bootstrap", json!(true)),
        ("max_depth", json!(depth)),
        ("max_features", json!(1.0)),
        ("min_samples_leaf", json!(1)),
        ("min_samples_split", json!(least)),
        ("n_estimators", json!(trees)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn data() -> DataFile {
    DataFile {
        path: "data/housing.csv".into(),
        rows: 1000,
        size: 63_412,
        blake3: Digest::of(b"data"),
        sha256: "9c1e".repeat(16),
    }
}

fn metrics(r2: f64, rmse: f64) -> BTreeMap<String, f64> {
    let train = 0.9 + r2 / 16.0;
    [
        ("r2", r2),
        ("rmse", rmse),
        ("mse", rmse * rmse),
        ("mae", rmse * 0.797_731),
        ("train_r2", train),
        ("train_rmse", 108_086.4 * (1.0 - train).sqrt()),
        ("train_mse", 108_086.4_f64.powi(2) * (1.0 - train)),
        ("train_mae", 108_086.4 * (1.0 - train).sqrt() * 0.791_31),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn pairs(some: &[(&str, &str)]) -> BTreeMap<String, String> {
    some.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn artifacts() -> Vec<ArtifactView> {
    [
        ("artifacts/feature_importance.csv", 187, FileState::Present),
        ("artifacts/model.bin", 2_899_904, FileState::Absent),
        ("artifacts/predictions.csv", 9_214, FileState::Present),
        ("artifacts/schema.json", 902, FileState::Present),
    ]
    .map(|(path, size, state)| ArtifactView {
        path: path.into(),
        size,
        blake3: Digest::of(path.as_bytes()),
        sha256: "0f".repeat(32),
        state,
    })
    .into()
}

fn linear(index: i64, label: &str, penalty: f64, r2: f64) -> RunView {
    let mut run = forest(index, 1, 1, 1, r2);
    run.label = label.into();
    run.trainer = if penalty > 0.0 { "elastic-net" } else { "linear-regression" }.into();
    run.spec = "baseline.toml".into();
    run.description = "Straight lines, to be beaten".into();
    run.tags = pairs(&[("model_type", "linear")]);
    run.params = [("fit_intercept".to_owned(), json!(true))].into();
    if penalty > 0.0 {
        run.params.insert("penalty".into(), json!(penalty));
    }
    run.model = [("coefficients".to_owned(), json!(6))].into();
    run
}

/// The housing experiment with nine runs.
pub(super) fn experiment() -> ExperimentView {
    let mut runs = vec![
        forest(1, 100, 10, 2, 0.742_112_455_284_077),
        forest(2, 200, 15, 5, 0.746_102_313_554_010_6),
        forest(3, 150, 12, 3, 0.742_276_238_976_887_5),
        forest(4, 300, 20, 2, 0.746_524_055_467_497_8),
        forest(5, 100, 8, 10, 0.745_076_224_108_683_2),
        linear(6, "linear", 0.0, 0.795_012_345_678_901_2),
        linear(7, "elastic-0.1", 0.1, 0.783_201_987_654_321),
        forest(8, 5000, 40, 2, 0.0),
        linear(9, "elastic-1e9", 1e9, f64::NAN),
    ];
    let failed = &mut runs[7];
    failed.status = Status::Failed;
    failed.cause = Some("out of memory: 5000 trees need 41 GB, 16 GB are free".into());
    failed.metrics.clear();
    failed.artifacts.clear();
    failed.result = None;
    failed.attempts[0].status = Status::Failed;
    failed.attempts[0].cause.clone_from(&failed.cause);
    failed.attempts[0].result = None;
    let best = Some(runs[5].id);
    runs[3].notes.push(NoteView {
        time: Timestamp::from_microseconds(START + 900_000_000),
        text: "Deeper trees hardly help.\nTry fewer features per split.".into(),
    });
    runs[3].tags.insert("stage".into(), "candidate".into());
    runs.reverse();
    ExperimentView {
        name: "housing".into(),
        title: "Housing prices".into(),
        description:
            "Predict the price of a house from its size, rooms, age and distance to the city."
                .into(),
        tags: pairs(&[("domain", "real-estate")]),
        goal: GoalView::of("r2".into(), None),
        readme: include_str!("../../experiments/housing/README.md").into(),
        runs,
        best,
        importance: None,
    }
}

/// An experiment of two cells with three seeds each and one run by itself.
pub(super) fn replicated() -> ExperimentView {
    let cell = |name: &str| CellId::from_digest(&Digest::of(name.as_bytes()));
    let seeded = |index: i64, trees: i64, seed: i64, r2: f64| {
        let mut run = forest(index, trees, 10, 2, r2);
        (run.cell, run.seed) = (cell(&trees.to_string()), seed);
        run
    };
    let mut runs = vec![
        seeded(1, 100, 1, 0.70),
        seeded(2, 100, 2, 0.79),
        seeded(3, 100, 3, 0.70),
        seeded(4, 200, 1, 0.75),
        seeded(5, 200, 2, 0.76),
        seeded(6, 200, 3, 0.77),
        linear(7, "linear", 0.0, 0.71),
    ];
    note_replicates(&mut runs);
    let best = Some(runs[5].id);
    runs.reverse();
    ExperimentView { runs, best, name: "seeds".into(), title: "Seeds".into(), ..experiment() }
}

/// An experiment with many forests.
pub(super) fn many(count: i64) -> ExperimentView {
    let value = |index: i64| 0.5 + (index * 7919 % 1000) as f64 / 4000.0;
    let runs: Vec<_> = (0..count)
        .map(|index| forest(index, 100 + index % 37, 3 + index % 17, 2, value(index)))
        .collect();
    let best =
        runs.iter().max_by(|a, b| a.metrics["r2"].total_cmp(&b.metrics["r2"])).map(|run| run.id);
    ExperimentView { runs, best, name: "many".into(), title: "Many".into(), ..experiment() }
}

/// The ledger with the housing experiment.
pub(super) fn ledger() -> LedgerView {
    LedgerView {
        title: "Housing prices".into(),
        description: "Which model predicts the price of a house best, and by how much?".into(),
        authors: vec!["Ada Lovelace".into()],
        licence: "Apache-2.0".into(),
        about: About::default(),
        time_zone: "UTC".into(),
        experiments: vec![experiment()],
        comparisons: Vec::new(),
        models: vec![model()],
        views: Vec::new(),
        report: ReportConfig::default(),
    }
}

/// The files of a forest: 200 predictions, importances, a log.
pub(super) fn files() -> RunFiles {
    let mut predictions = String::from("row,actual,predicted\n");
    let mut state: u32 = 1;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24) - 0.5
    };
    for row in 0..200 {
        let actual = 300_000.0 + 420_000.0 * noise() + 80_000.0 * noise();
        let predicted = 300_000.0 + (actual - 300_000.0) * 0.82 + 130_000.0 * noise();
        let _ = writeln!(predictions, "{row},{actual},{predicted}");
    }
    let importance = "feature,importance\narea,0.7213\nage,0.0871\ndistance_to_city,0.1214\n\
                      bedrooms,0.0412\nbathrooms,0.029\n";
    let log = "read data/housing.csv: 800 training rows, 200 test rows\nfit 300 trees: 181244 nodes\n\
               test r2 0.7465\n";
    RunFiles {
        points: vec![point("r2", 0.746, 0), point("rmse", 54_416.3, 0)],
        log: log.into(),
        texts: [
            ("predictions.csv".to_owned(), predictions),
            ("feature_importance.csv".to_owned(), importance.to_owned()),
        ]
        .into(),
        ..RunFiles::default()
    }
}

/// A metric point.
pub(super) fn point(name: &str, value: f64, step: u64) -> MetricPoint {
    MetricPoint { name: name.into(), value, step, time: Timestamp::from_microseconds(START) }
}

/// A registered model with two versions of forests.
pub(super) fn model() -> ModelView {
    let experiment = experiment();
    let run = &experiment.runs[0];
    let time = Timestamp::from_microseconds(START);
    let version = |number: u64, aliases: &[&str]| VersionView {
        number,
        version: format!("{number:010x}"),
        registered: time,
        deleted: None,
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        description: "tried".into(),
        tags: BTreeMap::from([("stage".into(), "tried".into())]),
        run: run.id,
        short: run.short.clone(),
        attempt: run.attempt,
        directory: run.directory.clone(),
        experiment: experiment.name.clone(),
        label: run.label.clone(),
        trainer: run.trainer.clone(),
        task: "regression".into(),
        features: run.features.clone(),
        target: run.target.clone(),
        params: run.params.clone(),
        metrics: run.metrics.clone(),
        data_digest: run.data_digest,
        data: run.data.clone(),
        profile: number == 1,
        file: PinnedFile {
            path: "artifacts/model.forest".into(),
            size: 181_244,
            blake3: run.data_digest,
            sha256: "0".repeat(64),
        },
        state: FileState::Present,
    };
    let moved = |version, back| MoveView { time, alias: "champion".into(), version, back };
    ModelView {
        name: "house".into(),
        description: "What a house costs.\n\nIn dollars.".into(),
        tags: BTreeMap::from([("team".into(), "homes".into())]),
        deleted: None,
        aliases: BTreeMap::from([("champion".into(), 1)]),
        versions: vec![version(1, &["champion"]), version(2, &[])],
        history: vec![moved(Some(1), false), moved(Some(2), false), moved(Some(1), true)],
        merged: vec!["version 2 was registered as 1 in another copy".into()],
        unreadable: Vec::new(),
    }
}
