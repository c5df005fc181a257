//! Where a table comes from: a data file read as cells of text, column by column, never whole.

mod cell;
mod cell_digest;
pub(super) mod csv;
mod parquet;
mod tap;

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use super::error::TrainError;
use tap::Tapped;

pub(super) use cell::{Cell, number_text};
pub(super) use cell_digest::CellDigest;
pub(super) use tap::FileDigests;

/// Each column keeps two hash states while it is profiled; this bounds them to about 128 MB.
const MAX_COLUMNS: usize = 65_536;

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
    Csv(Box<csv::Rows<Tapped>>),
    Parquet(Box<parquet::ParquetFile>),
}

/// Reads some of a file, again when a signal interrupts it: not every reader of tables does.
fn read_some(file: &mut dyn DataFile, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

/// Whether a file is a Parquet file: it begins with `PAR1` and goes on with what is no text.
pub fn is_parquet(file: &mut dyn DataFile) -> io::Result<bool> {
    let mut head = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(64).read_to_end(&mut head)?;
    Ok(begins_parquet(&head))
}

/// Whether bytes begin a Parquet file.
pub(super) fn begins_parquet(bytes: &[u8]) -> bool {
    let is_control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    bytes.starts_with(b"PAR1") && bytes.iter().take(64).any(is_control)
}

/// Opens the bytes of a Parquet file.
pub(super) fn open_parquet(bytes: Vec<u8>) -> Result<parquet::ParquetFile, TrainError> {
    let file = Tapped::new(Box::new(Cursor::new(bytes)), false).map_err(TrainError::Read)?;
    parquet::ParquetFile::open(file)
}

impl Source {
    /// Opens a data file; `digested` asks for the digests of its bytes.
    pub(super) fn open(mut file: Box<dyn DataFile>, digested: bool) -> Result<Self, TrainError> {
        let is_parquet = is_parquet(file.as_mut()).map_err(TrainError::Read)?;
        let file = Tapped::new(file, digested).map_err(TrainError::Read)?;
        Ok(if is_parquet {
            Self::Parquet(Box::new(parquet::ParquetFile::open(file)?))
        } else {
            Self::Csv(Box::new(csv::Rows::open(file)?))
        })
    }

    /// The word for its format.
    pub(super) fn format(&self) -> &'static str {
        match self {
            Self::Csv(_) => "csv",
            Self::Parquet(_) => "parquet",
        }
    }

    /// The columns in file order, in Unicode NFC.
    pub(super) fn names(&self) -> &[String] {
        match self {
            Self::Csv(rows) => rows.names(),
            Self::Parquet(file) => file.names(),
        }
    }

    /// Hands every cell of some columns, each named by its place in the file, to what takes it.
    /// Returns the number of rows.
    pub(super) fn read(&mut self, columns: &mut [(usize, impl Cells)]) -> Result<u64, TrainError> {
        match self {
            Self::Csv(rows) => rows.read(columns),
            Self::Parquet(file) => file.read(columns),
        }
    }

    /// The digests of the file once it has been read, if they were asked for.
    pub(super) fn finish(self) -> Option<FileDigests> {
        match self {
            Self::Csv(rows) => rows.into_inner().into_parts().1,
            Self::Parquet(file) => file.finish(),
        }
    }
}
