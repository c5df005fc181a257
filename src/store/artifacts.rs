//! Artifacts that a command wrote into the attempt's folder itself.

use std::fs;
use std::path::Path;

use crate::ledger::layout::{self, ARTIFACTS};
use crate::ledger::outcome::NewArtifact;

use super::error::StoreError;
use super::file;
use super::recorder::Unsealed;

/// The paths below `artifacts/` of what a command left there, sorted, empty folders removed.
///
/// # Errors
/// What cannot be kept, in words: a link, a socket, or a name that not every system takes.
pub(super) fn left_behind(
    unsealed: &Unsealed,
    others: &[NewArtifact],
) -> Result<Vec<String>, String> {
    let folder = unsealed.folder.join(ARTIFACTS);
    if !others.is_empty() || !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut paths = Vec::new();
    collect(&folder, "", &mut paths)?;
    // Only a folder that is empty goes away by this.
    drop(fs::remove_dir(&folder));
    layout::check_portable(paths.iter().map(String::as_str)).map_err(|error| error.to_string())?;
    Ok(paths)
}

fn collect(folder: &Path, below: &str, paths: &mut Vec<String>) -> Result<(), String> {
    for (name, kind) in file::list(folder).map_err(|error| error.to_string())? {
        let path = format!("{below}{name}");
        if kind.is_dir() {
            collect(&folder.join(&name), &format!("{path}/"), paths)?;
            drop(fs::remove_dir(folder.join(&name)));
        } else if kind.is_file() && folder.join(&name).exists() {
            paths.push(path);
        } else {
            return Err(format!("'{path}' is no regular file"));
        }
    }
    Ok(())
}

impl Unsealed {
    /// Moves the artifacts to `lost+found`, so that nothing of them is lost.
    pub(super) fn set_artifacts_aside(&self) -> Result<(), StoreError> {
        let name = self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        self.store.set_aside(&self.folder.join(ARTIFACTS), &name).map(drop)
    }
}
