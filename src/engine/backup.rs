//! Whether another place has everything that the ledger has.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::git::Held;
use crate::ledger::digest::Digest;
use crate::ledger::layout::{LEDGER, MANIFEST};

use super::error::Error;
use super::ledger::Ledger;

/// What another place has of a ledger. Serialises as the JSON of `backup --json`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct BackedUp {
    /// The remote or the folder.
    pub to: String,
    /// Number of attempts that the ledger has.
    pub attempts: usize,
    /// Number of files that are there with the same content.
    pub files: usize,
    /// Files that are not there, by path in the ledger.
    pub missing: Vec<String>,
    /// Files that are there with another content.
    pub other: Vec<String>,
    /// Files that are not there because git does not carry files of their size, and their bytes.
    pub too_large: BTreeMap<String, u64>,
}

impl BackedUp {
    /// Whether everything is there.
    pub fn is_whole(&self) -> bool {
        self.missing.is_empty() && self.other.is_empty() && self.too_large.is_empty()
    }
}

/// The content that a place must have: digests by path, and the sizes of what git may be too small for.
#[derive(Default)]
struct Wanted {
    digests: BTreeMap<String, Digest>,
    large: BTreeMap<String, u64>,
}

impl Ledger {
    /// Compares every file of every run, and every other file of the ledger's own, with what another place has: a remote, by
    /// the commits it names, or the folder of a copy or clone, by reading it. `progress` is told the files done and their
    /// number.
    ///
    /// # Errors
    /// When the place cannot be read or asked, or a manifest here is damaged.
    pub fn compare_backup(
        &self,
        to: Option<&str>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<BackedUp, Error> {
        let mut found = BackedUp::default();
        let wanted = self.wanted(&mut found)?;
        let folder = to.map(Path::new).filter(|folder| is_copy(folder));
        let held = if let Some(folder) = folder {
            found.to = folder.display().to_string();
            self.store.compare_folder(folder, &wanted.digests, progress)?
        } else {
            let none = || Error::NoRepository(self.root().display().to_string());
            let repository = self.repository()?.ok_or_else(none)?;
            let to = to.map(as_meant_here);
            let (remote, held) =
                repository.compare_remote(to.as_deref(), &wanted.digests, progress)?;
            found.to = remote;
            held.into_iter()
                .map(|held| (held != Held::Nothing).then_some(held == Held::Same))
                .collect()
        };
        for (path, held) in wanted.digests.into_keys().zip(held) {
            match held {
                Some(true) => found.files += 1,
                other => match wanted.large.get(&path).filter(|_| folder.is_none()) {
                    Some(size) => drop(found.too_large.insert(path, *size)),
                    None if other.is_some() => found.other.push(path),
                    None => found.missing.push(path),
                },
            }
        }
        Ok(found)
    }

    /// Everything that the ledger has.
    fn wanted(&self, found: &mut BackedUp) -> Result<Wanted, Error> {
        let (mut wanted, max_file) = (Wanted::default(), self.config.snapshot.max_file);
        for entry in self.store.attempts()? {
            found.attempts += 1;
            for file in &entry.manifest.files {
                let path = format!("{}/{}", entry.directory, file.path);
                if file.size > max_file {
                    wanted.large.insert(path.clone(), file.size);
                }
                wanted.digests.insert(path, file.blake3);
            }
            let manifest = self.store.read_manifest(&entry)?;
            wanted.digests.insert(format!("{}/{MANIFEST}", entry.directory), Digest::of(&manifest));
        }
        for path in self.store.own_files(u64::MAX)? {
            let size = self.root().join(&path).metadata().map_or(0, |it| it.len());
            if size > max_file {
                wanted.large.insert(path.clone(), size);
            }
            if let Some(digest) = self.store.digest_at(&path)? {
                wanted.digests.insert(path, digest);
            }
        }
        Ok(wanted)
    }
}

/// A path as git understands it, which works in the ledger's folder; the name of a remote stays.
fn as_meant_here(to: &str) -> String {
    let path = Path::new(to);
    let is_path = path.is_dir() && (path.is_absolute() || to.contains(['/', '\\', '.']));
    let absolute = is_path.then(|| path.canonicalize().ok()).flatten();
    absolute.map_or_else(|| to.to_owned(), |path| path.display().to_string())
}

/// Whether a folder is a copy or a clone of a ledger, and no repository without files.
fn is_copy(folder: &Path) -> bool {
    folder.join(LEDGER).is_file()
}
