//! The files of a sealed attempt against its manifest: present, absent or damaged.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use crate::ledger::digest::Digest;
use crate::ledger::layout::{IGNORE, MANIFEST};
use crate::ledger::manifest::{Manifest, ManifestFile};
use crate::ledger::view::FileState;

use super::entry::{Entry, read};
use super::error::StoreError;
use super::open::Store;
use super::seal::ignore_line;
use super::stamp::Stamp;
use super::{clock, file};

/// Stamps, as text, under which files were found intact, by path below the attempt's directory.
pub(super) type Stamps = BTreeMap<String, String>;

/// The state of one file.
#[derive(Debug)]
pub(super) enum Check {
    /// Its content is what was sealed.
    Intact(Stamp),
    /// The attempt's `.gitignore` says that git does not carry it.
    Absent,
    /// Missing without excuse, or changed: what is wrong, in words that follow its name.
    Damaged(String),
}

impl Store {
    /// The state of each file of an attempt, in the order of its manifest.
    ///
    /// Only files whose stamp changed since they were last found intact are read.
    pub fn file_states(&self, entry: &Entry) -> Vec<FileState> {
        let state = |check: &Check| match check {
            Check::Intact(_) => FileState::Present,
            Check::Absent => FileState::Absent,
            Check::Damaged(_) => FileState::Damaged,
        };
        self.check(entry).iter().skip(1).map(|(_, check)| state(check)).collect()
    }

    /// Reads a file of an attempt and checks its content.
    ///
    /// # Errors
    /// Names a file that was changed, or that is not in this copy of the ledger and how to get it.
    pub fn read_file(&self, entry: &Entry, path: &str) -> Result<Vec<u8>, StoreError> {
        let sealed = entry.manifest.file(path).ok_or_else(|| StoreError::NoSuchFile {
            directory: entry.directory.clone(),
            path: path.to_owned(),
        })?;
        let (folder, name) = (self.path(&entry.directory), format!("{}/{path}", entry.directory));
        let place = file::join(&folder, path);
        let is_whole = |it: fs::Metadata| it.is_file() && it.len() == sealed.size;
        if fs::symlink_metadata(&place).is_ok_and(is_whole)
            && let Ok(bytes) = fs::read(&place)
            && Digest::of(&bytes) == sealed.blake3
        {
            return Ok(bytes);
        }
        // Only what is not as it was sealed is looked at again, for what to say of it.
        Err(match inspect(&folder, &entry.manifest, sealed, None) {
            Check::Absent => StoreError::Absent { file: name, size: sealed.size },
            Check::Damaged(what) => StoreError::Damaged { file: name, what },
            Check::Intact(_) => {
                StoreError::Damaged { file: name, what: "changed while it was read".into() }
            }
        })
    }

    /// Checks the manifest and every file it names, in that order, and remembers what was intact.
    pub(super) fn check(&self, entry: &Entry) -> Vec<(String, Check)> {
        let known = self.index().stamps(&entry.directory);
        let now = clock::now();
        let folder = self.path(&entry.directory);
        let mut checks = vec![(MANIFEST.to_owned(), inspect_manifest(&folder, entry, &known))];
        checks.extend(entry.manifest.files.iter().map(|file| {
            let stamp = known.get(&file.path).map(String::as_str);
            (file.path.clone(), inspect(&folder, &entry.manifest, file, stamp))
        }));
        let stamps: Stamps = checks
            .iter()
            .filter_map(|(path, check)| match check {
                Check::Intact(stamp) if stamp.is_settled(now) => {
                    Some((path.clone(), stamp.to_text()))
                }
                _ => None,
            })
            .collect();
        let is_damaged = |(_, check): &&(String, Check)| matches!(check, Check::Damaged(_));
        let damaged: Vec<&str> =
            checks.iter().filter(is_damaged).map(|(path, _)| path.as_str()).collect();
        if stamps != known || !damaged.is_empty() {
            self.index().set_stamps(&entry.directory, &stamps, &damaged);
        }
        checks
    }
}

/// Whether every file a manifest names is in the folder as it was sealed.
pub(super) fn all_intact(folder: &Path, manifest: &Manifest) -> bool {
    let intact = |file| matches!(inspect(folder, manifest, file, None), Check::Intact(_));
    manifest.files.iter().all(intact)
}

fn inspect_manifest(folder: &Path, entry: &Entry, known: &Stamps) -> Check {
    let stamp = match fs::symlink_metadata(folder.join(MANIFEST)) {
        Ok(metadata) => Stamp::of(&metadata),
        Err(error) => return unreadable(&error),
    };
    if known.get(MANIFEST) == Some(&stamp.to_text()) {
        return Check::Intact(stamp);
    }
    match read(folder, MANIFEST).map(|text| Manifest::from_text(&text)) {
        Ok(Ok(manifest)) if manifest == entry.manifest => Check::Intact(stamp),
        Ok(Ok(_)) => Check::Damaged("was replaced by another".into()),
        Ok(Err(error)) => Check::Damaged(error.to_string()),
        Err(broken) => Check::Damaged(broken.what),
    }
}

/// Looks at one file; one whose stamp is `known` as that of intact content is not read.
pub(super) fn inspect(
    folder: &Path,
    manifest: &Manifest,
    sealed: &ManifestFile,
    known: Option<&str>,
) -> Check {
    let path = file::join(folder, &sealed.path);
    let stamp = match fs::symlink_metadata(&path) {
        Ok(metadata) if metadata.is_file() => Stamp::of(&metadata),
        Ok(_) => return Check::Damaged("is no regular file".into()),
        Err(error)
            if error.kind() == io::ErrorKind::NotFound && is_ignored(folder, manifest, sealed) =>
        {
            return Check::Absent;
        }
        Err(error) => return unreadable(&error),
    };
    if known == Some(&stamp.to_text()) {
        return Check::Intact(stamp);
    }
    if stamp.size() != sealed.size {
        let what = format!("has {} bytes, but {} were sealed", stamp.size(), sealed.size);
        return Check::Damaged(what);
    }
    match file::blake3_of_file(&path) {
        Ok(digest) if digest == sealed.blake3 => Check::Intact(stamp),
        Ok(_) => Check::Damaged("was changed after it was sealed".into()),
        Err(error) => unreadable(&error),
    }
}

fn unreadable(error: &io::Error) -> Check {
    Check::Damaged(if error.kind() == io::ErrorKind::NotFound {
        "is missing".into()
    } else {
        format!("cannot be read: {error}")
    })
}

/// Whether the attempt's own, intact `.gitignore` names a file.
fn is_ignored(folder: &Path, manifest: &Manifest, sealed: &ManifestFile) -> bool {
    let Some(ignore) = manifest.file(IGNORE) else { return false };
    let Ok(text) = read(folder, IGNORE) else { return false };
    let lines: BTreeSet<&str> = text.lines().collect();
    Digest::of(text.as_bytes()) == ignore.blake3
        && lines.contains(ignore_line(&sealed.path).as_str())
}
