//! The approvals of this user on this machine: one file outside every ledger, and copies of what was
//! approved, so that a change can be shown.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::ledger::digest::Digest;
use crate::ledger::trust::Approval;

use super::error::{At, StoreError, found};
use super::file;
use super::lease;

/// The file's name in the user's folder of settings.
pub const FILE: &str = "trust.toml";
/// The folder beside it of what was approved, each file named by its digest.
const TEXTS: &str = "approved";

/// Everything that was approved.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Approvals {
    /// The approvals, oldest first.
    #[serde(default, rename = "approval")]
    pub all: Vec<Approval>,
}

/// Reads the approvals of a user; none when there is no file.
///
/// # Errors
/// When it cannot be read, is no such file, or somebody else could have written it.
pub fn read(folder: &Path) -> Result<Approvals, StoreError> {
    let path = folder.join(FILE);
    let Some(bytes) = found(fs::read(&path)).at("read", &path)? else {
        return Ok(Approvals::default());
    };
    check_owner(&path)?;
    let wrong = |what: String| StoreError::Text { path: path.clone(), what };
    let text = String::from_utf8(bytes).map_err(|_| wrong("is not UTF-8".into()))?;
    toml::from_str(&text).map_err(|error| {
        wrong(format!("cannot be read ({}); approve again after deleting it", error.message()))
    })
}

/// Changes the approvals of a user and keeps the texts of what is approved.
///
/// # Errors
/// As [`read`], and when the disk refuses.
pub fn change(
    folder: &Path,
    texts: &[Vec<u8>],
    change: &mut dyn FnMut(&mut Approvals),
) -> Result<(), StoreError> {
    private_folder(folder)?;
    let _lock = lease::wait(&folder.join("trust.lock"))?;
    let mut approvals = read(folder)?;
    change(&mut approvals);
    let text =
        toml::to_string(&approvals).map_err(|error| StoreError::Request(error.to_string()))?;
    let kept = folder.join(TEXTS);
    private_folder(&kept)?;
    for bytes in texts {
        let path = kept.join(Digest::of(bytes).to_string());
        if !path.exists() {
            file::replace(&path, &kept.join("new"), bytes)?;
        }
    }
    let path = folder.join(FILE);
    file::replace(&path, &folder.join("trust.new"), text.as_bytes())
}

/// What was approved under a digest, if it was kept.
pub fn text(folder: &Path, digest: &Digest) -> Option<Vec<u8>> {
    let bytes = fs::read(folder.join(TEXTS).join(digest.to_string())).ok()?;
    (Digest::of(&bytes) == *digest).then_some(bytes)
}

#[cfg(unix)]
pub(super) fn private_folder(folder: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).at("create", folder)
}

/// Folders of a user are private here without more ado.
#[cfg(not(unix))]
pub(super) fn private_folder(folder: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(folder).at("create", folder)
}

#[cfg(unix)]
fn check_owner(path: &PathBuf) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).at("read", path)?.permissions().mode();
    if mode & 0o022 == 0 {
        return Ok(());
    }
    let what = "could have been written by others; chmod 600 it after looking at it".to_owned();
    Err(StoreError::Text { path: path.clone(), what })
}

#[cfg(not(unix))]
fn check_owner(_path: &PathBuf) -> Result<(), StoreError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_approved_where_there_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("fairledger");
        assert_eq!(read(&own).unwrap(), Approvals::default());
        change(&own, &[b"text".to_vec()], &mut |approvals| approvals.all.clear()).unwrap();
        assert_eq!(text(&own, &Digest::of(b"text")).unwrap(), b"text");
        fs::write(own.join(FILE), "approval = 1").unwrap();
        assert!(read(&own).unwrap_err().to_string().contains("cannot be read"));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_write_is_not_believed() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        assert!(read(folder.path()).unwrap_err().to_string().contains("written by others"));
    }
}
