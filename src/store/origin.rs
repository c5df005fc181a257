//! The key of this user, and which results are marked with it.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::ledger::attempt::Attempt;
use crate::ledger::origin::{Key, mark};

use super::clock;
use super::error::{At, StoreError, found};
use super::open::Store;

/// The key's file in the user's settings.
const FILE: &str = "key";

impl Store {
    /// Says where this user's settings are; without them no result is marked and none is known as
    /// one's own. The first call counts.
    pub fn use_settings(&self, folder: PathBuf) {
        self.settings().get_or_init(|| folder);
    }

    /// Marks a finished attempt as this user's. One that cannot be marked is sealed all the same.
    pub(super) fn mark(&self, attempt: &mut Attempt) {
        let Some(result) = attempt.result else { return };
        let key = self.settings().get().and_then(|folder| key(folder).ok());
        attempt.origin = key.map(|key| mark(&key, attempt.run, attempt.attempt, result));
    }

    /// Whether a finished attempt was executed by this user; what git or an archive brought is not.
    pub fn is_own(&self, attempt: &Attempt) -> bool {
        let (Some(origin), Some(result)) = (attempt.origin, attempt.result) else { return false };
        let key = self.settings().get().and_then(|folder| read(&folder.join(FILE)).ok().flatten());
        key.is_some_and(|key| mark(&key, attempt.run, attempt.attempt, result) == origin)
    }
}

/// The user's key, drawn at the first need.
fn key(folder: &Path) -> Result<Key, StoreError> {
    let path = folder.join(FILE);
    if let Some(key) = read(&path)? {
        return Ok(key);
    }
    super::approvals::private_folder(folder)?;
    let mut key: Key = [0; 32];
    key[..16].copy_from_slice(&clock::random().to_be_bytes());
    key[16..].copy_from_slice(&clock::random().to_be_bytes());
    // Written whole beside its place: another thread or process may draw one at the same moment, and
    // one of the links comes first.
    let beside = folder.join(format!("{FILE}.{:032x}", clock::random()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside).at("create", &beside)?;
    file.write_all(&key).at("write", &beside)?;
    file.sync_all().at("sync", &beside)?;
    if fs::hard_link(&beside, &path).is_err() && read(&path)?.is_none() {
        // A file system without links.
        fs::rename(&beside, &path).at("replace", &path)?;
    }
    drop(fs::remove_file(&beside));
    Ok(read(&path)?.unwrap_or(key))
}

/// Reads a key; `None` where there is none.
fn read(path: &Path) -> Result<Option<Key>, StoreError> {
    let bytes = found(fs::read(path)).at("read", path)?;
    Ok(bytes.and_then(|bytes| bytes.try_into().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_drawn_once() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("fairledger");
        let first = key(&own).unwrap();
        assert_eq!(key(&own).unwrap(), first);
        assert_eq!(fs::read_dir(&own).unwrap().count(), 1);
        assert_ne!(key(folder.path()).unwrap(), first);
        let shared = folder.path().join("shared");
        let drawn: Vec<Key> = std::thread::scope(|scope| {
            let drawing: Vec<_> = (0..16).map(|_| scope.spawn(|| key(&shared).unwrap())).collect();
            drawing.into_iter().map(|it| it.join().unwrap()).collect()
        });
        assert!(drawn.iter().all(|it| *it == key(&shared).unwrap()));
    }
}
