//! Small facts about files that read differently on each system.

use std::fs::Metadata;
use std::io::{Error, ErrorKind};
use std::path::Path;

/// Whether a folder is the working directory of a repository.
pub(super) fn is_repository(folder: &Path) -> bool {
    folder.join(".git").symlink_metadata().is_ok()
}

/// Whether an error says that there is no such file.
pub(super) fn is_absence(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Whether the owner may execute the file.
#[cfg(unix)]
pub(super) fn is_executable(found: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    found.permissions().mode() & 0o100 != 0
}

/// Files have no such bit here.
#[cfg(not(unix))]
pub(super) fn is_executable(_found: &Metadata) -> bool {
    false
}

/// Whether git would run this file as a hook.
pub(super) fn is_hook(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.is_file() && (is_executable(&found) || !cfg!(unix)))
}

/// The number that tells a file from another of the same name; zero where there is none.
#[cfg(unix)]
pub(super) fn inode(found: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(found)
}

/// The number that tells a file from another of the same name; zero where there is none.
#[cfg(not(unix))]
pub(super) fn inode(_found: &Metadata) -> u64 {
    0
}
