//! The index: a database file of what was read of the files. It is derived and disposable, so whatever is
//! wrong with it is mended by making it anew, in memory if need be.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OptionalExtension as _};

use crate::ledger::digest::Digest;

use super::error::StoreError;
use super::files::Stamps;
use super::kept;
use super::stamp::Stamp;

/// The tables. A change of their text, or another version of the program, makes a new index.
const TABLES: &str = "
    CREATE TABLE folder(path TEXT PRIMARY KEY, stamp TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE attempt(
        id INTEGER PRIMARY KEY, directory TEXT NOT NULL, shard TEXT NOT NULL, run TEXT NOT NULL,
        attempt TEXT NOT NULL, cell TEXT NOT NULL, label TEXT NOT NULL, status TEXT NOT NULL,
        -- The seed is null where this version does not know the kind of request.
        started INTEGER NOT NULL, seed INTEGER, spec TEXT NOT NULL,
        -- A number of the record.
        seal INTEGER NOT NULL
    );
    -- Beside the attempts, so that a search by their other columns reads none of it.
    CREATE TABLE record(attempt INTEGER PRIMARY KEY, text TEXT NOT NULL);
    -- What is searched for words, in lower case.
    CREATE TABLE words(attempt INTEGER PRIMARY KEY, text TEXT NOT NULL);
    -- What is not a number is null.
    CREATE TABLE metric(
        name TEXT NOT NULL, attempt INTEGER NOT NULL, points INTEGER NOT NULL, last REAL,
        min REAL, min_step INTEGER NOT NULL, max REAL, max_step INTEGER NOT NULL, mean REAL,
        PRIMARY KEY(attempt, name)
    ) WITHOUT ROWID;
    -- A param as a number, where it reads as one, and as text, where it is one value.
    CREATE TABLE param(
        attempt INTEGER NOT NULL, name TEXT NOT NULL, number REAL, text TEXT,
        PRIMARY KEY(attempt, name)
    ) WITHOUT ROWID;
    CREATE TABLE fault(
        directory TEXT PRIMARY KEY, shard TEXT NOT NULL, run TEXT NOT NULL,
        file TEXT NOT NULL, what TEXT NOT NULL
    ) WITHOUT ROWID;
    -- With the stamps a number of the look at the files.
    CREATE TABLE intact(
        directory TEXT PRIMARY KEY, look INTEGER NOT NULL, stamps TEXT NOT NULL
    ) WITHOUT ROWID;
    -- What the builder of the site keeps between builds.
    CREATE TABLE kept(
        kind TEXT NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL, text TEXT NOT NULL,
        PRIMARY KEY(kind, name)
    ) WITHOUT ROWID;
    -- Facts know booleans and count distinct cells.
    CREATE TABLE data(path TEXT PRIMARY KEY, stamp TEXT NOT NULL, facts TEXT NOT NULL) WITHOUT ROWID;
";

/// The indexes of the large tables.
pub(super) const INDEXES: &str = "
    CREATE UNIQUE INDEX attempt_at ON attempt(directory);
    CREATE INDEX attempt_of_run ON attempt(run, attempt);
    CREATE INDEX attempt_in_shard ON attempt(shard);
    CREATE INDEX attempt_in_cell ON attempt(cell, run);
    CREATE INDEX attempt_by_label ON attempt(label);
    CREATE INDEX attempt_by_start ON attempt(started, attempt);
    CREATE INDEX metric_by_value ON metric(name, last);
";

/// What takes [`INDEXES`] away, before many rows are written.
pub(super) const NO_INDEXES: &str = "
    DROP INDEX attempt_at; DROP INDEX attempt_of_run; DROP INDEX attempt_in_shard;
    DROP INDEX attempt_in_cell; DROP INDEX attempt_by_label; DROP INDEX attempt_by_start;
    DROP INDEX metric_by_value;
";

/// How long to wait for another process that writes the index.
const PATIENCE: Duration = Duration::from_millis(if cfg!(test) { 100 } else { 10_000 });

/// How long after that the index is asked again; until then one in memory stands for it.
const AGAIN: Duration = Duration::from_millis(if cfg!(test) { 100 } else { 30_000 });

/// How much of the index is kept in memory at most, in KiB.
const CACHE: i64 = 16_384;

/// The index of one opened ledger.
pub(super) struct Index {
    /// Where it lies; `None` when it is in memory.
    path: Option<PathBuf>,
    /// Which file it was when it was opened.
    file: Option<Stamp>,
    /// Where the index lies for which one in memory stands, because others wrote it for too long, and since when.
    busy: Option<(PathBuf, Instant)>,
    connection: Connection,
}

impl Index {
    /// Opens the index file, or one in memory when there is none or it cannot be used.
    pub(super) fn open(path: Option<PathBuf>) -> Result<Self, StoreError> {
        let Some(path) = path else { return Self::in_memory(None) };
        let connection = match connect(&path) {
            Ok(connection) => Ok(connection),
            Err(error) if is_passing(&error) => Err(error),
            Err(_) => {
                remove(&path);
                connect(&path)
            }
        };
        match connection {
            Ok(connection) => {
                Ok(Self { file: stamp(&path), path: Some(path), busy: None, connection })
            }
            Err(error) => Self::in_memory(busy(&error, path)),
        }
    }

    fn in_memory(busy: Option<(PathBuf, Instant)>) -> Result<Self, StoreError> {
        let connection = Connection::open_in_memory()?;
        connection.execute_batch(TABLES)?;
        connection.execute_batch(INDEXES)?;
        Ok(Self { path: None, file: None, busy, connection })
    }

    /// Works on the index. When the index itself fails, it is made anew and the work is done again.
    pub(super) fn with<T>(
        &mut self,
        mut work: impl FnMut(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.ask_again()?;
        self.reopen_if_replaced()?;
        let error = match work(&self.connection) {
            Err(StoreError::Index(error)) => error,
            done => return done,
        };
        let path = self.path.take();
        let stands_for = path.clone().and_then(|path| busy(&error, path));
        if let Some(path) = path
            && !is_passing(&error)
        {
            remove(&path);
            *self = Self::open(Some(path))?;
            match work(&self.connection) {
                Err(StoreError::Index(_)) => {}
                done => return done,
            }
        }
        *self = Self::in_memory(stands_for)?;
        work(&self.connection)
    }

    /// Goes back to the index that others wrote for too long, so that one in memory does not stand for it for
    /// as long as the process lives.
    fn ask_again(&mut self) -> Result<(), StoreError> {
        let Some((path, _)) = self.busy.take_if(|(_, since)| since.elapsed() >= AGAIN) else {
            return Ok(());
        };
        let asked = Self::open(Some(path.clone()))?;
        if asked.path.is_some() {
            *self = asked;
        } else {
            self.busy = Some((path, Instant::now()));
        }
        Ok(())
    }

    /// Another process may have made the index anew, or a person deleted it.
    fn reopen_if_replaced(&mut self) -> Result<(), StoreError> {
        if let Some(path) = &self.path {
            let same = match (stamp(path), &self.file) {
                (Some(now), Some(then)) => now.same_file(then),
                _ => false,
            };
            if !same {
                *self = Self::open(self.path.take())?;
            }
        }
        Ok(())
    }

    /// The stamps under which files of an attempt were found intact. Never fails: nothing known costs
    /// reading the files.
    pub(super) fn stamps(&mut self, directory: &str) -> Stamps {
        self.with(|connection| {
            let mut query =
                connection.prepare_cached("SELECT stamps FROM intact WHERE directory = ?")?;
            let text: Option<String> = query.query_row([directory], |row| row.get(0)).optional()?;
            Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
        })
        .unwrap_or_default()
    }

    /// Keeps the stamps of files that were found intact, in place of those of earlier, and the number of this
    /// look, which found others damaged.
    pub(super) fn set_stamps(&mut self, directory: &str, stamps: &Stamps, damaged: &[&str]) {
        let (text, number) = kept::look(stamps, damaged);
        let _ = self.with(|connection| {
            let mut change = connection.prepare_cached("REPLACE INTO intact VALUES (?, ?, ?)")?;
            change.execute(rusqlite::params![directory, number, text])?;
            Ok(())
        });
    }
}

/// Opens an index file and makes its tables unless it is one of this version.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    // In KiB: searches go back and forth between a few tables.
    connection.pragma_update(None, "cache_size", -CACHE)?;
    let version = version();
    if has_version(&connection, version)? {
        return Ok(connection);
    }
    let change = rusqlite::Transaction::new_unchecked(
        &connection,
        rusqlite::TransactionBehavior::Immediate,
    )?;
    // Another process may have been faster.
    if !has_version(&change, version)? {
        if change.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)) != Ok(0) {
            return Err(rusqlite::Error::InvalidQuery);
        }
        change.execute_batch(TABLES)?;
        change.execute_batch(INDEXES)?;
        change.pragma_update(None, "user_version", version)?;
    }
    change.commit()?;
    Ok(connection)
}

fn has_version(connection: &Connection, version: i32) -> rusqlite::Result<bool> {
    connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map(|held: i32| held == version)
}

/// A number of the tables and of the program, which decides what was read of the files.
fn version() -> i32 {
    let text = format!("{} {TABLES} {INDEXES}", env!("CARGO_PKG_VERSION"));
    let digest = Digest::of(text.as_bytes());
    let [a, b, c, d, ..] = *digest.as_bytes();
    i32::from_be_bytes([a & 0x7f, b, c, d])
}

/// Whether an error says nothing against the file.
fn is_passing(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::ReadOnly
                | ErrorCode::DiskFull
                | ErrorCode::PermissionDenied
                | ErrorCode::CannotOpen
                | ErrorCode::OutOfMemory
        )
    )
}

/// The index that is to be asked again, where all that was wrong is that others write it.
fn busy(error: &rusqlite::Error, path: PathBuf) -> Option<(PathBuf, Instant)> {
    let others = [Some(ErrorCode::DatabaseBusy), Some(ErrorCode::DatabaseLocked)];
    others.contains(&error.sqlite_error_code()).then(|| (path, Instant::now()))
}

fn stamp(path: &Path) -> Option<Stamp> {
    fs::metadata(path).ok().map(|metadata| Stamp::of(&metadata))
}

fn remove(path: &Path) {
    let _ = fs::remove_file(path);
    let _ = fs::remove_file(path.with_extension("sqlite-journal"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamps() -> Stamps {
        Stamps::from([("run.toml".into(), "1 2 3 4 5".into())])
    }

    #[test]
    fn it_keeps_what_it_is_told_until_it_is_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.sqlite");
        let mut index = Index::open(Some(path.clone())).unwrap();
        index.set_stamps("d", &stamps(), &[]);
        assert_eq!(Index::open(Some(path.clone())).unwrap().stamps("d"), stamps());
        fs::remove_file(&path).unwrap();
        assert_eq!(index.stamps("d"), Stamps::new());
        index.set_stamps("d", &stamps(), &[]);
        assert_eq!(Index::open(Some(path)).unwrap().stamps("d"), stamps());
    }

    #[test]
    fn one_that_others_wrote_for_too_long_is_asked_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.sqlite");
        let mut index = Index::open(Some(path.clone())).unwrap();
        index.set_stamps("d", &stamps(), &[]);
        let other = connect(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        index.set_stamps("e", &stamps(), &[]);
        assert!(index.path.is_none(), "one in memory stands for it");
        assert_eq!((index.stamps("d"), index.stamps("e")), (Stamps::new(), stamps()));
        other.execute_batch("COMMIT").unwrap();
        std::thread::sleep(AGAIN);
        assert_eq!(index.stamps("d"), stamps(), "it is back");
        assert_eq!(index.path.as_deref(), Some(path.as_path()));
    }

    #[test]
    fn a_file_that_is_no_index_of_this_version_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.sqlite");
        let mut index = Index::open(Some(path.clone())).unwrap();
        index.set_stamps("d", &stamps(), &[]);
        drop(index);
        let whole = fs::read(&path).unwrap();
        let other = folder.path().join("other.sqlite");
        let foreign = Connection::open(&other).unwrap();
        foreign.execute_batch("CREATE TABLE x(y); PRAGMA user_version = 7").unwrap();
        drop(foreign);
        for bytes in [&b"garbage"[..], &[0; 4096], &whole[..5000], &fs::read(&other).unwrap()] {
            fs::write(&path, bytes).unwrap();
            let mut index = Index::open(Some(path.clone())).unwrap();
            index.set_stamps("e", &stamps(), &[]);
            assert_eq!(index.stamps("e"), stamps());
            assert!(index.path.is_some());
        }
    }

    #[test]
    fn a_folder_that_takes_no_file_gives_an_index_in_memory() {
        let mut index = Index::open(Some(PathBuf::from("/nowhere/index.sqlite"))).unwrap();
        index.set_stamps("d", &stamps(), &[]);
        assert_eq!(index.stamps("d"), stamps());
    }
}
