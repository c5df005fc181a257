//! Executing what the ledger does not hold: worker threads, one lease and one recorder a run.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::ledger::attempt::{Attempt, DataFile, FORMAT, GitState, STOPPED, Status};
use crate::ledger::command::bytes;
use crate::ledger::digest::Digest;
use crate::ledger::id::{AttemptId, RunId};
use crate::ledger::outcome::{Outcome, Reporter};
use crate::ledger::plan::Planned;
use crate::ledger::request::BuiltIn;
use crate::store::{Ending, Entry, Lease, Lookup, Recorder, Store, random};
use crate::train::{self, Table, TrainError, Wanted};

use super::cancel::Cancel;
use super::command::Run;
use super::error::Error;
use super::ledger::Ledger;
use super::news::{News, Tell};
use super::reading::take_facts;
use super::slots::{Needs, Slots};
use super::surroundings::{cores, host, memory, now, versions};

/// What happened to a run that was to be executed.
#[derive(Clone, Debug)]
pub(super) enum Execution {
    /// It was executed here and sealed, however it ended.
    Sealed(Arc<Entry>),
    /// Another process sealed it meanwhile.
    Found(Arc<Entry>),
    /// It was not executed because the work was cancelled.
    Cancelled,
    /// It was not executed because its spec was edited meanwhile.
    Edited,
    /// It could not be executed or recorded at all.
    Refused(String),
}

/// How to execute.
#[derive(Clone, Debug)]
pub struct Options {
    /// The processors and the memory the runs share.
    pub slots: Arc<Slots>,
    /// Whether to execute runs that the ledger holds already.
    pub force: bool,
    /// Whether results of others count as not there.
    pub own: bool,
}

impl Options {
    /// So many runs at a time, as many as there are processors when `None`.
    pub fn new(jobs: Option<usize>, force: bool) -> Self {
        Self { slots: Arc::new(Slots::new(jobs.unwrap_or_else(cores), memory)), force, own: false }
    }
}

/// Whether the spec of a planned run is still what it was when it was read.
pub(super) type Asks<'a> = &'a (dyn Fn(&Planned) -> bool + Sync);

/// How often it is looked whether another process is done with a run, or a run is to stop.
const FOLLOW: Duration = Duration::from_millis(50);
/// A longer pause between two tries of a run would look like none.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// Executes runs, several at a time, and gives what became of each, in their order.
pub(super) fn execute(
    ledger: &Ledger,
    runs: &[Planned],
    options: &Options,
    (cancel, tell, asks): (&Cancel, Tell<'_>, Asks<'_>),
) -> Vec<Execution> {
    if runs.is_empty() {
        return Vec::new();
    }
    let work = Work {
        ledger,
        options,
        cancel,
        tell,
        asks,
        git: git_state(ledger, tell),
        tables: Mutex::default(),
        followed: Mutex::default(),
    };
    let queue: Mutex<VecDeque<usize>> = Mutex::new(in_turns(runs).into());
    let results: Mutex<Vec<Option<Execution>>> = Mutex::new(vec![None; runs.len()]);
    let workers = options.slots.cores().clamp(1, runs.len());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(at) = pop(&queue) {
                    if let Some(done) = work.one(&runs[at]) {
                        lock(&results)[at] = Some(done);
                        continue;
                    }
                    // Another process executes it: first whatever nobody does.
                    lock(&queue).push_back(at);
                    std::thread::sleep(FOLLOW);
                }
            });
        }
    });
    let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.into_iter().map(|done| done.unwrap_or(Execution::Cancelled)).collect()
}

/// The places of runs such that specs take turns.
fn in_turns(runs: &[Planned]) -> Vec<usize> {
    let mut seen: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut places: Vec<(usize, usize)> = Vec::new();
    for (at, run) in runs.iter().enumerate() {
        let turn = seen.entry((&run.experiment, &run.spec)).or_default();
        places.push((*turn, at));
        *turn += 1;
    }
    places.sort_unstable();
    places.into_iter().map(|(_, at)| at).collect()
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
    asks: Asks<'a>,
    git: Option<GitState>,
    tables: Mutex<BTreeMap<TableKey, Arc<Loaded>>>,
    /// The runs that another process was found to execute.
    followed: Mutex<BTreeSet<RunId>>,
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
    /// Executes a run, again as often as its spec says when it fails; `None` while another process
    /// executes it.
    fn one(&self, planned: &Planned) -> Option<Execution> {
        let mut tries = 0;
        loop {
            match self.try_one(planned) {
                Ok(Some(Execution::Sealed(entry))) if is_retried(planned, &entry, tries) => {
                    tries += 1;
                    self.pause(planned, tries);
                }
                Ok(done) => return done,
                Err(error) => return Some(Execution::Refused(error.to_string())),
            }
        }
    }

    /// Waits before the next try, four times as long as before the last one.
    fn pause(&self, planned: &Planned, tries: u32) {
        let pause = Duration::from_secs(4u64.saturating_pow(tries - 1)).min(LONGEST_PAUSE);
        let (label, seconds) = (&planned.label, pause.as_secs());
        (self.tell)(News::Notice(format!("{label} is tried again in {seconds} s")));
        let until = Instant::now() + pause;
        while Instant::now() < until && !self.cancel.is_cancelled() {
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn try_one(&self, planned: &Planned) -> Result<Option<Execution>, Error> {
        let (store, run) = (&self.ledger.store, planned.request.id());
        let slot = self.options.slots.take(&spec_of(planned), needs(planned), self.cancel);
        if slot.is_none() || self.cancel.is_cancelled() {
            return Ok(Some(Execution::Cancelled));
        }
        if !(self.asks)(planned) {
            return Ok(Some(Execution::Edited));
        }
        let Some(lease) = store.claim(run)? else {
            if lock(&self.followed).insert(run) {
                (self.tell)(News::Following { run, label: planned.label.clone() });
            }
            return Ok(None);
        };
        let told = lock(&self.followed).contains(&run);
        // Whoever held the lease before may have sealed the run.
        if (told || !self.options.force)
            && let Some(Lookup::Hit(entry)) = self.ledger.look(&[run], self.options.own)?.pop()
        {
            return Ok(Some(Execution::Found(entry)));
        }
        let by_command = planned.command.as_ref().map(|command| Run {
            ledger: self.ledger,
            cancel: self.cancel,
            planned,
            command,
        });
        let named = match by_command.as_ref().map(Run::check).transpose()? {
            Some(Err(why)) => return Ok(Some(Execution::Refused(why))),
            Some(Ok(files)) => files,
            None => Vec::new(),
        };
        store.forget_stop(run);
        (self.tell)(News::Started { run, label: planned.label.clone() });
        let started = Instant::now();
        let entry = match &by_command {
            Some(by_command) => self.command(by_command, &named, lease)?,
            None => self.built_in(planned, lease)?,
        };
        (self.tell)(News::Ended {
            run,
            label: planned.label.clone(),
            status: entry.attempt.status,
            cause: entry.attempt.cause.clone(),
            seconds: started.elapsed().as_secs_f64(),
        });
        Ok(Some(Execution::Sealed(entry)))
    }

    /// Trains a built-in model, from the reading of its data to the seal.
    fn built_in(&self, planned: &Planned, lease: Lease) -> Result<Arc<Entry>, Error> {
        let mut attempt = self.attempt(planned);
        let loaded = self.load(planned);
        attempt.data = loaded.as_ref().ok().map(|loaded| loaded.file.clone());
        let store = &self.ledger.store;
        let recorder = store.begin(lease, &planned.experiment, &planned.request, attempt)?;
        let result = loaded.and_then(|loaded| self.train(planned, &loaded, &recorder));
        self.finish(planned.request.id(), recorder, result)
    }

    /// Says that a run was stopped, if that is why it was interrupted.
    fn note_stop(&self, run: RunId, ending: &mut Ending) {
        let store = &self.ledger.store;
        if ending.status == Status::Interrupted && store.is_asked_to_stop(run) {
            ending.cause = Some(STOPPED.to_owned());
        }
        store.forget_stop(run);
    }

    /// Runs a command that names some files, from its record to the seal.
    fn command(&self, run: &Run<'_>, files: &[PathBuf], lease: Lease) -> Result<Arc<Entry>, Error> {
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
        RunReporter {
            recorder,
            cancel: self.cancel,
            tell: self.tell,
            run: planned.request.id(),
            store: &self.ledger.store,
            asked: Mutex::new((Instant::now(), false)),
        }
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

/// Whether a run that failed is tried again. A program that never began would not begin later.
fn is_retried(planned: &Planned, entry: &Entry, tries: u32) -> bool {
    let retries = planned.command.as_ref().and_then(|command| command.retries).unwrap_or(0);
    let began = entry.attempt.command.as_ref().is_some_and(|record| record.exit.is_some());
    entry.attempt.status == Status::Failed && began && i64::from(tries) < retries
}

/// What a run takes while it is executed.
fn needs(planned: &Planned) -> Needs {
    let command = planned.command.as_ref();
    let cores = command.and_then(|command| command.cores).unwrap_or(1);
    let memory = command.and_then(|command| command.memory.as_deref()).and_then(bytes);
    Needs { cores: usize::try_from(cores).unwrap_or(1), memory: memory.unwrap_or(0) }
}

fn spec_of(planned: &Planned) -> String {
    format!("{}/{}", planned.experiment, planned.spec)
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
    store: &'a Store,
    /// When it was last looked whether the run is to stop, and what was seen.
    asked: Mutex<(Instant, bool)>,
}

impl RunReporter<'_> {
    /// Whether somebody asked for this run to stop; looked at now and then, for trainers ask often.
    fn is_stopped(&self) -> bool {
        let mut asked = lock(&self.asked);
        if asked.0.elapsed() >= FOLLOW {
            *asked = (Instant::now(), self.store.is_asked_to_stop(self.run));
        }
        asked.1
    }
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
        self.cancel.is_cancelled() || self.recorder.cancelled() || self.is_stopped()
    }
}
