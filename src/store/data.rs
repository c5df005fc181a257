//! Data files: their facts are taken once and remembered for as long as the file does not change.

use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::OptionalExtension as _;

use crate::ledger::facts::DataFacts;
use crate::ledger::layout::PathError;
use crate::ledger::manifest::is_inside;

use super::clock;
use super::error::{At, StoreError};
use super::open::Store;
use super::stamp::Stamp;

/// How often a file that is being written is read again before giving up.
const TRIES: u32 = 3;

/// Reads a data file to its end and says what it holds, or why it cannot.
type Take<'a> = &'a mut dyn FnMut(File) -> Result<DataFacts, String>;

impl Store {
    /// The facts of a data file. `take` reads it and takes them, and is called only when the file changed
    /// since they were last taken.
    ///
    /// # Errors
    /// When the path leads out of the ledger, there is no such file, or `take` refuses it.
    pub fn data_facts(&self, path: &str, take: Take<'_>) -> Result<Arc<DataFacts>, StoreError> {
        Ok(self.read_data(path, take, &mut |_, _| ())?.0)
    }

    /// The facts of a data file, as [`Store::data_facts`], and what `read` makes of the file; the file
    /// did not change from before the one to after the other.
    ///
    /// # Errors
    /// As [`Store::data_facts`].
    pub fn read_data<T>(
        &self,
        path: &str,
        take: Take<'_>,
        read: &mut dyn FnMut(File, &DataFacts) -> T,
    ) -> Result<(Arc<DataFacts>, T), StoreError> {
        let place = self.data_path(path)?;
        for _ in 0..TRIES {
            let now = clock::now();
            let file = File::open(&place).at("open", &place)?;
            let stamp = Stamp::of(&file.metadata().at("read", &place)?);
            let known = self.known_facts(path, stamp)?;
            let is_known = known.is_some();
            let again = file.try_clone().at("open", &place)?;
            let facts = known.map_or_else(|| take(file), Ok);
            let value = facts.as_ref().ok().map(|facts| read(again, facts));
            if Stamp::of(&fs::metadata(&place).at("read", &place)?) != stamp {
                continue;
            }
            let facts = facts.map_err(|what| StoreError::Data { file: path.to_owned(), what })?;
            if !is_known && stamp.is_settled(now) {
                self.keep_facts(path, stamp, &facts)?;
            }
            if let Some(value) = value {
                return Ok((Arc::new(facts), value));
            }
        }
        let what = "is being written; wait until that is done".to_owned();
        Err(StoreError::Data { file: path.to_owned(), what })
    }

    fn data_path(&self, path: &str) -> Result<PathBuf, StoreError> {
        if !is_inside(path) {
            return Err(PathError::Outside(path.to_owned()).into());
        }
        let place = self.path(path);
        let what = match fs::metadata(&place) {
            Ok(metadata) if metadata.is_file() => return Ok(place),
            Ok(_) => "is no regular file".to_owned(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                "there is no such file".to_owned()
            }
            Err(error) => return Err(StoreError::io("read", &place, error)),
        };
        Err(StoreError::Data { file: path.to_owned(), what })
    }

    fn known_facts(&self, path: &str, stamp: Stamp) -> Result<Option<DataFacts>, StoreError> {
        self.index().with(|connection| {
            let mut query =
                connection.prepare_cached("SELECT facts FROM data WHERE path = ? AND stamp = ?")?;
            let text = query.query_row([path, &stamp.to_text()], |row| row.get::<_, String>(0));
            Ok(text.optional()?.and_then(|text| serde_json::from_str(&text).ok()))
        })
    }

    fn keep_facts(&self, path: &str, stamp: Stamp, facts: &DataFacts) -> Result<(), StoreError> {
        let text = serde_json::to_string(facts).unwrap_or_default();
        self.index().with(|connection| {
            let mut change = connection.prepare_cached("REPLACE INTO data VALUES (?, ?, ?)")?;
            change.execute([path, &stamp.to_text(), &text])?;
            Ok(())
        })
    }
}
