//! The used columns of a data file in memory.

mod column;
mod labels;
mod load;

use std::collections::BTreeMap;

use crate::ledger::encode::nfc;
use crate::ledger::facts::ColumnKind;

use super::error::{TrainError, listing, shorten};
use column::Column;

pub(super) use labels::Labels;

/// Some columns of a data file: numbers as 64-bit floats, text as codes into its distinct words.
#[derive(Clone, Debug)]
pub struct Table {
    rows: usize,
    columns: BTreeMap<String, Column>,
}

/// A part of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Train,
    Test,
}

impl Table {
    /// Number of data rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// A column as finite numbers, one a row; `true` is 1 and `false` 0.
    pub(super) fn numbers(&self, name: &str) -> Result<&[f64], TrainError> {
        let numbers = self.numbers_or_nan(name)?;
        match numbers.iter().position(|number| number.is_nan()) {
            Some(row) => Err(missing(row, name)),
            None => Ok(numbers),
        }
    }

    /// A column as numbers, one a row: finite ones, and NaN where the cell is empty.
    pub(super) fn numbers_or_nan(&self, name: &str) -> Result<&[f64], TrainError> {
        let column = self.column(name)?;
        column.numbers().ok_or_else(|| {
            let (row, text) = column.first_text().unwrap_or_default();
            let (column, text) = (name.to_owned(), shorten(text));
            TrainError::NotANumber { row: row as u64 + 1, column, text }
        })
    }

    /// Which cells of a column are empty, one a row.
    pub(super) fn gaps(&self, name: &str) -> Result<Vec<bool>, TrainError> {
        Ok(self.column(name)?.gaps())
    }

    /// A column as text: the distinct cells in order of first appearance without the blanks around
    /// them, and which of them each row has.
    pub(super) fn texts(&self, name: &str) -> Result<Labels, TrainError> {
        Ok(self.column(name)?.texts())
    }

    /// A column as parts of a split, one a row.
    pub(super) fn parts(&self, name: &str) -> Result<Vec<Part>, TrainError> {
        let texts = self.texts(name)?;
        let part = |(row, code): (usize, &u32)| match texts.words[*code as usize].as_str() {
            "train" => Ok(Part::Train),
            "test" => Ok(Part::Test),
            text => {
                let (column, text) = (name.to_owned(), shorten(text));
                Err(TrainError::NotAPart { row: row as u64 + 1, column, text })
            }
        };
        texts.codes.iter().enumerate().map(part).collect()
    }

    /// A column as words: equal values have equal codes, and codes grow with the values.
    ///
    /// Where every cell is a number, `1` and `1.0` are one word and numbers are in their order; else
    /// words are text in the order of their bytes. Empty cells are a word of their own, the last.
    pub(super) fn labels(&self, name: &str) -> Result<Labels, TrainError> {
        Ok(self.column(name)?.labels())
    }

    /// A column as ranks, which are equal for equal values and grow with them, as the codes of
    /// [`Table::labels`].
    pub(super) fn ranks(&self, name: &str) -> Result<Vec<u32>, TrainError> {
        Ok(self.column(name)?.ranks())
    }

    /// The rows in the order of a column: by number where every cell is one, else by text, equal
    /// ones in file order and empty cells last.
    pub(super) fn order(&self, name: &str) -> Result<Vec<usize>, TrainError> {
        let ranks = self.ranks(name)?;
        let mut rows: Vec<usize> = (0..self.rows).collect();
        rows.sort_by_key(|row| ranks[*row]);
        Ok(rows)
    }

    /// What a column holds and how many of its cells are empty.
    pub(super) fn describe(&self, name: &str) -> Result<(ColumnKind, u64), TrainError> {
        self.column(name).map(|column| (column.kind(), column.missing()))
    }

    fn column(&self, name: &str) -> Result<&Column, TrainError> {
        self.columns.get(&nfc(name)).ok_or_else(|| TrainError::NoColumn {
            name: name.to_owned(),
            present: listing(self.columns.keys().map(String::as_str)),
        })
    }
}

/// The error of an empty cell; rows from 0.
pub(super) fn missing(row: usize, column: &str) -> TrainError {
    TrainError::MissingCell { row: row as u64 + 1, column: column.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "a,e\u{301},split,hole\n1,x,train,\n2.5,3,test,7\n";

    #[test]
    fn a_column_is_usable_as_what_it_holds() {
        let table = Table::read(TEXT.as_bytes(), &["a", "é", "split", "hole"]).unwrap();
        assert_eq!(table.rows(), 2);
        assert_eq!(table.numbers("a").unwrap(), [1.0, 2.5]);
        assert_eq!(table.describe("a").unwrap(), (ColumnKind::Float, 0));
        assert_eq!(table.describe("hole").unwrap(), (ColumnKind::Integer, 1));
        assert!(table.numbers_or_nan("hole").unwrap()[0].is_nan());
        assert_eq!(table.parts("split").unwrap(), [Part::Train, Part::Test]);
        let message = |error: TrainError| error.to_string();
        assert!(
            message(table.numbers("é").unwrap_err()).starts_with("row 1 has \"x\" for 'é'"),
            "the row and the cell are named"
        );
        assert!(
            message(table.numbers("hole").unwrap_err())
                .starts_with("row 1 has no value for 'hole'")
        );
        assert!(
            message(table.parts("a").unwrap_err()).starts_with("row 1 has \"1\" for the split")
        );
    }

    #[test]
    fn only_named_columns_are_kept() {
        let table = Table::read(TEXT.as_bytes(), &["a"]).unwrap();
        assert!(matches!(table.numbers("split"), Err(TrainError::NoColumn { .. })));
        let error = Table::read(TEXT.as_bytes(), &["price"]).unwrap_err().to_string();
        assert_eq!(error, "there is no column 'price'; the columns are 'a', 'é', 'split', 'hole'");
    }

    #[test]
    fn truth_is_a_number_and_a_word() {
        let table = Table::read(b"t\nTrue\nfalse\ntrue\n", &["t"]).unwrap();
        assert_eq!(table.numbers("t").unwrap(), [1.0, 0.0, 1.0]);
        let labels = table.labels("t").unwrap();
        assert_eq!(
            (labels.words, labels.codes),
            (vec!["false".into(), "true".into()], vec![1, 0, 1])
        );
    }

    #[test]
    fn equal_values_have_equal_labels_in_their_order() {
        let text =
            "n,t,big\n10,b,9007199254740993\n2.0,a b,9007199254740992\n,,1\n 2,B,1\n1e1,10,1\n";
        let table = Table::read(text.as_bytes(), &["n", "t", "big"]).unwrap();
        let labels = table.labels("n").unwrap();
        assert_eq!(labels.words, ["2", "10", ""]);
        assert_eq!(labels.codes, [1, 0, 2, 0, 1]);
        let labels = table.labels("t").unwrap();
        assert_eq!(labels.words, ["10", "B", "a b", "b", ""]);
        assert_eq!(labels.codes, [3, 2, 4, 1, 0]);
        assert_eq!(table.labels("big").unwrap().codes, [2, 1, 0, 0, 0]);
    }

    #[test]
    fn rows_are_ordered_by_number_or_by_text() {
        let text = "n,day\n10,2026-11-02\n9,2026-10-30\n,2026-11-02\n-1,2025-12-31\n9,\n";
        let table = Table::read(text.as_bytes(), &["n", "day"]).unwrap();
        assert_eq!(table.order("n").unwrap(), [3, 1, 4, 0, 2]);
        assert_eq!(table.order("day").unwrap(), [3, 1, 0, 2, 4]);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let bytes = [b"a,b\n", &bytes[..]].concat();
            if let Ok(table) = Table::read(&bytes, &["a", "b"]) {
                let _ = (table.numbers("a"), table.parts("b"), table.order("a"));
            }
        }
    }
}
