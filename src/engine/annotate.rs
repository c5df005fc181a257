//! What people add to runs: tags and notes.

use crate::ledger::annotation::AnnotationKind;
use crate::ledger::view::RunView;

use super::error::Error;
use super::ledger::Ledger;
use super::membership::annotation;
use super::snapshot::Taken;

impl Ledger {
    /// Writes records about a run into the experiment it is shown for, and brings the site along.
    pub fn annotate(
        &self,
        run: &RunView,
        kinds: impl IntoIterator<Item = AnnotationKind>,
    ) -> Result<Taken, Error> {
        let records: Vec<_> = kinds.into_iter().map(|kind| annotation(run.id, kind)).collect();
        self.store.annotate(&run.experiment, &records)?;
        self.bring_along()
    }
}
