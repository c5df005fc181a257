//! A data file whose bytes are digested while they are read.

use std::io::{self, Read, Seek, SeekFrom};

use crate::ledger::digest::{Digest, StreamDigest, StreamSha256};

use super::{DataFile, read_some};

/// The bytes of a data file, digested on their way when asked for.
pub(in crate::train) struct Tapped {
    file: Box<dyn DataFile>,
    digests: Option<Digests>,
}

/// The digests of bytes that have gone by.
#[derive(Default)]
struct Digests {
    size: u64,
    blake3: StreamDigest,
    sha256: StreamSha256,
}

/// The size and the digests of a whole file.
pub(in crate::train) struct FileDigests {
    pub(in crate::train) size: u64,
    pub(in crate::train) blake3: Digest,
    pub(in crate::train) sha256: String,
}

impl Tapped {
    /// A file from its start.
    pub(super) fn new(mut file: Box<dyn DataFile>, digested: bool) -> io::Result<Self> {
        file.seek(SeekFrom::Start(0))?;
        Ok(Self { file, digests: digested.then(Digests::default) })
    }

    /// Whether digests are asked for.
    pub(super) fn is_digested(&self) -> bool {
        self.digests.is_some()
    }

    /// The file, and the digests of what was read of it; `None` where they were not asked for.
    pub(super) fn into_parts(self) -> (Box<dyn DataFile>, Option<FileDigests>) {
        let digests = self.digests.map(|digests| FileDigests {
            size: digests.size,
            blake3: digests.blake3.finish(),
            sha256: digests.sha256.finish(),
        });
        (self.file, digests)
    }
}

impl Read for Tapped {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = read_some(&mut *self.file, buffer)?;
        if let Some(digests) = &mut self.digests {
            let bytes = buffer.get(..length).unwrap_or_default();
            digests.size += bytes.len() as u64;
            digests.blake3.update(bytes);
            digests.sha256.update(bytes);
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of which every second reading is interrupted by a signal.
    struct Interrupted(io::Cursor<Vec<u8>>, bool);

    impl Read for Interrupted {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 { Err(io::ErrorKind::Interrupted.into()) } else { self.0.read(buffer) }
        }
    }

    impl Seek for Interrupted {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    #[test]
    fn a_signal_does_not_end_a_reading() {
        let file = Interrupted(io::Cursor::new(b"x,y\n1,2\n".to_vec()), false);
        let mut tapped = Tapped::new(Box::new(file), true).unwrap();
        let mut buffer = [0; 4];
        assert_eq!(tapped.read(&mut buffer).unwrap(), 4);
        assert_eq!(&buffer, b"x,y\n");
        assert_eq!(tapped.read(&mut buffer).unwrap(), 4);
        assert_eq!(tapped.read(&mut buffer).unwrap(), 0);
        assert_eq!(tapped.into_parts().1.unwrap().size, 8);
    }
}
