//! The facts of a data file in one streaming pass.

use std::io::{self, Read};

use crate::ledger::digest::{StreamDigest, StreamSha256};
use crate::ledger::facts::{ColumnFacts, ColumnKind, DataFacts};

use super::error::TrainError;
use super::reader::{Cell, Rows};

/// A column with more distinct cells than this has none of them listed.
const MAX_WORDS: usize = 32;

/// Takes the facts of a CSV file in one pass; memory does not grow with its rows.
pub fn profile(reader: &mut dyn Read) -> Result<DataFacts, TrainError> {
    let mut rows = Rows::open(Tapped::new(reader))?;
    let mut columns: Vec<Column> = rows.names().iter().map(|name| Column::new(name)).collect();
    loop {
        let row = rows.row() + 1;
        let Some(record) = rows.next()? else { break };
        for (column, cell) in columns.iter_mut().zip(record) {
            column.add(cell, row);
        }
    }
    let count = rows.row();
    let tapped = rows.into_inner();
    Ok(DataFacts {
        size: tapped.size,
        blake3: tapped.blake3.finish(),
        sha256: tapped.sha256.finish(),
        rows: count,
        columns: columns.into_iter().map(Column::finish).collect(),
    })
}

/// Digests what passes through.
struct Tapped<'a> {
    inner: &'a mut dyn Read,
    size: u64,
    blake3: StreamDigest,
    sha256: StreamSha256,
}

impl<'a> Tapped<'a> {
    fn new(inner: &'a mut dyn Read) -> Self {
        Self { inner, size: 0, blake3: StreamDigest::default(), sha256: StreamSha256::default() }
    }
}

impl Read for Tapped<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        let bytes = buffer.get(..length).unwrap_or_default();
        self.size += bytes.len() as u64;
        self.blake3.update(bytes);
        self.sha256.update(bytes);
        Ok(length)
    }
}

/// A column while its cells go by.
struct Column {
    facts: ColumnFacts,
    crowded: bool,
    cells: StreamDigest,
}

impl Column {
    fn new(name: &str) -> Self {
        let cells = StreamDigest::default();
        let facts = ColumnFacts {
            name: name.to_owned(),
            kind: ColumnKind::Integer,
            missing: 0,
            first_text_row: None,
            words: Vec::new(),
            digest: cells.finish(),
        };
        Self { facts, crowded: false, cells }
    }

    fn add(&mut self, text: &str, row: u64) {
        self.cells.update(&(text.len() as u64).to_be_bytes());
        self.cells.update(text.as_bytes());
        match Cell::read(text) {
            Cell::Missing => {
                self.facts.missing += 1;
                return;
            }
            Cell::Integer(_) => {}
            Cell::Float(_) => {
                if self.facts.kind == ColumnKind::Integer {
                    self.facts.kind = ColumnKind::Float;
                }
            }
            Cell::Text => {
                self.facts.kind = ColumnKind::Text;
                self.facts.first_text_row.get_or_insert(row);
            }
        }
        self.note_word(text);
    }

    fn note_word(&mut self, text: &str) {
        let words = &mut self.facts.words;
        if self.crowded || words.iter().any(|word| word == text) {
            return;
        }
        if words.len() == MAX_WORDS {
            words.clear();
            self.crowded = true;
        } else {
            words.push(text.to_owned());
        }
    }

    fn finish(self) -> ColumnFacts {
        ColumnFacts { digest: self.cells.finish(), ..self.facts }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ledger::digest::{Digest, sha256_hex};

    fn facts(text: &str) -> DataFacts {
        profile(&mut text.as_bytes()).unwrap()
    }

    #[test]
    fn columns_have_kinds_words_and_holes() {
        let text = "rooms,area,split\n3,1.5,train\n,2,test\n4,x,train\n";
        let facts = facts(text);
        assert_eq!((facts.rows, facts.size), (3, text.len() as u64));
        assert_eq!(facts.blake3, Digest::of(text.as_bytes()));
        assert_eq!(facts.sha256, sha256_hex(text.as_bytes()));
        let [rooms, area, split] = &facts.columns[..] else { panic!("three columns") };
        assert_eq!((rooms.kind, rooms.missing), (ColumnKind::Integer, 1));
        assert_eq!(rooms.words, ["3", "4"]);
        assert_eq!((area.kind, area.first_text_row), (ColumnKind::Text, Some(3)));
        assert_eq!(
            (split.kind, &split.words[..]),
            (ColumnKind::Text, &["train".into(), "test".into()][..])
        );
    }

    #[test]
    fn a_column_digest_ignores_how_the_file_is_written() {
        let plain = facts("a,b\n1,x\n2,y\n");
        let other = facts("\u{feff}b,\"a\"\r\n\"x\",1\r\ny,\"2\"");
        for name in ["a", "b"] {
            assert_eq!(plain.column(name).unwrap().digest, other.column(name).unwrap().digest);
        }
        assert_eq!(plain.content(&["a", "b"]), other.content(&["b", "a"]));
        assert_ne!(plain.blake3, other.blake3);
        let mut cells = Vec::new();
        for cell in ["1", "2"] {
            cells.extend((cell.len() as u64).to_be_bytes());
            cells.extend(cell.as_bytes());
        }
        assert_eq!(plain.columns[0].digest, Digest::of(&cells));
        assert_ne!(facts("a\n1\n23\n").columns[0].digest, facts("a\n12\n3\n").columns[0].digest);
    }

    #[test]
    fn a_column_with_many_words_lists_none() {
        let lines: Vec<String> = (0..32).map(|word| format!("{word}\n")).collect();
        let mut text = String::from("a\n") + &lines.concat();
        assert_eq!(facts(&text).columns[0].words.len(), 32);
        text += "0\n32\n1\n";
        assert!(facts(&text).columns[0].words.is_empty());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = profile(&mut &bytes[..]);
        }

        #[test]
        fn no_commas_and_quotes_panic(text in "[a-c\",\n\r \u{feff}0-9.]{0,60}") {
            let _ = profile(&mut text.as_bytes());
        }
    }
}
