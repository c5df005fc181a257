//! Tests of the engine on ledgers of runs that nobody trained.

mod growth;
mod search;
mod site;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::ledger::attempt::{Attempt, FORMAT, Host, Status};
use crate::ledger::digest::Digest;
use crate::ledger::evaluate::RequestEvaluate;
use crate::ledger::id::{AttemptId, RunId};
use crate::ledger::outcome::{Outcome, Reporter};
use crate::ledger::prepare::Prepare;
use crate::ledger::request::{Artifacts, BuiltIn, Request, RequestData, Trainer};
use crate::ledger::time::Timestamp;
use crate::store::Ending;

use super::ledger::Ledger;

/// A ledger in a folder of its own, with two experiments.
pub(super) struct Made {
    folder: TempDir,
}

impl Made {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ledger.toml"), "format = 1\n").unwrap();
        for experiment in ["first", "second"] {
            fs::create_dir_all(folder.path().join("experiments").join(experiment)).unwrap();
        }
        Self { folder }
    }

    pub(super) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// The ledger as another process opens it.
    pub(super) fn opened(&self) -> Ledger {
        Ledger::open(self.root()).unwrap()
    }
}

/// Records an attempt of a run that is decided by its number: every fourth number shares its cell with
/// the one before, and metrics repeat, so that orders have ties.
pub(super) fn record(
    ledger: &Ledger,
    experiment: &str,
    number: u64,
    status: Status,
    started: i64,
) -> RunId {
    let params = toml::Table::from_iter([
        ("depth".to_owned(), toml::Value::from((number / 4) as i64 % 5)),
        ("rate".to_owned(), toml::Value::from((number / 4) as f64 / 8.0)),
        ("kind".to_owned(), toml::Value::from(["gini", "None"][(number / 4) as usize % 2])),
    ]);
    let request = Request::built_in(&BuiltIn {
        seed: (number % 4) as i64,
        trainer: Trainer { name: "ridge".into(), version: 1 },
        params,
        data: RequestData {
            digest: Digest::of(b"data"),
            features: vec!["x".into()],
            target: "y".into(),
            split: None,
        },
        prepare: Prepare::default(),
        evaluate: RequestEvaluate::of(vec!["r2".into()]),
        artifacts: Artifacts::default(),
    })
    .unwrap();
    let lease = ledger.store.claim(request.id()).unwrap().unwrap();
    let time = Timestamp::from_microseconds(1_790_000_000_000_000 + started * 1_000_000);
    let attempt = Attempt {
        format: FORMAT,
        run: request.id(),
        attempt: AttemptId::new(time.milliseconds(), crate::store::random()),
        status: Status::Running,
        cause: None,
        label: format!("run-{number}"),
        spec: "spec.toml".into(),
        description: String::new(),
        started: time,
        ended: time,
        result: None,
        tags: BTreeMap::new(),
        metrics: BTreeMap::new(),
        timings: BTreeMap::new(),
        model: toml::Table::new(),
        command: None,
        origin: None,
        data: None,
        host: Host { name: "h".into(), target: "t".into(), cores: 1 },
        git: None,
        versions: BTreeMap::new(),
        other: toml::Table::new(),
    };
    let run = request.id();
    let recorder = ledger.store.begin(lease, experiment, &request, attempt).unwrap();
    if number % 7 != 6 {
        recorder.metric("r2", (number % 9) as f64 / 10.0, 0);
    }
    let loss = if number % 11 == 10 { f64::NAN } else { 1.0 / (number + 1) as f64 };
    recorder.metric("loss", 2.0, 0);
    recorder.metric("loss", loss, 1);
    let (outcome, cause) = (Outcome::default(), (status != Status::Finished).then(|| "why".into()));
    recorder.finish(Ending { status, cause, ended: time, outcome, max_file: 1 << 20 }).unwrap();
    run
}
