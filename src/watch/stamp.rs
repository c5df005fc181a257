//! A file as its directory entry shows it.

use std::fs::{Metadata, symlink_metadata};
use std::path::Path;
use std::time::UNIX_EPOCH;

use crate::ledger::settle::FileStamp;

/// The stamp of a regular file; `None` when there is none, or something else in its place.
pub fn stamp(path: &Path) -> Option<FileStamp> {
    let found = symlink_metadata(path).ok().filter(Metadata::is_file)?;
    let modified = match found.modified().ok()?.duration_since(UNIX_EPOCH) {
        Ok(after) => after.as_nanos() as i128,
        Err(before) => -(before.duration().as_nanos() as i128),
    };
    let (changed, inode) = identity(&found);
    Some(FileStamp { size: found.len(), modified, changed, inode })
}

/// When anything about it changed, in nanoseconds since 1970, and its number.
#[cfg(unix)]
fn identity(found: &Metadata) -> (i128, u64) {
    use std::os::unix::fs::MetadataExt;
    (i128::from(found.ctime()) * 1_000_000_000 + i128::from(found.ctime_nsec()), found.ino())
}

/// There is neither.
#[cfg(not(unix))]
fn identity(_found: &Metadata) -> (i128, u64) {
    (0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_put_in_the_place_of_another_differs() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("s.toml"), folder.path().join("t.toml"));
        std::fs::write(&path, "a = 1\n").unwrap();
        std::fs::write(&other, "a = 22\n").unwrap();
        let before = stamp(&path).unwrap();
        assert_eq!(stamp(&path), Some(before));
        std::fs::rename(&other, &path).unwrap();
        assert_ne!(stamp(&path), Some(before));
        #[cfg(unix)]
        {
            // The same size and the same time, as some programs leave them.
            let before = stamp(&path).unwrap();
            let time = std::fs::metadata(&path).unwrap().modified().unwrap();
            std::fs::write(&path, "a = 33\n").unwrap();
            std::fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
            assert_ne!(stamp(&path), Some(before));
        }
        assert_eq!(stamp(&other), None);
        assert_eq!(stamp(folder.path()), None);
    }
}
