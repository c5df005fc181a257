//! The files people write: which there are, and their text.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::ledger::layout;

use super::error::{At, StoreError};
use super::file;
use super::open::Store;

/// The longest text file that is read, in bytes: nobody writes a longer one by hand.
const LONGEST: u64 = 1024 * 1024;

impl Store {
    /// The names of the experiments, sorted.
    pub fn experiments(&self) -> Result<Vec<String>, StoreError> {
        file::list_folders(&self.path(layout::EXPERIMENTS))
    }

    /// The file names of an experiment's specs, sorted; what editors leave beside them is left out.
    pub fn specs(&self, experiment: &str) -> Result<Vec<String>, StoreError> {
        let folder = self.path(layout::EXPERIMENTS).join(experiment);
        let mut names = file::list(&folder)?;
        names.retain(|(name, kind)| kind.is_file() && layout::is_spec(name));
        Ok(names.into_iter().map(|(name, _)| name).collect())
    }

    /// The text of a file, path relative to the ledger's folder.
    ///
    /// # Errors
    /// When it cannot be read, is longer than 1 MiB or is not UTF-8.
    pub fn read_text(&self, path: impl AsRef<Path>) -> Result<String, StoreError> {
        let path = self.root().join(path);
        let file = File::open(&path).at("open", &path)?;
        let mut bytes = Vec::new();
        file.take(LONGEST + 1).read_to_end(&mut bytes).at("read", &path)?;
        if bytes.len() as u64 > LONGEST {
            let what = "is longer than 1 MiB, too long for a file written by hand".to_owned();
            return Err(StoreError::Text { path, what });
        }
        String::from_utf8(bytes).map_err(|error| {
            let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = before.split(|&byte| byte == b'\n').count();
            let what = format!("is not UTF-8 in line {line}; save it as UTF-8");
            StoreError::Text { path, what }
        })
    }
}
