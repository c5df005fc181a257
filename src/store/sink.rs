//! Lines that reach the disk while a run is executed, at the price of a copy each.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::error::{At, StoreError};

/// A crash of the process loses at most this much.
const FLUSH_BYTES: usize = 8 * 1024;
const FLUSH_EVERY: Duration = Duration::from_millis(50);
/// A power cut loses at most this much.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// A file that whole lines are appended to.
pub(super) struct Sink {
    file: File,
    path: PathBuf,
    pending: Vec<u8>,
    flushed: Instant,
    synced: Instant,
    error: Option<StoreError>,
}

impl Sink {
    /// Makes the file, which must not exist.
    pub(super) fn create(path: &Path) -> Result<Self, StoreError> {
        let file =
            OpenOptions::new().append(true).create_new(true).open(path).at("create", path)?;
        let now = Instant::now();
        Ok(Self {
            file,
            path: path.to_owned(),
            pending: Vec::with_capacity(2 * FLUSH_BYTES),
            flushed: now,
            synced: now,
            error: None,
        })
    }

    /// Appends whole lines. The first error is kept and later lines are dropped, so that nothing ever
    /// follows a torn line.
    pub(super) fn push(&mut self, lines: &[u8]) {
        if self.error.is_none() {
            self.pending.extend_from_slice(lines);
            self.tick();
        }
    }

    /// Writes what has waited long enough.
    pub(super) fn tick(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        if self.pending.len() >= FLUSH_BYTES || self.flushed.elapsed() >= FLUSH_EVERY {
            let result = self.flush();
            self.error = self.error.take().or(result.err());
        }
    }

    /// Whether nothing more can be written.
    pub(super) fn is_broken(&self) -> bool {
        self.error.is_some()
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        let result = self.file.write_all(&self.pending).at("write", &self.path);
        self.pending.clear();
        self.flushed = Instant::now();
        if result.is_ok() && self.synced.elapsed() >= SYNC_EVERY {
            self.synced = self.flushed;
            return self.file.sync_data().at("sync", &self.path);
        }
        result
    }

    /// Writes and syncs everything.
    ///
    /// # Errors
    /// The first error since the file was made.
    pub(super) fn close(mut self) -> Result<(), StoreError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        self.flush()?;
        self.file.sync_all().at("sync", &self.path)
    }
}
