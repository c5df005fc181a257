//! The index after a snapshot, prepared beside the real one and put in its place in one step.
//!
//! libgit2 would take git's lock only to write, and so could overwrite what a `git add` staged since
//! it read. Here the lock is held while the file is compared with what was copied, the branch is
//! moved and the draft is renamed over it: a millisecond or so.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use git2::{Index, IndexEntry, IndexTime, Oid, Repository};

use super::change::{Changes, Written};
use super::disk::inode;
use super::error::GitError;
use super::obstacle::{self, Obstacle};
use super::turn::{self, DRAFT, Turn};

/// A changed copy of the index.
pub(super) struct Draft {
    index: Result<Index, git2::Error>,
    file: Temporary,
    original: PathBuf,
    copied: Option<Stamp>,
}

/// What became of a draft.
pub(super) enum Published {
    /// It is the index now, and looks like this.
    Yes(Option<Stamp>),
    /// Another process holds this lock.
    Locked(PathBuf),
    /// The index, HEAD or the branch changed in the meantime.
    Overtaken,
}

impl Draft {
    /// Copies the index; where there is none yet, starts an empty one.
    pub(super) fn copy(repository: &Repository) -> Result<Self, GitError> {
        let original = repository.path().join("index");
        let (file, handle) = Temporary::make(repository.path())?;
        let copied = copy_with_time(&original, handle).map_err(GitError::io(&original))?;
        if copied.is_none() {
            // An empty file is a broken index, an absent one an empty index.
            fs::remove_file(&file.0).map_err(GitError::io(&file.0))?;
        }
        let index = Index::open(&file.0).and_then(|mut index| {
            // Owned by the repository, the index knows which entries are too young to be trusted.
            repository.set_index(&mut index)?;
            Ok(index)
        });
        Ok(Self { index, file, original, copied })
    }

    /// Whether something is staged, or the index cannot be read.
    ///
    /// Comparing reads every tree of the commit, so it is left out for an index that was `known` to
    /// be equal to this commit and has not changed since.
    pub(super) fn staged(
        &self,
        repository: &Repository,
        tip: Option<Oid>,
        known: Option<(Stamp, Oid)>,
    ) -> Option<Obstacle> {
        match &self.index {
            Ok(_) if known.is_some() && known == self.copied.zip(tip) => None,
            Ok(index) => obstacle::staged(repository, tip, index),
            Err(error) => Some(Obstacle::IndexUnreadable(error.message().to_owned())),
        }
    }

    /// Brings the entries of the changed files up to date, and no others.
    pub(super) fn update(&mut self, changes: &Changes) -> Result<(), GitError> {
        let Ok(index) = &mut self.index else { return Ok(()) };
        let mut update = || {
            for path in &changes.removed {
                index.remove(Path::new(path), 0)?;
            }
            for (path, file) in &changes.written {
                index.add(&entry(path, file))?;
            }
            index.write()
        };
        update().map_err(GitError::at(&self.file.0, "prepare the index"))
    }

    /// Takes git's lock, lets `advance` move the branch, and puts the draft in place of the index.
    pub(super) fn publish(
        self,
        repository: &Repository,
        turn: &mut Turn,
        (branch, commit): (&str, Oid),
        advance: impl FnOnce() -> Result<bool, GitError>,
    ) -> Result<Published, GitError> {
        let lock = repository.path().join("index.lock");
        turn.note_index(&self.file.0, branch, commit);
        let taken = turn::lock_as(&self.file.0, lock.clone()).map_err(GitError::io(&lock))?;
        let Some(held) = taken.map(Temporary) else { return Ok(Published::Locked(lock)) };
        // Looked at now: once the branch has moved, nothing may come between it and its index.
        let published = stamp_of(&self.file.0).map_err(GitError::io(&self.file.0))?;
        let now = stamp_of(&self.original).map_err(GitError::io(&self.original))?;
        if now != self.copied || !advance()? {
            return Ok(Published::Overtaken);
        }
        if let Err(error) = fs::rename(&self.file.0, &self.original) {
            // The lock has the same content; the next process brings it in place.
            turn.leave_undone();
            std::mem::forget(held);
            return Err(GitError::Io(self.original.clone(), error));
        }
        Ok(Published::Yes(published))
    }
}

/// A file that goes when this value does.
struct Temporary(PathBuf);

impl Temporary {
    /// Makes a file that no other process or thread uses.
    fn make(folder: &Path) -> Result<(Self, File), GitError> {
        let mut number = 0;
        loop {
            let path = folder.join(format!("{DRAFT}{}.{number}", std::process::id()));
            match File::create_new(&path) {
                Ok(file) => return Ok((Self(path), file)),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
                Err(error) => return Err(GitError::Io(path, error)),
            }
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Absent once it was renamed; otherwise made by this process, so nobody else's to lose.
        let _ = fs::remove_file(&self.0);
    }
}

/// What tells one state of a file from the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    size: u64,
    modified: Option<std::time::SystemTime>,
    inode: u64,
}

impl Stamp {
    fn of(found: &Metadata) -> Self {
        Self { size: found.len(), modified: found.modified().ok(), inode: inode(found) }
    }
}

fn stamp_of(path: &Path) -> io::Result<Option<Stamp>> {
    match fs::metadata(path) {
        Ok(found) => Ok(Some(Stamp::of(&found))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Copies a file and its time, by which git knows which entries may have changed unnoticed.
fn copy_with_time(from: &Path, mut to: File) -> io::Result<Option<Stamp>> {
    let mut source = match File::open(from) {
        Ok(source) => source,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let found = source.metadata()?;
    io::copy(&mut source, &mut to)?;
    to.set_modified(found.modified()?)?;
    Ok(Some(Stamp::of(&found)))
}

/// The entry of a file with what was found before it was read.
#[cfg(unix)]
fn entry(path: &str, file: &Written) -> IndexEntry {
    use std::os::unix::fs::MetadataExt;
    let found = &file.found;
    IndexEntry {
        ctime: IndexTime::new(found.ctime() as i32, found.ctime_nsec() as u32),
        mtime: IndexTime::new(found.mtime() as i32, found.mtime_nsec() as u32),
        dev: found.dev() as u32,
        ino: found.ino() as u32,
        mode: u32::from(file.mode),
        uid: found.uid(),
        gid: found.gid(),
        file_size: found.len() as u32,
        id: file.id,
        flags: 0,
        flags_extended: 0,
        path: path.as_bytes().to_vec(),
    }
}

/// The entry of a file without its times: git compares the content at its next look and adds them.
#[cfg(not(unix))]
fn entry(path: &str, file: &Written) -> IndexEntry {
    IndexEntry {
        ctime: IndexTime::new(0, 0),
        mtime: IndexTime::new(0, 0),
        dev: 0,
        ino: 0,
        mode: u32::from(file.mode),
        uid: 0,
        gid: 0,
        file_size: file.found.len() as u32,
        id: file.id,
        flags: 0,
        flags_extended: 0,
        path: path.as_bytes().to_vec(),
    }
}
