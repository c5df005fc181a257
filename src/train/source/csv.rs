//! CSV as rows of text: RFC 4180 with a header, UTF-8, rows of equal length.

use std::collections::BTreeSet;
use std::io::Read;

use crate::ledger::encode::nfc;

use super::super::error::TrainError;
use super::{Cells, MAX_COLUMNS};

/// The rows of a CSV file, one at a time.
pub(in crate::train) struct Rows<R> {
    csv: csv::Reader<R>,
    record: csv::StringRecord,
    names: Vec<String>,
    row: u64,
}

impl<R: Read> Rows<R> {
    /// Reads the header; names come out in Unicode NFC and without a byte-order mark.
    pub(in crate::train) fn open(reader: R) -> Result<Self, TrainError> {
        let csv = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(1 << 16)
            .from_reader(reader);
        let mut rows = Self { csv, record: csv::StringRecord::new(), names: Vec::new(), row: 0 };
        if !rows.advance()? {
            return Err(TrainError::Empty);
        }
        let found = rows.record.len();
        if found > MAX_COLUMNS {
            return Err(TrainError::TooManyColumns { found, limit: MAX_COLUMNS });
        }
        let mut seen = BTreeSet::new();
        for (at, cell) in rows.record.iter().enumerate() {
            let cell = if at == 0 { cell.trim_start_matches('\u{feff}') } else { cell };
            let name = nfc(cell);
            if !seen.insert(name.clone()) {
                return Err(TrainError::DuplicateColumn { name });
            }
            rows.names.push(name);
        }
        Ok(rows)
    }

    /// The columns in file order.
    pub(in crate::train) fn names(&self) -> &[String] {
        &self.names
    }

    /// The next row, which has as many cells as there are names.
    pub(in crate::train) fn next(&mut self) -> Result<Option<&csv::StringRecord>, TrainError> {
        self.row += 1;
        if !self.advance()? {
            self.row -= 1;
            return Ok(None);
        }
        let (found, expected) = (self.record.len(), self.names.len());
        if found != expected {
            return Err(TrainError::UnequalRow { row: self.row, found, expected });
        }
        Ok(Some(&self.record))
    }

    /// Hands every cell of some columns, each named by its place, to what takes it; returns the number
    /// of rows.
    pub(in crate::train) fn read(
        &mut self,
        columns: &mut [(usize, impl Cells)],
    ) -> Result<u64, TrainError> {
        loop {
            let row = self.row + 1;
            let Some(record) = self.next()? else { return Ok(self.row) };
            for (at, column) in columns.iter_mut() {
                column.add(record.get(*at).unwrap_or_default(), row);
            }
        }
    }

    /// The reader, which is at its end once [`Rows::next`] has returned `None`.
    pub(in crate::train) fn into_inner(self) -> R {
        self.csv.into_inner()
    }

    fn advance(&mut self) -> Result<bool, TrainError> {
        self.csv.read_record(&mut self.record).map_err(|error| match error.kind() {
            csv::ErrorKind::Utf8 { .. } => TrainError::NotUtf8 { row: self.row },
            _ => error.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(bytes: &[u8]) -> String {
        let mut rows = match Rows::open(bytes) {
            Ok(rows) => rows,
            Err(error) => return error.to_string(),
        };
        loop {
            match rows.next() {
                Ok(Some(_)) => (),
                Ok(None) => return String::new(),
                Err(error) => return error.to_string(),
            }
        }
    }

    #[test]
    fn names_are_nfc_without_the_byte_order_mark() {
        let rows = Rows::open("\u{feff}e\u{301},b\n".as_bytes()).unwrap();
        assert_eq!(rows.names(), ["é", "b"]);
    }

    #[test]
    fn faults_name_the_row() {
        for (bytes, expected) in [
            (&b""[..], "the file is empty"),
            (b"\n\n", "the file is empty"),
            ("é,e\u{301}\n".as_bytes(), "two columns are called 'é'"),
            (b"a,b\n1,2\n3\n", "row 2 has 1 cells and the header 2"),
            (b"a,b\n1,2,3\n", "row 1 has 3 cells and the header 2"),
            (b"a,\xff\n", "the header is not valid UTF-8"),
            (b"a,b\n1,2\n1,\xff\n", "row 2 is not valid UTF-8"),
        ] {
            assert!(error(bytes).starts_with(expected), "{} for {bytes:?}", error(bytes));
        }
        assert_eq!(error(b"a,b\r\n\"1,5\",2\r\n\r\n3,4"), "");
    }
}
