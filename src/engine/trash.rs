//! Runs that are hidden, shown again, or taken off the disk.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::ledger::annotation::AnnotationKind;
use crate::ledger::id::RunId;
use crate::ledger::registry::RegistryError;
use crate::ledger::view::RunView;
use crate::store::Entry;

use super::error::Error;
use super::ledger::Ledger;
use super::membership::annotation;
use super::snapshot::Taken;

/// What a purge takes off the disk, or took.
#[derive(Debug)]
pub struct Purged {
    /// The runs.
    pub runs: Vec<RunView>,
    /// The directories of their attempts.
    pub directories: Vec<String>,
    /// Bytes of their files.
    pub bytes: u64,
    /// What the last snapshot holds of them, and the history goes on to hold: number of files and bytes.
    pub in_history: (usize, u64),
}

impl Ledger {
    /// Writes one record about each of some runs, and brings the site along once.
    pub fn annotate_all(&self, runs: &[&RunView], kind: &AnnotationKind) -> Result<Taken, Error> {
        for run in runs {
            self.store.annotate(&run.experiment, &[annotation(run.id, kind.clone())])?;
        }
        self.bring_along()
    }

    /// The runs in the trash, newest first, without their files.
    pub fn trash(&self) -> Result<Vec<RunView>, Error> {
        let records = self.records()?;
        let mut runs: Vec<RunView> =
            self.deleted(&records).into_iter().map(|(run, _)| run).collect();
        runs.sort_by_key(|run| std::cmp::Reverse((run.started, run.attempt)));
        Ok(runs)
    }

    /// Those of some runs that lie in the trash.
    pub(super) fn in_trash(&self, runs: &[RunId]) -> Result<BTreeSet<RunId>, Error> {
        let said = self.said()?;
        let named: Vec<RunId> =
            runs.iter().copied().filter(|run| said.may_be_deleted(*run)).collect();
        let held = self.store.attempts_of_all(&named)?;
        let deleted = named.into_iter().zip(held).filter(|(_, held)| said.is_deleted(held));
        Ok(deleted.map(|(run, _)| run).collect())
    }

    /// What a purge of some runs in the trash would free; when none is named, all of them but those that
    /// registered versions pin.
    pub fn purgeable(&self, names: &[String]) -> Result<Purged, Error> {
        let records = self.records()?;
        let mut all = self.deleted(&records);
        let mut named = BTreeSet::new();
        for name in names {
            // Among all of them: what is the id of one may be the label of another.
            named.insert(
                super::find::among(all.iter().map(|(run, _)| run), &self.run_meant(name)?)?.id,
            );
        }
        if !names.is_empty() {
            all.retain(|(run, _)| named.contains(&run.id));
        }
        let registered = self.registered_runs()?;
        let pinned = |run: &RunView| registered.get(&run.id);
        if let Some((label, version)) = all
            .iter()
            .filter(|(run, _)| named.contains(&run.id))
            .find_map(|(run, _)| Some((run.label.clone(), pinned(run)?.clone())))
        {
            return Err(RegistryError::Pinned { label, version }.into());
        }
        all.retain(|(run, _)| pinned(run).is_none());
        let entries = all.iter().flat_map(|(_, entries)| entries);
        let directories: Vec<String> = entries.map(|entry| entry.directory.clone()).collect();
        let sizes: Result<Vec<u64>, _> =
            directories.iter().map(|directory| self.store.size_of(directory)).collect();
        Ok(Purged {
            bytes: sizes?.iter().sum(),
            in_history: self.in_history(&directories)?,
            runs: all.into_iter().map(|(run, _)| run).collect(),
            directories,
        })
    }

    /// Takes what [`Ledger::purgeable`] found off the disk; gives the bytes that were freed.
    pub fn purge(&self, purged: &Purged) -> Result<u64, Error> {
        let freed = self.store.purge(&purged.directories)?;
        self.take_snapshot();
        Ok(freed)
    }

    /// Runs in the trash with their attempts, oldest first.
    fn deleted(&self, records: &super::views::Records) -> Vec<(RunView, Vec<Arc<Entry>>)> {
        let mut found = Vec::new();
        for entries in records.runs().filter(|entries| records.said.is_deleted(entries)) {
            let experiments = records.said.listing(entries);
            let own = entries.last().map(|entry| &entry.experiment);
            let shown = own.filter(|own| experiments.contains(*own)).or(experiments.first());
            if let Some(experiment) = shown
                && let Some(run) = self.run_view(&records.said, entries, &experiments, experiment)
            {
                found.push((run, entries.to_vec()));
            }
        }
        found
    }

    /// Number of files and bytes that the last snapshot holds below some folders.
    fn in_history(&self, directories: &[String]) -> Result<(usize, u64), Error> {
        let Some(mode) = self.snapshot_mode() else { return Ok((0, 0)) };
        let Some(repository) = self.repository()? else { return Ok((0, 0)) };
        Ok(repository.size_of(mode, &self.store.writer()?, directories)?)
    }
}
