//! The facts of a data file in one streaming pass.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::ledger::digest::Digest;
use crate::ledger::facts::{ColumnFacts, ColumnKind, DataFacts, MAX_DISTINCT, MAX_WORDS};

use super::error::TrainError;
use super::source::{Cell, CellDigest, Cells, DataFile, FileDigests, Source};

/// In files of more columns distinct cells are not counted, which bounds the memory of counting to
/// about 64 MB.
const MAX_COUNTED_COLUMNS: usize = 4_096;

/// Takes the facts of a data file in one pass; memory does not grow with its rows.
pub fn profile(file: Box<dyn DataFile>) -> Result<DataFacts, TrainError> {
    let mut source = Source::open(file, true)?;
    let counted = source.names().len() <= MAX_COUNTED_COLUMNS;
    let names = source.names().iter().enumerate();
    let mut columns: Vec<_> =
        names.map(|(at, name)| (at, Profile::new(name, source.names().len(), counted))).collect();
    let rows = source.read(&mut columns)?;
    let digests = source.finish().ok_or(TrainError::Empty)?;
    Ok(facts_of(digests, rows, columns.into_iter().map(|(_, column)| column)))
}

/// The facts of a file from those of its columns.
pub(super) fn facts_of(
    digests: FileDigests,
    rows: u64,
    columns: impl IntoIterator<Item = Profile>,
) -> DataFacts {
    DataFacts {
        size: digests.size,
        blake3: digests.blake3,
        sha256: digests.sha256,
        rows,
        columns: columns.into_iter().map(Profile::finish).collect(),
    }
}

/// A column while its cells go by.
pub(super) struct Profile {
    facts: ColumnFacts,
    kind: Option<ColumnKind>,
    crowded: bool,
    distinct: Option<BTreeSet<u64>>,
    cells: CellDigest,
}

impl Profile {
    /// One of so many columns; `counted` asks for its number of distinct cells.
    pub(super) fn new(name: &str, columns: usize, counted: bool) -> Self {
        let facts = ColumnFacts {
            name: name.to_owned(),
            kind: ColumnKind::Integer,
            missing: 0,
            first_text_row: None,
            words: Vec::new(),
            distinct: None,
            digest: Digest::of(&[]),
        };
        let distinct = counted.then(BTreeSet::new);
        let cells = CellDigest::one_of(columns);
        Self { facts, kind: None, crowded: false, distinct, cells }
    }

    fn note_word(&mut self, text: &str) {
        let words = &mut self.facts.words;
        if !self.crowded {
            if words.iter().any(|word| word == text) {
                return;
            }
            if words.len() == MAX_WORDS {
                words.clear();
                self.crowded = true;
            } else {
                words.push(text.to_owned());
            }
        }
        if let Some(distinct) = &mut self.distinct
            && distinct.len() < MAX_DISTINCT
        {
            let mut hasher = DefaultHasher::new();
            text.hash(&mut hasher);
            distinct.insert(hasher.finish());
        }
    }

    fn finish(self) -> ColumnFacts {
        ColumnFacts {
            kind: self.kind.unwrap_or(ColumnKind::Integer),
            distinct: self.distinct.map(|distinct| distinct.len() as u64),
            digest: self.cells.finish(),
            ..self.facts
        }
    }
}

impl Cells for Profile {
    fn add(&mut self, text: &str, row: u64) {
        self.cells.add(text);
        let kind = match Cell::read(text) {
            Cell::Missing => {
                self.facts.missing += 1;
                return;
            }
            Cell::Integer(_) => ColumnKind::Integer,
            Cell::Float(_) => ColumnKind::Float,
            Cell::Boolean(_) => ColumnKind::Boolean,
            Cell::Text => ColumnKind::Text,
        };
        if !kind.is_number() {
            self.facts.first_text_row.get_or_insert(row);
        }
        self.kind = Some(self.kind.map_or(kind, |other| kind.joined(other)));
        self.note_word(text);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;
    use crate::ledger::digest::{Digest, sha256_hex};

    fn facts(text: &str) -> DataFacts {
        profile(Box::new(Cursor::new(text.to_owned()))).unwrap()
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
    fn kinds_that_do_not_mix_are_text() {
        for (cells, kind) in [
            (&["1", "2.5", ""][..], ColumnKind::Float),
            (&["2.5", "1"], ColumnKind::Float),
            (&["true", "", "False"], ColumnKind::Boolean),
            (&["true", "1"], ColumnKind::Text),
            (&["1", "false"], ColumnKind::Text),
            (&["x", "1"], ColumnKind::Text),
            (&["", ""], ColumnKind::Integer),
        ] {
            let text = format!("a,b\n{}", cells.iter().fold(String::new(), |t, c| t + c + ",0\n"));
            assert_eq!(facts(&text).columns[0].kind, kind, "{cells:?}");
        }
    }

    #[test]
    fn distinct_cells_are_counted_up_to_a_limit() {
        let count = |cells: u64, turn: u64| {
            let lines: Vec<String> =
                (0..cells).map(|row| format!("w{},{row}\n", row % turn)).collect();
            let facts = facts(&(String::from("a,b\n,\n") + &lines.concat()));
            [facts.columns[0].distinct, facts.columns[1].distinct].map(Option::unwrap)
        };
        assert_eq!(count(100, 3), [3, 100]);
        assert_eq!(count(2000, 1000), [1000, 1001]);
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
            let _ = profile(Box::new(Cursor::new(bytes)));
        }

        #[test]
        fn no_commas_and_quotes_panic(text in "[a-c\",\n\r \u{feff}0-9.]{0,60}") {
            let _ = profile(Box::new(Cursor::new(text)));
        }
    }
}
