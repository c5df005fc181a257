//! The metrics and params of attempts as rows of the index, so that a search reads no record it need not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use rusqlite::{Connection, Transaction, params};
use toml::Value;

use crate::ledger::digest::Digest;
use crate::ledger::layout::METRICS;
use crate::ledger::metric::read_lines;
use crate::ledger::metric_summary::{MetricSummary, summarize};

use super::entry::Entry;
use super::error::StoreError;
use super::file;
use super::open::Store;

impl Store {
    /// What the points of each metric of an attempt come to. Of points that are missing or changed only
    /// the final values in `run.toml` are known.
    pub(super) fn metrics_of(&self, entry: &Entry) -> BTreeMap<String, MetricSummary> {
        let sealed = entry.manifest.file(METRICS).map(|file| file.blake3);
        let path = file::join(&self.path(&entry.directory), METRICS);
        let bytes = fs::read(&path).ok().filter(|bytes| Some(Digest::of(bytes)) == sealed);
        let mut found = summarize(&read_lines(&bytes.unwrap_or_default()).points);
        // What run.toml says is what is shown, so that it is found by it too.
        let summary = |(name, value): (&String, &f64)| {
            let summary = found.remove(name).unwrap_or(MetricSummary::once(*value));
            (name.clone(), MetricSummary { last: *value, ..summary })
        };
        entry.attempt.metrics.iter().map(summary).collect()
    }

    /// The names of all metrics, and of all params. The folders are not looked at again.
    pub fn names(&self) -> Result<[BTreeSet<String>; 2], StoreError> {
        self.index().with(|connection| {
            let names = |table: &str| -> Result<BTreeSet<String>, StoreError> {
                let mut query =
                    connection.prepare(&format!("SELECT DISTINCT name FROM {table}"))?;
                Ok(query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
            };
            Ok([names("metric")?, names("param")?])
        })
    }

    /// What the points of each metric of some attempts come to, in their order.
    pub fn metric_summaries(
        &self,
        directories: &[&str],
    ) -> Result<Vec<BTreeMap<String, MetricSummary>>, StoreError> {
        self.index().with(|connection| {
            self.refresh(connection)?;
            directories.iter().map(|directory| select(connection, directory)).collect()
        })
    }
}

fn select(
    connection: &Connection,
    directory: &str,
) -> Result<BTreeMap<String, MetricSummary>, StoreError> {
    let mut query = connection.prepare_cached(
        "SELECT name, points, last, min, min_step, max, max_step, mean FROM metric
         WHERE attempt = (SELECT id FROM attempt WHERE directory = ?)",
    )?;
    let rows = query.query_map([directory], |row| {
        let number = |at| row.get::<_, Option<f64>>(at).map(|it| it.unwrap_or(f64::NAN));
        let whole = |at| row.get::<_, i64>(at).map(|it| it as u64);
        let summary = MetricSummary {
            points: whole(1)?,
            last: number(2)?,
            min: number(3)?,
            min_step: whole(4)?,
            max: number(5)?,
            max_step: whole(6)?,
            mean: number(7)?,
        };
        Ok((row.get(0)?, summary))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What is searched for words of an attempt: label, spec, experiment, description and tags.
fn words_of(entry: &Entry) -> String {
    let Entry { experiment, attempt, .. } = entry;
    let mut texts = vec![&attempt.label, &attempt.spec, experiment, &attempt.description];
    let given = attempt.command.iter().flat_map(|command| &command.tags);
    texts.extend(attempt.tags.iter().chain(given).flat_map(|(name, value)| [name, value]));
    let texts: Vec<String> = texts.into_iter().map(|text| text.to_lowercase()).collect();
    texts.join("\n")
}

/// Puts the words, metrics and params of an attempt into the index.
pub(super) fn insert(
    change: &Transaction<'_>,
    id: i64,
    entry: &Entry,
    metrics: &BTreeMap<String, MetricSummary>,
) -> rusqlite::Result<()> {
    let words = words_of(entry);
    change.prepare_cached("INSERT INTO words VALUES (?, ?)")?.execute(params![id, words])?;
    let mut insert =
        change.prepare_cached("INSERT INTO metric VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")?;
    for (name, summary) in metrics {
        let MetricSummary { points, last, min, min_step, max, max_step, mean } = *summary;
        let (points, min_step, max_step) = (points as i64, min_step as i64, max_step as i64);
        let row = params![name, id, points, last, min, min_step, max, max_step, mean];
        insert.execute(row)?;
    }
    let mut insert = change.prepare_cached("INSERT INTO param VALUES (?, ?, ?, ?)")?;
    let params = entry.request.parts().get("params").and_then(Value::as_table);
    for (name, value) in params.into_iter().flatten() {
        let (number, text) = match value {
            Value::Integer(it) => (Some(*it as f64), Some((*it as f64).to_string())),
            Value::Float(it) => (Some(*it), Some(it.to_string())),
            Value::String(text) => (text.trim().parse().ok(), Some(text.clone())),
            Value::Boolean(it) => (None, Some(it.to_string())),
            Value::Datetime(_) | Value::Array(_) | Value::Table(_) => (None, None),
        };
        insert.execute(params![id, name, number, text])?;
    }
    Ok(())
}
