//! Executing what the ledger does not hold: worker threads, one lease and one recorder a run.

mod attempt;
mod reporter;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::ledger::attempt::{GitState, Status};
use crate::ledger::command::bytes;
use crate::ledger::id::RunId;
use crate::ledger::plan::Planned;
use crate::store::{Entry, Lookup};
use crate::train::Wanted;

pub(super) use self::attempt::{Stopped, read_data};

use self::attempt::Loaded;
use super::cancel::Cancel;
use super::command::Run;
use super::error::Error;
use super::flow::spec_path;
use super::ledger::Ledger;
use super::news::{News, Tell};
use super::slots::{Needs, Slots};
use super::surroundings::{cores, memory};

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
    let work_through = || {
        while let Some(at) = pop(&queue) {
            if let Some(done) = work.one(&runs[at]) {
                lock(&results)[at] = Some(done);
                continue;
            }
            // Another process executes it: first whatever nobody does.
            lock(&queue).push_back(at);
            std::thread::sleep(FOLLOW);
        }
    };
    // One run at a time needs no other thread, and so its calls of the system have one order.
    match options.slots.cores().clamp(1, runs.len()) {
        1 => work_through(),
        workers => std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(work_through);
            }
        }),
    }
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
            std::thread::sleep(FOLLOW);
        }
    }

    fn try_one(&self, planned: &Planned) -> Result<Option<Execution>, Error> {
        let (store, run) = (&self.ledger.store, planned.request.id());
        let slot = self.options.slots.take(&spec_path(planned), needs(planned), self.cancel);
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
        store.forget_progress(run);
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
