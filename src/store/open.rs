//! One opened ledger folder.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::ledger::layout;
use crate::ledger::trust::LedgerPlace;

use super::entry::Entry;
use super::error::{At, StoreError, found};
use super::index::Index;
use super::stamp::Stamp;
use super::{clock, file, lease};

/// One opened ledger folder; a clone shares the index and what was read.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    root: PathBuf,
    index: Mutex<Index>,
    /// Sealed attempts by directory; they never change, so what was read once stays true.
    entries: Mutex<HashMap<String, Arc<Entry>>>,
    /// The folder of this user's settings.
    settings: OnceLock<PathBuf>,
}

impl Store {
    /// Finds the ledger around a folder: the nearest folder, from `start` upwards, with `ledger.toml`.
    pub fn find(start: &Path) -> Option<PathBuf> {
        start.ancestors().find(|folder| folder.join(layout::LEDGER).is_file()).map(Path::to_owned)
    }

    /// Opens a ledger. In one that takes no writes the index is kept in memory.
    ///
    /// # Errors
    /// When the folder has no `ledger.toml`.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        if !root.join(layout::LEDGER).is_file() {
            return Err(StoreError::NotALedger(root.to_owned()));
        }
        let state = root.join(layout::STATE);
        let index = prepare(&state).is_ok().then(|| state.join("index.sqlite"));
        Ok(Self {
            inner: Arc::new(Inner {
                root: root.to_owned(),
                index: Mutex::new(Index::open(index)?),
                entries: Mutex::default(),
                settings: OnceLock::new(),
            }),
        })
    }

    /// Makes a ledger: a folder for data, one for experiments, and some files, path with forward slashes and text each. No file that
    /// exists is touched.
    pub fn create(root: &Path, files: &[(&str, &str)]) -> Result<Self, StoreError> {
        for folder in ["data", layout::EXPERIMENTS] {
            let folder = root.join(folder);
            fs::create_dir_all(&folder).at("create", &folder)?;
        }
        for (path, text) in files {
            layout::check_portable([*path])?;
            let path = file::join(root, path);
            let folder = path.parent().unwrap_or(root);
            fs::create_dir_all(folder).at("create", folder)?;
            file::create(&path, text.as_bytes())?;
        }
        Self::open(root)
    }

    /// The ledger's folder.
    pub fn root(&self) -> &Path {
        &self.inner.root
    }

    /// The random id of this clone, 16 hex digits, drawn once. A copied folder draws its own.
    pub fn writer(&self) -> Result<String, StoreError> {
        let path = self.state("writer");
        if let Some(writer) = self.read_writer(&path)? {
            return Ok(writer);
        }
        let _lock = self.lock()?;
        if let Some(writer) = self.read_writer(&path)? {
            return Ok(writer);
        }
        let writer = format!("{:016x}", clock::random() as u64);
        let text = format!("{writer} {}\n", self.folder_number()?);
        file::replace(&path, &self.state("writer.new"), text.as_bytes())?;
        Ok(writer)
    }

    /// Reads the writer's id, unless it was drawn for another folder and copied here with it: two clones
    /// with one id would write the same annotations file.
    fn read_writer(&self, path: &Path) -> Result<Option<String>, StoreError> {
        let text = found(fs::read_to_string(path)).at("read", path)?.unwrap_or_default();
        let Some((writer, number)) = text.trim_end().split_once(' ') else { return Ok(None) };
        let own = number == self.folder_number()?;
        Ok((own && u64::from_str_radix(writer, 16).is_ok()).then(|| writer.to_owned()))
    }

    /// Which folder on which disk the ledger is, for approvals: no copy is the same.
    pub fn place(&self) -> Result<LedgerPlace, StoreError> {
        let root = self.root();
        let stamp = Stamp::of(&fs::metadata(root).at("read", root)?);
        Ok(LedgerPlace {
            path: root.to_string_lossy().into_owned(),
            device: stamp.device(),
            inode: stamp.inode(),
            writer: self.writer()?,
        })
    }

    fn folder_number(&self) -> Result<String, StoreError> {
        let state = self.inner.root.join(layout::STATE);
        let metadata = fs::metadata(&state).at("read", &state)?;
        Ok(Stamp::of(&metadata).inode().to_string())
    }

    /// The absolute form of a path in the ledger.
    pub(super) fn path(&self, relative: &str) -> PathBuf {
        file::join(&self.inner.root, relative)
    }

    /// A path in the folder of local state.
    pub(super) fn state(&self, relative: &str) -> PathBuf {
        file::join(&self.inner.root.join(layout::STATE), relative)
    }

    /// The folder of this user's settings, once it was said.
    pub(super) fn settings(&self) -> &OnceLock<PathBuf> {
        &self.inner.settings
    }

    /// Waits for the ledger's lock, which is held for milliseconds only.
    pub(super) fn lock(&self) -> Result<fs::File, StoreError> {
        lease::wait(&self.state("lock"))
    }

    pub(super) fn index(&self) -> MutexGuard<'_, Index> {
        self.inner.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was read of an attempt before.
    pub(super) fn remembered(&self, directory: &str) -> Option<Arc<Entry>> {
        let entries = self.inner.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(directory).cloned()
    }

    /// Forgets what was read, and has the index give back its memory; both come again when asked for.
    pub fn forget(&self) {
        let mut entries = self.inner.entries.lock().unwrap_or_else(PoisonError::into_inner);
        *entries = HashMap::new();
        drop(entries);
        // It goes on with more memory if it cannot.
        drop(self.index().with(|connection| Ok(connection.execute_batch("PRAGMA shrink_memory")?)));
    }

    /// Keeps what was read of an attempt.
    pub(super) fn remember(&self, entry: Entry) -> Arc<Entry> {
        let entry = Arc::new(entry);
        let mut entries = self.inner.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.insert(entry.directory.clone(), Arc::clone(&entry));
        entry
    }
}

/// Makes the folder of local state, hidden from git.
fn prepare(state: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(state).at("create", state)?;
    let ignore = state.join(layout::IGNORE);
    if !ignore.exists() {
        fs::write(&ignore, "*\n").at("write", &ignore)?;
    }
    Ok(())
}
