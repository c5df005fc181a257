//! What is known of a data file without keeping it: columns, types, missing values, digests.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::digest::Digest;

/// A column with more distinct cells has none of them listed.
pub const MAX_WORDS: usize = 32;

/// Distinct cells are counted up to here.
pub const MAX_DISTINCT: usize = 1_001;

/// The facts of one data file, taken in one pass over its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFacts {
    /// Size in bytes.
    pub size: u64,
    /// BLAKE3 of the file's bytes.
    pub blake3: Digest,
    /// SHA-256 of the file's bytes, 64 hex digits, for tools that know no BLAKE3.
    pub sha256: String,
    /// Number of data rows, the header not counted.
    pub rows: u64,
    /// The columns in file order.
    pub columns: Vec<ColumnFacts>,
}

/// The facts of one column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnFacts {
    /// The name in the header, in Unicode NFC.
    pub name: String,
    /// What its cells hold.
    pub kind: ColumnKind,
    /// Number of empty cells.
    pub missing: u64,
    /// The number of the first data row (from 1) whose cell is not a finite number, if any.
    pub first_text_row: Option<u64>,
    /// The distinct cells in order of first appearance when there are at most 32, else empty.
    pub words: Vec<String>,
    /// The number of distinct cells that are not empty, counted up to [`MAX_DISTINCT`]; `None` where
    /// they were not counted because the file has too many columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distinct: Option<u64>,
    /// Digest of the cells in row order, each length-prefixed; notation of the file does not count.
    pub digest: Digest,
}

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnKind {
    /// Every cell that is not empty is a whole number.
    Integer,
    /// Every cell that is not empty is a finite number.
    Float,
    /// Every cell that is not empty is `true` or `false`.
    Boolean,
    /// Anything else.
    Text,
}

impl ColumnKind {
    /// The kind of a column that holds cells of two kinds.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a,
            (a, b) if a.is_number() && b.is_number() => Self::Float,
            _ => Self::Text,
        }
    }

    /// Whether its cells are numbers.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Float)
    }

    /// The word used in files and tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Boolean => "boolean",
            Self::Text => "text",
        }
    }
}

impl DataFacts {
    /// The column of a name.
    pub fn column(&self, name: &str) -> Option<&ColumnFacts> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The content digest of some columns: their names and cells, whatever else the file holds and
    /// however it is written. `None` when a column is missing.
    pub fn content(&self, names: &[&str]) -> Option<Digest> {
        let names: BTreeSet<&str> = names.iter().copied().collect();
        let columns = self.columns.iter().map(|column| (column.name.as_str(), column.digest));
        let used: BTreeMap<&str, Digest> =
            columns.filter(|(name, _)| names.contains(name)).collect();
        (used.len() == names.len()).then(|| content(used))
    }
}

/// The content digest of columns by name, each with the digest of its cells as in
/// [`ColumnFacts::digest`].
pub fn content(columns: BTreeMap<&str, Digest>) -> Digest {
    let mut bytes = Vec::new();
    for (name, digest) in columns {
        bytes.extend_from_slice(&(name.len() as u64).to_be_bytes());
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(digest.as_bytes());
    }
    Digest::derive("fairledger data v1", &bytes)
}
