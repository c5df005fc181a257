//! Reading a table: first what the file holds, then the cells into vectors of the right size.

use std::collections::BTreeMap;
use std::io::Cursor;

use crate::ledger::digest::Digest;
use crate::ledger::encode::nfc;
use crate::ledger::facts::{self, ColumnKind, DataFacts};

use super::super::error::{TrainError, listing};
use super::super::profile::profile;
use super::super::source::{DataFile, Source};
use super::super::wanted::Wanted;
use super::Table;
use super::column::Growing;

impl Table {
    /// Reads the named columns of a data file's bytes and drops the others.
    ///
    /// What is wrong with a cell is reported when its column is used, not here.
    pub fn read(bytes: &[u8], columns: &[&str]) -> Result<Self, TrainError> {
        let open = || Box::new(Cursor::new(bytes.to_vec()));
        let facts = profile(open())?;
        let wanted: Vec<Wanted> =
            columns.iter().map(|name| Wanted { name: nfc(name), words: true }).collect();
        Ok(Self::load(open(), &facts, &wanted)?.0)
    }

    /// Reads some columns of a data file whose facts are known, never the whole file at once. Returns
    /// the content digest of what was read, as [`DataFacts::content`].
    ///
    /// # Errors
    /// [`TrainError::Changed`] when the file has changed so much that the facts do not fit it.
    pub fn load(
        file: Box<dyn DataFile>,
        facts: &DataFacts,
        wanted: &[Wanted],
    ) -> Result<(Self, Digest), TrainError> {
        let mut source = Source::open(file, false)?;
        let present: BTreeMap<&str, usize> =
            source.names().iter().map(String::as_str).zip(0..).collect();
        let known: BTreeMap<&str, ColumnKind> =
            facts.columns.iter().map(|column| (column.name.as_str(), column.kind)).collect();
        let wanted: BTreeMap<&str, bool> =
            wanted.iter().map(|column| (column.name.as_str(), column.words)).collect();
        let mut growing = Vec::new();
        for (name, words) in &wanted {
            let at = *present.get(name).ok_or_else(|| TrainError::NoColumn {
                name: (*name).to_owned(),
                present: listing(source.names().iter().map(String::as_str)),
            })?;
            let kind = *known.get(name).ok_or(TrainError::Changed)?;
            growing.push((at, Growing::new(wanted.len(), kind, facts.rows as usize, *words)));
        }
        let rows = source.read(&mut growing)?;
        let mut columns = BTreeMap::new();
        let mut digests = BTreeMap::new();
        for (name, (_, column)) in wanted.into_keys().zip(growing) {
            let (column, digest) = column.finish(rows).ok_or(TrainError::Changed)?;
            columns.insert(name.to_owned(), column);
            digests.insert(name, digest);
        }
        Ok((Self { rows: rows as usize, columns }, facts::content(digests)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(name: &str) -> Wanted {
        Wanted { name: name.into(), words: false }
    }

    fn file(text: &str) -> Box<dyn DataFile> {
        Box::new(Cursor::new(text.to_owned()))
    }

    #[test]
    fn the_digest_is_that_of_the_facts() {
        let text = "a,b,c\n1,x,\n2.5,y,7\n";
        let facts = profile(file(text)).unwrap();
        let (table, digest) =
            Table::load(file(text), &facts, &[wanted("c"), wanted("b"), wanted("c")]).unwrap();
        assert_eq!(Some(digest), facts.content(&["b", "c"]));
        assert_eq!(table.texts("b").unwrap().words, ["x", "y"]);
        assert_eq!(table.texts("c").unwrap().words, ["7", ""]);
    }

    #[test]
    fn another_file_than_the_facts_are_of_is_refused() {
        let facts = profile(file("a,b\n1,2\n3,4\n")).unwrap();
        for (text, changed) in [
            ("a,b\n1,2\n", true),
            ("a,b\n1,2\n3,4\n5,6\n", true),
            ("a,b\nx,2\n3,4\n", true),
            ("a,b\n2,2\n3,4\n", false),
        ] {
            let loaded = Table::load(file(text), &facts, &[wanted("a")]);
            assert_eq!(matches!(loaded, Err(TrainError::Changed)), changed, "{text:?}");
            if let Ok((_, digest)) = loaded {
                assert_ne!(Some(digest), facts.content(&["a"]));
            }
        }
        let gone = Table::load(file("b\n1\n2\n"), &facts, &[wanted("a")]).unwrap_err();
        assert!(matches!(gone, TrainError::NoColumn { .. }));
    }
}
