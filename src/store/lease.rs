//! Leases: who executes a run. A lease is a lock held by a living process, so a dead one holds none.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::ledger::id::RunId;

use super::clock;
use super::error::{At, StoreError, found};
use super::file::{is_interrupted, uninterrupted};
use super::open::Store;
use super::stamp::Stamp;

/// How often a held lease is asked for again before it counts as held: one who only asks whether a lease
/// is free holds it for an instant.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(2);

/// The right to execute a run, given back when it is dropped or its process dies.
#[derive(Debug)]
pub struct Lease {
    run: RunId,
    path: PathBuf,
    file: File,
}

impl Lease {
    /// The run.
    pub fn run(&self) -> RunId {
        self.run
    }

    /// A second handle on the lock, at the end of its text: the lock lasts as long as one of them.
    pub(super) fn handle(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Writes who holds it, for people; the lock alone counts.
    fn sign(&mut self) {
        let holder = serde_json::json!({ "pid": std::process::id(), "since": clock::now() });
        let _ = self.file.set_len(0);
        let _ = writeln!(self.file, "{holder}");
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // Only under the lock, and only where `is_current` can tell that it happened.
        if cfg!(unix) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Store {
    /// Takes the lease of a run; `None` when someone else executes it.
    pub fn claim(&self, run: RunId) -> Result<Option<Lease>, StoreError> {
        let folder = self.state("leases");
        fs::create_dir_all(&folder).at("create", &folder)?;
        let path = lease_path(self, run);
        let mut tries = 0;
        loop {
            let file = open(&path)?;
            match try_lock(&file) {
                Ok(()) if is_current(&file, &path)? => {
                    let mut lease = Lease { run, path, file };
                    lease.sign();
                    return Ok(Some(lease));
                }
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    tries += 1;
                    if tries == TRIES {
                        return Ok(None);
                    }
                    thread::sleep(PAUSE);
                }
                Err(TryLockError::Error(error)) => return Err(refused(&path, error)),
            }
        }
    }

    /// Whether someone executes a run now.
    pub(super) fn is_leased(&self, run: RunId) -> Result<bool, StoreError> {
        is_held(&lease_path(self, run))
    }

    /// Removes the lease files that dead processes left.
    pub(super) fn sweep_leases(&self) -> Result<(), StoreError> {
        for (name, _) in super::file::list(&self.state("leases"))? {
            if let Some(run) = name.strip_suffix(".lock").and_then(|run| run.parse().ok()) {
                drop(self.claim(run)?);
            }
        }
        Ok(())
    }
}

/// The right to be the one daemon of a ledger, given back when it is dropped or its process dies.
#[derive(Debug)]
pub struct DaemonLock {
    _file: File,
}

impl Store {
    /// Takes the right to be the ledger's daemon; `None` when there is one already.
    pub fn lock_daemon(&self) -> Result<Option<DaemonLock>, StoreError> {
        let path = self.state("daemon.lock");
        let file = open(&path)?;
        for tries in 1.. {
            match try_lock(&file) {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if tries == TRIES => return Ok(None),
                Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
                Err(TryLockError::Error(error)) => return Err(refused(&path, error)),
            }
        }
        Ok(Some(DaemonLock { _file: file }))
    }

    /// Whether the ledger has a daemon now.
    pub fn is_watched(&self) -> Result<bool, StoreError> {
        is_held(&self.state("daemon.lock"))
    }
}

/// Waits for a lock file that is never removed.
pub(super) fn wait(path: &Path) -> Result<File, StoreError> {
    let file = open(path)?;
    uninterrupted(|| file.lock(), is_interrupted).map_err(|error| refused(path, error))?;
    Ok(file)
}

/// Whether another process, or another opening of the file, holds a lock.
fn is_held(path: &Path) -> Result<bool, StoreError> {
    let Some(file) = found(File::open(path)).at("open", path)? else { return Ok(false) };
    match uninterrupted(|| file.try_lock_shared(), is_interrupted_lock) {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(refused(path, error)),
    }
}

fn try_lock(file: &File) -> Result<(), TryLockError> {
    uninterrupted(|| file.try_lock(), is_interrupted_lock)
}

fn is_interrupted_lock(error: &TryLockError) -> bool {
    matches!(error, TryLockError::Error(error) if is_interrupted(error))
}

fn lease_path(store: &Store, run: RunId) -> PathBuf {
    store.state(&format!("leases/{run}.lock"))
}

fn open(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).open(path).at("open", path)
}

/// Whether the locked file still is the one at its path: a former holder may have removed it after we
/// opened it, and then the lock is worth nothing.
#[cfg(unix)]
fn is_current(file: &File, path: &Path) -> Result<bool, StoreError> {
    let held = Stamp::of(&file.metadata().at("read", path)?);
    let there = found(fs::metadata(path)).at("read", path)?;
    Ok(there.is_some_and(|there| Stamp::of(&there).same_file(&held)))
}

/// Lock files are never removed here.
#[cfg(not(unix))]
fn is_current(_file: &File, _path: &Path) -> Result<bool, StoreError> {
    Ok(true)
}

fn refused(path: &Path, error: io::Error) -> StoreError {
    if error.kind() == io::ErrorKind::Unsupported {
        StoreError::NoLocks(path.to_owned())
    } else {
        StoreError::io("lock", path, error)
    }
}
