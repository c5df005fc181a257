//! Committing the ledger's own files: what differs from the last snapshot, nothing else.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::git::{Mode, Repo, Snapshot, SnapshotRequest};
use crate::ledger::config::SnapshotMode;
use crate::ledger::layout;

use super::error::{Error, count};
use super::ledger::Ledger;
use super::surroundings::now;

/// What became of a snapshot.
#[derive(Debug)]
pub enum Taken {
    /// Snapshots are off.
    Off,
    /// Nothing says whether to take them.
    Undecided,
    /// There is no repository around the ledger.
    NoRepository,
    /// It is left to the daemon that watches the ledger.
    Left,
    /// It was taken, or nothing had changed.
    Done(Snapshot),
    /// It could not be taken; the runs are safe on disk and the next one carries them.
    Failed(String),
}

impl Ledger {
    /// Where snapshots go; `None` when none are taken.
    pub(super) fn snapshot_mode(&self) -> Option<Mode> {
        match self.config.snapshot.mode? {
            SnapshotMode::Off => None,
            SnapshotMode::Branch => Some(Mode::Branch),
            SnapshotMode::Ref => Some(Mode::Ref),
        }
    }

    /// Takes a snapshot in the ledger's mode. A failure never stops the work around it.
    pub fn take_snapshot(&self) -> Taken {
        match self.config.snapshot.mode {
            None => Taken::Undecided,
            Some(SnapshotMode::Off) => Taken::Off,
            Some(SnapshotMode::Branch) => self.snapshot_in(Mode::Branch),
            Some(SnapshotMode::Ref) => self.snapshot_in(Mode::Ref),
        }
    }

    fn snapshot_in(&self, mode: Mode) -> Taken {
        match self.try_snapshot(mode) {
            Ok(Some(snapshot)) => Taken::Done(snapshot),
            Ok(None) => Taken::NoRepository,
            Err(error) => Taken::Failed(error.to_string()),
        }
    }

    fn try_snapshot(&self, mode: Mode) -> Result<Option<Snapshot>, Error> {
        let Some(repository) = self.repository()? else { return Ok(None) };
        let writer = self.store.writer()?;
        let changed = Changed { ledger: self, repository: &repository, mode, writer: &writer };
        let (paths, runs) = changed.find()?;
        let forced = changed.registered()?;
        let message = if runs > 0 {
            format!("Record {}", count(runs, "run"))
        } else {
            "Update the ledger".to_owned()
        };
        let snapshot = repository.snapshot(&SnapshotRequest {
            mode,
            paths: &paths,
            forced: &forced,
            message: &message,
            writer: &writer,
            time: now(),
        })?;
        Ok(Some(snapshot))
    }
}

/// Finds what differs from the last snapshot without reading the attempts that it holds already.
struct Changed<'a> {
    ledger: &'a Ledger,
    repository: &'a Repo,
    mode: Mode,
    writer: &'a str,
}

impl Changed<'_> {
    /// The paths to look at: everything small that people edit, and the attempts that came or went
    /// since the last snapshot. Second: the number of attempts that came.
    fn find(&self) -> Result<(Vec<PathBuf>, usize), Error> {
        let store = &self.ledger.store;
        let mut paths = store.own_files(self.ledger.config.snapshot.max_file)?;
        let folders = ["data", "models", "monitors", "theme"].map(str::to_owned);
        let held = self.repository.files(self.mode, self.writer, &folders)?;
        paths.extend(held.into_iter().filter(|path| self.is_gone(path)));
        let held = self.names(&[layout::EXPERIMENTS.to_owned()])?;
        let folders: Vec<String> = held.iter().flatten().map(|(_, path)| path.clone()).collect();
        let (gone, here): (Vec<_>, Vec<_>) =
            folders.into_iter().partition(|path| self.is_gone(path));
        paths.extend(gone);
        let held = self.names(&here)?;
        let mut shards = Vec::new();
        for (name, path) in held.into_iter().flatten() {
            if name == layout::RUNS {
                shards.push(path);
            } else if self.is_gone(&path) {
                paths.push(path);
            }
        }
        let came = self.attempts(&shards, &mut paths)?;
        Ok((paths.into_iter().map(PathBuf::from).collect(), came))
    }

    /// The files of registered versions that the last snapshot does not hold although git may carry them.
    fn registered(&self) -> Result<Vec<PathBuf>, Error> {
        let wanted = self.ledger.registered_files()?;
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let folder = |path: &String| path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
        let folders: Vec<String> = wanted.iter().filter_map(folder).collect();
        let held = self.repository.files(self.mode, self.writer, &folders)?;
        let missing = wanted.into_iter().filter(|path| !held.contains(path));
        Ok(missing.map(PathBuf::from).collect())
    }

    /// Adds the attempts that came or went; gives the number of those that came.
    fn attempts(&self, runs: &[String], paths: &mut Vec<String>) -> Result<usize, Error> {
        let path = |(_, path): (String, String)| path;
        let shards: Vec<String> = self.names(runs)?.into_iter().flatten().map(path).collect();
        let held: BTreeSet<String> = self.names(&shards)?.into_iter().flatten().map(path).collect();
        let here = self.ledger.store.directories()?;
        let came: Vec<String> = here.difference(&held).cloned().collect();
        let number = came.len();
        paths.extend(came);
        paths.extend(held.difference(&here).filter(|path| self.is_gone(path)).cloned());
        Ok(number)
    }

    /// Name and path of what lies in each of some folders of the last snapshot.
    fn names(&self, folders: &[String]) -> Result<Vec<Vec<(String, String)>>, Error> {
        let names = self.repository.names(self.mode, self.writer, folders)?;
        let paths = folders.iter().zip(names).map(|(folder, names)| {
            names.into_iter().map(|name| (name.clone(), format!("{folder}/{name}"))).collect()
        });
        Ok(paths.collect())
    }

    fn is_gone(&self, path: &str) -> bool {
        !self.ledger.root().join(path).exists()
    }
}
