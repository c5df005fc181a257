//! The daemon: one loop over one closed set of events.
//!
//! It is level-triggered: an event only says where to look, the disk decides what is to be done,
//! and a full look each minute makes up for any event that never came.

mod hold;
mod look;
mod passes;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::git::Obstacle;
use crate::ledger::digest::Digest;
use crate::ledger::layout;
use crate::ledger::settle::FileStamp;
use crate::watch::{WatchPlan, Watcher};

use self::hold::{Held, Hold};
use self::passes::{About, Passes};

use super::cancel::{Cancel, Signals};
use super::dirty::Dirty;
use super::error::{Error, count};
use super::execute::Options;
use super::flow::{Pass, PassOptions, RunResult};
use super::ledger::Ledger;
use super::news::News;
use super::reading::SpecName;
use super::snapshot::Taken;

/// How long no full look may take place.
const SCAN_EVERY: Duration = Duration::from_mins(1);
/// How often a ledger that gives no events is looked at.
const POLL_EVERY: Duration = Duration::from_secs(2);
/// How long after a snapshot the next one waits.
const SNAPSHOT_EVERY: Duration = Duration::from_mins(1);

/// How long nothing is to do before memory is given back: the pass after that reads more.
const REST_AFTER: Duration = Duration::from_secs(30);

/// Everything that can wake the daemon.
#[derive(Debug)]
enum Event {
    /// Something happened to files.
    Files,
    /// It is time to look at unsettled files again.
    Look,
    /// It is time to look at everything.
    Scan,
    /// It is time to look whether something was approved.
    Approvals,
    /// It is time for a snapshot that was put off.
    Snapshot,
    /// Nothing was to do for a while.
    Rest,
    /// A pass ended.
    Passed(About, Box<Result<Pass, Error>>),
    /// The daemon is asked to end.
    Stop,
}

/// What a daemon tells.
#[derive(Debug)]
pub enum Report {
    /// The daemon watches.
    Watching {
        /// Why it looks at intervals instead of being told, if it does.
        notices: Vec<String>,
    },
    /// A pass ended; the files that had changed since the one before.
    Passed {
        /// The pass.
        pass: Box<Pass>,
        /// The changed files.
        changed: Vec<String>,
    },
    /// A snapshot that had been put off was taken.
    Snapshot(Taken),
    /// A pass could not be done; the daemon goes on.
    Failed(Error),
    /// News from inside a pass.
    News(News),
}

/// Receives reports; called from several threads.
pub type ReportTo = Arc<dyn Fn(Report) + Send + Sync>;

/// Watches a ledger until it is asked to end, or for one pass.
pub fn watch(ledger: Ledger, once: bool, jobs: Option<usize>, to: ReportTo) -> Result<(), Error> {
    let _lock = ledger.store.lock_daemon()?.ok_or(Error::Watched)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::Runtime)?;
    runtime.block_on(async { Daemon::start(ledger, once, jobs, to)?.run().await })
}

struct Daemon {
    ledger: Arc<Ledger>,
    execute: Options,
    to: ReportTo,
    cancel: Cancel,
    signals: Signals,
    wake: Arc<Notify>,
    watcher: Watcher,
    plan: WatchPlan,
    began: Instant,
    dirty: Dirty,
    /// Files that changed since the last pass began; `None` before the first.
    changed: Option<BTreeSet<String>>,
    /// What a pass that could not be done was about; the next full look tries again.
    failed: Vec<String>,
    passes: Passes<Result<Pass, Error>>,
    look_at: Option<Instant>,
    scan_at: Instant,
    snapshot_at: Option<Instant>,
    last_snapshot: Option<Instant>,
    /// When to give memory back, after a pass.
    rest_at: Option<Instant>,
    /// The files that specs name, from the ledger's root.
    named: BTreeSet<String>,
    /// What the folders of attempts looked like to the last pass.
    runs: Option<Digest>,
    hold: Hold,
    /// Whether one pass is asked for, which waits for no merge.
    once: bool,
    /// Whether a command waits to be approved.
    waits: bool,
    /// The approvals as they were when a pass last began.
    approvals: Option<FileStamp>,
}

impl Daemon {
    fn start(ledger: Ledger, once: bool, jobs: Option<usize>, to: ReportTo) -> Result<Self, Error> {
        let wake = Arc::new(Notify::new());
        let woken = Arc::clone(&wake);
        let plan = WatchPlan { poll: look::polling(ledger.root()), ..WatchPlan::default() };
        let watcher = Watcher::start(ledger.root(), &plan, move || woken.notify_one())?;
        let began = Instant::now();
        Ok(Self {
            ledger: Arc::new(ledger),
            execute: Options::new(jobs, false),
            to,
            cancel: Cancel::default(),
            signals: Signals::listen()?,
            wake,
            watcher,
            plan,
            began,
            dirty: Dirty::default(),
            changed: None,
            failed: Vec::new(),
            passes: Passes::default(),
            look_at: None,
            scan_at: began,
            snapshot_at: None,
            last_snapshot: None,
            rest_at: None,
            named: BTreeSet::new(),
            runs: None,
            hold: Hold::default(),
            once,
            waits: false,
            approvals: None,
        })
    }

    async fn run(mut self) -> Result<(), Error> {
        (self.to)(Report::Watching { notices: self.notices() });
        loop {
            match self.next().await {
                Event::Files => self.take_events(),
                Event::Look => self.look(&BTreeSet::new()),
                Event::Scan => self.scan(),
                Event::Approvals => self.look_at_approvals(),
                Event::Snapshot => self.snapshot(),
                Event::Rest => self.rest(),
                Event::Passed(about, passed) if self.once => {
                    self.passed(about, Ok((*passed)?));
                    return self.stop().await;
                }
                Event::Passed(about, passed) => self.passed(about, *passed),
                Event::Stop => return self.stop().await,
            }
            self.begin_pass();
        }
    }

    /// Waits for whatever comes first.
    async fn next(&mut self) -> Event {
        let at = |instant: Option<Instant>| async move {
            match instant {
                Some(instant) => tokio::time::sleep_until(instant.into()).await,
                None => std::future::pending().await,
            }
        };
        let (look, scan, snapshot) =
            (at(self.look_at), at(Some(self.scan_at)), at(self.snapshot_at));
        let rest = at(self.rest_at);
        let approvals = at(self.waits.then(|| Instant::now() + POLL_EVERY));
        let pass = async {
            match self.passes.next().await {
                Some(ended) => ended,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            (about, passed) = pass => Event::Passed(about, Box::new(passed.unwrap_or_else(Err))),
            () = self.signals.next() => Event::Stop,
            () = self.wake.notified() => Event::Files,
            () = look => Event::Look,
            () = scan => Event::Scan,
            () = approvals => Event::Approvals,
            () = snapshot => Event::Snapshot,
            () = rest => Event::Rest,
        }
    }

    /// Begins a pass if something changed and the data are safe to read. Specs that another pass is
    /// about are left to it, unless they were saved since: what it has not begun of them it drops.
    fn begin_pass(&mut self) {
        if self.changed.is_none() || !self.dirty.data_is_settled() || self.is_held() {
            return;
        }
        let Some(changed) = self.changed.take() else { return };
        if changed.contains(layout::LEDGER) {
            self.reopen();
        }
        self.approvals = self.ledger.approvals_stamp();
        let all = match self.ledger.select(&[]) {
            Ok(specs) => specs,
            Err(error) => {
                self.failed = changed.into_iter().collect();
                return (self.to)(Report::Failed(error));
            }
        };
        let settled = all.into_iter().filter(|spec| self.dirty.is_settled(&spec.path()));
        let ready: Vec<SpecName> = settled.filter(|spec| self.is_free(spec, &changed)).collect();
        let file = |path: &String| path.rsplit('/').next().is_some_and(layout::is_spec);
        let is_spec = |path: &String| path.starts_with("experiments/") && file(path);
        let others: BTreeSet<String> = changed.iter().filter(|it| !is_spec(it)).cloned().collect();
        self.passes.add_later(&others);
        self.start_pass(ready, changed);
    }

    /// Whether git is in the middle of something, so that what lies there is not yet what is to be.
    fn is_held(&mut self) -> bool {
        let repository = self.ledger.repository().ok().flatten();
        let at_work = repository.and_then(|repository| repository.at_work());
        let at_work = at_work.filter(|it| !self.once || matches!(it, Obstacle::IndexLocked(_)));
        let again = match self.hold.observe(self.began.elapsed(), at_work.as_ref()) {
            Held::No => return false,
            Held::For(again) => again,
            Held::Telling(again, words) => {
                (self.to)(Report::News(News::Notice(words)));
                again
            }
        };
        let again = Instant::now() + again;
        self.look_at = Some(self.look_at.map_or(again, |look_at| look_at.min(again)));
        true
    }

    /// Whether no pass under way is about a spec as it is now.
    fn is_free(&self, spec: &SpecName, changed: &BTreeSet<String>) -> bool {
        let path = spec.path();
        changed.contains(&path) || !self.passes.are_about(&path)
    }

    fn start_pass(&mut self, ready: Vec<SpecName>, changed: BTreeSet<String>) {
        let options = PassOptions {
            execute: self.execute.clone(),
            retry_failed: false,
            named: Vec::new(),
            retry: changed.clone(),
            settled: Some(self.dirty.stamps()),
            monitors: true,
            snapshot: self.last_snapshot.is_none() && self.passes.is_empty(),
        };
        let about = About {
            files: changed.into_iter().collect(),
            specs: ready.iter().map(SpecName::path).collect(),
            whole: self.passes.is_empty(),
            later: BTreeSet::new(),
        };
        let (ledger, cancel, to) =
            (Arc::clone(&self.ledger), self.cancel.clone(), Arc::clone(&self.to));
        self.passes.start(about, move || {
            let tell = |news| to(Report::News(news));
            ledger.pass(&ready, &options, &cancel, &tell)
        });
    }

    /// Reads `ledger.toml` again; while it has mistakes, what it said before goes on.
    fn reopen(&mut self) {
        match Ledger::open(self.ledger.root()) {
            Ok(ledger) if ledger.root() == self.ledger.root() => self.ledger = Arc::new(ledger),
            Ok(_) => {
                let notice =
                    "ledger.toml is gone; what it said goes on until it is back".to_owned();
                (self.to)(Report::News(News::Notice(notice)));
            }
            Err(error) => (self.to)(Report::Failed(error)),
        }
    }

    fn passed(&mut self, about: About, passed: Result<Pass, Error>) {
        let About { files, later, whole, .. } = about;
        self.rest_at = Some(Instant::now() + REST_AFTER);
        if !later.is_empty() {
            self.changed.get_or_insert_default().extend(later);
        }
        match passed {
            Ok(pass) => {
                if pass.snapshot.is_some() {
                    self.last_snapshot = Some(Instant::now());
                } else {
                    let due = self.last_snapshot.map(|last| last + SNAPSHOT_EVERY);
                    self.snapshot_at = Some(due.unwrap_or_else(Instant::now));
                }
                self.runs = Some(pass.seen);
                self.note_files(&pass, whole);
                // What the disk would not take is not given up.
                if pass.runs.iter().any(|done| matches!(done.result, RunResult::Refused(_))) {
                    self.failed.extend(files.iter().cloned());
                }
                (self.to)(Report::Passed { pass: Box::new(pass), changed: files });
            }
            Err(error) => {
                self.failed.extend(files);
                (self.to)(Report::Failed(error));
            }
        }
    }

    /// Gives back what was kept to be quick, unless a pass needs it.
    fn rest(&mut self) {
        self.rest_at = None;
        if self.passes.is_empty() {
            self.ledger.store.forget();
        }
    }

    fn snapshot(&mut self) {
        self.snapshot_at = None;
        self.last_snapshot = Some(Instant::now());
        (self.to)(Report::Snapshot(self.ledger.take_snapshot()));
    }

    /// Ends: what is being trained is recorded as interrupted, what was put off is done now.
    async fn stop(mut self) -> Result<(), Error> {
        self.cancel.cancel();
        while let Some((about, passed)) = self.passes.next().await {
            self.passed(about, passed.unwrap_or_else(Err));
        }
        if self.snapshot_at.is_some() {
            self.snapshot();
        }
        (self.to)(Report::News(News::Notice(format!(
            "stopped after {}",
            count(self.began.elapsed().as_secs() as usize, "second")
        ))));
        Ok(())
    }
}
