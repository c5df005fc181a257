//! How the snapshots of a ledger stand.

use serde::Serialize;

use crate::engine::error::Error;
use crate::engine::ledger::Ledger;
use crate::git::Mode;
use crate::ledger::config::SnapshotMode;

/// How snapshots stand.
#[derive(Debug, Default, Serialize)]
pub struct SnapshotStatus {
    /// `branch`, `ref`, `off`, or `undecided`.
    pub mode: String,
    /// Whether there is a repository.
    pub repository: bool,
    /// Why a snapshot in branch mode goes to the ref, if it does.
    pub obstacles: Vec<String>,
    /// The branch or ref of the last snapshot.
    pub place: Option<String>,
    /// The commit of the last snapshot.
    pub commit: Option<String>,
    /// Number of commits that are not pushed yet; `None` without an upstream.
    pub ahead: Option<usize>,
    /// Why nothing could be found out, if so.
    pub error: Option<String>,
}

impl Ledger {
    /// How the snapshots stand, from the repository.
    pub(super) fn snapshot_status(&self) -> SnapshotStatus {
        let name = match self.config.snapshot.mode {
            Some(SnapshotMode::Branch) => "branch",
            Some(SnapshotMode::Ref) => "ref",
            Some(SnapshotMode::Off) => "off",
            None => "undecided",
        };
        let mode = self.snapshot_mode();
        let mut status = SnapshotStatus { mode: name.into(), ..SnapshotStatus::default() };
        let repository = match self.repository() {
            Ok(repository) => repository,
            Err(error) => {
                status.error = Some(error.to_string());
                None
            }
        };
        let Some(repository) = repository else { return status };
        status.repository = true;
        let Some(mode) = mode else { return status };
        if mode == Mode::Branch {
            status.obstacles =
                repository.branch_conditions().iter().map(ToString::to_string).collect();
        }
        match self.store.writer().map_err(Error::from).and_then(|w| Ok(repository.standing(&w)?)) {
            Ok(standing) => {
                let last = [standing.branch, standing.reference].into_iter().flatten();
                let last = last.max_by_key(|last| last.time);
                status.place = last.as_ref().map(|last| last.name.clone());
                status.commit = last.map(|last| last.commit);
                status.ahead = standing.ahead;
            }
            Err(error) => status.error = Some(error.to_string()),
        }
        status
    }
}
