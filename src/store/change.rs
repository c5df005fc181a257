//! Writes what differs between the folders and the index into the index, in one transaction.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use crate::ledger::layout::AttemptPath;
use crate::ledger::metric_summary::MetricSummary;

use super::entry::{Broken, Entry};
use super::error::StoreError;
use super::index::{INDEXES, NO_INDEXES};
use super::open::Store;
use super::{kept, record, values};

/// A directory that the index holds as no attempt, with what was wrong with it before.
pub(super) type Unread = (AttemptPath, Option<Broken>);

/// So many new attempts are read by several threads while they are written, and not kept in memory.
const MANY: usize = 500;

/// How many attempts may have been read and not been written yet.
const AHEAD: usize = 256;

/// An attempt that the index does not hold yet.
struct Fresh {
    entry: Arc<Entry>,
    /// It as one text.
    record: String,
    metrics: BTreeMap<String, MetricSummary>,
}

/// What a directory is.
type Read = Result<Fresh, Broken>;

/// What differs between the folders and the index.
#[derive(Default)]
pub(super) struct Changes {
    /// Folders with their new stamps; an empty stamp is listed again next time.
    pub(super) folders: Vec<(String, String)>,
    /// Folders that are gone, and with them the attempts in them.
    pub(super) gone_folders: Vec<String>,
    /// Directories of attempts that are gone.
    pub(super) gone: Vec<String>,
    /// Directories that nobody read yet.
    pub(super) unread: Vec<Unread>,
    /// New attempts, and new directories that are none.
    read: Vec<(AttemptPath, Read)>,
}

impl Changes {
    pub(super) fn is_empty(&self) -> bool {
        self.folders.is_empty()
            && self.gone_folders.is_empty()
            && self.gone.is_empty()
            && self.unread.is_empty()
            && self.read.is_empty()
    }
}

impl Store {
    /// Reads new directories unless they are many, so that the index is locked for the writing alone.
    pub(super) fn read_few(&self, changes: &mut Changes) -> Result<(), StoreError> {
        if changes.unread.len() > MANY {
            return Ok(());
        }
        for (place, before) in std::mem::take(&mut changes.unread) {
            let read = self.read_one(&place, false)?;
            if is_news(&read, before.as_ref()) {
                changes.read.push((place, read));
            }
        }
        Ok(())
    }

    /// Writes the changes.
    pub(super) fn apply(
        &self,
        changes: &Changes,
        connection: &Connection,
    ) -> Result<(), StoreError> {
        let change = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
        // Making the indexes of many rows at once is faster than adding row after row to them.
        let anew = changes.unread.len() > MANY && !holds_any(&change)?;
        if anew {
            change.execute_batch(NO_INDEXES)?;
        }
        for (path, stamp) in &changes.folders {
            change.prepare_cached("REPLACE INTO folder VALUES (?, ?)")?.execute([path, stamp])?;
        }
        for folder in &changes.gone_folders {
            change.execute("DELETE FROM folder WHERE path = ?", [folder])?;
            forget(&change, "shard", folder)?;
            change.execute("DELETE FROM fault WHERE shard = ?", [folder])?;
        }
        for directory in &changes.gone {
            forget(&change, "directory", directory)?;
            for table in ["fault", "intact"] {
                change.execute(&format!("DELETE FROM {table} WHERE directory = ?"), [directory])?;
            }
        }
        for (place, read) in &changes.read {
            write(&change, place, read, false)?;
        }
        self.read_many(&changes.unread, |place, read| write(&change, place, &read, anew))?;
        if anew {
            change.execute_batch(INDEXES)?;
        }
        Ok(change.commit()?)
    }

    /// Reads directories in several threads, and hands on what is news in the order in which it is read.
    fn read_many(
        &self,
        unread: &[Unread],
        mut take: impl FnMut(&AttemptPath, Read) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        if unread.is_empty() {
            return Ok(());
        }
        let next = AtomicUsize::new(0);
        thread::scope(|scope| {
            let (send, receive) = mpsc::sync_channel(AHEAD);
            for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
                let (send, next) = (send.clone(), &next);
                scope.spawn(move || {
                    while let Some((place, _)) = unread.get(next.fetch_add(1, Ordering::Relaxed)) {
                        // Nobody takes any more of them when one could not be written.
                        if send.send((place, self.read_one(place, true))).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(send);
            let before: BTreeMap<&AttemptPath, &Broken> = unread
                .iter()
                .filter_map(|(place, before)| Some((place, before.as_ref()?)))
                .collect();
            for (place, read) in receive {
                let read = read?;
                if is_news(&read, before.get(place).copied()) {
                    take(place, read)?;
                }
            }
            Ok(())
        })
    }

    /// Reads one directory; what is wrong with it is no error.
    fn read_one(&self, place: &AttemptPath, many: bool) -> Result<Read, StoreError> {
        let directory = place.directory();
        let entry = match self.remembered(&directory) {
            Some(entry) => entry,
            None => match Entry::read(&self.path(&directory), place) {
                Ok(entry) if many => Arc::new(entry),
                Ok(entry) => self.remember(entry),
                Err(broken) => return Ok(Err(broken)),
            },
        };
        let record = record::write(&entry).ok_or_else(|| {
            StoreError::Request(format!("{directory} cannot be kept in the index"))
        })?;
        let metrics = self.metrics_of(&entry);
        Ok(Ok(Fresh { entry, record, metrics }))
    }
}

/// Whether what was read is not what was known before.
fn is_news(read: &Read, before: Option<&Broken>) -> bool {
    read.as_ref().err().is_none_or(|broken| Some(broken) != before)
}

fn holds_any(change: &Transaction<'_>) -> rusqlite::Result<bool> {
    change.prepare("SELECT 1 FROM attempt LIMIT 1")?.exists([])
}

/// Writes what a directory is; `anew` when the index held no attempt before.
fn write(
    change: &Transaction<'_>,
    place: &AttemptPath,
    read: &Read,
    anew: bool,
) -> Result<(), StoreError> {
    match read {
        Ok(fresh) => insert(change, fresh, anew),
        Err(Broken { file, what }) => {
            let run = place.run.to_string();
            let row = [&place.directory(), &place.shard(), &run, file, what];
            let mut fault = change.prepare_cached("REPLACE INTO fault VALUES (?, ?, ?, ?, ?)")?;
            fault.execute(row)?;
            Ok(())
        }
    }
}

/// Takes attempts out of the index.
fn forget(change: &Transaction<'_>, column: &str, value: &str) -> rusqlite::Result<()> {
    let which = format!("SELECT id FROM attempt WHERE {column} = ?");
    for table in ["record", "words", "metric", "param"] {
        let rest = format!("DELETE FROM {table} WHERE attempt IN ({which})");
        change.prepare_cached(&rest)?.execute([value])?;
    }
    let own = format!("DELETE FROM attempt WHERE {column} = ?");
    change.prepare_cached(&own)?.execute([value]).map(drop)
}

fn insert(change: &Transaction<'_>, fresh: &Fresh, anew: bool) -> Result<(), StoreError> {
    let Fresh { entry, record, metrics } = fresh;
    let Entry { directory, attempt, request, .. } = &**entry;
    let shard = directory.rsplit_once('/').map_or("", |(shard, _)| shard);
    // Another process may have put it in meanwhile.
    if !anew {
        let mut held = change.prepare_cached("SELECT 1 FROM attempt WHERE directory = ?")?;
        if held.exists([directory])? {
            forget(change, "directory", directory)?;
        }
    }
    change.prepare_cached("DELETE FROM fault WHERE directory = ?")?.execute([directory])?;
    change
        .prepare_cached("INSERT INTO attempt VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")?
        .execute(params![
            directory,
            shard,
            attempt.run.to_string(),
            attempt.attempt.to_string(),
            request.cell().to_string(),
            attempt.label,
            attempt.status.word(),
            attempt.started.microseconds(),
            request.seed(),
            attempt.spec,
            kept::number_of(record),
        ])?;
    let id = change.last_insert_rowid();
    change.prepare_cached("INSERT INTO record VALUES (?, ?)")?.execute(params![id, record])?;
    values::insert(change, id, entry, metrics)?;
    Ok(())
}
