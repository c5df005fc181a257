//! Writing the commit object of a snapshot.

use git2::{Oid, Repository, Signature, Time};

use super::change::Changes;
use super::repo::Repo;
use super::snapshot::SnapshotRequest;
use crate::ledger::time::Timestamp;

/// The trailer that marks a commit as a snapshot and counts the attempts it brought.
pub(super) const RUNS_TRAILER: &str = "Fairledger-Runs";

/// The trailer of a commit on the ref: where HEAD was. A parent would push private history.
const HEAD_TRAILER: &str = "Fairledger-Head";

/// Who signs a snapshot of a user whom git does not know.
const NOBODY: (&str, &str) = ("fairledger", "fairledger@localhost");

/// Writes a commit object that no ref names yet.
pub(super) fn write(
    repo: &Repo,
    repository: &Repository,
    request: &SnapshotRequest<'_>,
    changes: &Changes,
    tree: Oid,
    parents: Parents,
) -> Result<Oid, git2::Error> {
    let subject = match request.message.trim() {
        "" => "Snapshot",
        given => given,
    };
    let attempts = changes.attempts(&repo.place);
    let head = parents.head.map_or_else(String::new, |head| format!("{HEAD_TRAILER}: {head}\n"));
    let message = format!("{subject}\n\n{RUNS_TRAILER}: {attempts}\n{head}");
    let author = author(repository, request.time)?;
    let tree = repository.find_tree(tree)?;
    let parent = parents.tip.map(|tip| repository.find_commit(tip)).transpose()?;
    let parents: Vec<_> = parent.iter().collect();
    repository.commit(None, &author, &author, &message, &tree, &parents)
}

/// What a commit follows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parents {
    /// The commit that the branch or ref is at.
    pub(super) tip: Option<Oid>,
    /// Where HEAD is, when it is worth naming.
    pub(super) head: Option<Oid>,
}

/// The user as git knows them, or nobody in particular, at a time.
pub(super) fn author(
    repository: &Repository,
    time: Timestamp,
) -> Result<Signature<'static>, git2::Error> {
    let seconds = time.microseconds().div_euclid(1_000_000);
    let Ok(user) = repository.signature() else {
        return Signature::new(NOBODY.0, NOBODY.1, &Time::new(seconds, 0));
    };
    let time = Time::new(seconds, user.when().offset_minutes());
    Signature::new(user.name()?, user.email()?, &time)
}
