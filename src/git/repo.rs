//! Finding, making and opening the repository around a ledger.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use git2::{Index, Oid, Repository, RepositoryInitOptions, RepositoryOpenFlags};

use super::draft::Stamp;
use super::durable;
use super::error::GitError;
use super::place::Place;

/// The repository around a ledger.
///
/// Only its place is kept: each operation opens it anew, so that nothing another process did in
/// between is missed, and the value can be shared between threads. Kept for a daemon's lifetime,
/// it also remembers which index it left equal to which commit; that saves comparing them again.
#[derive(Clone, Debug)]
pub struct Repo {
    git_dir: PathBuf,
    pub(super) place: Place,
    known: Arc<Mutex<Option<(Stamp, Oid)>>>,
}

impl Repo {
    /// Finds the repository whose working directory holds the ledger; `None` when there is none.
    pub fn discover(ledger_root: &Path) -> Result<Option<Self>, GitError> {
        let root = ledger_root.canonicalize().map_err(GitError::io(ledger_root))?;
        let no_ceiling: [&Path; 0] = [];
        match Repository::open_ext(&root, RepositoryOpenFlags::empty(), no_ceiling) {
            Ok(repository) => Self::around(&repository, &root),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(error) => Err(GitError::opening(&root, error)),
        }
    }

    /// Makes a repository of the ledger's folder, with `main` as its first branch; one that is
    /// already there is kept as it is.
    pub fn init(ledger_root: &Path) -> Result<Self, GitError> {
        let root = ledger_root.canonicalize().map_err(GitError::io(ledger_root))?;
        let mut options = RepositoryInitOptions::new();
        options.initial_head("main");
        let repository = Repository::init_opts(&root, &options)
            .map_err(GitError::at(&root, "make a repository"))?;
        Self::around(&repository, &root)?.ok_or(GitError::NoRepository(root))
    }

    /// Whether the ledger's folder is the repository's working directory, and not a part of it.
    pub fn is_ledger_root(&self) -> bool {
        self.place.prefix.is_empty()
    }

    /// The repository's working directory.
    pub fn folder(&self) -> PathBuf {
        self.place.workdir.canonicalize().unwrap_or_else(|_| self.place.workdir.clone())
    }

    fn around(repository: &Repository, root: &Path) -> Result<Option<Self>, GitError> {
        let Some(workdir) = repository.workdir() else { return Ok(None) };
        let canonical = workdir.canonicalize().map_err(GitError::io(workdir))?;
        // libgit2 compares paths with its own spelling of the working directory, so that one is kept.
        let place = Place::find(&canonical, root)
            .map(|place| Place { workdir: workdir.to_owned(), ..place });
        let git_dir = repository.path().to_owned();
        Ok(place.map(|place| Self { git_dir, place, known: Arc::default() }))
    }

    /// Opens the repository for reading.
    pub(super) fn open(&self) -> Result<Repository, GitError> {
        Repository::open(&self.git_dir).map_err(|error| GitError::opening(&self.git_dir, error))
    }

    /// Opens the repository such that what is written to it can be made durable, its index set aside.
    pub(super) fn open_to_write(&self) -> Result<Repository, GitError> {
        let repository = self.open()?;
        durable::prepare(&repository)?;
        // Looking up attributes would read the whole index, and a split one cannot be read at all.
        Index::new()
            .and_then(|mut empty| repository.set_index(&mut empty))
            .map_err(self.failed("set the index aside"))?;
        Ok(repository)
    }

    /// The index that the last snapshot left equal to its commit.
    pub(super) fn known(&self) -> Option<(Stamp, Oid)> {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers an index that is equal to a commit.
    pub(super) fn know(&self, equal: Option<(Stamp, Oid)>) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = equal;
    }

    /// Turns an error of libgit2 into one that names this repository.
    pub(super) fn failed(&self, doing: &'static str) -> impl FnOnce(git2::Error) -> GitError + '_ {
        GitError::at(&self.place.workdir, doing)
    }
}

#[cfg(test)]
mod tests;
