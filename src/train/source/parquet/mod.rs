//! Parquet as columns of text: the same cells that a CSV file of the same table has.
//!
//! | type | cell |
//! |---|---|
//! | integers, decimals | in decimal: `7`, `-1.50` |
//! | floats | the shortest text that reads back: `0.1`, `1e-05`; NaN is empty |
//! | booleans | `true`, `false` |
//! | dates, times, timestamps | ISO 8601: `2026-11-23T10:00:00.5`, with `Z` where they are in UTC |
//! | strings, UUIDs | as they are |
//! | null | empty |

mod chunk;
mod text;
mod time;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::DataType;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};

use crate::ledger::encode::nfc;

use super::super::error::TrainError;
use super::tap::{FileDigests, Tapped};
use super::{Cells, MAX_COLUMNS};
use chunk::Shared;
use text::{Spelling, Unspelt};

/// Values decoded at a time.
const BATCH: usize = 4_096;

/// The columns of a Parquet file.
pub(in crate::train) struct ParquetFile {
    file: SerializedFileReader<Shared>,
    names: Vec<String>,
    spellings: Vec<Spelling>,
    digests: Option<FileDigests>,
}

impl ParquetFile {
    /// Reads what the file says of its columns; names come out in Unicode NFC.
    ///
    /// # Errors
    /// When the file is damaged, or a column is nested or of a type that has no text.
    pub(super) fn open(mut tapped: Tapped) -> Result<Self, TrainError> {
        if tapped.is_digested() {
            io::copy(&mut tapped, &mut io::sink()).map_err(TrainError::Read)?;
        }
        let (file, digests) = tapped.into_parts();
        let shared = Shared::new(file).map_err(TrainError::Read)?;
        let file = guarded(|| SerializedFileReader::new(shared))?;
        let (mut names, mut spellings) = (Vec::new(), Vec::new());
        let mut seen = BTreeSet::new();
        let columns = file.metadata().file_metadata().schema_descr().columns();
        if columns.len() > MAX_COLUMNS {
            let (found, limit) = (columns.len(), MAX_COLUMNS);
            return Err(TrainError::TooManyColumns { found, limit });
        }
        for column in columns {
            let path = column.path().parts();
            let name = nfc(path.first().map_or("", String::as_str));
            if path.len() > 1 || column.max_rep_level() > 0 || column.max_def_level() > 1 {
                return Err(TrainError::NestedColumn { column: name });
            }
            let spelling = Spelling::of(column)
                .map_err(|what| TrainError::NoTextForm { column: name.clone(), what })?;
            if !seen.insert(name.clone()) {
                return Err(TrainError::DuplicateColumn { name });
            }
            names.push(name);
            spellings.push(spelling);
        }
        Ok(Self { file, names, spellings, digests })
    }

    /// The columns in file order.
    pub(in crate::train) fn names(&self) -> &[String] {
        &self.names
    }

    /// Hands every cell of some columns, each named by its place, to what takes it; returns the number
    /// of rows.
    pub(super) fn read(&self, columns: &mut [(usize, impl Cells)]) -> Result<u64, TrainError> {
        (0..self.groups()).try_fold(0, |row, at| Ok(row + self.read_group(at, row, columns)?))
    }

    /// Number of groups that the rows are kept in.
    pub(in crate::train) fn groups(&self) -> usize {
        self.file.num_row_groups()
    }

    /// As [`ParquetFile::read`], for one group, which follows on so many rows.
    pub(in crate::train) fn read_group(
        &self,
        at: usize,
        before: u64,
        columns: &mut [(usize, impl Cells)],
    ) -> Result<u64, TrainError> {
        let group = guarded(|| self.file.get_row_group(at))?;
        let rows = u64::try_from(group.metadata().num_rows()).unwrap_or(0);
        for (place, cells) in columns.iter_mut() {
            self.column(group.as_ref(), *place, before, rows, cells)?;
        }
        Ok(rows)
    }

    /// The digests of the whole file, if they were asked for.
    pub(super) fn finish(self) -> Option<FileDigests> {
        self.digests
    }

    /// One column of one group of rows, which follows on so many rows.
    fn column(
        &self,
        group: &dyn RowGroupReader,
        place: usize,
        before: u64,
        rows: u64,
        cells: &mut impl Cells,
    ) -> Result<(), TrainError> {
        let spelling = self.spellings[place];
        let mut part = Part { name: &self.names[place], before, rows, cells };
        let chunk = group.metadata().columns().get(place).ok_or_else(|| part.damaged())?;
        let places = [chunk.dictionary_page_offset(), Some(chunk.data_page_offset())];
        // The library panics on these.
        if chunk.compressed_size() < 0 || places.into_iter().flatten().any(|place| place < 0) {
            return Err(part.damaged());
        }
        match guarded(|| group.get_column_reader(place))? {
            ColumnReader::BoolColumnReader(reader) => part.read(reader, |value, text| {
                text.push_str(if *value { "true" } else { "false" });
            }),
            ColumnReader::Int32ColumnReader(reader) => {
                part.read(reader, |value, text| spelling.int32(*value, text))
            }
            ColumnReader::Int64ColumnReader(reader) => {
                part.read(reader, |value, text| spelling.int64(*value, text))
            }
            ColumnReader::Int96ColumnReader(reader) => {
                part.read(reader, |value, text| time::int96(value.data(), text))
            }
            ColumnReader::FloatColumnReader(reader) => {
                part.read(reader, |value, text| text::float(*value, value.is_nan(), text))
            }
            ColumnReader::DoubleColumnReader(reader) => {
                part.read(reader, |value, text| text::float(*value, value.is_nan(), text))
            }
            ColumnReader::ByteArrayColumnReader(reader) => {
                part.try_read(reader, |value, text| spelling.bytes(value.data(), text))
            }
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                part.try_read(reader, |value, text| spelling.bytes(value.data(), text))
            }
        }
    }
}

/// A column in a group of rows.
struct Part<'a, C> {
    name: &'a str,
    before: u64,
    rows: u64,
    cells: &'a mut C,
}

impl<C: Cells> Part<'_, C> {
    /// Reads values of which each has a text.
    fn read<T: DataType>(
        &mut self,
        reader: ColumnReaderImpl<T>,
        spell: impl Fn(&T::T, &mut String),
    ) -> Result<(), TrainError> {
        self.try_read(reader, |value, text| {
            spell(value, text);
            Ok(())
        })
    }

    fn try_read<T: DataType>(
        &mut self,
        mut reader: ColumnReaderImpl<T>,
        spell: impl Fn(&T::T, &mut String) -> Result<(), Unspelt>,
    ) -> Result<(), TrainError> {
        let (mut values, mut levels, mut text) = (Vec::new(), Vec::new(), String::new());
        let mut done = 0;
        while done < self.rows {
            values.clear();
            levels.clear();
            let wanted = BATCH.min((self.rows - done) as usize);
            let (records, ..) =
                guarded(|| reader.read_records(wanted, Some(&mut levels), None, &mut values))?;
            // A column that cannot be null has no levels.
            if levels.is_empty() {
                levels.resize(records, 1);
            }
            if records == 0 || levels.len() != records {
                return Err(self.damaged());
            }
            let mut present = values.iter();
            for level in &levels {
                done += 1;
                let row = self.before + done;
                text.clear();
                if *level > 0 {
                    let value = present.next().ok_or_else(|| self.damaged())?;
                    let column = || self.name.to_owned();
                    spell(value, &mut text)
                        .map_err(|_| TrainError::NoText { row, column: column() })?;
                }
                self.cells.add(&text, row);
            }
        }
        Ok(())
    }

    fn damaged(&self) -> TrainError {
        TrainError::Parquet(format!("the column '{}' is cut short", self.name))
    }
}

/// Calls the library, which may panic on a damaged file.
fn guarded<T>(call: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, TrainError> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(ParquetError::General(what) | ParquetError::EOF(what))) => {
            Err(TrainError::Parquet(what))
        }
        Ok(Err(error)) => Err(TrainError::Parquet(error.to_string())),
        Err(_) => Err(TrainError::Parquet("it is damaged".into())),
    }
}
