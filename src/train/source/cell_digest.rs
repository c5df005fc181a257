//! The digest of a column's cells, fed in pieces large enough for BLAKE3 to work on many at once.

use crate::ledger::digest::{Digest, StreamDigest};

/// The pieces of all columns together take so many bytes.
const ALL: usize = 8 << 20;
/// The piece of one column takes at most so many.
const LARGEST: usize = 16 << 10;

/// The digest of cells in row order, each with its length before it.
pub(in crate::train) struct CellDigest {
    digest: StreamDigest,
    piece: Vec<u8>,
    limit: usize,
}

impl CellDigest {
    /// The digest of one of so many columns.
    pub(in crate::train) fn one_of(columns: usize) -> Self {
        let limit = (ALL / columns.max(1)).min(LARGEST);
        Self { digest: StreamDigest::default(), piece: Vec::new(), limit }
    }

    /// Adds the cell of the next row.
    pub(in crate::train) fn add(&mut self, text: &str) {
        self.piece.extend_from_slice(&(text.len() as u64).to_be_bytes());
        self.piece.extend_from_slice(text.as_bytes());
        if self.piece.len() >= self.limit {
            self.digest.update(&self.piece);
            self.piece.clear();
        }
    }

    /// The digest of all cells.
    pub(in crate::train) fn finish(mut self) -> Digest {
        self.digest.update(&self.piece);
        self.digest.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_do_not_matter() {
        let cells =
            ["", "a", "12345678901234567890", "é", "long".repeat(9000).as_str()].map(String::from);
        let mut plain = Vec::new();
        for cell in &cells {
            plain.extend((cell.len() as u64).to_be_bytes());
            plain.extend(cell.as_bytes());
        }
        for columns in [0, 1, 1000, 1 << 22, 1 << 30] {
            let mut digest = CellDigest::one_of(columns);
            for cell in &cells {
                digest.add(cell);
            }
            assert_eq!(digest.finish(), Digest::of(&plain), "{columns}");
        }
    }
}
