//! Executing what the ledger does not hold: worker threads, one lease and one recorder a run.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::ledger::attempt::{Attempt, DataFile, FORMAT, GitState, Status};
use crate::ledger::digest::Digest;
use crate::ledger::id::{AttemptId, RunId};
use crate::ledger::outcome::{Outcome, Reporter};
use crate::ledger::plan::Planned;
use crate::ledger::request::BuiltIn;
use crate::store::{Ending, Entry, Lease, Lookup, Recorder, random};
use crate::train::{self, Table, TrainError, Wanted};

use super::cancel::Cancel;
use super::command::Run;
use super::error::Error;
use super::ledger::Ledger;
use super::news::{News, Tell};
use super::reading::take_facts;
use super::surroundings::{cores, host, now, versions};

/// What happened to a run that was to be executed.
#[derive(Clone, Debug)]
pub(super) enum Execution {
    /// It was executed here and sealed, however it ended.
    Sealed(Arc<Entry>),
    /// Another process sealed it meanwhile.
    Found(Arc<Entry>),
    /// It was not executed because the work was cancelled.
    Cancelled,
    /// It could not be executed or recorded at all.
    Refused(String),
}

/// How to execute.
#[derive(Clone, Debug)]
pub struct Options {
    /// Runs at a time; the processors when `None`.
    pub jobs: Option<usize>,
    /// Whether to execute runs that the ledger holds already.
    pub force: bool,
}

/// Executes runs, several at a time, and gives what became of each, in their order.
pub(super) fn execute(
    ledger: &Ledger,
    runs: &[Planned],
    options: &Options,
    cancel: &Cancel,
    tell: Tell<'_>,
) -> Vec<Execution> {
    if runs.is_empty() {
        return Vec::new();
    }
    let work = Work {
        ledger,
        options,
        cancel,
        tell,
        git: git_state(ledger, tell),
        tables: Mutex::default(),
    };
    let queue: Mutex<VecDeque<usize>> = Mutex::new((0..runs.len()).collect());
    let results: Mutex<Vec<Option<Execution>>> = Mutex::new(vec![None; runs.len()]);
    let workers = options.jobs.unwrap_or_else(cores).clamp(1, runs.len().max(1));
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(at) = pop(&queue) {
                    let done = work.one(&runs[at]);
                    lock(&results)[at] = Some(done);
                }
            });
        }
    });
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.into_iter().map(|done| done.unwrap_or(Execution::Cancelled)).collect()
}

fn pop(queue: &Mutex<VecDeque<usize>>) -> Option<usize> {
    lock(queue).pop_front()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The commit around the ledger; a repository that cannot be read stops no training.
fn git_state(ledger: &Ledger, tell: Tell<'_>) -> Option<GitState> {
    match ledger.repository() {
        Ok(repository) => repository.and_then(|repository| repository.head()),
        Err(error) => {
            tell(News::Notice(format!("the git commit is not recorded: {error}")));
            None
        }
    }
}

type TableKey = (String, Vec<Wanted>);

/// What all workers share.
struct Work<'a> {
    ledger: &'a Ledger,
    options: &'a Options,
    cancel: &'a Cancel,
    tell: Tell<'a>,
    git: Option<GitState>,
    tables: Mutex<BTreeMap<TableKey, Arc<Loaded>>>,
}

/// Why training gave no outcome.
pub(super) enum Stopped {
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
pub(super) struct Loaded {
    pub(super) table: Table,
    pub(super) file: DataFile,
    /// The content digest of the columns that were read.
    pub(super) digest: Digest,
}

impl Work<'_> {
    fn one(&self, planned: &Planned) -> Execution {
        match self.try_one(planned) {
            Ok(done) => done,
            Err(error) => Execution::Refused(error.to_string()),
        }
    }

    fn try_one(&self, planned: &Planned) -> Result<Execution, Error> {
        let (store, run) = (&self.ledger.store, planned.request.id());
        let mut told = false;
        let lease = loop {
            if self.cancel.is_cancelled() {
                return Ok(Execution::Cancelled);
            }
            if let Some(lease) = store.claim(run)? {
                break lease;
            }
            if !told {
                (self.tell)(News::Following { run, label: planned.label.clone() });
                told = true;
            }
            std::thread::sleep(Duration::from_millis(50));
        };
        // Whoever held the lease before may have sealed the run.
        if (told || !self.options.force)
            && let Lookup::Hit(entry) = store.lookup(run)?
        {
            return Ok(Execution::Found(entry));
        }
        let by_command = planned.command.as_ref().map(|command| Run {
            ledger: self.ledger,
            cancel: self.cancel,
            planned,
            command,
        });
        if let Some(Err(why)) = by_command.as_ref().map(Run::check).transpose()? {
            return Ok(Execution::Refused(why));
        }
        (self.tell)(News::Started { run, label: planned.label.clone() });
        let started = Instant::now();
        let entry = match &by_command {
            Some(by_command) => self.command(by_command, lease)?,
            None => self.built_in(planned, lease)?,
        };
        (self.tell)(News::Ended {
            run,
            label: planned.label.clone(),
            status: entry.attempt.status,
            cause: entry.attempt.cause.clone(),
            seconds: started.elapsed().as_secs_f64(),
        });
        Ok(Execution::Sealed(entry))
    }

    /// Trains a built-in model, from the reading of its data to the seal.
    fn built_in(&self, planned: &Planned, lease: Lease) -> Result<Arc<Entry>, Error> {
        let mut attempt = self.attempt(planned);
        let loaded = self.load(planned);
        attempt.data = loaded.as_ref().ok().map(|loaded| loaded.file.clone());
        let store = &self.ledger.store;
        let recorder = store.begin(lease, &planned.experiment, &planned.request, attempt)?;
        let result = loaded.and_then(|loaded| self.train(planned, &loaded, &recorder));
        self.finish(recorder, result)
    }

    /// Runs a command, from its record to the seal.
    fn command(&self, run: &Run<'_>, lease: Lease) -> Result<Arc<Entry>, Error> {
        let planned = run.planned;
        let mut attempt = self.attempt(planned);
        run.prepare(&mut attempt);
        let record = attempt.command.clone();
        let store = &self.ledger.store;
        let recorder = store.begin(lease, &planned.experiment, &planned.request, attempt)?;
        let reporter = self.reporter(planned, &recorder);
        let ending =
            run.execute(&recorder, record, &reporter, self.ledger.config.snapshot.max_file)?;
        Ok(recorder.finish(ending)?)
    }

    fn reporter<'a>(&'a self, planned: &Planned, recorder: &'a Recorder) -> RunReporter<'a> {
        RunReporter { recorder, cancel: self.cancel, tell: self.tell, run: planned.request.id() }
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
        Ok(recorder.finish(Ending { status, cause, ended: now(), outcome, max_file })?)
    }
}

/// Some columns of a data file.
pub(super) fn read_data(ledger: &Ledger, path: &str, wanted: &[Wanted]) -> Result<Loaded, Stopped> {
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

/// Passes a trainer's reports to the recorder and to whoever watches.
struct RunReporter<'a> {
    recorder: &'a Recorder,
    cancel: &'a Cancel,
    tell: Tell<'a>,
    run: RunId,
}

impl Reporter for RunReporter<'_> {
    fn metric(&self, name: &str, value: f64, step: u64) {
        self.recorder.metric(name, value, step);
    }

    fn line(&self, text: &str) {
        self.recorder.line(text);
    }

    fn progress(&self, done: u64, total: u64) {
        self.recorder.progress(done, total);
        (self.tell)(News::Progress { run: self.run, done, total });
    }

    fn cancelled(&self) -> bool {
        // The recorder is asked too: it stops the work when the disk takes no more.
        self.cancel.is_cancelled() || self.recorder.cancelled()
    }
}
