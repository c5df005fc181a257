//! The daemon: one loop over one closed set of events.
//!
//! It is level-triggered: an event only says where to look, the disk decides what is to be done,
//! and a full look each minute makes up for any event that never came.

mod begin;
mod date;
mod hold;
mod look;
mod passes;
mod sleep;
mod upkeep;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::ledger::digest::Digest;
use crate::ledger::settle::FileStamp;
use crate::watch::{WatchPlan, Watcher};

use self::date::Date;
use self::hold::Hold;
use self::passes::{About, Passes};
use self::sleep::Sleep;
use self::upkeep::{Kept, Upkeep};

use super::cancel::{Cancel, Signals};
use super::dirty::Dirty;
use super::error::{Error, count};
use super::execute::Options;
use super::flow::{Pass, RunResult};
use super::ledger::Ledger;
use super::membership::Noted;
use super::news::News;
use super::site::Built;
use super::snapshot::Taken;

/// How long no full look may take place.
const SCAN_EVERY: Duration = Duration::from_mins(1);
/// How often a ledger that gives no events is looked at.
const POLL_EVERY: Duration = Duration::from_secs(2);
/// How often is asked whether the machine slept.
const TICK: Duration = Duration::from_secs(10);
/// How long nothing is to do before memory is given back: the pass after that reads more.
const REST_AFTER: Duration = Duration::from_secs(30);
/// How long a thread that has nothing to do is kept. The allocator gives pages back a second after they became
/// free, but only when somebody calls it, and a thread that ends does.
const THREADS_STAY: Duration = Duration::from_secs(3);

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
    Upkeep,
    /// Site and snapshot were seen to.
    Kept(Box<Kept>),
    /// It is time to ask whether the machine slept.
    Tick,
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
    /// The site was brought up to date with the passes before.
    Site(Built),
    /// A snapshot was taken.
    Snapshot(Taken),
    /// Something could not be done; the daemon goes on.
    Failed(Error),
    /// The site stays as it was; the runs are sealed all the same.
    SiteFailed(Error),
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
        .thread_keep_alive(THREADS_STAY)
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
    upkeep: Upkeep,
    sleep: Sleep,
    look_at: Option<Instant>,
    scan_at: Instant,
    /// When to give memory back, after a pass.
    rest_at: Option<Instant>,
    /// The files that specs name, from the ledger's root.
    named: BTreeSet<String>,
    /// What the folders of attempts looked like to the last pass.
    runs: Option<Digest>,
    hold: Hold,
    /// Whether one pass is asked for, which waits for no merge.
    once: bool,
    /// Whether a pass came to its end.
    has_passed: bool,
    /// Whether a command waits to be approved.
    waits: bool,
    /// The approvals as they were when a pass last began.
    approvals: Option<FileStamp>,
    date: Date,
    /// Telling commands of alerts, which no training waits for.
    telling: Option<JoinHandle<()>>,
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
            upkeep: Upkeep::default(),
            sleep: Sleep::default(),
            look_at: None,
            scan_at: began,
            rest_at: None,
            named: BTreeSet::new(),
            runs: None,
            hold: Hold::default(),
            once,
            has_passed: false,
            waits: false,
            approvals: None,
            date: Date::default(),
            telling: None,
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
                Event::Rest => self.rest(),
                Event::Passed(about, passed) => {
                    let passed = if self.once { Ok((*passed)?) } else { *passed };
                    self.passed(about, passed);
                }
                Event::Upkeep | Event::Tick => {}
                Event::Kept(kept) => self.kept(*kept),
                Event::Stop => return self.stop().await,
            }
            if self.once && self.has_passed {
                self.alerts_told().await;
                return self.stop().await;
            }
            if self.sleep.ended(self.began.elapsed(), SystemTime::now()) {
                // Other machines may have written meanwhile, and there are no events of that.
                self.scan();
            }
            self.begin_pass();
            self.begin_upkeep(Instant::now());
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
        let (look, scan, upkeep) =
            (at(self.look_at), at(Some(self.scan_at)), at(self.upkeep.begins_at()));
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
            () = upkeep => Event::Upkeep,
            kept = self.upkeep.next() => Event::Kept(Box::new(kept)),
            () = rest => Event::Rest,
            () = tokio::time::sleep(TICK) => Event::Tick,
        }
    }

    fn passed(&mut self, about: About, passed: Result<Pass, Error>) {
        let About { files, later, whole, .. } = about;
        self.rest_at = Some(Instant::now() + REST_AFTER);
        if !later.is_empty() {
            self.changed.get_or_insert_default().extend(later);
        }
        if self.date.passed(self.passes.is_empty()) {
            self.changed.get_or_insert_default().insert(date::THE_DATE.to_owned());
        }
        match passed {
            Ok(pass) => {
                self.has_passed = true;
                for Noted { path, before, after } in &pass.noted {
                    self.dirty.know(path, *before, *after);
                }
                self.upkeep.ask();
                self.tell_alerts();
                self.note_files(&pass, whole);
                // What the disk would not take is not given up.
                if pass.runs.iter().any(|done| matches!(done.result, RunResult::Refused(_))) {
                    self.failed.extend(files.iter().cloned());
                }
                (self.to)(Report::Passed { pass: Box::new(pass), changed: files });
            }
            Err(error) => {
                self.date.came();
                self.failed.extend(files);
                (self.to)(Report::Failed(error));
            }
        }
    }

    fn kept(&mut self, kept: Kept) {
        self.rest_at = Some(Instant::now() + REST_AFTER);
        match kept.site {
            Some(Ok((runs, built))) => {
                self.runs = Some(runs);
                (self.to)(Report::Site(built));
            }
            Some(Err(error)) => {
                self.upkeep.site_failed(&error);
                (self.to)(Report::SiteFailed(error));
            }
            None => {}
        }
        if let Some(taken) = kept.snapshot {
            (self.to)(Report::Snapshot(taken));
        }
    }

    fn begin_upkeep(&mut self, by: Instant) {
        let ledger = Arc::clone(&self.ledger);
        self.upkeep.begin(by, move |site, snapshot| Kept::of(&ledger, site, snapshot));
    }

    /// Gives back what was kept to be quick, unless somebody needs it.
    fn rest(&mut self) {
        self.rest_at = None;
        if self.passes.is_empty() && self.upkeep.site_is_kept() {
            let store = self.ledger.store.clone();
            drop(tokio::task::spawn_blocking(move || store.forget()));
        }
    }

    /// Ends: what is being trained is recorded as interrupted, what was put off is done now.
    async fn stop(mut self) -> Result<(), Error> {
        self.cancel.cancel();
        while let Some((about, passed)) = self.passes.next().await {
            self.passed(about, passed.unwrap_or_else(Err));
        }
        while !self.upkeep.is_done() {
            self.begin_upkeep(Instant::now() + upkeep::SNAPSHOT_EVERY);
            let kept = self.upkeep.next().await;
            self.kept(kept);
        }
        (self.to)(Report::News(News::Notice(format!(
            "stopped after {}",
            count(self.began.elapsed().as_secs() as usize, "second")
        ))));
        Ok(())
    }
}
