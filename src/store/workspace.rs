//! The files through which a command and its recorder speak with each other.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::ledger::layout::{ARTIFACTS, PATCH};

use super::error::{At, StoreError};
use super::file;
use super::open::Store;
use super::recorder::Recorder;

/// The folder of workspaces below the ledger's state.
const WORK: &str = "work";

/// The file that says who supervises which group of processes.
const GROUP: &str = "group";

/// The files a command reads and writes beside its own; removed when this is dropped.
#[derive(Debug)]
pub struct Workspace {
    folder: PathBuf,
    artifacts: PathBuf,
}

impl Workspace {
    /// The params as a JSON object.
    pub fn params(&self) -> PathBuf {
        self.folder.join("params.json")
    }

    /// Where the command appends metrics.
    pub fn metrics(&self) -> PathBuf {
        self.folder.join("metrics.jsonl")
    }

    /// Where the command appends tags.
    pub fn tags(&self) -> PathBuf {
        self.folder.join("tags.jsonl")
    }

    /// Notes who supervises the command and which group of processes it is, for the case that only the
    /// command survives.
    pub fn note_group(&self, group: u32) -> Result<(), StoreError> {
        let path = self.folder.join(GROUP);
        fs::write(&path, format!("{} {group}\n", std::process::id())).at("write", &path)
    }

    /// The folder whose content is sealed with the attempt.
    pub fn artifacts(&self) -> &Path {
        &self.artifacts
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        // What stays behind is swept at the next start.
        drop(fs::remove_dir_all(&self.folder));
    }
}

impl Recorder {
    /// Makes the files for a command: its params, two empty ones to append to, a folder for artifacts.
    pub fn workspace(&self, params: &[u8]) -> Result<Workspace, StoreError> {
        let seal = self.unsealed();
        let name = format!("{}.{}", seal.place.run, seal.place.attempt);
        let folder = seal.store.state(&format!("{WORK}/{name}"));
        fs::create_dir_all(&folder).at("create", &folder)?;
        let workspace = Workspace { folder, artifacts: seal.folder.join(ARTIFACTS) };
        fs::create_dir(&workspace.artifacts).at("create", &workspace.artifacts)?;
        for (path, bytes) in
            [(workspace.params(), params), (workspace.metrics(), b""), (workspace.tags(), b"")]
        {
            fs::write(&path, bytes).at("write", &path)?;
        }
        Ok(workspace)
    }

    /// Keeps the uncommitted changes beside the metrics; nothing when there are none.
    pub fn keep_patch(&self, patch: &str) -> Result<(), StoreError> {
        if patch.is_empty() {
            return Ok(());
        }
        file::create(&self.unsealed().folder.join(PATCH), patch.as_bytes())
    }

    /// A second handle on the lease. As long as a process holds one, the run counts as executed, even
    /// if the process that took the lease dies. It stands at its end, so reading it gives nothing.
    pub fn hold(&self) -> Option<File> {
        // Elsewhere a lock belongs to the handle that took it, and reading a locked file fails.
        if cfg!(unix) { self.unsealed().lease.handle().ok() } else { None }
    }
}

impl Store {
    /// The commands that hold the lease of a run: process id of the supervisor, group number.
    pub fn supervised(&self) -> Result<Vec<(u32, u32)>, StoreError> {
        let (mut found, top) = (Vec::new(), self.state(WORK));
        for name in file::list_folders(&top)? {
            let run = name.split('.').next().and_then(|run| run.parse().ok());
            let text = fs::read_to_string(top.join(&name).join(GROUP)).unwrap_or_default();
            let numbers: Vec<u32> =
                text.split_whitespace().filter_map(|number| number.parse().ok()).collect();
            if let ([supervisor, group], Some(run)) = (&numbers[..], run)
                && self.is_leased(run)?
            {
                found.push((*supervisor, *group));
            }
        }
        Ok(found)
    }

    /// Removes the workspaces of runs that nobody executes any more.
    pub(super) fn sweep_workspaces(&self) -> Result<(), StoreError> {
        let top = self.state(WORK);
        for name in file::list_folders(&top)? {
            let run = name.split('.').next().and_then(|run| run.parse().ok());
            if run.is_none_or(|run| matches!(self.is_leased(run), Ok(false))) {
                drop(fs::remove_dir_all(top.join(name)));
            }
        }
        Ok(())
    }
}
