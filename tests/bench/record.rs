//! Recording and sealing a small run, beside a bare program that writes the same files with the same
//! synchronisation and nothing else. Prints the medians as JSON.
//!
//! `cargo bench --bench record`, or `cargo bench --bench record -- 200 FOLDER` for other numbers of pairs and
//! another disk than that of the folder for temporary files.

#![expect(clippy::print_stdout, reason = "a measurement prints its result")]
#![expect(clippy::unwrap_used, reason = "a measurement that cannot be taken ends the program")]

mod bare;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use fairledger::ledger::attempt::{Attempt, FORMAT, Host, Status};
use fairledger::ledger::digest::Digest;
use fairledger::ledger::evaluate::RequestEvaluate;
use fairledger::ledger::id::AttemptId;
use fairledger::ledger::outcome::{NewArtifact, Outcome, Reporter};
use fairledger::ledger::prepare::Prepare;
use fairledger::ledger::request::{Artifacts, BuiltIn, Request, RequestData, Trainer};
use fairledger::ledger::split::{Split, SplitColumn};
use fairledger::ledger::time::Timestamp;
use fairledger::store::{Ending, Store, random};

const EXPERIMENT: &str = "housing";
const METRICS: [&str; 8] =
    ["r2", "rmse", "mse", "mae", "train_r2", "train_rmse", "train_mse", "train_mae"];

fn main() {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with('-'));
    let pairs: usize = words.next().map_or(60, |word| word.parse().unwrap());
    let around = words.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = around.join(format!("fairledger-record-{}", std::process::id()));
    for (name, artifacts) in [("with artifacts", artifacts()), ("without artifacts", Vec::new())] {
        let place = folder.join(name.replace(' ', "-"));
        println!("{}", measure(name, &place, &artifacts, pairs));
    }
    fs::remove_dir_all(&folder).unwrap();
}

/// Records and writes alternately, so that both meet the same disk.
fn measure(name: &str, folder: &Path, artifacts: &[NewArtifact], pairs: usize) -> String {
    let (ours, plain) = (folder.join("ledger"), folder.join("bare"));
    fs::create_dir_all(ours.join("experiments").join(EXPERIMENT)).unwrap();
    fs::create_dir_all(plain.join("experiments").join(EXPERIMENT).join("runs")).unwrap();
    fs::write(ours.join("ledger.toml"), "format = 1\n").unwrap();
    let store = Store::open(&ours).unwrap();
    let (mut recorder, mut bare) = (Spent::default(), Spent::default());
    // The first pair makes folders that every later one finds.
    for pair in 0..=pairs {
        let request = request(pair as i64);
        let mut sealed = None;
        let spent = Spent::of(|| sealed = Some(record(&store, &request, artifacts)));
        let (directory, first) = sealed.unwrap();
        let files = bare::Files::of(&ours.join(&directory), first);
        let spent_bare = Spent::of(|| bare::write(&plain, &directory, &files));
        if pair > 0 {
            recorder.add(&spent);
            bare.add(&spent_bare);
        }
    }
    let (files, bytes) = bare::size_of(&ours.join("experiments"));
    format!(
        "{{\"run\": \"{name}\", \"pairs\": {pairs}, \"files\": {}, \"bytes\": {}, \
         \"recorder_wall_ms\": {:.3}, \"recorder_cpu_ms\": {:.3}, \"bare_wall_ms\": {:.3}, \
         \"bare_cpu_ms\": {:.3}, \"ratio\": {:.3}}}",
        files / (pairs + 1),
        bytes / (pairs as u64 + 1),
        median(&recorder.wall),
        median(&recorder.cpu),
        median(&bare.wall),
        median(&bare.cpu),
        median(&recorder.wall) / median(&bare.wall),
    )
}

/// Records one run as the engine does; gives its directory and what `run.toml` held at first.
fn record(store: &Store, request: &Request, artifacts: &[NewArtifact]) -> (String, usize) {
    let lease = store.claim(request.id()).unwrap().unwrap();
    let attempt = attempt(request);
    let first = attempt.to_text().unwrap().len();
    let recorder = store.begin(lease, EXPERIMENT, request, attempt).unwrap();
    for (at, name) in METRICS.iter().enumerate() {
        recorder.metric(name, 48_940.732_163_4 / (at as f64 + 1.0), 0);
    }
    let timings = BTreeMap::from([("fit".into(), 0.001), ("predict".into(), 0.0001)]);
    let outcome = Outcome { artifacts: artifacts.to_vec(), timings, ..Outcome::default() };
    let ending =
        Ending { status: Status::Finished, cause: None, ended: now(), outcome, max_file: 1 << 20 };
    (recorder.finish(ending).unwrap().directory.clone(), first)
}

/// The present instant.
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_microseconds(since.as_micros() as i64)
}

fn attempt(request: &Request) -> Attempt {
    let time = now();
    Attempt {
        format: FORMAT,
        run: request.id(),
        attempt: AttemptId::new(time.milliseconds(), random()),
        status: Status::Running,
        cause: None,
        label: "linear-regression".into(),
        spec: "baseline.toml".into(),
        description: "Linear baselines".into(),
        started: time,
        ended: time,
        result: None,
        tags: BTreeMap::from([("model_type".into(), "Linear".into())]),
        metrics: BTreeMap::new(),
        timings: BTreeMap::new(),
        model: toml::Table::new(),
        data: None,
        host: Host { name: "host".into(), target: "x86_64-linux-gnu".into(), cores: 2 },
        git: None,
        versions: BTreeMap::from([("fairledger".into(), env!("CARGO_PKG_VERSION").into())]),
        command: None,
        origin: None,
        other: toml::Table::new(),
    }
}

fn request(seed: i64) -> Request {
    let features = ["area", "bedrooms", "bathrooms", "age", "distance_to_city"];
    let params = toml::Table::from_iter([("fit_intercept".to_owned(), true.into())]);
    Request::built_in(&BuiltIn {
        seed,
        trainer: Trainer { name: "linear-regression".into(), version: 1 },
        params,
        data: RequestData {
            digest: Digest::of(b"housing"),
            features: features.map(str::to_owned).to_vec(),
            target: "price".into(),
            split: Some(Split::Column(SplitColumn { column: "split".into() })),
        },
        prepare: Prepare::default(),
        evaluate: RequestEvaluate::of(["mae", "mse", "r2", "rmse"].map(str::to_owned).to_vec()),
        artifacts: Artifacts::default(),
    })
    .unwrap()
}

/// Files of the sizes a linear model of the housing example leaves.
fn artifacts() -> Vec<NewArtifact> {
    let sizes = [
        ("model.linear", 300),
        ("predictions.csv", 7_000),
        ("feature_importance.csv", 160),
        ("schema.json", 700),
        ("coefficients.csv", 170),
    ];
    let file = |(path, size)| NewArtifact { path: String::from(path), bytes: vec![b'7'; size] };
    sizes.into_iter().map(file).collect()
}

/// Milliseconds on the clock and on the processor, one entry a repetition.
#[derive(Default)]
struct Spent {
    wall: Vec<f64>,
    cpu: Vec<f64>,
}

impl Spent {
    fn of(work: impl FnOnce()) -> Self {
        let (cpu, start) = (processor_time(), Instant::now());
        work();
        let wall = start.elapsed().as_secs_f64() * 1e3;
        Self { wall: vec![wall], cpu: vec![processor_time() - cpu] }
    }

    fn add(&mut self, other: &Self) {
        self.wall.extend(&other.wall);
        self.cpu.extend(&other.cpu);
    }
}

/// Milliseconds this thread has run, from the kernel's own account; 0 where there is none.
fn processor_time() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|word| word.parse::<f64>().ok()).unwrap_or(0.0) / 1e6
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
