//! Software Heritage identifiers of what a ledger holds.

use std::collections::BTreeMap;

use crate::engine::error::Error;
use crate::engine::ledger::Ledger;
use crate::git::{Carried, Mode, blob_id, folder_id};
use crate::ledger::fair::swhid::{self, Swhids};
use crate::ledger::layout::IGNORE;
use crate::ledger::view::RunView;
use crate::store::Entry;

impl Ledger {
    /// The identifiers of a run's files and folder. They follow from the files, and are those that git and the
    /// archive give them; an attempt with a damaged file has none but that of its commit.
    pub fn swhids(&self, run: &RunView) -> Result<Swhids, Error> {
        let Some(entry) = self.store.entry(&run.directory)? else { return Ok(Swhids::default()) };
        // Where nothing is too large for git, no model is carried although it is. A registry that cannot be
        // read is told elsewhere.
        let forced = match entry.manifest.file(IGNORE) {
            Some(_) => self.registered_files().unwrap_or_default(),
            None => Vec::new(),
        };
        Ok(self.swhids_of(&entry, &forced))
    }

    /// The identifiers of an attempt's files and folder; `forced` are the files of registered models that git carries
    /// although they are large.
    pub(in crate::engine) fn swhids_of(&self, entry: &Entry, forced: &[String]) -> Swhids {
        let revision = entry.attempt.git.as_ref().map(|git| swhid::revision(&git.commit));
        let mut swhids = Swhids { revision, ..Swhids::default() };
        let Ok(files) = self.store.carried(entry, forced) else { return swhids };
        let mut carried = BTreeMap::new();
        for file in files {
            let Some(blob) = blob_id(&file.bytes) else { return swhids };
            swhids.files.insert(file.path.clone(), swhid::content(&blob));
            carried.insert(file.path, Carried { blob, executable: file.executable });
        }
        swhids.directory = folder_id(&carried).map(|tree| swhid::directory(&tree));
        swhids
    }

    /// The identifier of the last snapshot, `swh:1:rev:…`; `None` where there is none.
    pub fn snapshot_swhid(&self) -> Result<Option<String>, Error> {
        let Some(repository) = self.repository()? else { return Ok(None) };
        let mode = self.snapshot_mode().unwrap_or(Mode::Branch);
        let tip = repository.tip(mode, &self.store.writer()?)?;
        Ok(tip.map(|commit| swhid::revision(&commit)))
    }
}
