//! What a ledger is doing and how it stands.

mod runs;
mod snapshots;

use serde::Serialize;

use crate::ledger::attempt::Status as RunStatus;
use crate::ledger::exit::quoted;

pub use self::runs::{AskedRun, FailedRun, Running, SpecProgress};
pub use self::snapshots::SnapshotStatus;

use super::command::Pending;
use super::error::{Error, Mistakes};
use super::ledger::Ledger;
use super::monitor::Unapproved;
use crate::store::Notice;

/// How a ledger stands.
#[derive(Debug, Serialize)]
pub struct Status {
    /// The title.
    pub title: String,
    /// The folder.
    pub folder: String,
    /// Whether a daemon watches it.
    pub watched: bool,
    /// Number of experiments.
    pub experiments: usize,
    /// Number of runs by how they ended.
    pub finished: usize,
    /// Number of failed runs.
    pub failed: usize,
    /// Number of interrupted runs.
    pub interrupted: usize,
    /// Number of runs in the trash, which are not among those.
    pub trash: usize,
    /// Runs being executed now.
    pub running: Vec<Running>,
    /// Runs that specs ask for and that whoever is at work comes to.
    pub queued: Vec<AskedRun>,
    /// Runs that specs ask for, the ledger does not hold and nobody comes to.
    pub missing: Vec<AskedRun>,
    /// Runs that specs ask for and that are in the trash.
    pub deleted: Vec<AskedRun>,
    /// Runs that specs ask for and that failed or were stopped; they are left alone until their spec
    /// is saved again or `run` is called.
    pub failures: Vec<FailedRun>,
    /// The specs with runs under way or queued.
    pub progress: Vec<SpecProgress>,
    /// Specs whose commands wait to be approved.
    pub pending: Vec<PendingStatus>,
    /// Alerts that the command of their monitor did not take.
    pub untold: Vec<UntoldAlert>,
    /// How many further runs sweeps choose at most once the missing ones have results.
    pub following: usize,
    /// Directories that look like attempts and are none.
    pub faults: Vec<String>,
    /// Mistakes in files of the user's, one line each.
    pub mistakes: Vec<String>,
    /// How snapshots are taken and where the last one went.
    pub snapshot: SnapshotStatus,
    /// What waits to be approved, for showing.
    #[serde(skip)]
    pub waiting: Vec<Pending>,
    /// Monitors whose commands wait to be approved, for showing.
    #[serde(skip)]
    pub unapproved: Vec<Unapproved>,
    /// The mistakes with their texts, for showing.
    #[serde(skip)]
    pub details: Mistakes,
}

/// A spec or a monitor whose command waits to be approved.
#[derive(Debug, Serialize)]
pub struct PendingStatus {
    /// Its path.
    pub spec: String,
    /// Number of runs that wait; `None` while the version of its program is not known, and of a monitor.
    pub runs: Option<usize>,
    /// Why it does not start by itself.
    pub because: String,
    /// The command that shows and approves it.
    pub approve: String,
}

fn pending_status(pending: &Pending) -> PendingStatus {
    PendingStatus {
        spec: pending.spec.path(),
        runs: pending.runs,
        because: pending.doubt.to_string(),
        approve: format!("fairledger approve {}", quoted(&pending.spec.path())),
    }
}

/// An alert that the command of its monitor did not take.
#[derive(Debug, Serialize)]
pub struct UntoldAlert {
    /// The monitor.
    pub monitor: String,
    /// The alert's file.
    pub alert: String,
    /// Why not.
    pub cause: String,
}

fn pending_monitor(monitor: &Unapproved) -> PendingStatus {
    PendingStatus {
        spec: monitor.path.clone(),
        runs: None,
        because: monitor.doubt.to_string(),
        approve: format!("fairledger approve {}", quoted(&monitor.path)),
    }
}

fn untold(notice: &Notice) -> UntoldAlert {
    UntoldAlert {
        monitor: notice.monitor.clone(),
        alert: notice.alert.clone(),
        cause: notice.cause.clone().unwrap_or_default(),
    }
}

impl Ledger {
    /// How the ledger stands, from the files.
    pub fn status(&self) -> Result<Status, Error> {
        let mut status = Status {
            title: self.title(),
            folder: self.root().display().to_string(),
            watched: self.store.is_watched()?,
            experiments: self.store.experiments()?.len(),
            finished: 0,
            failed: 0,
            interrupted: 0,
            trash: 0,
            running: Vec::new(),
            queued: Vec::new(),
            missing: Vec::new(),
            deleted: Vec::new(),
            failures: Vec::new(),
            progress: Vec::new(),
            pending: Vec::new(),
            untold: Vec::new(),
            following: 0,
            faults: self.store.faults()?.iter().map(ToString::to_string).collect(),
            mistakes: Vec::new(),
            snapshot: self.snapshot_status(),
            waiting: Vec::new(),
            unapproved: Vec::new(),
            details: Mistakes::default(),
        };
        let records = self.records()?;
        for entries in records.runs() {
            if records.said.is_deleted(entries) {
                status.trash += 1;
                continue;
            }
            match self.standing(entries).map(|entry| entry.attempt.status) {
                Some(RunStatus::Finished) => status.finished += 1,
                Some(RunStatus::Failed) => status.failed += 1,
                _ => status.interrupted += 1,
            }
        }
        let mut reading = self.read(&self.select(&[])?)?;
        status.waiting = self.take_pending(&mut reading, (false, false))?;
        status.pending = status.waiting.iter().map(pending_status).collect();
        status.unapproved = self.unapproved_monitors()?;
        status.pending.extend(status.unapproved.iter().map(pending_monitor));
        status.untold = self.untold_alerts()?.iter().map(untold).collect();
        status.following = reading.adaptive.iter().map(|sweep| sweep.following).sum();
        self.look_at_runs(&records, &mut reading, &mut status)?;
        let lines = reading.mistakes.problems.iter().map(ToString::to_string);
        status.mistakes = lines.collect();
        status.details = reading.mistakes;
        Ok(status)
    }
}
