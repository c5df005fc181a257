//! The commit a run is made at, and whether the code around it was changed since.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use git2::{Index, IndexEntry, ObjectType, Oid, Repository, Status, TreeWalkMode, TreeWalkResult};

use super::disk::is_executable;
use super::place::Place;
use super::repo::Repo;
use crate::ledger::attempt::GitState;

/// The type bits of a submodule's mode in the index.
const SUBMODULE: u32 = 0o160_000;

impl Repo {
    /// The commit HEAD is at, and whether tracked files outside the runs differ from it.
    ///
    /// `None` before the first commit and when the repository cannot be read. Costs one look at
    /// each tracked file outside the runs; content is compared only where size or time changed.
    pub fn head(&self) -> Option<GitState> {
        let repository = self.open().ok()?;
        let commit = repository.head().ok()?.target()?;
        // What cannot be compared is not known to be clean.
        let dirty = is_dirty(&repository, &self.place, commit).unwrap_or(true);
        Some(GitState { commit: commit.to_string(), dirty })
    }
}

fn is_dirty(repository: &Repository, place: &Place, commit: Oid) -> Result<bool, git2::Error> {
    let index = repository.index()?;
    let entries: Vec<_> = index
        .iter()
        .filter(|entry| !in_runs(place, &String::from_utf8_lossy(&entry.path)))
        .collect();
    let committed = committed(repository, place, commit)?;
    let same = |entry: &IndexEntry| {
        let flags_of_stage = 0x3000;
        entry.flags & flags_of_stage == 0 && committed.get(&entry.path) == Some(&entry.id)
    };
    if entries.len() != committed.len() || !entries.iter().all(same) {
        return Ok(true);
    }
    let index_time = index_seconds(&index);
    for entry in entries.iter().filter(|entry| entry.mode & 0o170_000 != SUBMODULE) {
        let Ok(path) = std::str::from_utf8(&entry.path) else { return Ok(true) };
        if looks_unchanged(&place.on_disk(path), entry, index_time) {
            continue;
        }
        match repository.status_file(Path::new(path)) {
            Ok(Status::CURRENT) => {}
            _ => return Ok(true),
        }
    }
    Ok(false)
}

/// The files of a commit outside the runs.
fn committed(
    repository: &Repository,
    place: &Place,
    commit: Oid,
) -> Result<BTreeMap<Vec<u8>, Oid>, git2::Error> {
    let mut files = BTreeMap::new();
    let tree = repository.find_commit(commit)?.tree()?;
    tree.walk(TreeWalkMode::PreOrder, |folder, entry| {
        let path = [folder.as_bytes(), entry.name_bytes()].concat();
        if entry.kind() != Some(ObjectType::Tree) {
            files.insert(path, entry.id());
        } else if in_runs(place, &format!("{}/", String::from_utf8_lossy(&path))) {
            return TreeWalkResult::Skip;
        }
        TreeWalkResult::Ok
    })?;
    Ok(files)
}

/// Whether a path lies in the runs of an experiment, which change all the time by design.
pub(super) fn in_runs(place: &Place, path: &str) -> bool {
    let mut names = place.in_ledger(path).into_iter().flat_map(|path| path.splitn(4, '/'));
    names.next() == Some("experiments")
        && names.next().is_some()
        && names.next() == Some("runs")
        && names.next().is_some()
}

/// Git's own test: same size and time, and old enough that a later write would show in the time.
fn looks_unchanged(path: &Path, entry: &IndexEntry, index_time: Option<i64>) -> bool {
    let Ok(found) = fs::symlink_metadata(path) else { return false };
    let Some(modified) = found.modified().ok().and_then(seconds) else { return false };
    let recorded = i64::from(entry.mtime.seconds());
    found.is_file()
        && found.len() as u32 == entry.file_size
        && modified == recorded
        && index_time.is_some_and(|index_time| recorded < index_time)
        && is_executable(&found) == (entry.mode & 0o100 != 0)
}

fn index_seconds(index: &Index) -> Option<i64> {
    fs::metadata(index.path()?).ok()?.modified().ok().and_then(seconds)
}

fn seconds(time: std::time::SystemTime) -> Option<i64> {
    let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

#[cfg(test)]
mod tests;
