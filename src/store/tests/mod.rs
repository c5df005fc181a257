//! Tests of the store as a whole, on real folders.

mod annotations;
mod crashes;
mod damage;
mod index;
mod sealing;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use toml::Table;

use super::{Ending, Entry, Recorder, Store};
use crate::ledger::attempt::{Attempt, FORMAT, Host, Status};
use crate::ledger::id::AttemptId;
use crate::ledger::outcome::{NewArtifact, Outcome, Reporter};
use crate::ledger::request::Request;
use crate::ledger::time::Timestamp;

/// A ledger in a folder of its own.
struct Project {
    folder: TempDir,
    store: Store,
}

impl Project {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ledger.toml"), "format = 1\n").unwrap();
        fs::create_dir_all(folder.path().join("experiments/housing")).unwrap();
        let store = Store::open(folder.path()).unwrap();
        Self { folder, store }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    /// A store that has read nothing yet, as another process would have.
    fn reopened(&self) -> Store {
        Store::open(self.root()).unwrap()
    }

    fn begin(&self, seed: i64, attempt: u128) -> Recorder {
        let request = request(seed);
        let lease = self.store.claim(request.id()).unwrap().unwrap();
        let attempt = new_attempt(&request, attempt);
        self.store.begin(lease, "housing", &request, attempt).unwrap()
    }

    /// A finished attempt with two points, a log and two artifacts, one of which git does not carry.
    fn sealed(&self, seed: i64, attempt: u128) -> Arc<Entry> {
        let recorder = self.begin(seed, attempt);
        recorder.metric("rmse", 0.5, 0);
        recorder.metric("rmse", 0.1, 1);
        recorder.line("fitting");
        recorder.finish(ending(Status::Finished)).unwrap()
    }

    fn path(&self, entry: &Entry, file: &str) -> PathBuf {
        self.root().join(&entry.directory).join(file)
    }
}

fn request(seed: i64) -> Request {
    let text = format!(
        "seed = {seed}\ndata = {{ target = 'price', rows = 3 }}\n\
         params = {{ max_depth = 4, alpha = 0.001, name = 'é \"x\"' }}\nday = 2026-01-01\n"
    );
    Request::from_table(text.parse().unwrap()).unwrap()
}

fn new_attempt(request: &Request, random: u128) -> Attempt {
    let time = Timestamp::from_microseconds(1_795_000_000_000_000);
    Attempt {
        format: FORMAT,
        run: request.id(),
        attempt: AttemptId::new(time.milliseconds(), random),
        status: Status::Running,
        cause: None,
        label: "rf-4".into(),
        spec: "forest.toml".into(),
        description: String::new(),
        started: time,
        ended: time,
        result: None,
        tags: [("team".to_owned(), "blue".to_owned())].into(),
        metrics: [].into(),
        timings: [].into(),
        model: Table::new(),
        data: None,
        host: Host { name: "host".into(), target: "x86_64-linux-gnu".into(), cores: 2 },
        git: None,
        versions: [("fairledger".to_owned(), "0.1.0".to_owned())].into(),
        command: None,
        origin: None,
        other: Table::new(),
    }
}

fn ending(status: Status) -> Ending {
    let artifact =
        |path: &str, bytes: &[u8]| NewArtifact { path: path.into(), bytes: bytes.into() };
    Ending {
        status,
        cause: (status != Status::Finished).then(|| "no reason".to_owned()),
        ended: Timestamp::from_microseconds(1_795_000_001_000_000),
        outcome: Outcome {
            artifacts: vec![
                artifact("model.forest", &[7; 2000]),
                artifact("tables/predictions.csv", b"actual,predicted\n1,2\n"),
            ],
            timings: [("fit".to_owned(), 0.25)].into(),
            facts: [("nodes".to_owned(), toml::Value::Integer(31))].into(),
            ..Outcome::default()
        },
        max_file: 1500,
    }
}

/// Every file below a folder, with its path below it.
fn files_below(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for item in fs::read_dir(next).unwrap() {
            let path = item.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/"));
            }
        }
    }
    files.sort();
    files
}
