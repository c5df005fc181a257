//! A run of another tracker as an attempt of a run of the ledger.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use toml::Table;

use crate::import::{Run, number};
use crate::ledger::attempt::{Attempt, FORMAT, GitState, Host, Status};
use crate::ledger::digest::Digest;
use crate::ledger::foreign::{Foreign, Tracker};
use crate::ledger::id::AttemptId;
use crate::ledger::journal::RecordId;
use crate::ledger::metric::MetricPoint;
use crate::ledger::outcome::Outcome;
use crate::ledger::portable;
use crate::ledger::request::Request;
use crate::ledger::time::Timestamp;
use crate::store::{Ending, Lease, random};

use crate::engine::error::Error;
use crate::engine::ledger::Ledger;
use crate::engine::surroundings::versions;

/// Everything of a run that the ledger has no place for, as the other tracker wrote it.
const REST: &str = "mlflow.json";

/// A run on its way into the ledger.
pub(super) struct Record {
    pub(super) request: Request,
    pub(super) status: Status,
    pub(super) cause: Option<String>,
    pub(super) ended: Timestamp,
    /// The points with steps, and those whose steps are negative.
    pub(super) points: Vec<MetricPoint>,
    pub(super) negative: Vec<Value>,
    /// The path of each artifact in the ledger.
    pub(super) paths: Vec<String>,
}

impl Record {
    /// Reads what a run is; why it cannot be brought, in words.
    pub(super) fn of(run: &Run) -> Result<Self, String> {
        let param = |(name, text): (&String, &String)| {
            (name.clone(), number(text).unwrap_or_else(|| text.clone().into()))
        };
        let tracker = Tracker { name: "mlflow".into(), run: run.id.clone() };
        let params: Table = run.params.iter().map(param).collect();
        let request =
            Request::foreign(&Foreign { tracker, params }).map_err(|error| error.to_string())?;
        let last = run.points.iter().map(|point| point.time).max();
        let ended = run.ended.or(last).unwrap_or(run.started).max(run.started);
        let (status, cause) = match run.status {
            Status::Finished => (Status::Finished, None),
            Status::Failed => (Status::Failed, Some("failed in MLflow")),
            Status::Interrupted => (Status::Interrupted, Some("killed in MLflow")),
            Status::Running => {
                (Status::Interrupted, Some("had not ended in MLflow when it was brought"))
            }
        };
        let mut record = Self {
            request,
            status,
            cause: cause.map(str::to_owned),
            ended,
            points: Vec::new(),
            negative: Vec::new(),
            paths: portable::paths(run.artifacts.iter().map(|it| it.path.as_str()).chain([REST])),
        };
        for point in &run.points {
            let (name, value, time) = (point.name.clone(), point.value, point.time);
            match u64::try_from(point.step) {
                Ok(step) => record.points.push(MetricPoint { name, value, step, time }),
                Err(_) => record.negative.push(json!({
                    "name": name, "value": value, "step": point.step, "time": time,
                })),
            }
        }
        Ok(record)
    }

    /// The id of something that is said of the run, the same in every import of it.
    pub(super) fn annotation(&self, number: u8) -> RecordId {
        fixed_id(self.ended, &format!("{} {number}", self.request.id()))
    }

    /// The artifacts that are called otherwise here: those there, and their paths here.
    pub(super) fn renamed<'a>(&'a self, run: &'a Run) -> impl Iterator<Item = (&'a str, &'a str)> {
        let both = run.artifacts.iter().zip(&self.paths);
        both.map(|(artifact, path)| (artifact.path.as_str(), path.as_str())).filter(|(a, b)| a != b)
    }

    /// Writes the run as an attempt and seals it.
    pub(super) fn write(
        self,
        ledger: &Ledger,
        lease: Lease,
        folder: &str,
        run: &Run,
    ) -> Result<(), Error> {
        let recorder = ledger.store.begin(lease, folder, &self.request, self.attempt(run))?;
        self.points.iter().for_each(|point| recorder.point(point));
        for (artifact, path) in run.artifacts.iter().zip(&self.paths) {
            recorder.copy_artifact(path, &artifact.file)?;
        }
        if let Some(path) = self.paths.last() {
            recorder.artifact(path, &self.rest(run))?;
        }
        let max_file = ledger.config.snapshot.max_file;
        recorder.finish(Ending {
            status: self.status,
            cause: self.cause,
            ended: self.ended,
            outcome: Outcome::default(),
            max_file,
        })?;
        Ok(())
    }

    fn attempt(&self, run: &Run) -> Attempt {
        let tag = |name: &str| run.tags.get(name).filter(|value| !value.is_empty());
        let git = tag("mlflow.source.git.commit").map(|commit| GitState {
            commit: commit.clone(),
            dirty: tag("mlflow.source.git.dirty")
                .is_some_and(|dirty| dirty.eq_ignore_ascii_case("true")),
        });
        let kept = |name: &str| !["mlflow.runName", super::NOTE].contains(&name);
        Attempt {
            format: FORMAT,
            run: self.request.id(),
            attempt: AttemptId::new(run.started.milliseconds(), random()),
            status: Status::Running,
            cause: None,
            label: run.name.clone(),
            spec: String::new(),
            description: String::new(),
            started: run.started,
            ended: self.ended,
            result: None,
            origin: None,
            tags: run
                .tags
                .iter()
                .filter(|(name, _)| kept(name))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            metrics: BTreeMap::new(),
            timings: BTreeMap::new(),
            model: Table::new(),
            data: None,
            host: Host { name: String::new(), target: String::new(), cores: 0 },
            git,
            versions: versions(),
            command: None,
            other: Table::new(),
        }
    }

    /// What has no place of its own: the tracker's record, inputs, logged models, negative steps, renamed artifacts.
    fn rest(&self, run: &Run) -> Vec<u8> {
        let mut rest = run.rest.clone();
        let renamed = self.renamed(run).map(|(there, here)| (here.to_owned(), there.into()));
        let renamed: serde_json::Map<String, Value> = renamed.collect();
        for (name, value) in [
            ("params", json!(run.params)),
            ("tags", json!(run.tags)),
            ("negative_steps", json!(self.negative)),
            ("renamed_artifacts", Value::Object(renamed)),
            ("absent", json!(run.absent)),
        ] {
            rest.insert(name.to_owned(), value);
        }
        let mut bytes = serde_json::to_vec_pretty(&rest).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }
}

/// An id of a record that is the same in every import: of a time, and of what it is about.
pub(super) fn fixed_id(time: Timestamp, about: &str) -> RecordId {
    let digest = Digest::derive("fairledger import v1", about.as_bytes());
    let bits = digest.as_bytes()[..10].iter().fold(0, |bits, byte| (bits << 8) | u128::from(*byte));
    RecordId::new(time.milliseconds(), bits)
}
