//! Where the snapshots stand: what `status` tells.

use git2::{Commit, Repository};

use super::commit::RUNS_TRAILER;
use super::error::GitError;
use super::obstacle;
use super::reference::{ref_name, target};
use super::repo::Repo;
use crate::ledger::time::Timestamp;

/// How many commits of the branch are searched for the last snapshot.
const SEARCHED: usize = 500;

/// Where the snapshots of a ledger stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The last snapshot among the newest commits of the branch.
    pub branch: Option<Last>,
    /// The last snapshot on this writer's ref.
    pub reference: Option<Last>,
    /// How many files wait on the ref for the next snapshot that reaches the branch; in ref mode,
    /// all that were ever snapshotted.
    pub waiting: usize,
    /// How many commits the branch is ahead of its upstream; `None` when it has none.
    pub ahead: Option<usize>,
}

/// The newest snapshot on a branch or ref.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Last {
    /// The full name of the branch or ref.
    pub name: String,
    /// The commit, 40 hex digits.
    pub commit: String,
    /// When it was taken.
    pub time: Timestamp,
}

impl Repo {
    /// Reads where the snapshots of this clone's writer stand.
    pub fn standing(&self, writer: &str) -> Result<Standing, GitError> {
        let repository = self.open()?;
        let read = || {
            let mut standing = Standing {
                waiting: self.waiting(&repository, writer)?.paths.len(),
                ..Standing::default()
            };
            if let Ok(name) = ref_name(writer)
                && let Some(tip) = target(&repository, &name)?
            {
                standing.reference = Some(last(&name, &repository.find_commit(tip)?));
            }
            if let Ok(position) = obstacle::position(&repository)
                && let Some(tip) = position.tip
            {
                standing.branch = newest_snapshot(&repository, &position.branch, tip)?;
                standing.ahead = ahead(&repository, &position.branch, tip);
            }
            Ok(standing)
        };
        read().map_err(self.failed("read where the snapshots stand"))
    }
}

fn newest_snapshot(
    repository: &Repository,
    branch: &str,
    tip: git2::Oid,
) -> Result<Option<Last>, git2::Error> {
    let mark = format!("\n{RUNS_TRAILER}: ");
    let mut walk = repository.revwalk()?;
    walk.push(tip)?;
    for id in walk.take(SEARCHED) {
        let commit = repository.find_commit(id?)?;
        if commit.message().is_ok_and(|message| message.contains(&mark)) {
            return Ok(Some(last(branch, &commit)));
        }
    }
    Ok(None)
}

fn last(name: &str, commit: &Commit<'_>) -> Last {
    let microseconds = commit.time().seconds().saturating_mul(1_000_000);
    Last {
        name: name.to_owned(),
        commit: commit.id().to_string(),
        time: Timestamp::from_microseconds(microseconds),
    }
}

fn ahead(repository: &Repository, branch: &str, tip: git2::Oid) -> Option<usize> {
    let upstream = repository.branch_upstream_name(branch).ok()?;
    let upstream = repository.refname_to_id(upstream.as_str().ok()?).ok()?;
    repository.graph_ahead_behind(tip, upstream).ok().map(|(ahead, _)| ahead)
}
