//! Bringing what a bundle holds into the ledger: everything is unpacked and checked beside it, and only then placed.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::ledger::layout::AttemptPath;

use crate::store::entry::Entry;
use crate::store::error::{At, StoreError, found};
use crate::store::open::Store;
use crate::store::seal::bring;
use crate::store::verify::check_result;
use crate::store::{file, lease};

use super::read::Bundle;

/// What is unpacked of a bundle and not yet placed: one at a time in a ledger, and gone when this is dropped.
pub struct Unpacked {
    store: Store,
    folder: PathBuf,
    attempts: Vec<(AttemptPath, Entry, PathBuf)>,
    files: Vec<(PathBuf, String)>,
    /// Held as long as there is something in the folder.
    _lock: fs::File,
}

impl Store {
    /// Waits for other imports of bundles to end, and makes room for one.
    pub fn unpack_bundles(&self) -> Result<Unpacked, StoreError> {
        let (lock, folder) = (lease::wait(&self.state("bundle.lock"))?, self.state("bundle"));
        // An import that was killed left it.
        found(fs::remove_dir_all(&folder)).at("remove", &folder)?;
        file::create_folder(&folder)?;
        let (attempts, files) = (Vec::new(), Vec::new());
        Ok(Unpacked { store: self.clone(), folder, attempts, files, _lock: lock })
    }

    /// Whether something is at a path of the ledger.
    pub fn is_taken(&self, path: &str) -> bool {
        self.path(path).symlink_metadata().is_ok()
    }
}

impl Unpacked {
    /// Unpacks an attempt, by the paths of its files below its directory, and checks that it is whole: that its files
    /// agree with each other and with their place, and that its result is that of its metrics and artifacts.
    ///
    /// # Errors
    /// When it is not.
    pub fn stage_attempt(
        &mut self,
        bundle: &mut Bundle,
        place: &AttemptPath,
        paths: &[String],
    ) -> Result<(), StoreError> {
        let (folder, directory) =
            (self.folder.join(self.attempts.len().to_string()), place.directory());
        for path in paths {
            bundle.extract(&format!("{directory}/{path}"), &file::join(&folder, path))?;
        }
        sync_folders(&folder)?;
        let entry = Entry::read(&folder, place).map_err(|broken| {
            bundle.refuse(format!("is damaged: {directory}/{} {}", broken.file, broken.what))
        })?;
        if let Some(what) = check_result(&folder, &entry) {
            return Err(bundle.refuse(format!("is damaged: {directory}/run.toml {what}")));
        }
        self.attempts.push((place.clone(), entry, folder));
        Ok(())
    }

    /// Unpacks a file that is to go to a path of the ledger.
    pub fn stage_file(
        &mut self,
        bundle: &mut Bundle,
        path: &str,
        target: &str,
    ) -> Result<(), StoreError> {
        let staged = self.folder.join(format!("file-{}", self.files.len()));
        bundle.extract(path, &staged)?;
        self.files.push((staged, target.to_owned()));
        Ok(())
    }

    /// Places the attempts.
    pub fn bring_attempts(&mut self) -> Result<(), StoreError> {
        for (place, entry, folder) in self.attempts.drain(..) {
            bring(&self.store, &folder, &place, &entry)?;
            self.store.remember(entry);
        }
        Ok(())
    }

    /// Places the files, in the order in which they were unpacked. What has come to be there meanwhile stays.
    pub fn bring_files(&mut self) -> Result<(), StoreError> {
        for (staged, target) in self.files.drain(..) {
            let target = self.store.path(&target);
            let folder = target.parent().unwrap_or(&target).to_owned();
            file::create_folder(&folder)?;
            match fs::hard_link(&staged, &target) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                // A file system without links.
                Err(_) if target.symlink_metadata().is_err() => {
                    fs::rename(&staged, &target).at("place", &target)?;
                }
                Err(error) => return Err(StoreError::io("place", &target, error)),
            }
            file::sync_folder(&folder)?;
        }
        Ok(())
    }
}

impl Drop for Unpacked {
    fn drop(&mut self) {
        // What stays behind is swept by the next import.
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// Syncs a folder and those in it.
fn sync_folders(folder: &Path) -> Result<(), StoreError> {
    for name in file::list_folders(folder)? {
        sync_folders(&folder.join(name))?;
    }
    file::sync_folder(folder)
}
