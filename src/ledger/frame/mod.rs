//! Frames: tables of typed, named columns of one length, as spreadsheets and data frames know them.

mod build;
mod plain;
mod summary;
mod text;

pub use build::{metric_points, picked, runs};
pub use plain::plain;
pub use summary::{SummaryPart, summarised};

use super::time::Timestamp;

/// A table of columns of one length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// The columns, no two of one name.
    pub columns: Vec<Column>,
}

/// A named column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its values, a row each.
    pub values: Values,
}

/// The values of a column; any of them may be missing.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Texts.
    Text(Vec<Option<String>>),
    /// Numbers; not all of them need be finite.
    Number(Vec<Option<f64>>),
    /// Whole numbers.
    Integer(Vec<Option<i64>>),
    /// True or false.
    Boolean(Vec<Option<bool>>),
    /// Instants.
    Time(Vec<Option<Timestamp>>),
}

impl Values {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Number(values) => values.len(),
            Self::Integer(values) => values.len(),
            Self::Boolean(values) => values.len(),
            Self::Time(values) => values.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Frame {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.len())
    }

    /// Adds a column.
    pub(super) fn push(&mut self, name: impl Into<String>, values: Values) {
        self.columns.push(Column { name: name.into(), values });
    }
}
