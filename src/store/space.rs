//! How much room is left on the disk of a ledger.

use super::open::Store;

/// Room on a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Bytes that this user may still write.
    pub bytes: u64,
    /// Files that may still be made; `None` where the file system has no such limit.
    pub files: Option<u64>,
}

impl Store {
    /// The room that is left where the ledger lies; `None` when the system does not say.
    #[cfg(unix)]
    pub fn space(&self) -> Option<Space> {
        let found = rustix::fs::statvfs(self.root()).ok()?;
        let files = (found.f_files > 0).then_some(found.f_favail);
        Some(Space { bytes: found.f_bavail.saturating_mul(found.f_frsize), files })
    }

    /// Not looked at here.
    #[cfg(not(unix))]
    pub fn space(&self) -> Option<Space> {
        None
    }
}
