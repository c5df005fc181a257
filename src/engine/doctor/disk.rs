//! The disk a ledger lies on: whether it takes writes, the room on it, what kind it is, its names and
//! its clock.

use std::collections::BTreeMap;
use std::path::Path;

use super::mounts::{Mount, mount_of};
use super::{Check, Health};
use crate::engine::error::Error;
use crate::engine::ledger::Ledger;
use crate::engine::surroundings::now;
use crate::ledger::number;
use crate::ledger::time::Timestamp;

const MEBIBYTE: u64 = 1024 * 1024;
/// Less room than this, in bytes, is soon used up.
const LITTLE: u64 = 1024 * MEBIBYTE;
/// With less than this the next run may not fit.
const NEXT_TO_NOTHING: u64 = 64 * MEBIBYTE;
/// A run makes a handful of files.
const FEW_FILES: u64 = 1000;
/// Clocks that differ by less, in microseconds, are taken for equal.
const TOLERATED: i64 = 60_000_000;

/// Folders that programs synchronise with another place, by the name of a folder on the way.
const SYNCED: [(&str, &str); 8] = [
    ("Mobile Documents", "iCloud"),
    ("CloudStorage", "a cloud service"),
    ("Dropbox", "Dropbox"),
    ("OneDrive", "OneDrive"),
    ("Google Drive", "Google Drive"),
    ("GoogleDrive", "Google Drive"),
    ("Nextcloud", "Nextcloud"),
    ("Syncthing", "Syncthing"),
];

impl Ledger {
    /// Whether the disk takes writes, and the time it puts on them.
    pub(super) fn disk(&self) -> (Check, Option<Timestamp>) {
        match self.store.try_disk() {
            Ok(time) => (Check::good("disk", "takes writes and syncs them"), time),
            Err(error) => {
                let cure = "nothing can be recorded before; reading works";
                (Check::bad("disk", error.to_string(), cure), None)
            }
        }
    }

    /// The room that is left, where the system says.
    pub(super) fn space(&self) -> Option<Check> {
        let space = self.store.space()?;
        let files = space.files.filter(|files| *files < FEW_FILES);
        let few = files.map(|files| format!(", but only for {files} more files"));
        let found =
            format!("{} free{}", number::bytes_for_people(space.bytes), few.unwrap_or_default());
        let cure =
            "free some; `fairledger gc --dry-run` and `fairledger purge` are for what runs left";
        Some(if space.bytes < NEXT_TO_NOTHING || files.is_some_and(|files| files < 16) {
            Check::bad("room", found, cure)
        } else if space.bytes < LITTLE || files.is_some() {
            Check::limited("room", found, cure)
        } else {
            Check::good("room", found)
        })
    }

    /// What kind of file system the ledger lies on.
    pub(super) fn place(&self) -> Check {
        let name = "file system";
        if let Some(service) = synced(self.root()) {
            let found = format!("in a folder that {service} keeps in step with another place");
            let cure = "move the ledger out of it: files may be fetched, renamed or doubled behind the \
                        program; git is the backup";
            return Check::limited(name, found, cure);
        }
        let Some(mount) = mount_of(self.root()) else {
            return Check::good(name, "not known here");
        };
        judge(&mount)
    }

    /// Whether names that differ by their case alone meet.
    pub(super) fn names(&self) -> Check {
        let name = "names";
        // The file is there by its own name, or this would be no ledger.
        if self.root().join("LEDGER.TOML").exists() {
            return Check::good(name, "one whatever their case");
        }
        match self.meeting() {
            Ok(meeting) if meeting.is_empty() => {
                Check::good(name, "told apart by case, and none meet")
            }
            Ok(meeting) => {
                let cure = "rename one of them; on macOS and Windows they are one";
                Check::limited(name, format!("differ by case alone: {}", meeting.join(", ")), cure)
            }
            Err(error) => Check::bad(name, error.to_string(), "see above"),
        }
    }

    /// The ledger's own files whose names meet where case does not count.
    fn meeting(&self) -> Result<Vec<String>, Error> {
        let mut by_lower: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for path in self.store.own_files(u64::MAX)? {
            by_lower.entry(path.to_lowercase()).or_default().push(path);
        }
        by_lower.retain(|_, paths| paths.len() > 1);
        Ok(by_lower.into_values().flatten().collect())
    }

    /// Whether the clock, that of the disk and the times of files and runs agree.
    pub(super) fn clock(&self, of_disk: Option<Timestamp>) -> Check {
        let (name, now) = ("clock", now());
        let cure = "set the clock; times are only shown, so no run is lost or wrong by it";
        let apart = |time: &Timestamp| (time.microseconds() - now.microseconds()).abs() > TOLERATED;
        if let Some(time) = of_disk.filter(apart) {
            let found = format!("it is {} here, and {} on the disk", now.minute(), time.minute());
            return Check::limited(name, found, cure);
        }
        let bound = Timestamp::from_microseconds(now.microseconds() + TOLERATED);
        let newest = self.store.attempts().unwrap_or_default();
        let newest = newest.iter().map(|entry| entry.attempt.ended).max();
        if let Some(newest) = newest.filter(|newest| *newest > bound) {
            let found = format!("it is {} here, and a run ended {}", now.minute(), newest.minute());
            return Check::limited(name, found, cure);
        }
        let later = self.store.changed_after(bound).unwrap_or_default();
        if let Some(first) = later.first() {
            let others = if later.len() > 1 {
                format!(" and {} more", later.len() - 1)
            } else {
                String::new()
            };
            let found =
                format!("it is {} here, and {first}{others} was changed later", now.minute());
            return Check::limited(name, found, "set the clock, or save these files again");
        }
        Check::good(name, format!("{}; no run or file is newer", now.minute()))
    }
}

/// Who synchronises a folder with another place, told by the names on the way to it.
fn synced(root: &Path) -> Option<&'static str> {
    let names: Vec<String> =
        root.components().map(|it| it.as_os_str().to_string_lossy().into_owned()).collect();
    let found = SYNCED.iter().find(|(folder, _)| names.iter().any(|name| name.starts_with(folder)));
    found.map(|(_, service)| *service)
}

/// What a kind of file system means for a ledger.
fn judge(mount: &Mount) -> Check {
    let kind = mount.kind.as_str();
    let (what, cure) = match kind {
        "nfs" | "nfs4" | "cifs" | "smb3" | "smbfs" | "afpfs" | "webdav" | "fuse.davfs2"
        | "fuse.sshfs" | "fuse.rclone" | "macfuse" | "ceph" | "fuse.glusterfs" | "lustre"
        | "gpfs" | "beegfs" | "afs" => (
            "a network: what other machines write is found by looking, and locks are as good as its server",
            "let one machine `watch` it; a ledger on a local disk, carried by git, is quicker and safer",
        ),
        "9p" | "virtiofs" | "drvfs" | "vboxsf" | "fuse.vmhgfs-fuse" | "prl_fs"
        | "fuse.grpcfuse" | "fakeowner" | "osxfs" => (
            "a mount of another system: what that one writes gives no events",
            "run `watch` on the system the folder belongs to",
        ),
        "overlay" | "overlayfs" | "aufs" | "fuse.fuse-overlayfs" => (
            "part of a container, and gone with it",
            "mount a folder of the host for it, as `docker run -v` does",
        ),
        "tmpfs" | "ramfs" | "devtmpfs" => {
            ("in memory, and gone after a restart", "move it to a disk")
        }
        "vfat" | "msdos" | "exfat" => (
            "without links, and keeps times to two seconds",
            "move it to a disk with the file system of this machine",
        ),
        _ => {
            return Check::good("file system", format!("{kind}, mounted at {}", mount.place));
        }
    };
    let health = Health::Limited;
    Check { name: "file system", health, found: format!("{kind}, {what}"), cure: cure.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_file_system_says_what_to_expect() {
        let of = |kind: &str| {
            let check = judge(&Mount { kind: kind.into(), place: "/home".into() });
            (check.health, check.found)
        };
        assert_eq!(of("ext4"), (Health::Good, "ext4, mounted at /home".to_owned()));
        assert_eq!(of("apfs").0, Health::Good);
        for (kind, part) in [("nfs4", "a network"), ("overlay", "container"), ("tmpfs", "memory")] {
            let (health, found) = of(kind);
            assert!(health == Health::Limited && found.contains(part), "{kind}: {found}");
        }
    }

    #[test]
    fn folders_that_are_synchronised_are_told_by_their_names() {
        for (path, service) in [
            ("/Users/ada/Library/Mobile Documents/com~apple~CloudDocs/work", Some("iCloud")),
            ("/home/ada/Dropbox (Personal)/ledger", Some("Dropbox")),
            ("/home/ada/ledger", None),
        ] {
            assert_eq!(synced(Path::new(path)), service, "{path}");
        }
    }
}
