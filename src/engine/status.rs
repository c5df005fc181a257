//! What a ledger is doing and how it stands.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::git::Mode;
use crate::ledger::attempt::Status as RunStatus;
use crate::ledger::config::SnapshotMode;
use crate::ledger::exit::quoted;
use crate::ledger::metric;
use crate::ledger::number;
use crate::ledger::time::Timestamp;
use crate::store::Lookup;

use super::command::Pending;
use super::error::{Error, Mistakes};
use super::ledger::Ledger;

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
    /// Runs that specs ask for and the ledger does not hold.
    pub missing: Vec<Missing>,
    /// Runs that specs ask for and that are in the trash.
    pub deleted: Vec<Missing>,
    /// Specs whose commands wait to be approved.
    pub pending: Vec<PendingStatus>,
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
    /// The mistakes with their texts, for showing.
    #[serde(skip)]
    pub details: Mistakes,
}

/// A run being executed.
#[derive(Debug, Serialize)]
pub struct Running {
    /// The run's short id.
    pub run: String,
    /// Its label.
    pub label: String,
    /// Its experiment.
    pub experiment: String,
    /// When it started.
    pub started: Timestamp,
    /// The last value of each metric so far.
    #[serde(with = "number::json_map")]
    pub metrics: BTreeMap<String, f64>,
    /// The highest step of them.
    pub step: Option<u64>,
}

/// A spec whose command waits to be approved.
#[derive(Debug, Serialize)]
pub struct PendingStatus {
    /// Its path.
    pub spec: String,
    /// Number of runs that wait; `None` while the version of its program is not known.
    pub runs: Option<usize>,
    /// Why it does not start by itself.
    pub because: String,
    /// The command that shows and approves it.
    pub approve: String,
}

/// A run that is asked for and missing.
#[derive(Debug, Serialize)]
pub struct Missing {
    /// The run's short id.
    pub run: String,
    /// Its label.
    pub label: String,
    /// The spec that asks for it.
    pub spec: String,
}

/// How snapshots stand.
#[derive(Debug, Default, Serialize)]
pub struct SnapshotStatus {
    /// `branch`, `ref`, `off`, or `undecided`.
    pub mode: String,
    /// Whether there is a repository.
    pub repository: bool,
    /// Why a snapshot in branch mode goes to the ref, if it does.
    pub obstacles: Vec<String>,
    /// The branch or ref of the last snapshot.
    pub place: Option<String>,
    /// The commit of the last snapshot.
    pub commit: Option<String>,
    /// Number of commits that are not pushed yet; `None` without an upstream.
    pub ahead: Option<usize>,
    /// Why nothing could be found out, if so.
    pub error: Option<String>,
}

fn pending_status(pending: &Pending) -> PendingStatus {
    PendingStatus {
        spec: pending.spec.path(),
        runs: pending.runs,
        because: pending.doubt.to_string(),
        approve: format!("fairledger approve {}", quoted(&pending.spec.path())),
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
            running: self.running()?,
            missing: Vec::new(),
            deleted: Vec::new(),
            pending: Vec::new(),
            following: 0,
            faults: self.store.faults()?.iter().map(ToString::to_string).collect(),
            mistakes: Vec::new(),
            snapshot: self.snapshot_status(),
            waiting: Vec::new(),
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
        status.following = reading.adaptive.iter().map(|sweep| sweep.following).sum();
        let ids: Vec<_> = reading.planned.iter().map(|it| it.request.id()).collect();
        let trash = self.in_trash(&ids)?;
        for (planned, lookup) in reading.planned.into_iter().zip(self.store.lookup_all(&ids)?) {
            let list = match lookup {
                Lookup::Miss(_) => &mut status.missing,
                Lookup::Hit(entry) if trash.contains(&entry.attempt.run) => &mut status.deleted,
                Lookup::Hit(_) => continue,
            };
            list.push(Missing {
                run: planned.request.id().short(),
                label: planned.label,
                spec: format!("experiments/{}/{}", planned.experiment, planned.spec),
            });
        }
        let lines = reading.mistakes.problems.iter().map(ToString::to_string);
        status.mistakes = lines.collect();
        status.details = reading.mistakes;
        Ok(status)
    }

    fn running(&self) -> Result<Vec<Running>, Error> {
        let running = self.store.running()?.into_iter();
        Ok(running
            .map(|running| (running.points(), running))
            .map(|(points, running)| Running {
                metrics: metric::final_values(&points),
                step: points.iter().map(|point| point.step).max(),
                run: running.attempt.run.short(),
                label: running.attempt.label,
                experiment: running.experiment,
                started: running.attempt.started,
            })
            .collect())
    }

    fn snapshot_status(&self) -> SnapshotStatus {
        let name = match self.config.snapshot.mode {
            Some(SnapshotMode::Branch) => "branch",
            Some(SnapshotMode::Ref) => "ref",
            Some(SnapshotMode::Off) => "off",
            None => "undecided",
        };
        let mode = self.snapshot_mode();
        let mut status = SnapshotStatus { mode: name.into(), ..SnapshotStatus::default() };
        let repository = match self.repository() {
            Ok(repository) => repository,
            Err(error) => {
                status.error = Some(error.to_string());
                None
            }
        };
        let Some(repository) = repository else { return status };
        status.repository = true;
        let Some(mode) = mode else { return status };
        if mode == Mode::Branch {
            status.obstacles =
                repository.branch_conditions().iter().map(ToString::to_string).collect();
        }
        match self.store.writer().map_err(Error::from).and_then(|w| Ok(repository.standing(&w)?)) {
            Ok(standing) => {
                let last = [standing.branch, standing.reference].into_iter().flatten();
                let last = last.max_by_key(|last| last.time);
                status.place = last.as_ref().map(|last| last.name.clone());
                status.commit = last.map(|last| last.commit);
                status.ahead = standing.ahead;
            }
            Err(error) => status.error = Some(error.to_string()),
        }
        status
    }
}
