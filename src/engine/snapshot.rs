//! Committing the ledger's own files: what differs from the last snapshot, nothing else.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::git::{GitError, Mode, Repo, Snapshot, SnapshotRequest};
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
    /// It was taken, or nothing had changed.
    Done(Snapshot),
    /// It could not be taken; the runs are safe on disk and the next one carries them.
    Failed(String),
}

impl Ledger {
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
        let (paths, runs) = self.changed(&repository, mode, &writer)?;
        let message = if runs > 0 {
            format!("Record {}\n\nFairledger-Runs: {runs}\n", count(runs, "run"))
        } else {
            "Update the ledger\n".to_owned()
        };
        let snapshot = repository.snapshot(&SnapshotRequest {
            mode,
            paths: &paths,
            message: &message,
            writer: &writer,
            time: now(),
        })?;
        Ok(Some(snapshot))
    }

    /// The paths to look at: everything small that people edit, and the attempts that came or went
    /// since the last snapshot. Second: the number of attempts that came.
    fn changed(
        &self,
        repository: &Repo,
        mode: Mode,
        writer: &str,
    ) -> Result<(Vec<PathBuf>, usize), Error> {
        let max_file = self.config.snapshot.max_file;
        let known = |folder: &str| repository.names(mode, writer, folder);
        let mut paths = self.store.own_files(max_file)?;
        for folder in ["data", "models", "monitors", "theme"] {
            paths.extend(gone(self, folder, &known(folder)?));
        }
        let names = self.store.experiments()?;
        for name in known(layout::EXPERIMENTS)? {
            let folder = format!("{}/{name}", layout::EXPERIMENTS);
            if names.contains(&name) {
                paths.extend(gone(self, &folder, &known(&folder)?));
            } else {
                paths.push(folder);
            }
        }
        let came = self.attempts_that_differ(&names, known, &mut paths)?;
        Ok((paths.into_iter().map(PathBuf::from).collect(), came))
    }

    fn attempts_that_differ(
        &self,
        experiments: &[String],
        known: impl Fn(&str) -> Result<Vec<String>, GitError>,
        paths: &mut Vec<String>,
    ) -> Result<usize, Error> {
        let here: BTreeSet<String> =
            self.store.attempts()?.iter().map(|entry| entry.directory.clone()).collect();
        let mut held = BTreeSet::new();
        for experiment in experiments {
            let runs = layout::runs(experiment);
            for shard in known(&runs)? {
                let shard = format!("{runs}/{shard}");
                held.extend(known(&shard)?.into_iter().map(|name| format!("{shard}/{name}")));
            }
        }
        let came: Vec<&String> = here.difference(&held).collect();
        paths.extend(came.iter().map(|path| (*path).clone()));
        let gone = held.difference(&here).filter(|path| !self.root().join(path.as_str()).exists());
        paths.extend(gone.cloned());
        Ok(came.len())
    }
}

/// The names that a folder of the last snapshot has and the disk has not.
fn gone(ledger: &Ledger, folder: &str, names: &[String]) -> Vec<String> {
    let paths = names.iter().map(|name| format!("{folder}/{name}"));
    paths.filter(|path| !ledger.root().join(path).exists()).collect()
}
