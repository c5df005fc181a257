//! Sealing: every file synced, the manifest last, then one rename into the shard.

use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::ledger::attempt::{Attempt, FORMAT, Status};
use crate::ledger::layout::{
    ARTIFACTS, AttemptPath, IGNORE, LOG, MANIFEST, METRICS, PARAMS, PATCH, RUN,
};
use crate::ledger::manifest::{Manifest, ManifestFile};
use crate::ledger::metric::{self, MetricPoint};
use crate::ledger::request::Request;
use crate::ledger::result::{self, result_digest};

use super::entry::Entry;
use super::error::{At, StoreError};
use super::file::{self, Digests};
use super::open::Store;
use super::recorder::Unsealed;

/// An attempt on its way to its seal.
pub(super) struct Sealing {
    unsealed: Unsealed,
    files: Vec<ManifestFile>,
    folders: Vec<PathBuf>,
    max_file: u64,
}

impl Sealing {
    /// Starts from an attempt whose record says how it ended.
    pub(super) fn new(unsealed: Unsealed, max_file: u64) -> Self {
        Self { unsealed, files: Vec::new(), folders: Vec::new(), max_file }
    }

    /// Writes a file of the attempt, path with forward slashes, and syncs it.
    pub(super) fn add(&mut self, path: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let target = file::join(&self.unsealed.folder, path);
        self.add_folders(path)?;
        file::create(&target, bytes)?;
        self.list(path, file::digests_of(bytes));
        Ok(())
    }

    /// Lists a file of the attempt that is there already, and syncs it and its folders.
    pub(super) fn add_written(&mut self, path: &str) -> Result<(), StoreError> {
        let target = file::join(&self.unsealed.folder, path);
        for (end, _) in path.match_indices('/') {
            let folder = file::join(&self.unsealed.folder, &path[..end]);
            if !self.folders.contains(&folder) {
                self.folders.push(folder);
            }
        }
        file::sync(&target)?;
        self.list_written(path)
    }

    fn add_folders(&mut self, path: &str) -> Result<(), StoreError> {
        for (end, _) in path.match_indices('/') {
            let folder = file::join(&self.unsealed.folder, &path[..end]);
            if !self.folders.contains(&folder) {
                fs::create_dir(&folder).at("create", &folder)?;
                self.folders.push(folder);
            }
        }
        Ok(())
    }

    fn list(&mut self, path: &str, digests: Digests) {
        let Digests { size, blake3, sha256 } = digests;
        self.files.push(ManifestFile { path: path.to_owned(), size, blake3, sha256 });
    }

    /// Lists a file that is there already, and is synced.
    fn list_written(&mut self, name: &str) -> Result<(), StoreError> {
        let path = file::join(&self.unsealed.folder, name);
        let digests = file::digests_of_file(&path).at("read", &path)?;
        self.list(name, digests);
        Ok(())
    }

    /// Seals the attempt and brings it to its place.
    pub(super) fn seal(mut self) -> Result<Arc<Entry>, StoreError> {
        file::sync(&self.unsealed.folder.join(PARAMS))?;
        self.list_written(PARAMS)?;
        self.list_written(METRICS)?;
        for name in [LOG, PATCH] {
            if self.unsealed.folder.join(name).exists() {
                self.list_written(name)?;
            }
        }
        self.write_ignore()?;
        self.write_record()?;
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        let Unsealed { store, place, folder, request, attempt, lease } = self.unsealed;
        let manifest =
            Manifest { format: FORMAT, run: place.run, attempt: place.attempt, files: self.files };
        file::create(&folder.join(MANIFEST), manifest.to_text().as_bytes())?;
        self.folders.iter().rev().try_for_each(|folder| file::sync_folder(folder))?;
        file::sync_folder(&folder)?;
        let entry = Entry {
            experiment: place.experiment.clone(),
            directory: place.directory(),
            attempt,
            request,
            manifest,
        };
        bring(&store, &folder, &place, &entry)?;
        let entry = store.remember(entry);
        drop(lease);
        Ok(entry)
    }

    /// Names the files that are too large for git, so that a clone knows them as absent. What makes the
    /// attempt readable is always carried.
    fn write_ignore(&mut self) -> Result<(), StoreError> {
        let mut large: Vec<_> = self
            .files
            .iter()
            .filter(|file| file.size > self.max_file && file.path != PARAMS)
            .map(|file| file.path.as_str())
            .collect();
        large.sort_unstable();
        if large.is_empty() {
            return Ok(());
        }
        let lines = large.iter().fold(String::new(), |mut lines, path| {
            let _ = writeln!(lines, "{}", ignore_line(path));
            lines
        });
        self.add(IGNORE, lines.as_bytes())
    }

    /// Writes `run.toml` with the final metrics and, of a finished attempt, the result digest.
    fn write_record(&mut self) -> Result<(), StoreError> {
        let path = self.unsealed.folder.join(METRICS);
        let points = metric::read_lines(&fs::read(&path).at("read", &path)?).points;
        let (attempt, request) = (&mut self.unsealed.attempt, &self.unsealed.request);
        attempt.metrics = metric::final_values(&points);
        attempt.result =
            (attempt.status == Status::Finished).then(|| result_of(request, &points, &self.files));
        self.unsealed.store.mark(attempt);
        let text = attempt.to_text().map_err(|error| StoreError::Request(error.to_string()))?;
        // What others will read is what is handed on, to the last type.
        *attempt =
            Attempt::from_text(&text).map_err(|error| StoreError::Request(error.to_string()))?;
        let record = self.unsealed.folder.join(RUN);
        file::replace(&record, &record.with_extension("toml.new"), text.as_bytes())?;
        self.list(RUN, file::digests_of(text.as_bytes()));
        Ok(())
    }
}

/// The result digest of a request's attempt, over points and the artifacts among some files.
pub(super) fn result_of(
    request: &Request,
    points: &[MetricPoint],
    files: &[ManifestFile],
) -> crate::ledger::digest::Digest {
    let artifacts = files.iter().filter_map(|file| {
        let path = file.path.strip_prefix(ARTIFACTS)?.strip_prefix('/')?;
        Some((path, file.blake3))
    });
    if request.to_command().is_some() {
        return result_digest(&result::by_name(points), artifacts);
    }
    result_digest(points, artifacts)
}

/// The line of a `.gitignore` that means exactly one path below its folder.
pub fn ignore_line(path: &str) -> String {
    format!("/{}", path.replace('[', "\\[").replace(']', "\\]"))
}

/// Renames a sealed and synced folder to its place. An equal attempt that is there already counts.
pub(super) fn bring(
    store: &Store,
    folder: &Path,
    place: &AttemptPath,
    entry: &Entry,
) -> Result<(), StoreError> {
    let (shard, target) = (store.path(&place.shard()), store.path(&place.directory()));
    file::create_folder(&shard)?;
    match fs::rename(folder, &target) {
        Ok(()) => file::sync_folder(&shard),
        Err(error)
            if matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::DirectoryNotEmpty) =>
        {
            match Entry::read(&target, place) {
                Ok(there) if there == *entry => fs::remove_dir_all(folder).at("remove", folder),
                _ => Err(StoreError::io("replace", &target, error)),
            }
        }
        Err(error) => Err(StoreError::io("seal", &target, error)),
    }
}
