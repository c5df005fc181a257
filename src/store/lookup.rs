//! Whether the ledger already holds a run: hit or miss, and why.

use std::fmt;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _};

use crate::ledger::attempt::{Attempt, Status};
use crate::ledger::id::RunId;

use super::entry::Entry;
use super::error::StoreError;
use super::files::Check;
use super::open::Store;
use super::verify::Fault;

/// Whether the ledger holds a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Lookup {
    /// The newest finished attempt whose files are as they were sealed; large ones may be absent.
    Hit(Arc<Entry>),
    /// It has to be executed.
    Miss(MissReason),
}

/// Why a run has to be executed.
#[derive(Clone, Debug, PartialEq)]
pub enum MissReason {
    /// No attempt of it is here.
    NeverRan,
    /// No attempt of it finished; the newest failed.
    Failed(Arc<Entry>),
    /// No attempt of it finished; the newest was interrupted.
    Interrupted(Arc<Entry>),
    /// An attempt finished, but its files are not what was sealed.
    Damaged(Fault),
}

impl fmt::Display for MissReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ended = |entry: &Entry| {
            let Attempt { ended, cause, .. } = &entry.attempt;
            let cause = cause.as_ref().map(|cause| format!(": {cause}")).unwrap_or_default();
            format!("{}{cause}", ended.minute())
        };
        match self {
            Self::NeverRan => write!(f, "never executed"),
            Self::Failed(entry) => write!(f, "failed on {}", ended(entry)),
            Self::Interrupted(entry) => write!(f, "interrupted on {}", ended(entry)),
            Self::Damaged(fault) => write!(f, "damaged: {fault}"),
        }
    }
}

/// Directory and record of the attempts of a run, newest first.
const OF_RUN: &str = "SELECT directory, text FROM attempt JOIN record ON record.attempt = id
     WHERE run = ? ORDER BY attempt.attempt DESC, directory";

/// The attempts of a run, newest first, and a directory of it that is no attempt.
type Held = (Vec<Arc<Entry>>, Option<Fault>);

impl Store {
    /// Looks a run up.
    pub fn lookup(&self, run: RunId) -> Result<Lookup, StoreError> {
        let (entries, fault) = self.index().with(|connection| {
            self.refresh(connection)?;
            self.held_of(connection, run)
        })?;
        Ok(self.judge(&entries, fault))
    }

    /// Looks many runs up against one state of the folders, in their order.
    pub fn lookup_all(&self, runs: &[RunId]) -> Result<Vec<Lookup>, StoreError> {
        let found = self.held_of_all(runs)?.into_iter();
        Ok(found.map(|(entries, fault)| self.judge(&entries, fault)).collect())
    }

    /// As [`Store::lookup_all`], but what others executed counts as not there.
    pub fn lookup_own(&self, runs: &[RunId]) -> Result<Vec<Lookup>, StoreError> {
        let own = |(mut entries, fault): Held| {
            entries.retain(|it| it.attempt.status != Status::Finished || self.is_own(&it.attempt));
            self.judge(&entries, fault)
        };
        Ok(self.held_of_all(runs)?.into_iter().map(own).collect())
    }

    fn held_of_all(&self, runs: &[RunId]) -> Result<Vec<Held>, StoreError> {
        self.index().with(|connection| {
            self.refresh(connection)?;
            runs.iter().map(|run| self.held_of(connection, *run)).collect()
        })
    }

    /// The sealed attempts of a run, newest first.
    pub fn attempts_of(&self, run: RunId) -> Result<Vec<Arc<Entry>>, StoreError> {
        self.index().with(|connection| {
            self.refresh(connection)?;
            Ok(self.held_of(connection, run)?.0)
        })
    }

    /// The sealed attempts of each of some runs, newest first, in one state of the folders.
    pub fn attempts_of_all(&self, runs: &[RunId]) -> Result<Vec<Vec<Arc<Entry>>>, StoreError> {
        Ok(self.held_of_all(runs)?.into_iter().map(|(entries, _)| entries).collect())
    }

    /// The attempt in a directory as it was last read; the folders are not looked at again.
    pub fn entry(&self, directory: &str) -> Result<Option<Arc<Entry>>, StoreError> {
        if let Some(entry) = self.remembered(directory) {
            return Ok(Some(entry));
        }
        let found = self.entry_once(directory)?;
        Ok(found.map(|entry| self.remember(Arc::unwrap_or_clone(entry))))
    }

    /// What [`Store::entry`] gives, for who goes through many of them: it is not kept in memory.
    pub fn entry_once(&self, directory: &str) -> Result<Option<Arc<Entry>>, StoreError> {
        self.index().with(|connection| {
            let mut query = connection.prepare_cached(
                "SELECT directory, text FROM attempt JOIN record ON record.attempt = id
                 WHERE directory = ?",
            )?;
            let mut rows = query.query([directory])?;
            rows.next()?.map(|row| self.recall_once(row)).transpose()
        })
    }

    /// The sealed attempts of a run, newest first, neither looked for again nor kept in memory.
    pub fn attempts_once(&self, run: RunId) -> Result<Vec<Arc<Entry>>, StoreError> {
        self.index().with(|connection| {
            let mut query = connection.prepare_cached(OF_RUN)?;
            let mut rows = query.query([run.to_string()])?;
            let mut entries = Vec::new();
            while let Some(row) = rows.next()? {
                entries.push(self.recall_once(row)?);
            }
            Ok(entries)
        })
    }

    /// The attempts of a run, newest first, and a directory of it that is no attempt.
    pub(super) fn held_of(&self, connection: &Connection, run: RunId) -> Result<Held, StoreError> {
        let run = run.to_string();
        let mut query = connection.prepare_cached(OF_RUN)?;
        let mut rows = query.query([&run])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            entries.push(self.recall(row)?);
        }
        let mut query = connection.prepare_cached(
            "SELECT directory, file, what FROM fault WHERE run = ? ORDER BY directory DESC",
        )?;
        let fault = query.query_row([&run], |row| {
            Ok(Fault { directory: row.get(0)?, file: row.get(1)?, what: row.get(2)? })
        });
        Ok((entries, fault.optional()?))
    }

    fn judge(&self, entries: &[Arc<Entry>], mut fault: Option<Fault>) -> Lookup {
        for entry in entries.iter().filter(|entry| entry.attempt.status == Status::Finished) {
            let damage = self.check(entry).into_iter().find_map(|(file, check)| match check {
                Check::Damaged(what) => {
                    Some(Fault { directory: entry.directory.clone(), file, what })
                }
                Check::Intact(_) | Check::Absent => None,
            });
            match damage {
                None => return Lookup::Hit(Arc::clone(entry)),
                Some(damage) => fault = fault.or(Some(damage)),
            }
        }
        Lookup::Miss(match (fault, entries.first()) {
            (Some(fault), _) => MissReason::Damaged(fault),
            (None, Some(entry)) if entry.attempt.status == Status::Failed => {
                MissReason::Failed(Arc::clone(entry))
            }
            (None, Some(entry)) => MissReason::Interrupted(Arc::clone(entry)),
            (None, None) => MissReason::NeverRan,
        })
    }
}
