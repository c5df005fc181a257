//! A data file as the parts that a Parquet reader asks for.

use std::io::{self, BufReader, Read, SeekFrom};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

use super::super::{DataFile, read_some};

/// A data file that several readers read at places of their own.
#[derive(Clone)]
pub(super) struct Shared {
    file: Arc<Mutex<Box<dyn DataFile>>>,
    length: u64,
}

impl Shared {
    /// Takes a file whose length will not change.
    pub(super) fn new(mut file: Box<dyn DataFile>) -> io::Result<Self> {
        let length = file.seek(SeekFrom::End(0))?;
        Ok(Self { file: Arc::new(Mutex::new(file)), length })
    }

    fn lock(&self) -> MutexGuard<'_, Box<dyn DataFile>> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Length for Shared {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Shared {
    type T = BufReader<Place>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(BufReader::new(Place { shared: self.clone(), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        // A damaged file may ask for more than there is, which must not be allocated.
        if start.checked_add(length as u64).is_none_or(|end| end > self.length) {
            return Err(ParquetError::EOF("it is cut short".into()));
        }
        let mut bytes = vec![0; length];
        Place { shared: self.clone(), at: start }.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

/// A reader at a place of its own.
pub(super) struct Place {
    shared: Shared,
    at: u64,
}

impl Read for Place {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut file = self.shared.lock();
        file.seek(SeekFrom::Start(self.at))?;
        let length = read_some(&mut **file, buffer)?;
        self.at += length as u64;
        Ok(length)
    }
}
