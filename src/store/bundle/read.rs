//! Reading a bundle that anybody may have made: nothing in it is believed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::ledger::bundle::{BundleList, LIST};
use crate::ledger::digest::{StreamDigest, StreamSha256};
use crate::ledger::manifest::ManifestFile;

use crate::store::error::{At, StoreError};
use crate::store::file;

/// The longest list that is read: one of about two million files.
const LONGEST_LIST: u64 = 512 << 20;
/// The longest file that is read into memory; those that have to be are records of a few lines.
const LONGEST_TEXT: u64 = 256 << 20;

/// An opened bundle.
pub struct Bundle {
    path: PathBuf,
    archive: ZipArchive<BufReader<File>>,
    list: BundleList,
    files: BTreeMap<String, ManifestFile>,
    places: BTreeMap<String, usize>,
}

impl Bundle {
    /// Opens a bundle and checks its names, against each other and against its list.
    ///
    /// # Errors
    /// When it is no bundle, is cut off, or has a name that no bundle has; in one line.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let file = File::open(path).at("read", path)?;
        let mut archive =
            ZipArchive::new(BufReader::new(file)).map_err(|error| torn(path, &error))?;
        let refuse = |what: String| StoreError::Bundle { path: path.to_owned(), what };
        if archive.has_duplicate_names() {
            return Err(refuse("is refused: it has two files of one name".into()));
        }
        let mut places = BTreeMap::new();
        for at in 0..archive.len() {
            let entry = archive.by_index_raw(at).map_err(|error| torn(path, &error))?;
            let name = entry.name().map_err(|error| torn(path, &error))?.into_owned();
            if entry.is_dir() {
                // Nothing is made of it: folders come with their files.
                continue;
            }
            // The type of a file as Unix has it; an archive made elsewhere says none.
            let kind = entry.unix_mode().map_or(0, |mode| mode & 0o170_000);
            if entry.is_symlink() || !matches!(kind, 0 | 0o100_000) {
                return Err(refuse(format!("is refused: '{name}' is a link or no regular file")));
            }
            places.insert(name, at);
        }
        let Some(&at) = places.get(LIST) else {
            return Err(refuse(format!("is no bundle: it has no {LIST}")));
        };
        let mut text = Vec::new();
        let entry = archive.by_index(at).map_err(|error| torn(path, &error))?;
        entry.take(LONGEST_LIST).read_to_end(&mut text).map_err(|error| cut(path, LIST, &error))?;
        let names: BTreeSet<String> = places.keys().cloned().collect();
        let list = BundleList::read(&text, &names).map_err(|error| refuse(error.to_string()))?;
        let files = list.files.iter().map(|file| (file.path.clone(), file.clone())).collect();
        Ok(Self { path: path.to_owned(), archive, list, files, places })
    }

    /// What its list says.
    pub fn list(&self) -> &BundleList {
        &self.list
    }

    /// A file by its path.
    pub fn file(&self, path: &str) -> Option<&ManifestFile> {
        self.files.get(path)
    }

    /// Says in one line why it is not taken.
    pub fn refuse(&self, what: impl Into<String>) -> StoreError {
        StoreError::Bundle { path: self.path.clone(), what: what.into() }
    }

    /// Reads a file and checks its content.
    ///
    /// # Errors
    /// When it is not what the list says.
    pub fn read(&mut self, path: &str) -> Result<Vec<u8>, StoreError> {
        let size = self.files.get(path).map_or(0, |file| file.size);
        if size > LONGEST_TEXT {
            return Err(self.refuse(format!(
                "is refused: '{path}' has {size} bytes, more than any such file"
            )));
        }
        let mut bytes = Vec::new();
        self.copy(path, &mut bytes, path.as_ref())?;
        Ok(bytes)
    }

    /// Checks the content of a file.
    ///
    /// # Errors
    /// When it is not what the list says.
    pub fn check(&mut self, path: &str) -> Result<(), StoreError> {
        self.copy(path, &mut io::sink(), path.as_ref())
    }

    /// Writes a file to a place that must be free, and syncs it.
    ///
    /// # Errors
    /// When it is not what the list says, or the disk refuses.
    pub(super) fn extract(&mut self, path: &str, target: &Path) -> Result<(), StoreError> {
        if let Some(folder) = target.parent() {
            file::create_folder(folder)?;
        }
        let mut output = File::create_new(target).at("create", target)?;
        self.copy(path, &mut output, target)?;
        output.sync_all().at("sync", target)
    }

    /// Copies a file; neither more bytes nor others than are listed.
    fn copy(
        &mut self,
        path: &str,
        output: &mut dyn Write,
        target: &Path,
    ) -> Result<(), StoreError> {
        let (Some(listed), Some(&at)) = (self.files.get(path).cloned(), self.places.get(path))
        else {
            return Err(self.refuse(format!("has no file '{path}'")));
        };
        let entry = self.archive.by_index(at).map_err(|error| torn(&self.path, &error))?;
        // One byte more, by which a file is known that is longer than it says.
        let mut source = entry.take(listed.size.saturating_add(1));
        let (mut blake3, mut sha256, mut size) =
            (StreamDigest::default(), StreamSha256::default(), 0);
        let mut piece = vec![0; 128 * 1024];
        loop {
            let length = match source.read(&mut piece) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(cut(&self.path, path, &error)),
            };
            blake3.update(&piece[..length]);
            sha256.update(&piece[..length]);
            size += length as u64;
            output.write_all(&piece[..length]).at("write", target)?;
        }
        drop(source);
        if (size, blake3.finish(), sha256.finish()) == (listed.size, listed.blake3, listed.sha256) {
            return Ok(());
        }
        Err(self.refuse(format!("is damaged: '{path}' is not what its {LIST} says")))
    }
}

/// An archive that cannot be read.
fn torn(path: &Path, error: &ZipError) -> StoreError {
    let what = match error {
        ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
            format!("cannot be read: {error}")
        }
        ZipError::Io(_) | ZipError::InvalidArchive(_) => {
            "is no whole zip archive: it was cut off, or is something else".to_owned()
        }
        error => format!("cannot be read: {error}"),
    };
    StoreError::Bundle { path: path.to_owned(), what }
}

/// A file of the archive that cannot be read to its end.
fn cut(path: &Path, name: &str, error: &io::Error) -> StoreError {
    StoreError::Bundle {
        path: path.to_owned(),
        what: format!("is damaged: '{name}' cannot be read: {error}"),
    }
}
