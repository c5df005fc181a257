//! What can go wrong on the disk, each with the file's name and the cure.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::ledger::encode::EncodeError;
use crate::ledger::layout::PathError;

/// An error of the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The folder has no `ledger.toml`.
    #[error("{} is no ledger: it has no ledger.toml; `fairledger init` makes one", .0.display())]
    NotALedger(PathBuf),
    /// No space or quota left.
    #[error("the disk is full: cannot {action} {}; free some space and run again", path.display())]
    Full {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// The file system takes no writes.
    #[error("cannot {action} {}: the disk is mounted read-only", path.display())]
    ReadOnly {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// The user may not.
    #[error(
        "cannot {action} {}: permission denied; check who owns the file and its folder",
        path.display()
    )]
    Denied {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// The file system has no locks.
    #[error(
        "cannot lock {}: this disk has no file locks, and without them two programs would damage \
         each other's work; keep the ledger on a local disk",
        .0.display()
    )]
    NoLocks(PathBuf),
    /// Any other error of the system.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Somebody else's folder or file is where an export was to go.
    #[error(
        "{} is there and holds no earlier export; name a new folder or a .zip file",
        .0.display()
    )]
    Foreign(PathBuf),
    /// A bundle that is not taken; nothing of it was placed.
    #[error("{} {what}", path.display())]
    Bundle {
        /// The bundle.
        path: PathBuf,
        /// Why, in words that follow its name.
        what: String,
    },
    /// A file of an attempt does not hold what was sealed.
    #[error("{file} {what}; it is not used; restore it from a copy, or run again")]
    Damaged {
        /// The file's path in the ledger.
        file: String,
        /// What is wrong.
        what: String,
    },
    /// A file of an attempt was too large for git and is not on this disk.
    #[error(
        "{file} ({size} bytes) is not in this copy of the ledger: git does not carry files of its \
         size; copy it from where the run was executed, or execute the run here with --force"
    )]
    Absent {
        /// The file's path in the ledger.
        file: String,
        /// Its size in bytes.
        size: u64,
    },
    /// The attempt has no such file.
    #[error("{directory} has no file {path}")]
    NoSuchFile {
        /// The attempt's directory.
        directory: String,
        /// The path that was asked for.
        path: String,
    },
    /// A file that is no text, or too long to be one people write.
    #[error("{} {what}", path.display())]
    Text {
        /// The file.
        path: PathBuf,
        /// What is wrong, and the cure.
        what: String,
    },
    /// A path that cannot be kept on every system.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A request that would not have the same id when it is read again.
    #[error("the request cannot be kept: {0}")]
    Request(String),
    /// A data file that cannot be used.
    #[error("{file}: {what}")]
    Data {
        /// The file's path in the ledger.
        file: String,
        /// What is wrong.
        what: String,
    },
    /// Files that a command names and that cannot be used.
    #[error("\"{entry}\" {what}")]
    Input {
        /// As the spec writes it.
        entry: String,
        /// What is wrong.
        what: String,
    },
    /// Not even an index in memory works.
    #[error("the index cannot be kept: {0}")]
    Index(#[from] rusqlite::Error),
}

impl From<EncodeError> for StoreError {
    fn from(error: EncodeError) -> Self {
        Self::Request(error.to_string())
    }
}

impl StoreError {
    /// Sorts an error of the system by its cure.
    pub(super) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::Full { action, path },
            ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { action, path },
            ErrorKind::PermissionDenied => Self::Denied { action, path },
            _ => Self::Io { action, path, source },
        }
    }
}

/// Says what was done to which file when it went wrong.
pub(super) trait At<T> {
    /// Turns an error of the system into the store's.
    fn at(self, action: &'static str, path: &Path) -> Result<T, StoreError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::io(action, path, source))
    }
}

/// The value, or `None` when there is no such file or folder.
pub(super) fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cure_is_named() {
        let message = |kind: ErrorKind| {
            StoreError::io("write", Path::new("runs/x"), io::Error::from(kind)).to_string()
        };
        assert_eq!(
            message(ErrorKind::StorageFull),
            "the disk is full: cannot write runs/x; free some space and run again"
        );
        assert_eq!(
            message(ErrorKind::ReadOnlyFilesystem),
            "cannot write runs/x: the disk is mounted read-only"
        );
        assert!(message(ErrorKind::PermissionDenied).ends_with("who owns the file and its folder"));
    }
}
