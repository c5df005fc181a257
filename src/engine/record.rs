//! What a command asks of the ledger's records: a log, a verification, a push.

use crate::git::Mode;
use crate::ledger::layout;
use crate::ledger::view::RunView;
use crate::store::Verification;

use super::error::Error;
use super::ledger::Ledger;

impl Ledger {
    /// What a run's trainer printed, `None` when it printed nothing.
    pub fn log(&self, run: &RunView) -> Result<Option<String>, Error> {
        let Some(entry) = self.entry(run.id, &run.directory)? else { return Ok(None) };
        if entry.manifest.file(layout::LOG).is_none() {
            return Ok(None);
        }
        let bytes = self.store.read_file(&entry, layout::LOG)?;
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Whether the attempt that stands for a run came from somebody else.
    pub fn has_imported(&self, run: &RunView) -> Result<bool, Error> {
        let entry = self.entry(run.id, &run.directory)?;
        Ok(entry.is_some_and(|entry| self.is_imported(&entry.attempt)))
    }

    /// Hashes every file again and recomputes every id.
    pub fn verify(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<Verification, Error> {
        Ok(self.store.verify(progress)?)
    }

    /// Pushes the snapshots with the git program, so that the user's credentials and hooks work.
    pub fn push(&self, remote: Option<&str>) -> Result<(), Error> {
        let mode = self.snapshot_mode().unwrap_or(Mode::Branch);
        let repository = self.repository()?;
        let repository =
            repository.ok_or_else(|| Error::NoRepository(self.root().display().to_string()))?;
        Ok(repository.push(mode, remote)?)
    }
}
