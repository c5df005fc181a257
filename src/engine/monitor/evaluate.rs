//! One evaluation: what it asks for, whether the ledger holds it, and its execution.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use crate::ledger::attempt::{Attempt, FORMAT, Status};
use crate::ledger::digest::Digest;
use crate::ledger::drift::{Profile, drift};
use crate::ledger::evaluate::RequestEvaluate;
use crate::ledger::id::AttemptId;
use crate::ledger::monitor::{self, MonitorConfig, TRAINER, VERSION, drift_metrics};
use crate::ledger::outcome::{NewArtifact, Outcome, Reporter};
use crate::ledger::prepare::Prepare;
use crate::ledger::request::{Artifacts, BuiltIn, Request, RequestData, Trainer};
use crate::store::{Ending, Entry, Lease, Lookup, MissReason, random};
use crate::train::{self, SavedModel, Wanted};

use super::super::error::Error;
use super::super::execute::{Stopped, read_data};
use super::super::ledger::Ledger;
use super::super::reading::take_facts;
use super::super::registry::Found;
use super::super::surroundings::{host, now, versions};
use super::outcome::{Monitored, REPORT, Report};

/// How long to wait before looking again whether another process is done with the same evaluation.
const FOLLOW: Duration = Duration::from_millis(50);

/// Everything that an evaluation needs.
struct Job<'a> {
    monitor: &'a str,
    config: &'a MonitorConfig,
    found: &'a Found,
    model: SavedModel,
    /// The profile of the training data, read when the evaluation is executed.
    profile: Option<Profile>,
    /// The metrics, none where the data have no target.
    metrics: Vec<String>,
    /// The target column, empty where the data have none.
    target: String,
    request: Request,
    /// The content digest of the columns in use, as it was when the request was made.
    digest: Digest,
}

impl Ledger {
    /// Evaluates a monitor unless the ledger holds the evaluation; `retry` tries again what failed before.
    pub(super) fn evaluate(
        &self,
        name: &str,
        config: &MonitorConfig,
        retry: bool,
    ) -> Result<Monitored, Error> {
        let found = self.watched_version(config)?;
        let mut job = self.job(name, config, &found)?;
        let run = job.request.id();
        let held = || -> Result<Option<Arc<Entry>>, Error> {
            Ok(match self.store.lookup(run)? {
                Lookup::Hit(entry) => Some(entry),
                Lookup::Miss(MissReason::Failed(entry)) if !retry => Some(entry),
                Lookup::Miss(_) => None,
            })
        };
        loop {
            if let Some(entry) = held()? {
                return self.conclude((name, config), &found, &entry, true);
            }
            if let Some(lease) = self.store.claim(run)? {
                // Between the look and the claim another process may have sealed it.
                if let Some(entry) = held()? {
                    return self.conclude((name, config), &found, &entry, true);
                }
                job.profile = self.profile_of(&found)?;
                let entry = self.execute_job(&job, lease)?;
                return self.conclude((name, config), &found, &entry, false);
            }
            // Another process evaluates the same.
            std::thread::sleep(FOLLOW);
        }
    }

    fn job<'a>(
        &self,
        monitor: &'a str,
        config: &'a MonitorConfig,
        found: &'a Found,
    ) -> Result<Job<'a>, Error> {
        let model = self.model_of_version(found)?.open()?;
        let path = &config.data;
        let facts = self.store.data_facts(path, &mut |file| take_facts(path, file))?;
        let has_target = facts.column(model.target()).is_some();
        let target = if has_target { model.target().to_owned() } else { String::new() };
        let asked = config.metrics.as_deref();
        let metrics = model
            .metrics_to_judge(asked)
            .map_err(|source| Error::Rows { name: format!("monitors/{monitor}.toml"), source })?;
        let metrics = if has_target { metrics } else { Vec::new() };
        let features = model.features().to_vec();
        let data = RequestData { digest: Digest::of(b""), features, target, split: None };
        let evaluate = RequestEvaluate::of(metrics.clone());
        let digest =
            facts.content(&data.columns(&evaluate)).ok_or_else(|| missing(&data, &facts, path))?;
        let request = request(found, RequestData { digest, ..data.clone() }, evaluate)?;
        let target = data.target;
        let profile = None;
        Ok(Job { monitor, config, found, model, profile, metrics, target, request, digest })
    }

    /// The profile of a version's training data, `None` when it was registered without.
    fn profile_of(&self, found: &Found) -> Result<Option<Profile>, Error> {
        let Some(sealed) = found.version.profile else { return Ok(None) };
        let text = self.store.profile_text(&found.model, &found.registered.id, sealed)?;
        let fault = |error: serde_json::Error| Error::Rows {
            name: format!("models/{}/{}.profile.json", found.model, found.registered.id),
            source: train::TrainError::Json(error),
        };
        serde_json::from_str(&text).map(Some).map_err(fault)
    }

    fn execute_job(&self, job: &Job<'_>, lease: Lease) -> Result<Arc<Entry>, Error> {
        let loaded = read_data(self, &job.config.data, &job.wanted());
        let mut attempt = self.record(job);
        attempt.data = loaded.as_ref().ok().map(|loaded| loaded.file.clone());
        let experiment = monitor::experiment(job.monitor);
        let recorder = self.store.begin(lease, &experiment, &job.request, attempt)?;
        let done = loaded.and_then(|loaded| {
            if loaded.digest != job.digest {
                let cause = format!("{} changed while it was read; run again", job.config.data);
                return Err(Stopped::Failed(cause));
            }
            let judge = || job.judge(&loaded.table, &recorder);
            // A defect in one evaluation must not take the other monitors down.
            catch_unwind(AssertUnwindSafe(judge))
                .map_err(|_| Stopped::Failed("it stopped on a defect of its own".into()))?
                .map_err(Stopped::from)
        });
        let (status, cause, outcome) = match done {
            Ok(outcome) => (Status::Finished, None, outcome),
            Err(Stopped::Cancelled) => (Status::Interrupted, None, Outcome::default()),
            Err(Stopped::Failed(cause)) => (Status::Failed, Some(cause), Outcome::default()),
        };
        let max_file = self.config.snapshot.max_file;
        Ok(recorder.finish(Ending { status, cause, ended: now(), outcome, max_file })?)
    }

    /// The record of an evaluation that starts now.
    fn record(&self, job: &Job<'_>) -> Attempt {
        let time = now();
        let name = job.found.name();
        let pairs = [("model", name.clone()), ("monitor", job.monitor.to_owned())];
        Attempt {
            format: FORMAT,
            run: job.request.id(),
            attempt: AttemptId::new(time.milliseconds(), random()),
            status: Status::Running,
            cause: None,
            label: format!("{name} {}", job.digest.to_string().get(..6).unwrap_or_default()),
            spec: format!("{}.toml", job.monitor),
            description: job.config.description.clone(),
            started: time,
            ended: time,
            result: None,
            tags: pairs.map(|(key, value)| (key.to_owned(), value)).into(),
            metrics: BTreeMap::new(),
            timings: BTreeMap::new(),
            model: toml::Table::new(),
            data: None,
            host: host(),
            git: self.repository().ok().flatten().and_then(|repository| repository.head()),
            versions: versions(),
            command: None,
            origin: None,
            other: toml::Table::new(),
        }
    }
}

impl Job<'_> {
    /// The columns to read: what the model needs, what the profile compares, and the target.
    fn wanted(&self) -> Vec<Wanted> {
        let mut wanted: BTreeMap<String, bool> = BTreeMap::new();
        let mut want = |column: Wanted| *wanted.entry(column.name).or_default() |= column.words;
        self.model.wanted().into_iter().for_each(&mut want);
        if !self.target.is_empty() {
            let words = !self.model.classes().is_empty();
            want(Wanted { name: self.target.clone(), words });
        }
        if let Some(profile) = &self.profile {
            let known =
                |name: &String| self.model.features().contains(name) || *name == self.target;
            let columns = train::wanted_like(profile).into_iter();
            columns.filter(|column| known(&column.name)).for_each(&mut want);
        }
        wanted.into_iter().map(|(name, words)| Wanted { name, words }).collect()
    }

    fn judge(
        &self,
        table: &train::Table,
        reporter: &dyn Reporter,
    ) -> Result<Outcome, train::TrainError> {
        let mut artifacts = Vec::new();
        if !self.target.is_empty() {
            let judged = train::assess(&self.model, table, &self.metrics)?;
            for (name, value) in &judged.metrics {
                reporter.metric(name, *value, 0);
            }
            for text in &judged.without {
                reporter.line(text);
            }
            artifacts.push(judged.predictions);
        } else if !self.model.target().is_empty() {
            let target = self.model.target();
            reporter.line(&format!("no metrics: the data have no column '{target}'"));
        }
        let columns = if let Some(training) = &self.profile {
            drift(training, &train::profile_like(training, table)?)
        } else {
            reporter.line("no drift: the version has no profile of its training data");
            Vec::new()
        };
        for (name, value) in drift_metrics(&columns) {
            reporter.metric(&name, value, 0);
        }
        if !columns.is_empty() {
            artifacts.push(train::drift_table(&columns)?);
        }
        let rows = table.rows() as u64;
        let report = Report { model: self.found.model.clone(), rows, drift: columns };
        let bytes = serde_json::to_vec_pretty(&report).map_err(train::TrainError::Json)?;
        artifacts.push(NewArtifact { path: REPORT.into(), bytes });
        let facts = BTreeMap::from([("rows".to_owned(), toml::Value::Integer(rows as i64))]);
        Ok(Outcome { artifacts, facts, ..Outcome::default() })
    }
}

/// What an evaluation asks for: the model and its profile by content, the data and the metrics.
fn request(found: &Found, data: RequestData, evaluate: RequestEvaluate) -> Result<Request, Error> {
    let text = |text: String| toml::Value::String(text);
    let mut params = toml::Table::new();
    params.insert("model".into(), text(found.model.clone()));
    params.insert("file".into(), text(found.version.file.blake3.to_string()));
    if let Some(profile) = found.version.profile {
        params.insert("profile".into(), text(profile.to_string()));
    }
    Ok(Request::built_in(&BuiltIn {
        seed: 0,
        trainer: Trainer { name: TRAINER.into(), version: VERSION },
        params,
        data,
        prepare: Prepare::default(),
        evaluate,
        artifacts: Artifacts::default(),
    })?)
}

/// The error of data that have not every feature of the model.
fn missing(data: &RequestData, facts: &crate::ledger::facts::DataFacts, path: &str) -> Error {
    let absent: Vec<&str> = data
        .features
        .iter()
        .map(String::as_str)
        .filter(|name| facts.column(name).is_none())
        .collect();
    let present: Vec<&str> = facts.columns.iter().map(|column| column.name.as_str()).collect();
    let quoted = |names: Vec<&str>| format!("'{}'", names.join("', '"));
    let source = train::TrainError::NoColumns { names: quoted(absent), present: quoted(present) };
    Error::Rows { name: path.to_owned(), source }
}
