//! How the ledger is cited.

use crate::engine::error::Error;
use crate::engine::export::Exported;
use crate::engine::ledger::Ledger;
use crate::ledger::fair::citation::{CITATION, citation};
use crate::ledger::time::Timestamp;

impl Ledger {
    /// `CITATION.cff`: the user's own where the ledger has one, else one made from `ledger.toml`.
    pub(in crate::engine) fn citation(
        &self,
        released: Option<Timestamp>,
    ) -> Result<Vec<u8>, Error> {
        if self.root().join(CITATION).is_file() {
            return Ok(self.store.read_text(CITATION)?.into_bytes());
        }
        let revision = self.snapshot_swhid()?;
        Ok(citation(&self.empty_view(), released, revision.as_deref()).into_bytes())
    }

    /// `CITATION.cff` as a file of its own, from `ledger.toml` and the newest run.
    ///
    /// # Errors
    /// When the ledger declares no licence, or something mistaken.
    pub fn export_citation(&self) -> Result<Exported, Error> {
        self.must_be_declared()?;
        let view = self.outline()?;
        let runs = view.experiments.iter().flat_map(|experiment| &experiment.runs);
        let released = runs.map(|run| run.ended).max();
        let revision = self.snapshot_swhid()?;
        let text = citation(&self.empty_view(), released, revision.as_deref());
        Ok(Exported { bytes: text.into_bytes(), name: CITATION.into() })
    }
}
