//! A data file as a person looks at it, and as JSON for programs: its fields are stable.

use serde::Serialize;

use super::digest::Digest;

/// A data file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DataView {
    /// The path it was asked for by; from the ledger's root where it lies in one.
    pub path: String,
    /// `csv` or `parquet`.
    pub format: &'static str,
    /// Size in bytes.
    pub size: u64,
    /// Number of data rows.
    pub rows: u64,
    /// BLAKE3 of the file's bytes.
    pub blake3: Digest,
    /// SHA-256 of the file's bytes.
    pub sha256: String,
    /// Digest of the names and cells of all columns, which says that two files hold the same table.
    pub content: Option<Digest>,
    /// The specs of the ledger that use it.
    pub specs: Vec<String>,
    /// The columns in file order.
    pub columns: Vec<ColumnView>,
}

/// A column of a data file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnView {
    /// Its name.
    pub name: String,
    /// `integer`, `float`, `boolean` or `text`.
    pub r#type: &'static str,
    /// Number of empty cells.
    pub missing: u64,
    /// Number of distinct cells that are not empty.
    pub distinct: u64,
    /// Whether there are more distinct cells than were counted.
    pub more_distinct: bool,
    /// What its numbers are like; `None` for other columns and where all cells are empty.
    pub numbers: Option<NumbersView>,
    /// The most frequent cell, the smallest text of equals; `None` where too many are distinct.
    pub most_frequent: Option<FrequentView>,
    /// Digest of its cells.
    pub digest: Digest,
}

/// What the numbers of a column are like.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NumbersView {
    /// The smallest.
    pub min: f64,
    /// The mean.
    pub mean: f64,
    /// The largest.
    pub max: f64,
    /// The standard deviation of the sample (divided by n - 1); 0 for one number.
    pub deviation: f64,
}

/// The most frequent cell of a column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FrequentView {
    /// The cell, without the blanks around it.
    pub value: String,
    /// How many cells are like it.
    pub count: u64,
}
