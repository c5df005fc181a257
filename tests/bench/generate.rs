//! Makes a ledger of many runs, each as the recorder writes it but not synced: what a sweep of months
//! leaves. `cargo bench --bench generate -- 10000 FOLDER` makes one, or adds to one what is missing; a third
//! number is that of the first run that may be missing.

#![expect(clippy::print_stdout, reason = "a generator says what it made")]
#![expect(clippy::unwrap_used, reason = "a ledger that cannot be made ends the program")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use fairledger::ledger::annotation::{Annotation, AnnotationId, AnnotationKind, Record as _};
use fairledger::ledger::attempt::{Attempt, FORMAT, Host, Status};
use fairledger::ledger::digest::{Digest, sha256_hex};
use fairledger::ledger::evaluate::RequestEvaluate;
use fairledger::ledger::id::AttemptId;
use fairledger::ledger::layout::AttemptPath;
use fairledger::ledger::manifest::{Manifest, ManifestFile};
use fairledger::ledger::metric::{MetricPoint, final_values};
use fairledger::ledger::prepare::Prepare;
use fairledger::ledger::request::{Artifacts, BuiltIn, Request, RequestData, Trainer};
use fairledger::ledger::result::result_digest;
use fairledger::ledger::split::{Split, SplitColumn};
use fairledger::ledger::time::Timestamp;

const EXPERIMENT: &str = "sweep";

/// The first run starts here, in microseconds since 1970; the others follow every nine minutes.
const START: i64 = 1_735_689_600_000_000;
const APART: i64 = 540_000_000;

fn main() {
    let mut words = std::env::args().skip(1).filter(|word| !word.starts_with('-'));
    let runs: u64 = words.next().unwrap().parse().unwrap();
    let root = PathBuf::from(words.next().unwrap());
    let first: u64 = words.next().map_or(0, |word| word.parse().unwrap());
    let experiment = root.join("experiments").join(EXPERIMENT);
    fs::create_dir_all(&experiment).unwrap();
    fs::write(root.join("ledger.toml"), "format = 1\ntitle = \"A long sweep\"\n").unwrap();
    let goal = "title = \"A long sweep\"\n\n[goal]\nmetric = \"r2\"\n";
    fs::write(experiment.join("experiment.toml"), goal).unwrap();
    let mut annotations = String::new();
    let mut made = 0_u64;
    for number in first..runs {
        let run = Run::new(number);
        made += u64::from(run.write(&root));
        annotations.extend(run.annotations());
    }
    if first == 0 {
        fs::create_dir_all(experiment.join("annotations")).unwrap();
        fs::write(experiment.join("annotations/00000000deadbeef.jsonl"), annotations).unwrap();
    }
    println!("{{\"runs\": {runs}, \"made\": {made}}}");
}

/// Draws that depend on nothing but the number: `SplitMix64`.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// At least 0 and less than 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

struct Run {
    number: u64,
    request: Request,
    attempt: Attempt,
    points: Vec<MetricPoint>,
}

impl Run {
    fn new(number: u64) -> Self {
        let mut draws = Draws(number);
        let depth = 1 + draws.next() % 20;
        let params = toml::Table::from_iter([
            (
                "n_estimators".to_owned(),
                toml::Value::from(10 * (1 + draws.next() as i64 % 50).abs() + 10),
            ),
            ("max_depth".to_owned(), (depth as i64).into()),
            ("min_samples_split".to_owned(), (2 + (draws.next() % 9) as i64).into()),
            ("learning_rate".to_owned(), (0.001 + draws.share()).into()),
            (
                "criterion".to_owned(),
                ["squared_error", "absolute_error"][number as usize % 2].into(),
            ),
        ]);
        let request = request(number as i64, params);
        let started = Timestamp::from_microseconds(START + APART * number as i64);
        let ended = Timestamp::from_microseconds(started.microseconds() + 1_500_000);
        let points = points(&mut draws, started);
        let failed = number % 97 == 96;
        let status = if failed { Status::Failed } else { Status::Finished };
        let attempt = Attempt {
            format: FORMAT,
            run: request.id(),
            attempt: AttemptId::new(started.milliseconds(), u128::from(draws.next())),
            status,
            cause: failed.then(|| "the loss diverged".to_owned()),
            label: format!("boosting-{number}"),
            spec: "sweep.toml".into(),
            description: "A sweep of months".into(),
            started,
            ended,
            result: (!failed).then(|| result_digest(&points, std::iter::empty())),
            tags: BTreeMap::from([(
                "team".into(),
                ["red", "green", "blue"][number as usize % 3].into(),
            )]),
            metrics: final_values(&points),
            timings: BTreeMap::from([("fit".into(), 1.25), ("predict".into(), 0.01)]),
            model: toml::Table::from_iter([("trees".to_owned(), toml::Value::from(100))]),
            data: None,
            command: None,
            origin: None,
            host: Host { name: "host".into(), target: "x86_64-linux-gnu".into(), cores: 2 },
            git: None,
            versions: BTreeMap::from([("fairledger".into(), env!("CARGO_PKG_VERSION").into())]),
            other: toml::Table::new(),
        };
        Self { number, request, attempt, points }
    }

    /// Writes the attempt unless it is there; says whether it was not.
    fn write(&self, root: &Path) -> bool {
        let place = AttemptPath {
            experiment: EXPERIMENT.into(),
            run: self.attempt.run,
            attempt: self.attempt.attempt,
        };
        let folder = root.join(place.directory());
        if folder.exists() {
            return false;
        }
        fs::create_dir_all(&folder).unwrap();
        let points: String = self.points.iter().map(MetricPoint::to_line).collect();
        let texts = [
            ("metrics.jsonl", points),
            ("params.toml", toml::to_string(self.request.parts()).unwrap()),
            ("run.toml", self.attempt.to_text().unwrap()),
        ];
        let file = |(path, text): &(&str, String)| ManifestFile {
            path: (*path).to_owned(),
            size: text.len() as u64,
            blake3: Digest::of(text.as_bytes()),
            sha256: sha256_hex(text.as_bytes()),
        };
        let files = texts.iter().map(file).collect();
        let manifest = Manifest { format: FORMAT, run: place.run, attempt: place.attempt, files };
        for (name, text) in &texts {
            fs::write(folder.join(name), text).unwrap();
        }
        fs::write(folder.join("manifest.toml"), manifest.to_text()).unwrap();
        true
    }

    /// A tag on every fiftieth run, a note on every hundredth.
    fn annotations(&self) -> Vec<String> {
        let record = |random: u128, kind| Annotation {
            id: AnnotationId::new(self.attempt.ended.milliseconds(), random),
            time: self.attempt.ended,
            run: self.attempt.run,
            kind,
        };
        let mut lines = Vec::new();
        if self.number.is_multiple_of(50) {
            let kind = AnnotationKind::Tag { key: "stage".into(), value: "candidate".into() };
            lines.push(record(1, kind).to_line());
        }
        if self.number.is_multiple_of(100) {
            let kind = AnnotationKind::Note { text: format!("looked at run {}", self.number) };
            lines.push(record(2, kind).to_line());
        }
        lines
    }
}

/// Ten steps of a loss, and what a regression is judged by.
fn points(draws: &mut Draws, started: Timestamp) -> Vec<MetricPoint> {
    let quality = draws.share();
    let point = |name: &str, value: f64, step: u64| MetricPoint {
        name: name.into(),
        value,
        step,
        time: Timestamp::from_microseconds(started.microseconds() + 100_000 * step as i64),
    };
    let mut points: Vec<MetricPoint> =
        (0..10).map(|step| point("loss", 1.0 / (step as f64 + 1.0 + quality), step)).collect();
    points.push(point("r2", quality, 0));
    points.push(point("rmse", 1e5 * (1.0 - quality).sqrt(), 0));
    points.push(point("mae", 8e4 * (1.0 - quality), 0));
    points
}

fn request(seed: i64, params: toml::Table) -> Request {
    let features = ["area", "bedrooms", "bathrooms", "age", "distance_to_city"];
    Request::built_in(&BuiltIn {
        seed,
        trainer: Trainer { name: "gradient-boosting-regressor".into(), version: 1 },
        params,
        data: RequestData {
            digest: Digest::of(b"housing"),
            features: features.map(str::to_owned).to_vec(),
            target: "price".into(),
            split: Some(Split::Column(SplitColumn { column: "split".into() })),
        },
        prepare: Prepare::default(),
        evaluate: RequestEvaluate::of(["mae", "r2", "rmse"].map(str::to_owned).to_vec()),
        artifacts: Artifacts::default(),
    })
    .unwrap()
}
