//! Where a table comes from: a data file read as cells of text, column by column, never whole.

mod cell;
pub(super) mod csv;
mod tap;

use std::io::{Read, Seek};

use super::error::TrainError;
use tap::Tapped;

pub(super) use cell::{Cell, number_text};
pub(super) use tap::FileDigests;

/// A data file: its bytes in any order. The room knows no paths, so it is handed opened files.
pub trait DataFile: Read + Seek + Send {}

impl<T: Read + Seek + Send> DataFile for T {}

/// What takes the cells of one column.
pub(super) trait Cells {
    /// Takes the cell of the next row; rows count from 1.
    fn add(&mut self, text: &str, row: u64);
}

/// A data file whose columns are known by name.
pub(super) enum Source {
    Csv(csv::Rows<Tapped>),
}

impl Source {
    /// Opens a data file; `digested` asks for the digests of its bytes.
    pub(super) fn open(file: Box<dyn DataFile>, digested: bool) -> Result<Self, TrainError> {
        let file = Tapped::new(file, digested).map_err(TrainError::Read)?;
        Ok(Self::Csv(csv::Rows::open(file)?))
    }

    /// The columns in file order, in Unicode NFC.
    pub(super) fn names(&self) -> &[String] {
        match self {
            Self::Csv(rows) => rows.names(),
        }
    }

    /// Hands every cell of some columns, each named by its place in the file, to what takes it.
    /// Returns the number of rows.
    pub(super) fn read(&mut self, columns: &mut [(usize, impl Cells)]) -> Result<u64, TrainError> {
        match self {
            Self::Csv(rows) => rows.read(columns),
        }
    }

    /// The digests of the file once it has been read, if they were asked for.
    pub(super) fn finish(self) -> Option<FileDigests> {
        match self {
            Self::Csv(rows) => rows.into_inner().finish(),
        }
    }
}
