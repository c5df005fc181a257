//! The daemon: one loop over one closed set of events.
//!
//! It is level-triggered: an event only says where to look, the disk decides what is to be done,
//! and a full look each minute makes up for any event that never came.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::ledger::layout;
use crate::ledger::settle::FileStamp;
use crate::watch::{WatchPlan, Watcher, probe};

use super::cancel::{Cancel, Signals};
use super::dirty::Dirty;
use super::error::{Error, count};
use super::execute::Options;
use super::flow::{Pass, PassOptions};
use super::ledger::Ledger;
use super::news::News;
use super::snapshot::Taken;

/// How long no full look may take place.
const SCAN_EVERY: Duration = Duration::from_mins(1);
/// How often a ledger that gives no events is looked at.
const POLL_EVERY: Duration = Duration::from_secs(2);
/// How long after a snapshot the next one waits.
const SNAPSHOT_EVERY: Duration = Duration::from_mins(1);

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
    /// A pass ended.
    Passed(Box<Result<Pass, Error>>),
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
    runtime.block_on(async { Daemon::start(ledger, jobs, to)?.run(once).await })
}

struct Daemon {
    ledger: Arc<Ledger>,
    jobs: Option<usize>,
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
    /// What the pass under way is about.
    under_way: Vec<String>,
    pass: Option<JoinHandle<Result<Pass, Error>>>,
    look_at: Option<Instant>,
    scan_at: Instant,
    snapshot_at: Option<Instant>,
    last_snapshot: Option<Instant>,
    /// Whether a command waits to be approved.
    waits: bool,
    /// The approvals as they were when a pass last began.
    approvals: Option<FileStamp>,
}

impl Daemon {
    fn start(ledger: Ledger, jobs: Option<usize>, to: ReportTo) -> Result<Self, Error> {
        let wake = Arc::new(Notify::new());
        let woken = Arc::clone(&wake);
        let plan = WatchPlan { poll: polling(ledger.root()), ..WatchPlan::default() };
        let watcher = Watcher::start(ledger.root(), &plan, move || woken.notify_one())?;
        let began = Instant::now();
        Ok(Self {
            ledger: Arc::new(ledger),
            jobs,
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
            under_way: Vec::new(),
            pass: None,
            look_at: None,
            scan_at: began,
            snapshot_at: None,
            last_snapshot: None,
            waits: false,
            approvals: None,
        })
    }

    async fn run(mut self, once: bool) -> Result<(), Error> {
        (self.to)(Report::Watching { notices: self.notices() });
        loop {
            match self.next().await {
                Event::Files => self.take_events(),
                Event::Look => self.look(&BTreeSet::new()),
                Event::Scan => self.scan(),
                Event::Approvals => self.look_at_approvals(),
                Event::Snapshot => self.snapshot(),
                Event::Passed(passed) if once => {
                    self.passed(Ok((*passed)?));
                    return self.stop().await;
                }
                Event::Passed(passed) => self.passed(*passed),
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
        let approvals = at(self.waits.then(|| Instant::now() + POLL_EVERY));
        let pass = async {
            match &mut self.pass {
                Some(pass) => pass.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            passed = pass => {
                self.pass = None;
                let passed = passed.unwrap_or_else(|error| {
                    Err(Error::Runtime(std::io::Error::other(error)))
                });
                Event::Passed(Box::new(passed))
            }
            () = self.signals.next() => Event::Stop,
            () = self.wake.notified() => Event::Files,
            () = look => Event::Look,
            () = scan => Event::Scan,
            () = approvals => Event::Approvals,
            () = snapshot => Event::Snapshot,
        }
    }

    /// What the user should know about how the ledger is watched.
    fn notices(&self) -> Vec<String> {
        let mut notices = self.watcher.notices().to_vec();
        if self.plan.poll.is_some() {
            notices.push("no file events here; looking every two seconds".into());
        }
        notices
    }

    fn take_events(&mut self) {
        self.watcher.refresh(&self.plan);
        let events = self.watcher.take();
        if events.scan_all {
            return self.scan();
        }
        let folders = events.paths.iter().any(|path| self.ledger.root().join(path).is_dir());
        self.dirty.mark(events.paths.iter().map(|path| path_text(path)));
        if folders {
            // A folder is reported alone, whatever came with it.
            self.scan();
        }
        self.look(&events.closed.iter().map(|path| path_text(path)).collect());
    }

    /// Places missing watches, then marks everything that is not as it was last seen.
    fn scan(&mut self) {
        self.watcher.refresh(&self.plan);
        let every = if self.watcher.polling() { POLL_EVERY } else { SCAN_EVERY };
        self.scan_at = Instant::now() + every;
        if !self.failed.is_empty() {
            self.changed.get_or_insert_default().extend(self.failed.drain(..));
        }
        if let Err(error) = self.dirty.scan(&self.ledger) {
            (self.to)(Report::Failed(error));
        }
        self.look(&BTreeSet::new());
    }

    fn look(&mut self, closed: &BTreeSet<String>) {
        let looked = self.dirty.look(self.ledger.root(), self.began.elapsed(), closed);
        for path in looked.still_written {
            let notice = format!("{path} is still being written; waiting");
            (self.to)(Report::News(News::Notice(notice)));
        }
        self.look_at = looked.again.map(|wait| Instant::now() + wait);
        if !looked.changed.is_empty() {
            self.changed.get_or_insert_default().extend(looked.changed);
        }
    }

    /// Begins a pass if something changed, nothing is under way and the data are safe to read.
    fn begin_pass(&mut self) {
        if self.pass.is_some() || !self.dirty.data_is_settled() {
            return;
        }
        let Some(changed) = self.changed.take() else { return };
        if changed.contains(layout::LEDGER) {
            self.reopen();
        }
        let first = self.last_snapshot.is_none();
        self.approvals = self.ledger.approvals_stamp();
        let options = PassOptions {
            execute: Options { jobs: self.jobs, force: false },
            retry_failed: false,
            named: Vec::new(),
            retry: changed.iter().cloned().collect(),
            settled: Some(self.dirty.stamps()),
            snapshot: first,
        };
        self.under_way = changed.into_iter().collect();
        let (ledger, cancel, to) =
            (Arc::clone(&self.ledger), self.cancel.clone(), Arc::clone(&self.to));
        let ready: Vec<_> = match ledger.select(&[]) {
            Ok(specs) => {
                specs.into_iter().filter(|spec| self.dirty.is_settled(&spec.path())).collect()
            }
            Err(error) => {
                self.failed = std::mem::take(&mut self.under_way);
                return to(Report::Failed(error));
            }
        };
        self.pass = Some(tokio::task::spawn_blocking(move || {
            let tell = |news| to(Report::News(news));
            ledger.pass(&ready, &options, &cancel, &tell)
        }));
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

    fn passed(&mut self, passed: Result<Pass, Error>) {
        match passed {
            Ok(pass) => {
                if pass.snapshot.is_some() {
                    self.last_snapshot = Some(Instant::now());
                } else {
                    let due = self.last_snapshot.map(|last| last + SNAPSHOT_EVERY);
                    self.snapshot_at = Some(due.unwrap_or_else(Instant::now));
                }
                self.waits = !pass.pending.is_empty();
                let inputs: Vec<String> =
                    pass.inputs.iter().map(|path| self.inside(path)).collect();
                let data = pass.runs.iter().map(|done| done.planned.data.as_str());
                let named = data.chain(inputs.iter().map(String::as_str));
                let folders = self.dirty.named_files(named);
                if folders != self.plan.folders {
                    // As everywhere: first the watch, then the look.
                    self.plan.folders = folders;
                    self.scan();
                }
                let changed = std::mem::take(&mut self.under_way);
                (self.to)(Report::Passed { pass: Box::new(pass), changed });
            }
            Err(error) => {
                self.failed = std::mem::take(&mut self.under_way);
                (self.to)(Report::Failed(error));
            }
        }
    }

    /// A path from the ledger's root; one outside it stays as it is, and is looked at each minute.
    fn inside(&self, path: &Path) -> String {
        path_text(path.strip_prefix(self.ledger.root()).unwrap_or(path))
    }

    /// Begins a pass when the approvals are not what they were: a spec may wait for one.
    fn look_at_approvals(&mut self) {
        let seen = self.ledger.approvals_stamp();
        if seen != self.approvals {
            self.approvals = seen;
            self.changed.get_or_insert_default().insert("the approvals".to_owned());
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
        if let Some(pass) = self.pass.take() {
            match pass.await {
                Ok(passed) => self.passed(passed),
                Err(error) => return Err(Error::Runtime(std::io::Error::other(error))),
            }
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

/// The interval of looking at a ledger that gives no events, `None` for one that does.
fn polling(root: &Path) -> Option<Duration> {
    (!probe(&root.join(layout::STATE), Duration::from_secs(1))).then_some(POLL_EVERY)
}

fn path_text(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
