//! A snapshot: on the branch if nothing is in the way, else on the ref.

use std::path::PathBuf;

use super::change::Skipped;
use super::error::GitError;
use super::obstacle::{self, Obstacle};
use super::reference::refs_of;
use super::repo::Repo;
use super::turn::Turn;
use crate::ledger::time::Timestamp;

/// Where snapshots go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// To the current branch, so that a plain `git push` carries them.
    Branch,
    /// To `refs/fairledger/<writer>`, beside all branches.
    Ref,
}

/// What to put into a snapshot.
#[derive(Clone, Copy, Debug)]
pub struct SnapshotRequest<'a> {
    /// Where it should go.
    pub mode: Mode,
    /// Files and folders that changed or are gone, relative to the ledger's root; an empty path
    /// is the whole ledger.
    pub paths: &'a [PathBuf],
    /// Files that are taken although git ignores them, as `git add --force` would.
    pub forced: &'a [PathBuf],
    /// The commit's message, to which trailers are added.
    pub message: &'a str,
    /// The id of this clone's writer.
    pub writer: &'a str,
    /// The commit's time, to the second.
    pub time: Timestamp,
}

/// What became of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Where it went.
    pub landed: Landed,
    /// What was left out; ignored files are not mentioned.
    pub skipped: Vec<Skipped>,
}

/// Where a snapshot went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Landed {
    /// Nothing had changed.
    Nothing,
    /// On the branch.
    Branch {
        /// The branch's full name.
        name: String,
        /// The commit, 40 hex digits.
        commit: String,
        /// How many files differ from the commit before.
        files: usize,
    },
    /// On the ref.
    Ref {
        /// The ref's full name.
        name: String,
        /// The commit, 40 hex digits.
        commit: String,
        /// How many files differ from the ref's commit before.
        files: usize,
        /// What kept it from the branch; `None` when the ref was asked for.
        because: Option<Obstacle>,
    },
}

impl Repo {
    /// Commits the named paths of the ledger as they are on the disk now.
    ///
    /// The tree of the commit before is kept but for these paths. On the branch, the index is
    /// brought up to date for them. On the ref, HEAD, index and working files stay as they are; the
    /// next snapshot that reaches the branch takes along what went to the ref instead.
    pub fn snapshot(&self, request: &SnapshotRequest<'_>) -> Result<Snapshot, GitError> {
        let repository = self.open_to_write()?;
        let mut refs = refs_of(request.writer);
        refs.extend(obstacle::position(&repository).ok().map(|position| position.branch));
        let mut turn = Turn::take(&repository, &refs);
        let because = match request.mode {
            Mode::Ref => None,
            Mode::Branch => match self.on_branch(&repository, request, &mut turn)? {
                Ok(snapshot) => return Ok(snapshot),
                Err(obstacle) => Some(obstacle),
            },
        };
        self.on_ref(&repository, request, because)
    }
}
