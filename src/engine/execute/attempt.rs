//! One attempt: its record, the work of its trainer or command, and its seal.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use crate::ledger::attempt::{Attempt, DataFile, FORMAT, STOPPED, Status};
use crate::ledger::digest::Digest;
use crate::ledger::id::{AttemptId, RunId};
use crate::ledger::outcome::Outcome;
use crate::ledger::plan::Planned;
use crate::ledger::request::BuiltIn;
use crate::store::{Ending, Entry, Lease, Recorder, random};
use crate::train::{self, Table, TrainError, Wanted};

use super::reporter::RunReporter;
use super::{Work, lock};
use crate::engine::command::Run;
use crate::engine::error::Error;
use crate::engine::ledger::Ledger;
use crate::engine::reading::take_facts;
use crate::engine::surroundings::{host, now, versions};

/// Why training gave no outcome.
pub(in crate::engine) enum Stopped {
    Cancelled,
    Failed(String),
}

impl From<TrainError> for Stopped {
    fn from(error: TrainError) -> Self {
        match error {
            TrainError::Cancelled => Self::Cancelled,
            other => Self::Failed(other.to_string()),
        }
    }
}

/// A data file as it was when it was read for training.
pub(in crate::engine) struct Loaded {
    pub(in crate::engine) table: Table,
    pub(in crate::engine) file: DataFile,
    /// The content digest of the columns that were read.
    pub(in crate::engine) digest: Digest,
}

impl Work<'_> {
    /// Trains a built-in model, from the reading of its data to the seal.
    pub(super) fn built_in(&self, planned: &Planned, lease: Lease) -> Result<Arc<Entry>, Error> {
        let mut attempt = self.attempt(planned);
        let loaded = self.load(planned);
        attempt.data = loaded.as_ref().ok().map(|loaded| loaded.file.clone());
        let store = &self.ledger.store;
        let recorder = store.begin(lease, &planned.experiment, &planned.request, attempt)?;
        let result = loaded.and_then(|loaded| self.train(planned, &loaded, &recorder));
        self.finish(planned.request.id(), recorder, result)
    }

    /// Says that a run was stopped, if that is why it was interrupted, and forgets what was noted of it
    /// while it was under way.
    fn note_stop(&self, run: RunId, ending: &mut Ending) {
        let store = &self.ledger.store;
        if ending.status == Status::Interrupted && store.is_asked_to_stop(run) {
            ending.cause = Some(STOPPED.to_owned());
        }
        store.forget_stop(run);
        store.forget_progress(run);
    }

    /// Runs a command that names some files, from its record to the seal.
    pub(super) fn command(
        &self,
        run: &Run<'_>,
        files: &[PathBuf],
        lease: Lease,
    ) -> Result<Arc<Entry>, Error> {
        let planned = run.planned;
        let mut attempt = self.attempt(planned);
        run.prepare(&mut attempt);
        let record = attempt.command.clone();
        let store = &self.ledger.store;
        let recorder = store.begin(lease, &planned.experiment, &planned.request, attempt)?;
        let reporter = self.reporter(planned, &recorder);
        run.keep_patch(files, &recorder, &reporter)?;
        let mut ending =
            run.execute(&recorder, record, &reporter, self.ledger.config.snapshot.max_file)?;
        self.note_stop(planned.request.id(), &mut ending);
        Ok(recorder.finish(ending)?)
    }

    fn reporter<'a>(&'a self, planned: &Planned, recorder: &'a Recorder) -> RunReporter<'a> {
        let run = planned.request.id();
        RunReporter::new(recorder, &self.ledger.store, run, (self.cancel, self.tell))
    }

    /// The record of an attempt that starts now.
    fn attempt(&self, planned: &Planned) -> Attempt {
        let time = now();
        Attempt {
            format: FORMAT,
            run: planned.request.id(),
            attempt: AttemptId::new(time.milliseconds(), random()),
            status: Status::Running,
            cause: None,
            label: planned.label.clone(),
            spec: planned.spec.clone(),
            description: planned.description.clone(),
            started: time,
            ended: time,
            result: None,
            tags: planned.tags.clone(),
            metrics: BTreeMap::new(),
            timings: BTreeMap::new(),
            model: toml::Table::new(),
            data: None,
            host: host(),
            git: self.git.clone(),
            versions: versions(),
            command: None,
            origin: None,
            other: toml::Table::new(),
        }
    }

    /// The data of a run, read once for all runs that use the same columns.
    fn load(&self, planned: &Planned) -> Result<Arc<Loaded>, Stopped> {
        let request = built_in(planned)?;
        let key = (planned.data.clone(), train::wanted(&request));
        let mut tables = lock(&self.tables);
        let loaded = if let Some(loaded) = tables.get(&key) {
            Arc::clone(loaded)
        } else {
            let loaded = Arc::new(read_data(self.ledger, &key.0, &key.1)?);
            tables.insert(key, Arc::clone(&loaded));
            loaded
        };
        // Training on other data than the request names would file a wrong result under its id.
        if loaded.digest == request.data.digest { Ok(loaded) } else { Err(changed(&planned.data)) }
    }

    fn train(
        &self,
        planned: &Planned,
        loaded: &Loaded,
        recorder: &Recorder,
    ) -> Result<Outcome, Stopped> {
        let request = built_in(planned)?;
        let reporter = self.reporter(planned, recorder);
        // A defect in one trainer must not take the other runs down.
        catch_unwind(AssertUnwindSafe(|| train::train(&request, &loaded.table, &reporter)))
            .map_err(|_| Stopped::Failed("the trainer stopped on a defect of its own".into()))?
            .map_err(Stopped::from)
    }

    fn finish(
        &self,
        run: RunId,
        recorder: Recorder,
        result: Result<Outcome, Stopped>,
    ) -> Result<Arc<Entry>, Error> {
        let (status, cause, outcome) = match result {
            Ok(outcome) => (Status::Finished, None, outcome),
            Err(Stopped::Cancelled) => {
                (Status::Interrupted, Some("cancelled".into()), Outcome::default())
            }
            Err(Stopped::Failed(cause)) => (Status::Failed, Some(cause), Outcome::default()),
        };
        let max_file = self.ledger.config.snapshot.max_file;
        let mut ending = Ending { status, cause, ended: now(), outcome, max_file };
        self.note_stop(run, &mut ending);
        Ok(recorder.finish(ending)?)
    }
}

/// Some columns of a data file.
pub(in crate::engine) fn read_data(
    ledger: &Ledger,
    path: &str,
    wanted: &[Wanted],
) -> Result<Loaded, Stopped> {
    let (facts, loaded) = ledger
        .store
        .read_data(path, &mut |file| take_facts(path, file), &mut |file, facts| {
            Table::load(Box::new(file), facts, wanted)
        })
        .map_err(|error| Stopped::Failed(error.to_string()))?;
    let (table, digest) = loaded.map_err(|error| match error {
        TrainError::Changed => changed(path),
        other => other.into(),
    })?;
    Ok(Loaded {
        table,
        file: DataFile {
            path: path.to_owned(),
            rows: facts.rows,
            size: facts.size,
            blake3: facts.blake3,
            sha256: facts.sha256.clone(),
        },
        digest,
    })
}

fn built_in(planned: &Planned) -> Result<BuiltIn, Stopped> {
    planned.request.to_built_in().map_err(|error| Stopped::Failed(error.message().to_owned()))
}

fn changed(path: &str) -> Stopped {
    Stopped::Failed(format!("{path} changed while it was read; run again"))
}
