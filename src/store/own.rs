//! The ledger's own files apart from attempts: what people edit and what programs add beside it.

use std::fs;
use std::time::UNIX_EPOCH;

use crate::ledger::layout::{self, PathError};
use crate::ledger::manifest::is_inside;
use crate::ledger::time::Timestamp;

use super::error::{At, StoreError, found};
use super::file;
use super::open::Store;

/// Folders at the top of a ledger, experiments apart, all of whose files are the ledger's own.
const FOLDERS: [&str; 4] = ["data", "models", "monitors", "theme"];
/// Files at the top of a ledger that are its own.
const FILES: [&str; 3] = [layout::LEDGER, layout::IGNORE, ".gitattributes"];

impl Store {
    /// The ledger's own files of at most `max_file` bytes, attempts apart, sorted: settings, experiments,
    /// annotations, data, models, theme. Links, hidden files and what editors leave are left out.
    pub fn own_files(&self, max_file: u64) -> Result<Vec<String>, StoreError> {
        let mut files = Vec::new();
        for name in FILES {
            let path = self.root().join(name);
            if found(fs::symlink_metadata(&path)).at("read", &path)?.is_some_and(|it| it.is_file())
            {
                files.push(name.to_owned());
            }
        }
        for folder in FOLDERS {
            self.collect(folder, &mut files)?;
        }
        for experiment in self.experiments()? {
            self.collect(&format!("{}/{experiment}", layout::EXPERIMENTS), &mut files)?;
        }
        files.retain(|file| self.size(file).is_some_and(|size| size <= max_file));
        files.sort_unstable();
        Ok(files)
    }

    /// Writes a file into the folder of local state, syncs it and removes it; gives the time the disk
    /// put on it, `None` when it cannot be read.
    pub fn try_disk(&self) -> Result<Option<Timestamp>, StoreError> {
        let path = self.state(&format!("doctor.{}", std::process::id()));
        let tried = file::replace(&path, &path.with_extension("new"), b"written\n");
        let time = fs::metadata(&path).ok().and_then(|it| modified(&it));
        let removed = fs::remove_file(&path).at("remove", &path);
        tried.and(removed).map(|()| time)
    }

    /// Those of the ledger's own files that were changed after an instant, by their times.
    pub fn changed_after(&self, instant: Timestamp) -> Result<Vec<String>, StoreError> {
        let mut files = self.own_files(u64::MAX)?;
        let time = |path: &String| modified(&fs::metadata(self.path(path)).ok()?);
        files.retain(|path| time(path).is_some_and(|time| time > instant));
        Ok(files)
    }

    /// The bytes of a file of the ledger, whatever its kind.
    pub fn own_bytes(&self, path: &str) -> Result<Vec<u8>, StoreError> {
        if !is_inside(path) {
            return Err(PathError::Outside(path.to_owned()).into());
        }
        let path = self.path(path);
        fs::read(&path).at("read", &path)
    }

    /// The files in the folder of data sets, sorted.
    pub fn data_files(&self) -> Result<Vec<String>, StoreError> {
        let mut files = Vec::new();
        self.collect("data", &mut files)?;
        files.sort_unstable();
        Ok(files)
    }

    fn size(&self, file: &str) -> Option<u64> {
        fs::metadata(self.path(file)).ok().map(|metadata| metadata.len())
    }

    /// Collects the files below a folder, the attempts of an experiment left out.
    fn collect(&self, folder: &str, files: &mut Vec<String>) -> Result<(), StoreError> {
        for (name, kind) in file::list(&self.path(folder))? {
            let path = format!("{folder}/{name}");
            if layout::is_noise(&name) || layout::is_runs(&path) {
                continue;
            }
            if kind.is_dir() {
                self.collect(&path, files)?;
            } else if kind.is_file() {
                files.push(path);
            }
        }
        Ok(())
    }
}

/// When a file was changed last, by the clock of its disk.
fn modified(metadata: &fs::Metadata) -> Option<Timestamp> {
    let since = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(Timestamp::from_microseconds(i64::try_from(since.as_micros()).ok()?))
}
