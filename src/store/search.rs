//! Searching the index: attempts that may be what is asked for, in an order, a few at a time.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::ledger::filter::Need;
use crate::ledger::id::{AttemptId, CellId, RunId};

use super::entry::Entry;
use super::error::StoreError;
use super::open::Store;

/// What candidates are ordered by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchOrder {
    /// The final value of a metric of one of these names; attempts without any come last.
    Metric(Vec<String>),
    /// When they started.
    Started,
}

/// An attempt that may be what is asked for.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The attempt.
    pub attempt: AttemptId,
    /// Every attempt of its run, newest first.
    pub entries: Vec<Arc<Entry>>,
    /// The value it was ordered by, microseconds since 1970 for a start; `None` where it has none.
    pub value: Option<f64>,
}

/// The runs of which people said something with a word in it, in files that the index does not hold.
pub(super) type Said<'a> = &'a dyn Fn(&str) -> Vec<RunId>;

/// More runs than these are not named in a question to the index.
const MOST: usize = 10_000;

/// A condition in SQL with its values.
#[derive(Default)]
struct Sql {
    text: String,
    values: Vec<Value>,
}

impl Sql {
    /// `name IN (?, …)`
    fn names(&mut self, names: &[String]) {
        let marks = vec!["?"; names.len()].join(", ");
        let _ = write!(self.text, "name IN ({marks})");
        self.values.extend(names.iter().cloned().map(Value::from));
    }

    /// A condition that follows another one: the value of a row of metrics is one that a need asks for. True
    /// when the need says so much of the metric of these names.
    fn value(&mut self, ordered: &[String], needs: &[Need]) -> bool {
        let mut bound = false;
        for need in needs {
            if let Need::Metric { names, operator, number, or_absent: false } = need
                && names == ordered
            {
                let _ = write!(self.text, " AND last {} ?", operator.sign());
                self.values.push((*number).into());
                bound = true;
            }
        }
        bound
    }

    /// Conditions that follow another one, of the attempts in table `a`.
    fn needs(&mut self, needs: &[Need], said: Said<'_>) {
        for need in needs {
            match need {
                Need::Word(word) => self.word(word, said),
                Need::Metric { names, operator, number, or_absent } => {
                    let some = "EXISTS (SELECT 1 FROM metric WHERE attempt = a.id AND ";
                    let _ = write!(self.text, " AND ({some}");
                    self.names(names);
                    let _ = write!(self.text, " AND last {} ?)", operator.sign());
                    self.values.push((*number).into());
                    if *or_absent {
                        let _ = write!(self.text, " OR NOT {some}");
                        self.names(names);
                        self.text.push(')');
                    }
                    self.text.push(')');
                }
                Need::Param { name, operator, number } => {
                    let _ = write!(
                        self.text,
                        " AND EXISTS (SELECT 1 FROM param WHERE attempt = a.id AND name = ? \
                         AND number {} ?)",
                        operator.sign()
                    );
                    self.values.extend([name.clone().into(), (*number).into()]);
                }
                Need::ParamText { name, texts } => {
                    let marks = vec!["?"; texts.len()].join(", ");
                    let _ = write!(
                        self.text,
                        " AND EXISTS (SELECT 1 FROM param WHERE attempt = a.id AND name = ? \
                         AND (text IS NULL OR text COLLATE NOCASE IN ({marks})))"
                    );
                    self.values.push(name.clone().into());
                    self.values.extend(texts.iter().cloned().map(Value::from));
                }
                Need::Status(status) => {
                    self.text.push_str(" AND a.status = ?");
                    self.values.push(status.word().to_owned().into());
                }
            }
        }
    }

    /// A word in any attempt of the run: another attempt may lie in the experiment that shows it.
    fn word(&mut self, word: &str, said: Said<'_>) {
        let runs = said(word);
        if runs.len() > MOST {
            return;
        }
        let marks = vec!["?"; runs.len()].join(", ");
        let _ = write!(
            self.text,
            " AND (EXISTS (SELECT 1 FROM attempt o JOIN words ON words.attempt = o.id \
             WHERE o.run = a.run AND instr(text, ?)) \
             OR substr(a.run, 1, ?) = ? OR a.run IN ({marks}))"
        );
        let length = i64::try_from(word.len()).unwrap_or(i64::MAX);
        self.values.extend([word.to_owned().into(), length.into(), word.to_owned().into()]);
        self.values.extend(runs.iter().map(|run| Value::from(run.to_string())));
    }
}

impl Store {
    /// Brings the index up to date, so that [`Store::search`] and others that do not look at the folders
    /// again answer from one state of them.
    pub fn catch_up(&self) -> Result<(), StoreError> {
        self.index().with(|connection| self.refresh(connection))
    }

    /// The first attempts, at most `limit`, that meet all needs, in an order. The folders are not looked
    /// at again.
    pub fn search(
        &self,
        needs: &[Need],
        said: Said<'_>,
        order: &SearchOrder,
        descending: bool,
        limit: usize,
    ) -> Result<Vec<Candidate>, StoreError> {
        self.index().with(|connection| {
            let (sql, bound) = ordered(needs, said, order, descending);
            let mut found = self.candidates(connection, sql, limit)?;
            // What has no value cannot have one that is asked for.
            if let SearchOrder::Metric(names) = order
                && found.len() < limit
                && !bound
            {
                let sql = without(needs, said, names);
                found.extend(self.candidates(connection, sql, limit - found.len())?);
            }
            Ok(found)
        })
    }

    fn candidates(
        &self,
        connection: &Connection,
        mut sql: Sql,
        limit: usize,
    ) -> Result<Vec<Candidate>, StoreError> {
        sql.text.push_str(" LIMIT ?");
        sql.values.push(i64::try_from(limit).unwrap_or(i64::MAX).into());
        let mut query = connection.prepare_cached(&sql.text)?;
        let mut rows = query.query(params_from_iter(sql.values))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            // What cannot be read is damage of the index, and mended like any other.
            let damaged = || rusqlite::Error::InvalidQuery;
            let run: RunId =
                row.get_ref(0)?.as_str().ok().and_then(|it| it.parse().ok()).ok_or_else(damaged)?;
            let attempt = row.get_ref(1)?.as_str().ok().and_then(|it| it.parse().ok());
            found.push(Candidate {
                attempt: attempt.ok_or_else(damaged)?,
                value: row.get(2)?,
                entries: self.held_of(connection, run)?.0,
            });
        }
        Ok(found)
    }

    /// The runs that the beginning of an id, or a label of one of their attempts, may mean. The folders are
    /// not looked at again.
    pub fn runs_named(&self, text: &str) -> Result<BTreeSet<RunId>, StoreError> {
        let beginning = text.to_lowercase();
        let is_hex = !beginning.is_empty() && beginning.bytes().all(|it| it.is_ascii_hexdigit());
        self.index().with(|connection| {
            let mut query = connection.prepare_cached(
                "SELECT run FROM attempt WHERE ?1 AND run >= ?2 AND run < ?2 || 'g'
                 UNION SELECT run FROM attempt WHERE label = ?3",
            )?;
            let mut rows = query.query(rusqlite::params![is_hex, beginning, text])?;
            let mut runs = BTreeSet::new();
            while let Some(row) = rows.next()? {
                let run: Option<RunId> =
                    row.get_ref(0)?.as_str().ok().and_then(|it| it.parse().ok());
                runs.extend(run);
            }
            Ok(runs)
        })
    }

    /// The attempts, newest first, of a run. The folders are not looked at again.
    pub fn attempts_known_of(&self, run: RunId) -> Result<Vec<Arc<Entry>>, StoreError> {
        self.index().with(|connection| Ok(self.held_of(connection, run)?.0))
    }

    /// The attempts, newest first, of every run that differs from these in nothing but the seed, run by
    /// run. The folders are not looked at again.
    pub fn attempts_of_cell(&self, cell: CellId) -> Result<Vec<Vec<Arc<Entry>>>, StoreError> {
        self.index().with(|connection| {
            let mut query = connection
                .prepare_cached("SELECT DISTINCT run FROM attempt WHERE cell = ? ORDER BY run")?;
            let runs = query.query_map([cell.to_string()], |row| row.get::<_, String>(0))?;
            let runs = runs.collect::<Result<Vec<_>, _>>()?;
            let runs = runs.iter().filter_map(|run| run.parse().ok());
            runs.map(|run| Ok(self.held_of(connection, run)?.0)).collect()
        })
    }
}

/// Attempts with a value, by it; true when only those with a value can be meant.
fn ordered(needs: &[Need], said: Said<'_>, order: &SearchOrder, descending: bool) -> (Sql, bool) {
    let direction = if descending { "DESC" } else { "ASC" };
    let (mut sql, mut bound) = (Sql::default(), false);
    match order {
        SearchOrder::Metric(names) => {
            // The join goes from the values to the attempts: CROSS keeps it so.
            sql.text.push_str(
                "SELECT a.run, a.attempt, last FROM metric CROSS JOIN attempt a \
                 ON a.id = metric.attempt WHERE last IS NOT NULL AND ",
            );
            sql.names(names);
            bound = sql.value(names, needs);
            sql.needs(needs, said);
            let _ = write!(sql.text, " ORDER BY last {direction}, a.id");
        }
        SearchOrder::Started => {
            sql.text.push_str("SELECT a.run, a.attempt, a.started FROM attempt a WHERE 1");
            sql.needs(needs, said);
            let _ = write!(sql.text, " ORDER BY a.started {direction}, a.attempt {direction}");
        }
    }
    (sql, bound)
}

/// Attempts without a value of these metrics.
fn without(needs: &[Need], said: Said<'_>, names: &[String]) -> Sql {
    let mut sql = Sql {
        text: "SELECT a.run, a.attempt, NULL FROM attempt a WHERE NOT EXISTS (SELECT 1 \
               FROM metric WHERE attempt = a.id AND last IS NOT NULL AND "
            .into(),
        values: Vec::new(),
    };
    sql.names(names);
    sql.text.push(')');
    sql.needs(needs, said);
    sql.text.push_str(" ORDER BY a.id");
    sql
}
