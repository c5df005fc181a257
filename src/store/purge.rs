//! Taking attempts off the disk for good, and what folders take.

use std::fs;
use std::path::Path;

use crate::ledger::layout::AttemptPath;

use super::error::{At, StoreError, found};
use super::file;
use super::open::Store;

/// Where attempts wait between the rename that takes them out and their removal.
const TRASH: &str = "trash";

impl Store {
    /// Removes attempts, directories in the ledger, and what an earlier purge was stopped at; gives the
    /// bytes of the files that were removed.
    ///
    /// One rename takes an attempt out of its shard, so that a crash leaves it whole or not there.
    ///
    /// # Errors
    /// When a directory is not that of an attempt, and when the disk refuses.
    pub fn purge(&self, directories: &[String]) -> Result<u64, StoreError> {
        let trash = self.state(TRASH);
        file::create_folder(&trash)?;
        let lock = self.lock()?;
        for directory in directories {
            let place = AttemptPath::parse(directory)
                .ok_or_else(|| StoreError::NotALedger(self.path(directory)))?;
            let (from, shard) = (self.path(directory), self.path(&place.shard()));
            let to = trash.join(format!("{}.{}", place.run, place.attempt));
            if found(fs::rename(&from, &to)).at("move", &from)?.is_some() {
                file::sync_folder(&shard)?;
            }
        }
        drop(lock);
        let freed = folder_size(&trash)?;
        for name in file::list_folders(&trash)? {
            let folder = trash.join(name);
            found(fs::remove_dir_all(&folder)).at("remove", &folder)?;
        }
        Ok(freed)
    }

    /// Bytes of the files below a folder or of a file of the ledger, path with forward slashes; 0 when
    /// there is none.
    pub fn size_of(&self, path: &str) -> Result<u64, StoreError> {
        folder_size(&self.path(path))
    }
}

fn folder_size(path: &Path) -> Result<u64, StoreError> {
    let Some(metadata) = found(fs::symlink_metadata(path)).at("read", path)? else { return Ok(0) };
    if !metadata.is_dir() {
        return Ok(metadata.len());
    }
    let names = file::list(path)?;
    names.into_iter().try_fold(0, |sum, (name, _)| Ok(sum + folder_size(&path.join(name))?))
}
