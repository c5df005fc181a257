//! Stamps: what the file system says of a file, to know without reading that it did not change.

use std::fs::Metadata;

use crate::ledger::time::Timestamp;

/// How long a file must have been left alone before its stamp is believed, in microseconds: some file
/// systems keep times to two seconds only.
const SETTLED: i128 = 2_000_000;

/// Size, times and identity of a file or folder. An equal stamp means equal content once the stamp is
/// settled; git's index works by the same rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    size: u64,
    modified: i128,
    changed: i128,
    inode: u64,
    device: u64,
}

impl Stamp {
    /// The stamp of a file from its metadata; times in nanoseconds since 1970.
    #[cfg(unix)]
    pub(super) fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        let nanoseconds =
            |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
        Self {
            size: metadata.size(),
            modified: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            changed: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
            device: metadata.dev(),
        }
    }

    /// The stamp of a file from its metadata; there is no change time and no stable identity here.
    #[cfg(not(unix))]
    pub(super) fn of(metadata: &Metadata) -> Self {
        let nanoseconds = |time: std::io::Result<std::time::SystemTime>| {
            time.ok()
                .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
                .map_or(0, |age| age.as_nanos() as i128)
        };
        Self {
            size: metadata.len(),
            modified: nanoseconds(metadata.modified()),
            changed: nanoseconds(metadata.created()),
            inode: 0,
            device: 0,
        }
    }

    /// Size in bytes.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Whether two stamps are of one file, whatever happened to it in between.
    pub(super) fn same_file(&self, other: &Self) -> bool {
        (self.inode, self.device) == (other.inode, other.device)
    }

    /// The file's number on its device, zero where there is none.
    pub(super) fn inode(&self) -> u64 {
        self.inode
    }

    /// The device it lies on, zero where there is none.
    pub(super) fn device(&self) -> u64 {
        self.device
    }

    /// Whether the file was last changed long enough before `now` that a later change must show in the
    /// stamp.
    pub(super) fn is_settled(&self, now: Timestamp) -> bool {
        let latest = self.modified.max(self.changed) / 1000;
        latest + SETTLED < i128::from(now.microseconds())
    }

    /// The stamp as text for the index.
    pub(super) fn to_text(self) -> String {
        let Self { size, modified, changed, inode, device } = self;
        format!("{size} {modified} {changed} {inode} {device}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_file_is_not_believed() {
        let stamp = Stamp { size: 1, modified: 5_000_000_000, changed: 0, inode: 1, device: 1 };
        assert!(!stamp.is_settled(Timestamp::from_microseconds(6_999_999)));
        assert!(stamp.is_settled(Timestamp::from_microseconds(7_000_001)));
        assert!(!stamp.is_settled(Timestamp::from_microseconds(1)));
    }

    #[test]
    fn every_part_counts() {
        let stamp = Stamp { size: 1, modified: 2, changed: 3, inode: 4, device: 5 };
        for other in [
            Stamp { size: 0, ..stamp },
            Stamp { modified: 0, ..stamp },
            Stamp { changed: 0, ..stamp },
            Stamp { inode: 0, ..stamp },
            Stamp { device: 0, ..stamp },
        ] {
            assert_ne!(other.to_text(), stamp.to_text());
        }
    }
}
