//! What the builder of the site keeps between builds, in the index: it is derived, so that losing it costs
//! a build and nothing else.

use crate::ledger::attempt::Status;
use crate::ledger::digest::Digest;
use crate::ledger::id::{AttemptId, RunId};
use crate::ledger::time::Timestamp;

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::error::StoreError;
use super::files::Stamps;
use super::open::Store;

/// An attempt as the index lists it, without its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAttempt {
    /// The run.
    pub run: RunId,
    /// Its own id.
    pub attempt: AttemptId,
    /// Its directory in the ledger.
    pub directory: String,
    /// The spec that asked for it.
    pub spec: String,
    /// Whether it finished.
    pub finished: bool,
    /// When it started.
    pub started: Timestamp,
    /// A number of what was sealed.
    pub seal: i64,
    /// A number of the last look at its files, other where that found them otherwise; 0 before any.
    pub look: i64,
}

impl ListedAttempt {
    /// The experiment it lies in.
    pub fn experiment(&self) -> &str {
        let below = self.directory.strip_prefix("experiments/").unwrap_or_default();
        below.split('/').next().unwrap_or_default()
    }
}

/// Something that is kept: its name, a key that says what it was made of, and a text.
pub type Kept = (String, String, String);

impl Store {
    /// Every sealed attempt, those of a run together and oldest first.
    pub fn listed_attempts(&self) -> Result<Vec<ListedAttempt>, StoreError> {
        self.index().with(|connection| {
            self.refresh(connection)?;
            let mut query = connection.prepare_cached(
                "SELECT run, attempt, a.directory, spec, status, started, seal, look
                 FROM attempt a LEFT JOIN intact ON intact.directory = a.directory",
            )?;
            let mut rows = query.query([])?;
            let mut listed = Vec::new();
            while let Some(row) = rows.next()? {
                listed.push(attempt(row)?);
            }
            listed.sort_by_cached_key(|it| (it.run, it.started, it.attempt));
            Ok(listed)
        })
    }

    /// The number of the last look at the files of an attempt, as in [`ListedAttempt`].
    pub fn look_of(&self, directory: &str) -> Result<i64, StoreError> {
        self.index().with(|connection| {
            let mut query =
                connection.prepare_cached("SELECT look FROM intact WHERE directory = ?")?;
            let look: Option<i64> = query.query_row([directory], |row| row.get(0)).optional()?;
            Ok(look.unwrap_or(0))
        })
    }

    /// Hands on what is kept of a kind, name, key and text, by name.
    pub fn kept(
        &self,
        kind: &str,
        take: &mut dyn FnMut(&str, &str, &str),
    ) -> Result<(), StoreError> {
        self.index().with(|connection| {
            let mut query = connection
                .prepare_cached("SELECT name, key, text FROM kept WHERE kind = ? ORDER BY name")?;
            let mut rows = query.query([kind])?;
            while let Some(row) = rows.next()? {
                let text = |at| row.get_ref(at)?.as_str().map_err(rusqlite::Error::from);
                take(text(0)?, text(1)?, text(2)?);
            }
            Ok(())
        })
    }

    /// Keeps some things of a kind in place of those of the same names, and forgets others.
    pub fn keep(&self, kind: &str, things: &[Kept], gone: &[String]) -> Result<(), StoreError> {
        if things.is_empty() && gone.is_empty() {
            return Ok(());
        }
        self.index().with(|connection| Ok(keep(connection, kind, things, gone)?))
    }
}

fn keep(
    connection: &Connection,
    kind: &str,
    things: &[Kept],
    gone: &[String],
) -> rusqlite::Result<()> {
    let change = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    let mut replace = change.prepare_cached("REPLACE INTO kept VALUES (?, ?, ?, ?)")?;
    for (name, key, text) in things {
        replace.execute([kind, name, key, text])?;
    }
    let mut delete = change.prepare_cached("DELETE FROM kept WHERE kind = ? AND name = ?")?;
    for name in gone {
        delete.execute(params![kind, name])?;
    }
    drop((replace, delete));
    change.commit()
}

fn attempt(row: &rusqlite::Row<'_>) -> Result<ListedAttempt, StoreError> {
    // What cannot be read is damage of the index, and mended like any other.
    let damaged = || rusqlite::Error::InvalidQuery;
    let text = |at| row.get_ref(at)?.as_str().map_err(rusqlite::Error::from);
    Ok(ListedAttempt {
        run: text(0)?.parse().map_err(|_| damaged())?,
        attempt: text(1)?.parse().map_err(|_| damaged())?,
        directory: text(2)?.to_owned(),
        spec: text(3)?.to_owned(),
        finished: text(4)? == Status::Finished.word(),
        started: Timestamp::from_microseconds(row.get(5)?),
        seal: row.get(6)?,
        look: row.get::<_, Option<i64>>(7)?.unwrap_or(0),
    })
}

/// A number of a text that changes with it.
pub(super) fn number_of(text: &str) -> i64 {
    let digest = Digest::of(text.as_bytes());
    let (first, _) = digest.as_bytes().split_at(8);
    first.iter().fold(0, |number, byte| number << 8 | i64::from(*byte))
}

/// Stamps as the index keeps them, and a number of them and of the damaged files, which is not 0.
pub(super) fn look(stamps: &Stamps, damaged: &[&str]) -> (String, i64) {
    let text = serde_json::to_string(stamps).unwrap_or_default();
    let number = number_of(&format!("{text}{damaged:?}"));
    (text, if number == 0 { 1 } else { number })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::ledger::layout;

    #[test]
    fn what_is_kept_is_handed_back_by_kind_and_name() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(layout::LEDGER), "format = 1\n").unwrap();
        let store = Store::open(folder.path()).unwrap();
        let thing = |name: &str, key: &str| (name.to_owned(), key.to_owned(), "text".to_owned());
        let kept = |kind: &str| {
            let mut found = Vec::new();
            let mut take = |name: &str, key: &str, _: &str| found.push(format!("{name} {key}"));
            store.kept(kind, &mut take).unwrap();
            found
        };
        store.keep("page", &[thing("b", "1"), thing("a", "1")], &[]).unwrap();
        store.keep("part", &[thing("b", "2")], &[]).unwrap();
        assert_eq!(
            (kept("page"), kept("part")),
            (vec!["a 1".into(), "b 1".into()], vec!["b 2".into()])
        );
        store.keep("page", &[thing("b", "3")], &["a".into(), "never".into()]).unwrap();
        assert_eq!(kept("page"), ["b 3"]);
        fs::remove_file(store.state("index.sqlite")).unwrap();
        assert!(kept("page").is_empty());
    }

    #[test]
    fn a_look_at_the_files_changes_the_number() {
        let one = Stamps::from([("run.toml".into(), "1 2 3 4 5".into())]);
        let other = Stamps::from([("run.toml".into(), "1 2 3 4 6".into())]);
        assert_ne!(look(&one, &[]).1, look(&other, &[]).1);
        assert_ne!(look(&one, &[]).1, look(&one, &["log.txt"]).1);
        assert!(look(&one, &[]).1 != 0 && look(&Stamps::new(), &[]).1 != 0);
    }
}
