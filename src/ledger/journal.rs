//! Journals: what is mutable, one JSON record a line, one file a writer; readers fold all of them.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::id::AttemptId;
use super::time::Timestamp;

/// The id of a record, a ULID: after a merge each record counts once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecordId(AttemptId);

impl RecordId {
    /// Builds an id from the time in milliseconds since 1970 and 80 random bits.
    pub fn new(milliseconds: u64, random: u128) -> Self {
        Self(AttemptId::new(milliseconds, random))
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A record of a journal.
pub trait Record: Serialize + DeserializeOwned {
    /// Its place among all records: the time it was written, then its id.
    fn place(&self) -> (Timestamp, RecordId);

    /// The line for a journal, newline included.
    fn to_line(&self) -> String {
        let mut line = serde_json::to_string(self).unwrap_or_default();
        line.push('\n');
        line
    }
}

/// What a reader found in a journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Lines<R> {
    /// The records in file order.
    pub records: Vec<R>,
    /// The numbers (from 1) of whole lines that are no record.
    pub unreadable: Vec<usize>,
    /// Whether an unterminated last line was left out.
    pub torn: bool,
}

/// Reads a journal. Only newline-terminated lines count.
pub fn read_lines<R: Record>(bytes: &[u8]) -> Lines<R> {
    let whole = bytes.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
    let torn = whole < bytes.len();
    let mut lines = Lines { records: Vec::new(), unreadable: Vec::new(), torn };
    for (at, line) in bytes[..whole].split(|&b| b == b'\n').enumerate() {
        // A key that stands twice means its last value, as other readers of JSON have it; read directly, such
        // a record would be taken for one of an unknown kind.
        match serde_json::from_slice::<Value>(line).and_then(serde_json::from_value) {
            Ok(record) => lines.records.push(record),
            Err(_) if line.trim_ascii().is_empty() => {}
            Err(_) => lines.unreadable.push(at + 1),
        }
    }
    lines
}

/// The records of a journal, each with its line, newline included: a record that is handed on keeps what a newer version
/// wrote into it.
pub fn with_lines<R: Record>(bytes: &[u8]) -> Vec<(R, String)> {
    let lines = bytes.split_inclusive(|&byte| byte == b'\n');
    let one = |line: &[u8]| {
        let record = read_lines(line).records.pop()?;
        Some((record, String::from_utf8_lossy(line).into_owned()))
    };
    lines.filter_map(one).collect()
}

/// Brings the records of several writers into one order, by time and id; each id counts once.
pub fn merge<R: Record>(records: impl IntoIterator<Item = R>) -> Vec<R> {
    let mut records: Vec<_> = records.into_iter().collect();
    records.sort_by_key(Record::place);
    let mut seen = BTreeSet::new();
    records.retain(|record| seen.insert(record.place().1));
    records
}
