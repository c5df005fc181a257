//! The content of files, here and in copies of the ledger.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::ledger::digest::Digest;

use super::error::{At, StoreError, found};
use super::file;
use super::open::Store;

impl Store {
    /// The digest of the file at a path of the ledger, that of no content for a folder; `None` when nothing is there.
    pub fn digest_at(&self, path: &str) -> Result<Option<Digest>, StoreError> {
        digest_in(self.root(), path)
    }

    /// Whether another folder has some content under each of some paths: `None` where it has nothing. `progress` is told
    /// the files done and their number.
    pub fn compare_folder(
        &self,
        folder: &Path,
        wanted: &BTreeMap<String, Digest>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Vec<Option<bool>>, StoreError> {
        let total = wanted.len() as u64;
        let one = |(at, (path, digest)): (usize, (&String, &Digest))| {
            progress(at as u64, total);
            Ok(digest_in(folder, path)?.map(|there| there == *digest))
        };
        wanted.iter().enumerate().map(one).collect()
    }
}

fn digest_in(folder: &Path, path: &str) -> Result<Option<Digest>, StoreError> {
    let path = file::join(folder, path);
    match found(fs::metadata(&path)).at("read", &path)? {
        None => Ok(None),
        Some(there) if there.is_file() => file::blake3_of_file(&path).map(Some).at("read", &path),
        Some(_) => Ok(Some(Digest::derive("fairledger no file", b""))),
    }
}
