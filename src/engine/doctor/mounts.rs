//! Which file system a folder lies on, from the system's list of mounts.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::engine::surroundings::base_variables;
use crate::exec;

/// A mounted file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    /// Its kind, such as `ext4`, `apfs` or `nfs4`.
    pub(super) kind: String,
    /// Where it is mounted.
    pub(super) place: String,
}

/// The mount a folder lies on, all links resolved; `None` where the system gives no list.
pub(super) fn mount_of(folder: &Path) -> Option<Mount> {
    let mounts = if cfg!(target_os = "macos") {
        printed(&listed_by_program()?)
    } else {
        of_linux(&std::fs::read_to_string("/proc/self/mountinfo").ok()?)
    };
    around(folder, mounts)
}

/// What `mount` prints; macOS has no file that says it.
fn listed_by_program() -> Option<String> {
    let (here, limit) = (Path::new("/"), Duration::from_secs(5));
    let (good, text) =
        exec::output_of(&["/sbin/mount".to_owned()], here, &base_variables(), limit).ok()?;
    good.then_some(text)
}

/// The innermost mount around a folder; of several at one place the last, which covers the others.
fn around(folder: &Path, mounts: Vec<Mount>) -> Option<Mount> {
    let depth = |mount: &Mount| PathBuf::from(&mount.place).components().count();
    mounts.into_iter().filter(|it| folder.starts_with(&it.place)).max_by_key(depth)
}

/// The lines of `/proc/self/mountinfo` (proc(5)): the fifth word is the place, and the first after a
/// lone dash the kind.
fn of_linux(text: &str) -> Vec<Mount> {
    let mount = |line: &str| {
        let (before, after) = line.split_once(" - ")?;
        let (place, kind) = (before.split(' ').nth(4)?, after.split(' ').next()?);
        Some(Mount { kind: kind.to_owned(), place: unescaped(place) })
    };
    text.lines().filter_map(mount).collect()
}

/// The lines of `mount` on macOS: `DEVICE on PLACE (KIND, OPTION, ...)`.
fn printed(text: &str) -> Vec<Mount> {
    let mount = |line: &str| {
        let (place, options) = line.split_once(" on ")?.1.rsplit_once(" (")?;
        let kind = options.split([',', ')']).next()?;
        Some(Mount { kind: kind.to_owned(), place: place.to_owned() })
    };
    text.lines().filter_map(mount).collect()
}

/// A path of which some signs are written as a backslash and three octal digits.
fn unescaped(path: &str) -> String {
    let mut parts = path.split('\\');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let sign = part.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok());
        if let Some(sign) = sign {
            plain.push(char::from(sign));
            plain.push_str(&part[3..]);
        } else {
            plain.push('\\');
            plain.push_str(part);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(folder: &str, mounts: Vec<Mount>) -> String {
        around(Path::new(folder), mounts).unwrap().kind
    }

    #[test]
    fn the_innermost_mount_counts() {
        let linux = "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw\n\
                     30 22 0:26 / /home/my\\040disk rw - fuse.sshfs ada@host: rw\n\
                     31 22 0:27 / /tmp rw,nosuid - tmpfs tmpfs rw\n\
                     32 31 0:28 / /tmp rw - xfs /dev/vdb rw\n";
        let mounts = || of_linux(linux);
        assert_eq!(kind("/home/my disk/ledger", mounts()), "fuse.sshfs");
        assert_eq!(kind("/home/my", mounts()), "ext4");
        assert_eq!(kind("/tmp/x", mounts()), "xfs", "the last one covers");
        let mac = "/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)\n\
                   map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)\n\
                   //ada@nas/work on /Volumes/work (old) (smbfs, nodev, nosuid, mounted by ada)\n";
        let mounts = || printed(mac);
        assert_eq!(kind("/Users/ada/ledger", mounts()), "apfs");
        assert_eq!(kind("/Volumes/work (old)/ledger", mounts()), "smbfs");
    }

    #[test]
    fn this_system_says_where_a_folder_lies() {
        let folder = std::env::temp_dir().canonicalize().unwrap();
        let known = cfg!(any(target_os = "linux", target_os = "macos"));
        assert_eq!(mount_of(&folder).is_some(), known);
    }
}
