//! The files of an attempt that git carries.

use std::fs;

use crate::ledger::layout::{IGNORE, MANIFEST};
use crate::ledger::manifest::Manifest;

use super::entry::Entry;
use super::error::{At, StoreError};
use super::file;
use super::open::Store;
use super::seal::ignore_line;

/// A file of an attempt that git carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarriedFile {
    /// Its path below the attempt's directory.
    pub path: String,
    /// Whether it may be executed.
    pub executable: bool,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl Store {
    /// Reads every file of an attempt that is not too large for git, the manifest among them.
    /// `forced` are files, by path in the ledger, that git carries all the same.
    ///
    /// # Errors
    /// Names the first that is missing or not what was sealed.
    pub fn carried(
        &self,
        entry: &Entry,
        forced: &[String],
    ) -> Result<Vec<CarriedFile>, StoreError> {
        let ignored = match entry.manifest.file(IGNORE) {
            Some(_) => String::from_utf8_lossy(&self.read_file(entry, IGNORE)?).into_owned(),
            None => String::new(),
        };
        let paths = entry.manifest.files.iter().map(|file| file.path.as_str());
        let is_forced = |path: &str| forced.contains(&format!("{}/{path}", entry.directory));
        let is_ignored = |path: &str| ignored.lines().any(|line| line == ignore_line(path));
        let is_carried = |path: &&str| !is_ignored(path) || is_forced(path);
        let mut files = Vec::new();
        for path in paths.filter(is_carried) {
            let bytes = self.read_file(entry, path)?;
            files.push(self.carried_file(entry, path, bytes)?);
        }
        let manifest = self.read_manifest(entry)?;
        files.push(self.carried_file(entry, MANIFEST, manifest)?);
        Ok(files)
    }

    /// The bytes of an attempt's manifest.
    pub fn read_manifest(&self, entry: &Entry) -> Result<Vec<u8>, StoreError> {
        let path = self.path(&entry.directory).join(MANIFEST);
        let bytes = fs::read(&path).at("read", &path)?;
        let read = Manifest::from_text(&String::from_utf8_lossy(&bytes));
        if read.is_ok_and(|manifest| manifest == entry.manifest) {
            return Ok(bytes);
        }
        let file = format!("{}/{MANIFEST}", entry.directory);
        Err(StoreError::Damaged { file, what: "was changed".into() })
    }

    fn carried_file(
        &self,
        entry: &Entry,
        path: &str,
        bytes: Vec<u8>,
    ) -> Result<CarriedFile, StoreError> {
        let place = file::join(&self.path(&entry.directory), path);
        let executable = is_executable(&fs::metadata(&place).at("read", &place)?);
        Ok(CarriedFile { path: path.to_owned(), executable, bytes })
    }
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o100 != 0
}

/// Windows has no such bit, and git records none there.
#[cfg(not(unix))]
fn is_executable(_metadata: &fs::Metadata) -> bool {
    false
}
