//! The recorder: writes one attempt while it is executed, then seals it.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::ledger::attempt::{Attempt, Status};
use crate::ledger::layout::{self, ARTIFACTS, AttemptPath, LOG, METRICS, PARAMS, RUN};
use crate::ledger::metric::MetricPoint;
use crate::ledger::outcome::{Outcome, Reporter};
use crate::ledger::request::Request;
use crate::ledger::time::Timestamp;

use super::artifacts::left_behind;
use super::clock;
use super::entry::{Entry, read_request};
use super::error::{At, StoreError};
use super::lease::Lease;
use super::open::Store;
use super::seal::Sealing;
use super::sink::Sink;

/// Writes one attempt. Dropped without [`Recorder::finish`] it leaves what a crash would leave.
pub struct Recorder {
    /// What is needed to seal; the lease in it is given back last.
    seal: Unsealed,
    metrics: Mutex<Sink>,
    log: Mutex<Option<Sink>>,
}

/// An attempt that is being written.
pub(super) struct Unsealed {
    pub(super) store: Store,
    pub(super) place: AttemptPath,
    pub(super) folder: PathBuf,
    pub(super) request: Request,
    pub(super) attempt: Attempt,
    pub(super) lease: Lease,
}

/// How an attempt ended.
#[derive(Clone, Debug)]
pub struct Ending {
    /// Finished, failed or interrupted.
    pub status: Status,
    /// Why it did not finish, in one line.
    pub cause: Option<String>,
    /// When it ended.
    pub ended: Timestamp,
    /// What the trainer returned; empty when it did not finish.
    pub outcome: Outcome,
    /// The largest file, in bytes, that git is to carry.
    pub max_file: u64,
}

impl Store {
    /// Begins an attempt: from here on a crash leaves an attempt that [`Store::recover`] records.
    ///
    /// # Errors
    /// When the request could not be read back with the same id, or the disk refuses.
    pub fn begin(
        &self,
        lease: Lease,
        experiment: &str,
        request: &Request,
        mut attempt: Attempt,
    ) -> Result<Recorder, StoreError> {
        layout::check_portable([experiment])?;
        let place = AttemptPath {
            experiment: experiment.to_owned(),
            run: lease.run(),
            attempt: attempt.attempt,
        };
        if attempt.run != place.run || request.id() != place.run {
            return Err(StoreError::Request(
                "lease, request and attempt are of different runs".into(),
            ));
        }
        attempt.status = Status::Running;
        let params = params_text(request)?;
        let run = attempt.to_text().map_err(|error| StoreError::Request(error.to_string()))?;
        let folder = self.state(&format!("tmp/{experiment}/{}.{}", place.run, place.attempt));
        fs::create_dir_all(&folder).at("create", &folder)?;
        for (name, text) in [(PARAMS, params), (RUN, run)] {
            let path = folder.join(name);
            fs::write(&path, text).at("write", &path)?;
        }
        let metrics = Mutex::new(Sink::create(&folder.join(METRICS))?);
        let (store, request) = (self.clone(), request.clone());
        let seal = Unsealed { store, place, folder, request, attempt, lease };
        Ok(Recorder { seal, metrics, log: Mutex::default() })
    }
}

/// The text of `params.toml`: the parts sorted by key, checked to give the same id when read again.
pub(super) fn params_text(request: &Request) -> Result<String, StoreError> {
    let text =
        toml::to_string(request.parts()).map_err(|error| StoreError::Request(error.to_string()))?;
    match read_request(&text) {
        Ok(again) if again.id() == request.id() => Ok(text),
        Ok(_) => {
            Err(StoreError::Request("its id changes when it is written and read again".into()))
        }
        Err(what) => Err(StoreError::Request(what)),
    }
}

impl Recorder {
    /// The experiment, run and attempt.
    pub fn place(&self) -> &AttemptPath {
        &self.seal.place
    }

    /// Seals the attempt. When this returns it survives a power cut.
    ///
    /// An artifact whose name some system cannot hold makes the attempt a failed one.
    ///
    /// # Errors
    /// When the disk refuses; the attempt then stays unsealed and [`Store::recover`] records it later.
    pub fn finish(self, mut end: Ending) -> Result<Arc<Entry>, StoreError> {
        let Self { seal: unsealed, metrics, log, .. } = self;
        metrics.into_inner().unwrap_or_else(PoisonError::into_inner).close()?;
        if let Some(log) = log.into_inner().unwrap_or_else(PoisonError::into_inner) {
            log.close()?;
        }
        if end.status == Status::Running {
            end.status = Status::Interrupted;
        }
        let paths = end.outcome.artifacts.iter().map(|artifact| artifact.path.as_str());
        if let Err(error) = layout::check_portable(paths) {
            end.status = Status::Failed;
            end.cause = Some(format!("an artifact cannot be kept: {error}"));
            end.outcome.artifacts.clear();
        }
        write_sealing(unsealed, end)
    }

    /// What a killed process leaves, for tests: what was written so far, and no lease.
    #[cfg(test)]
    pub(super) fn seal_nothing(self) {
        for sink in [Some(self.metrics), self.log.into_inner().unwrap().map(Mutex::new)] {
            sink.map(|sink| sink.into_inner().unwrap().close()).transpose().unwrap();
        }
    }

    /// The attempt as it is so far.
    pub(super) fn unsealed(&self) -> &Unsealed {
        &self.seal
    }

    /// Records a metric point as it is, its time included.
    pub fn point(&self, point: &MetricPoint) {
        self.metrics().push(point.to_line().as_bytes());
    }

    fn metrics(&self) -> MutexGuard<'_, Sink> {
        self.metrics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self) -> MutexGuard<'_, Option<Sink>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write_sealing(mut unsealed: Unsealed, end: Ending) -> Result<Arc<Entry>, StoreError> {
    let Outcome { artifacts, timings, facts, command } = end.outcome;
    unsealed.attempt.status = end.status;
    unsealed.attempt.cause = end.cause;
    // A clock that was set back in between does not make a run end before it began.
    unsealed.attempt.ended = end.ended.max(unsealed.attempt.started);
    unsealed.attempt.timings = timings;
    unsealed.attempt.model = facts.into_iter().collect();
    unsealed.attempt.command = command.or(unsealed.attempt.command);
    let left = left_behind(&unsealed, &artifacts);
    if let Err(what) = &left {
        unsealed.set_artifacts_aside()?;
        unsealed.attempt.status = Status::Failed;
        unsealed.attempt.cause = Some(format!("an artifact cannot be kept: {what}"));
    }
    let mut sealing = Sealing::new(unsealed, end.max_file);
    for artifact in artifacts {
        sealing.add(&format!("{ARTIFACTS}/{}", artifact.path), &artifact.bytes)?;
    }
    for path in left.unwrap_or_default() {
        sealing.add_written(&format!("{ARTIFACTS}/{path}"))?;
    }
    sealing.seal()
}

impl Reporter for Recorder {
    fn metric(&self, name: &str, value: f64, step: u64) {
        let time = clock::now();
        self.point(&MetricPoint { name: name.to_owned(), value, step, time });
    }

    fn line(&self, text: &str) {
        let mut log = self.log();
        if log.is_none() {
            // A log that cannot be made shows at the end, when the same disk refuses the rest.
            *log = Sink::create(&self.seal.folder.join(LOG)).ok();
        }
        if let Some(log) = log.as_mut() {
            log.push(format!("{text}\n").as_bytes());
        }
    }

    /// Nothing of it is recorded: it is for display only.
    fn progress(&self, _done: u64, _total: u64) {}

    /// Whether the disk refuses metrics: what cannot be recorded need not be trained. Asking also brings
    /// what was reported to the disk when it has waited long enough.
    fn cancelled(&self) -> bool {
        let mut metrics = self.metrics();
        metrics.tick();
        if let Some(log) = self.log().as_mut() {
            log.tick();
        }
        metrics.is_broken()
    }
}
