//! Brings the index up to date with the folders: what did not change is not listed, and a sealed attempt
//! is read once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;

use crate::ledger::layout::{self, AttemptPath};
use crate::ledger::time::Timestamp;

use super::change::{Changes, Unread};
use super::entry::{Broken, Entry};
use super::error::{At, StoreError, found};
use super::open::Store;
use super::stamp::Stamp;
use super::verify::Fault;
use super::{clock, file, record};

/// Directories that are no sealed attempt, with what is wrong.
type Faults = BTreeMap<String, Broken>;

impl Store {
    /// Every sealed attempt, oldest first.
    pub fn attempts(&self) -> Result<Vec<Arc<Entry>>, StoreError> {
        self.index().with(|connection| {
            self.refresh(connection)?;
            let mut query = connection.prepare_cached(
                "SELECT directory, text FROM attempt JOIN record ON record.attempt = id
                 ORDER BY attempt.attempt, directory",
            )?;
            let mut rows = query.query([])?;
            let mut entries = Vec::new();
            while let Some(row) = rows.next()? {
                entries.push(self.recall(row)?);
            }
            Ok(entries)
        })
    }

    /// The directories of every sealed attempt, sorted.
    pub fn directories(&self) -> Result<BTreeSet<String>, StoreError> {
        self.index().with(|connection| {
            self.refresh(connection)?;
            let mut query = connection.prepare_cached("SELECT directory FROM attempt")?;
            Ok(query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
    }

    /// The directories among the attempts that are none: not sealed, torn or changed.
    pub fn faults(&self) -> Result<Vec<Fault>, StoreError> {
        self.index().with(|connection| {
            self.refresh(connection)?;
            let mut query = connection
                .prepare_cached("SELECT directory, file, what FROM fault ORDER BY directory")?;
            let rows = query.query_map([], |row| {
                Ok(Fault { directory: row.get(0)?, file: row.get(1)?, what: row.get(2)? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Takes an attempt from a row of directory and record.
    pub(super) fn recall(&self, row: &rusqlite::Row<'_>) -> Result<Arc<Entry>, StoreError> {
        let directory = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        match self.remembered(directory) {
            Some(entry) => Ok(entry),
            None => Ok(self.remember(read(row)?)),
        }
    }

    /// What [`Store::recall`] gives, not kept in memory.
    pub(super) fn recall_once(&self, row: &rusqlite::Row<'_>) -> Result<Arc<Entry>, StoreError> {
        let directory = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        match self.remembered(directory) {
            Some(entry) => Ok(entry),
            None => Ok(Arc::new(read(row)?)),
        }
    }

    /// Brings the index up to date.
    pub(super) fn refresh(&self, connection: &Connection) -> Result<(), StoreError> {
        let mut changes = self.compare(connection)?;
        self.read_few(&mut changes)?;
        if changes.is_empty() { Ok(()) } else { self.apply(&changes, connection) }
    }

    fn compare(&self, connection: &Connection) -> Result<Changes, StoreError> {
        let now = clock::now();
        let mut known = known_folders(connection)?;
        let mut broken = broken_directories(connection)?;
        let mut changes = Changes::default();
        for experiment in file::list_folders(&self.path(layout::EXPERIMENTS))? {
            let runs = layout::runs(&experiment);
            for shard in self.shards(&runs, &mut known, now, &mut changes)? {
                let Some(stamp) = stamp_of(&self.path(&shard))? else { continue };
                let faults = broken.remove(&shard).unwrap_or_default();
                let listed = if known.remove(&shard).as_ref() == Some(&stamp.to_text()) {
                    None
                } else {
                    changes.folders.push((shard.clone(), settled_text(stamp, now)));
                    Some(self.attempts_in(&shard)?)
                };
                let gone = &mut changes.gone;
                let fresh = compare_shard(connection, &shard, listed, faults, gone)?;
                changes.unread.extend(fresh);
            }
        }
        changes.gone_folders = known.into_keys().collect();
        Ok(changes)
    }

    /// The shards of a folder of attempts, from the index when the folder did not change.
    fn shards(
        &self,
        runs: &str,
        known: &mut BTreeMap<String, String>,
        now: Timestamp,
        changes: &mut Changes,
    ) -> Result<Vec<String>, StoreError> {
        let Some(stamp) = stamp_of(&self.path(runs))? else { return Ok(Vec::new()) };
        if known.remove(runs).as_ref() == Some(&stamp.to_text()) {
            let below = format!("{runs}/");
            let shards = known.range(below.clone()..).map(|(path, _)| path.clone());
            return Ok(shards.take_while(|path| path.starts_with(&below)).collect());
        }
        changes.folders.push((runs.to_owned(), settled_text(stamp, now)));
        let mut names = file::list_folders(&self.path(runs))?;
        names.retain(|name| layout::is_shard(name));
        Ok(names.into_iter().map(|name| format!("{runs}/{name}")).collect())
    }

    fn attempts_in(&self, shard: &str) -> Result<BTreeSet<String>, StoreError> {
        let names = file::list_folders(&self.path(shard))?.into_iter();
        Ok(names
            .map(|name| format!("{shard}/{name}"))
            .filter(|directory| AttemptPath::parse(directory).is_some())
            .collect())
    }
}

/// Reads an attempt from a row of directory and record. One that cannot be read is damage of the index, and
/// mended like any other.
fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Entry> {
    let text = |at| row.get_ref(at)?.as_str().map_err(rusqlite::Error::from);
    let place = AttemptPath::parse(text(0)?).ok_or(rusqlite::Error::InvalidQuery)?;
    record::read(&place, text(1)?).ok_or(rusqlite::Error::InvalidQuery)
}

/// The directories of a shard that the index does not hold as attempts, with what was wrong with them before.
/// Without a listing only its broken directories are looked at again: a copy that is still under way
/// changes the directory, not the shard.
fn compare_shard(
    connection: &Connection,
    shard: &str,
    listed: Option<BTreeSet<String>>,
    mut faults: Faults,
    gone: &mut Vec<String>,
) -> Result<Vec<Unread>, StoreError> {
    let fresh: Vec<String> = match listed {
        None => faults.keys().cloned().collect(),
        Some(mut listed) => {
            let mut query =
                connection.prepare_cached("SELECT directory FROM attempt WHERE shard = ?")?;
            for held in query.query_map([shard], |row| row.get::<_, String>(0))? {
                let held = held?;
                if !listed.remove(&held) {
                    gone.push(held);
                }
            }
            gone.extend(faults.keys().filter(|directory| !listed.contains(*directory)).cloned());
            listed.into_iter().collect()
        }
    };
    let place =
        |directory: &String| Some((AttemptPath::parse(directory)?, faults.remove(directory)));
    Ok(fresh.iter().filter_map(place).collect())
}

fn known_folders(connection: &Connection) -> rusqlite::Result<BTreeMap<String, String>> {
    let mut query = connection.prepare_cached("SELECT path, stamp FROM folder")?;
    query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn broken_directories(connection: &Connection) -> rusqlite::Result<BTreeMap<String, Faults>> {
    let mut query = connection.prepare_cached("SELECT shard, directory, file, what FROM fault")?;
    let mut broken: BTreeMap<String, Faults> = BTreeMap::new();
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let fault = Broken { file: row.get(2)?, what: row.get(3)? };
        broken.entry(row.get(0)?).or_default().insert(row.get(1)?, fault);
    }
    Ok(broken)
}

/// The stamp of a real folder.
pub(super) fn stamp_of(path: &Path) -> Result<Option<Stamp>, StoreError> {
    let metadata = found(fs::symlink_metadata(path)).at("read", path)?;
    Ok(metadata.filter(fs::Metadata::is_dir).map(|metadata| Stamp::of(&metadata)))
}

fn settled_text(stamp: Stamp, now: Timestamp) -> String {
    if stamp.is_settled(now) { stamp.to_text() } else { String::new() }
}
