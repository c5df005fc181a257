//! What was recorded elsewhere, brought into an attempt and beside it: files.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::ledger::layout::ARTIFACTS;

use super::error::{At, StoreError};
use super::file;
use super::open::Store;
use super::recorder::Recorder;

impl Recorder {
    /// Writes an artifact; its path is below `artifacts/`, with forward slashes. The seal makes it durable.
    pub fn artifact(&self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let target = self.artifact_path(path)?;
        fs::write(&target, bytes).at("write", &target)
    }

    /// Copies a file as an artifact; its path is below `artifacts/`, with forward slashes. Gives its size.
    pub fn copy_artifact(&self, path: &str, from: &Path) -> Result<u64, StoreError> {
        let target = self.artifact_path(path)?;
        let mut source = File::open(from).at("read", from)?;
        let mut copy = File::create_new(&target).at("write", &target)?;
        io::copy(&mut source, &mut copy).at("copy", from)
    }

    fn artifact_path(&self, path: &str) -> Result<PathBuf, StoreError> {
        let target = file::join(&self.unsealed().folder.join(ARTIFACTS), path);
        let folder = target.parent().unwrap_or(&target);
        fs::create_dir_all(folder).at("create", folder)?;
        Ok(target)
    }
}

impl Store {
    /// Writes one of the ledger's own files unless it is there; gives whether it was written.
    pub fn add_own(&self, path: &str, text: &str) -> Result<bool, StoreError> {
        let target = file::join(self.root(), path);
        if target.exists() {
            return Ok(false);
        }
        let folder = target.parent().unwrap_or(self.root());
        file::create_folder(folder)?;
        file::create(&target, text.as_bytes())?;
        file::sync_folder(folder)?;
        Ok(true)
    }
}
