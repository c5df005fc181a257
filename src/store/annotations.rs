//! Annotation files of experiments.

use std::path::PathBuf;

use crate::ledger::annotation::Annotation;
use crate::ledger::layout;

use super::error::StoreError;
use super::open::Store;

impl Store {
    /// The annotations of an experiment by all writers, in the order they are folded. Lines that are no
    /// annotation are left out here and named by [`Store::verify`].
    pub fn annotations(&self, experiment: &str) -> Result<Vec<Annotation>, StoreError> {
        self.read_journals(&layout::annotations(experiment))
    }

    /// Appends annotations to this clone's own file and syncs it; returns the file.
    pub fn annotate(
        &self,
        experiment: &str,
        records: &[Annotation],
    ) -> Result<PathBuf, StoreError> {
        self.append_journal(&layout::annotations(experiment), records)
    }
}
