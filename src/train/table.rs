//! The used columns of a data file in memory.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::ledger::encode::nfc;
use crate::ledger::facts::ColumnKind;

use super::error::{TrainError, listing, shorten};
use super::reader::{Cell, Rows};

/// Some columns of a data file: numbers, and `train` or `test` where every cell says so.
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

/// The first cell of a column that does not fit a use of the column.
#[derive(Clone, Debug)]
struct Fault {
    row: u64,
    text: String,
}

/// A column read for both uses at once; a use ends at its first fault.
#[derive(Clone, Debug)]
struct Column {
    numbers: Result<Vec<f64>, Fault>,
    parts: Result<Vec<Part>, Fault>,
    missing: u64,
    kind: ColumnKind,
    codes: Vec<u32>,
    words: BTreeMap<String, u32>,
}

/// A column as words: the distinct ones in order, and which of them each row has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Labels {
    pub(super) words: Vec<String>,
    pub(super) codes: Vec<u32>,
}

/// A distinct value of a column on its way into order.
struct Word {
    text: String,
    number: f64,
}

impl Word {
    fn text(text: &str) -> Self {
        Self { text: text.to_owned(), number: 0.0 }
    }

    /// A number in one spelling: whole ones without a point, others as the shortest text that reads back.
    fn number(text: &str) -> Self {
        match Cell::read(text) {
            // Whole numbers beyond 2^53 are told apart although their floats may be equal.
            Cell::Integer(number) => Self {
                text: text.parse().map_or_else(|_| text.to_owned(), |whole: i64| whole.to_string()),
                number,
            },
            Cell::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
                Self { text: (number as i64).to_string(), number }
            }
            Cell::Float(number) => Self { text: format!("{number:?}"), number },
            Cell::Missing | Cell::Text => Self::text(text),
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        let empty = self.text.is_empty().cmp(&other.text.is_empty());
        let number = || self.number.partial_cmp(&other.number).unwrap_or(Ordering::Equal);
        empty.then_with(number).then_with(|| self.text.cmp(&other.text))
    }
}

impl Table {
    /// Reads the named columns of CSV bytes and drops the others.
    ///
    /// What is wrong with a cell is reported when its column is used, not here.
    pub fn read(bytes: &[u8], columns: &[&str]) -> Result<Self, TrainError> {
        let mut rows = Rows::open(bytes)?;
        let mut kept: BTreeMap<String, (usize, Column)> = BTreeMap::new();
        for name in columns {
            let name = nfc(name);
            let Some(at) = rows.names().iter().position(|present| *present == name) else {
                let present = listing(rows.names().iter().map(String::as_str));
                return Err(TrainError::NoColumn { name, present });
            };
            kept.insert(name, (at, Column::new()));
        }
        loop {
            let row = rows.row() + 1;
            let Some(record) = rows.next()? else { break };
            for (at, column) in kept.values_mut() {
                column.add(record.get(*at).unwrap_or_default(), row);
            }
        }
        let columns = kept.into_iter().map(|(name, (_, column))| (name, column)).collect();
        Ok(Self { rows: rows.row() as usize, columns })
    }

    /// Number of data rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// A column as finite numbers, one a row.
    pub(super) fn numbers(&self, name: &str) -> Result<&[f64], TrainError> {
        self.column(name)?.numbers.as_deref().map_err(|fault| {
            if fault.text.is_empty() {
                TrainError::MissingCell { row: fault.row, column: name.to_owned() }
            } else {
                let (column, text) = (name.to_owned(), fault.text.clone());
                TrainError::NotANumber { row: fault.row, column, text }
            }
        })
    }

    /// A column as parts of a split, one a row.
    pub(super) fn parts(&self, name: &str) -> Result<&[Part], TrainError> {
        self.column(name)?.parts.as_deref().map_err(|fault| {
            let (column, text) = (name.to_owned(), fault.text.clone());
            TrainError::NotAPart { row: fault.row, column, text }
        })
    }

    /// A column as words: equal values have equal codes, and codes grow with the values.
    ///
    /// Where every cell is a number, `1` and `1.0` are one word and numbers are in their order; else
    /// words are text in the order of their bytes. Empty cells are a word of their own, the last.
    pub(super) fn labels(&self, name: &str) -> Result<Labels, TrainError> {
        let column = self.column(name)?;
        let numeric = column.kind != ColumnKind::Text;
        let mut words: Vec<(Word, u32)> = column
            .words
            .iter()
            .map(|(text, code)| {
                (if numeric { Word::number(text) } else { Word::text(text) }, *code)
            })
            .collect();
        words.sort_by(|(a, _), (b, _)| a.compare(b));
        let mut places = vec![0; words.len()];
        let mut distinct: Vec<String> = Vec::new();
        for (word, code) in words {
            if distinct.last() != Some(&word.text) {
                distinct.push(word.text);
            }
            places[code as usize] = distinct.len() as u32 - 1;
        }
        let codes = column.codes.iter().map(|code| places[*code as usize]).collect();
        Ok(Labels { words: distinct, codes })
    }

    /// The rows in the order of a column: by number where every cell is one, else by text, equal
    /// ones in file order and empty cells last.
    pub(super) fn order(&self, name: &str) -> Result<Vec<usize>, TrainError> {
        let labels = self.labels(name)?;
        let mut rows: Vec<usize> = (0..self.rows).collect();
        rows.sort_by_key(|row| labels.codes[*row]);
        Ok(rows)
    }

    /// What a column holds and how many of its cells are empty.
    pub(super) fn describe(&self, name: &str) -> Result<(ColumnKind, u64), TrainError> {
        self.column(name).map(|column| (column.kind, column.missing))
    }

    fn column(&self, name: &str) -> Result<&Column, TrainError> {
        self.columns.get(&nfc(name)).ok_or_else(|| TrainError::NoColumn {
            name: name.to_owned(),
            present: listing(self.columns.keys().map(String::as_str)),
        })
    }
}

impl Column {
    fn new() -> Self {
        let (numbers, parts) = (Ok(Vec::new()), Ok(Vec::new()));
        let (codes, words) = (Vec::new(), BTreeMap::new());
        Self { numbers, parts, missing: 0, kind: ColumnKind::Integer, codes, words }
    }

    fn add(&mut self, text: &str, row: u64) {
        let cell = Cell::read(text);
        let next = self.words.len() as u32;
        self.codes.push(*self.words.entry(text.trim_ascii().to_owned()).or_insert(next));
        match cell {
            Cell::Missing => self.missing += 1,
            Cell::Float(_) if self.kind == ColumnKind::Integer => self.kind = ColumnKind::Float,
            Cell::Text => self.kind = ColumnKind::Text,
            Cell::Integer(_) | Cell::Float(_) => {}
        }
        let number = match cell {
            Cell::Integer(number) | Cell::Float(number) => Some(number),
            Cell::Missing | Cell::Text => None,
        };
        let part = match text {
            "train" => Some(Part::Train),
            "test" => Some(Part::Test),
            _ => None,
        };
        let fault = || Fault { row, text: shorten(text.trim_ascii()) };
        keep(&mut self.numbers, number, fault);
        keep(&mut self.parts, part, fault);
    }
}

/// Adds a value, or ends the use of the column and frees what was kept.
fn keep<T>(kept: &mut Result<Vec<T>, Fault>, value: Option<T>, fault: impl Fn() -> Fault) {
    if let Ok(values) = kept {
        match value {
            Some(value) => values.push(value),
            None => *kept = Err(fault()),
        }
    }
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
    fn equal_values_have_equal_labels_in_their_order() {
        let text =
            "n,t,big\n10,b,9007199254740993\n2.0,a b,9007199254740992\n,,1\n 2,B,1\n1e1,10,1\n";
        let table = Table::read(text.as_bytes(), &["n", "t", "big"]).unwrap();
        let labels = table.labels("n").unwrap();
        assert_eq!(
            (&labels.words[..], labels.codes),
            (&["2", "10", ""].map(String::from)[..], vec![1, 0, 2, 0, 1])
        );
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

    #[test]
    fn only_named_columns_are_kept() {
        let table = Table::read(TEXT.as_bytes(), &["a"]).unwrap();
        assert!(matches!(table.numbers("split"), Err(TrainError::NoColumn { .. })));
        let error = Table::read(TEXT.as_bytes(), &["price"]).unwrap_err().to_string();
        assert_eq!(error, "there is no column 'price'; the columns are 'a', 'é', 'split', 'hole'");
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let bytes = [b"a,b\n", &bytes[..]].concat();
            if let Ok(table) = Table::read(&bytes, &["a", "b"]) {
                let _ = (table.numbers("a"), table.parts("b"));
            }
        }
    }
}
