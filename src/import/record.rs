//! What a tracker's store says, in its own terms.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::ledger::attempt::Status;
use crate::ledger::time::Timestamp;

/// An experiment of the other tracker.
#[derive(Clone, Debug, PartialEq)]
pub struct Experiment {
    /// Its id there.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it lies in the trash there.
    pub deleted: bool,
    /// Its tags, the tracker's own among them.
    pub tags: BTreeMap<String, String>,
    /// Its runs, in the order of their ids.
    pub runs: Vec<RunKey>,
}

/// Where a run is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunKey {
    /// Its id there.
    pub id: String,
    /// Its folder, in a store of files.
    pub(super) folder: PathBuf,
}

/// A run of the other tracker.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its id there.
    pub id: String,
    /// Its name; the id when it has none.
    pub name: String,
    /// How it ended; [`Status::Running`] when it has not.
    pub status: Status,
    /// When it started.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Whether it lies in the trash there.
    pub deleted: bool,
    /// Its params, all text.
    pub params: BTreeMap<String, String>,
    /// Its tags, the tracker's own among them.
    pub tags: BTreeMap<String, String>,
    /// Its metric points, by name, step, time and value.
    pub points: Vec<Point>,
    /// Its artifacts, those of the models it logged among them, by path.
    pub artifacts: Vec<Artifact>,
    /// The folder below its artifacts, with a slash, of each model it logged, by the model's id there.
    pub logged: BTreeMap<String, String>,
    /// What could not be found or taken of its artifacts, in a line each.
    pub absent: Vec<String>,
    /// What it is made of besides, under the tracker's own names.
    pub rest: Map<String, Value>,
}

/// A metric point as the other tracker has it: its steps may be negative.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The metric.
    pub name: String,
    /// The value.
    pub value: f64,
    /// The step.
    pub step: i64,
    /// When it was taken.
    pub time: Timestamp,
}

/// A file of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Its path below the run's artifacts, with forward slashes.
    pub path: String,
    /// The file.
    pub file: PathBuf,
}

/// A registered model of the other tracker.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The version each alias means.
    pub aliases: BTreeMap<String, u64>,
    /// Its versions, the first one first.
    pub versions: Vec<Version>,
}

/// A version of a registered model.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// Its number.
    pub number: u64,
    /// When it was registered.
    pub time: Timestamp,
    /// Its description.
    pub description: String,
    /// The stage it is in, such as `Production`; empty when in none.
    pub stage: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The id of the run it came from; empty when it says none.
    pub run: String,
    /// The id of the logged model it is; empty when it is none.
    pub model: String,
    /// Where it says its files came from, such as `runs:/…/model`.
    pub source: String,
}

/// Sorts points as MLflow chooses the last one: by step, time and value, those of a metric together.
pub(super) fn sort(points: &mut [Point]) {
    points.sort_by(|a, b| {
        let order = a.name.cmp(&b.name).then(a.step.cmp(&b.step)).then(a.time.cmp(&b.time));
        order.then_with(|| a.value.total_cmp(&b.value))
    });
}

/// The instant of a time in milliseconds since 1970.
pub(super) fn instant(milliseconds: i64) -> Timestamp {
    Timestamp::from_microseconds(milliseconds.saturating_mul(1000))
}

/// The name of a run: its own, else that of its tags, else its id.
pub(super) fn run_name(own: String, tags: &BTreeMap<String, String>, id: &str) -> String {
    let tag = tags.get("mlflow.runName").cloned().unwrap_or_default();
    [own, tag].into_iter().find(|name| !name.is_empty()).unwrap_or_else(|| id.to_owned())
}

/// The stage of a version; MLflow writes `None` where there is none.
pub(super) fn stage(written: String) -> String {
    if written == "None" { String::new() } else { written }
}
