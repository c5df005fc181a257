//! What can go wrong between the ledger and its repository.

use std::path::{Path, PathBuf};

/// A repository that cannot be read or written, or a push that did not go through.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The repository belongs to another user of this machine.
    #[error(
        "{0}: the repository belongs to another user; if you trust it: \
         git config --global --add safe.directory '{0}'"
    )]
    ForeignOwner(PathBuf),
    /// The repository uses a feature that is not read here.
    #[error(
        "{0}: this kind of repository cannot take snapshots ({1}); set [snapshot] mode = \"off\" in ledger.toml"
    )]
    Unsupported(PathBuf, String),
    /// There is no repository where one is needed.
    #[error("{0}: not inside a git repository; start one with: git init")]
    NoRepository(PathBuf),
    /// The writer's id cannot be part of the name of a ref.
    #[error(
        "'{0}' cannot name a snapshot ref; delete .fairledger/writer and a new id will be drawn"
    )]
    Writer(String),
    /// The repository failed at something.
    #[error("{path}: could not {doing}: {}", source.message())]
    Git {
        /// The repository.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// What libgit2 says.
        source: git2::Error,
    },
    /// A file of the repository could not be read or written.
    #[error("{0}: {1}")]
    Io(PathBuf, std::io::Error),
    /// Other processes moved the ref each time a snapshot was about to.
    #[error("{0}: other processes keep moving this ref; try again when they are done")]
    Contended(String),
    /// The git program is not installed.
    #[error("the git program was not found; install git, pushing needs it")]
    NoProgram,
    /// No remote to push to.
    #[error("{0}: no remote to push to; add one with: git remote add origin URL")]
    NoRemote(PathBuf),
    /// Nothing was ever snapshotted.
    #[error("{0}: nothing to push yet; take a snapshot first: fairledger snapshot")]
    NothingToPush(PathBuf),
    /// HEAD is on no branch, so there is no branch to push.
    #[error("{0}: HEAD is on no branch; switch to one with: git switch BRANCH")]
    NoBranch(PathBuf),
    /// The name cannot be that of a branch.
    #[error("'{0}' cannot be the name of a branch; choose another with --branch NAME")]
    BranchName(String),
    /// The branch for pages is one that somebody works on.
    #[error(
        "the branch '{0}' is checked out; publish to one that holds only the site: --branch NAME"
    )]
    BranchInUse(String),
    /// The branch for pages holds something else.
    #[error(
        "the branch '{0}' holds commits that are not of the site; choose another with --branch NAME"
    )]
    BranchOfOthers(String),
    /// The git program ran and failed; it has said why on the terminal.
    #[error("'{0}' failed; its own message is above")]
    PushFailed(String),
}

impl GitError {
    /// Names the repository and what was being done.
    pub(super) fn at<'a>(
        path: &'a Path,
        doing: &'static str,
    ) -> impl FnOnce(git2::Error) -> Self + 'a {
        move |source| Self::Git { path: path.to_owned(), doing, source }
    }

    /// Names the file.
    pub(super) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |error| Self::Io(path.to_owned(), error)
    }

    /// Sorts what opening a repository may answer.
    pub(super) fn opening(path: &Path, error: git2::Error) -> Self {
        let message = error.message();
        if error.code() == git2::ErrorCode::Owner {
            return Self::ForeignOwner(path.to_owned());
        }
        if ["unsupported", "unknown object format"].iter().any(|mark| message.contains(mark)) {
            return Self::Unsupported(path.to_owned(), message.to_owned());
        }
        Self::Git { path: path.to_owned(), doing: "open the repository", source: error }
    }
}
