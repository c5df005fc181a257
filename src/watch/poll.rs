//! Looking at folders by interval, where the system reports no events.
//!
//! The poller of the notify crate compares times by the second and only forwards, so it misses an
//! edit within the same second and an older file put in place. This one compares whole stamps.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::dirty::Shared;
use super::stamp::stamp;
use crate::ledger::settle::FileStamp;

/// The names in a folder; only regular files have a stamp.
type Listing = BTreeMap<OsString, Option<FileStamp>>;

/// A thread that looks at some folders until this value is dropped.
pub(super) struct Poller {
    folders: Arc<Mutex<BTreeMap<PathBuf, Listing>>>,
    _stop: Sender<()>,
}

impl Poller {
    /// Starts without folders.
    pub(super) fn start(interval: Duration, shared: Arc<Shared>) -> io::Result<Self> {
        let folders = Arc::new(Mutex::new(BTreeMap::new()));
        let (stop, stopped) = channel::<()>();
        let watched = Arc::clone(&folders);
        let look = move || {
            while stopped.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
                look_again(&watched, &shared);
            }
        };
        thread::Builder::new().name("poll".to_owned()).spawn(look)?;
        Ok(Self { folders, _stop: stop })
    }

    /// Looks at this folder too; what it holds now is where changes count from.
    pub(super) fn add(&self, folder: PathBuf) {
        let listing = list(&folder);
        self.folders.lock().unwrap_or_else(PoisonError::into_inner).insert(folder, listing);
    }

    /// Looks at this folder no longer.
    pub(super) fn remove(&self, folder: &Path) {
        self.folders.lock().unwrap_or_else(PoisonError::into_inner).remove(folder);
    }
}

fn look_again(folders: &Mutex<BTreeMap<PathBuf, Listing>>, shared: &Shared) {
    let mut changed = BTreeSet::new();
    for (folder, before) in &mut *folders.lock().unwrap_or_else(PoisonError::into_inner) {
        let now = list(folder);
        let names = before.keys().chain(now.keys());
        let differing = names.filter(|name| before.get(*name) != now.get(*name));
        changed.extend(differing.map(|name| folder.join(name)));
        *before = now;
    }
    for path in changed {
        shared.changed(&path);
    }
}

/// What is in a folder; nothing when it is gone.
fn list(folder: &Path) -> Listing {
    let Ok(entries) = fs::read_dir(folder) else { return Listing::new() };
    entries.flatten().map(|entry| (entry.file_name(), stamp(&entry.path()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_too_quick_or_too_old_for_a_clock_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["same.toml", "older.toml", "gone.toml", "still.toml"] {
            fs::write(path(name), "a = 1\n").unwrap();
        }
        let shared = Shared::new(folder.path().to_owned(), || ());
        let listing = list(folder.path());
        let folders = Mutex::new(BTreeMap::from([(folder.path().to_owned(), listing)]));

        fs::write(path("same.toml"), "a = 22\n").unwrap();
        let older = fs::File::options().write(true).open(path("older.toml")).unwrap();
        older.set_modified(std::time::UNIX_EPOCH).unwrap();
        fs::remove_file(path("gone.toml")).unwrap();
        fs::create_dir(path("new")).unwrap();
        look_again(&folders, &shared);
        let dirty: Vec<_> = shared.take().paths.into_iter().collect();
        assert_eq!(dirty, ["gone.toml", "new", "older.toml", "same.toml"].map(PathBuf::from));

        fs::write(path("new/a.toml"), "inside another folder\n").unwrap();
        look_again(&folders, &shared);
        assert!(shared.take().is_empty());
    }
}
