//! One column in memory, and how it grows cell by cell.

use std::collections::BTreeMap;

use crate::ledger::digest::Digest;
use crate::ledger::facts::ColumnKind;

use super::super::source::{Cell, CellDigest, Cells};
use super::labels::{Labels, Words, ranked};

/// A column: numbers where every cell that is not empty is one, words where they are wanted or where
/// there are no numbers.
#[derive(Clone, Debug)]
pub(super) struct Column {
    kind: ColumnKind,
    missing: u64,
    numbers: Option<Vec<f64>>,
    words: Option<Words>,
}

impl Column {
    /// What it holds.
    pub(super) fn kind(&self) -> ColumnKind {
        self.kind
    }

    /// The number of its empty cells.
    pub(super) fn missing(&self) -> u64 {
        self.missing
    }

    /// Its numbers, NaN where the cell is empty; `None` for text.
    pub(super) fn numbers(&self) -> Option<&[f64]> {
        self.numbers.as_deref()
    }

    /// The first row, from 0, whose cell is neither a number nor empty, and the cell.
    pub(super) fn first_text(&self) -> Option<(usize, &str)> {
        let words = self.words.as_ref()?;
        let is_text = |text: &str| matches!(Cell::read(text), Cell::Text | Cell::Boolean(_));
        words.cells().enumerate().find(|(_, text)| is_text(text))
    }

    /// Which of its cells are empty.
    pub(super) fn gaps(&self) -> Vec<bool> {
        match (&self.numbers, &self.words) {
            (Some(numbers), _) => numbers.iter().map(|number| number.is_nan()).collect(),
            (None, words) => words.iter().flat_map(Words::cells).map(str::is_empty).collect(),
        }
    }

    /// Its cells as they are written.
    pub(super) fn texts(&self) -> Labels {
        match (&self.words, &self.numbers) {
            (Some(words), _) => words.as_written(),
            (None, numbers) => Labels::of_numbers(numbers.as_deref().unwrap_or_default()),
        }
    }

    /// The rank of each cell's value among the distinct ones.
    pub(super) fn ranks(&self) -> Vec<u32> {
        match (&self.words, &self.numbers) {
            (Some(words), _) => words.in_order(self.kind).codes,
            (None, numbers) => ranked(numbers.as_deref().unwrap_or_default()).1,
        }
    }

    /// Its values in their order.
    pub(super) fn labels(&self) -> Labels {
        match (&self.words, &self.numbers) {
            (Some(words), _) => words.in_order(self.kind),
            (None, numbers) => Labels::of_numbers(numbers.as_deref().unwrap_or_default()),
        }
    }
}

/// A column while it is read. Its kind and its length are known before, so that every vector is made
/// once in its final size.
pub(super) struct Growing {
    kind: ColumnKind,
    rows: usize,
    missing: u64,
    numbers: Option<Vec<f64>>,
    codes: Option<Vec<u32>>,
    words: BTreeMap<Box<str>, u32>,
    digest: CellDigest,
    misfit: bool,
}

impl Growing {
    /// One of so many columns, of a kind and a number of rows; `words` asks for the texts of a number
    /// column too.
    pub(super) fn new(columns: usize, kind: ColumnKind, rows: usize, words: bool) -> Self {
        let is_text = kind == ColumnKind::Text;
        Self {
            kind,
            rows,
            missing: 0,
            numbers: (!is_text).then(|| Vec::with_capacity(rows)),
            codes: (is_text || words).then(|| Vec::with_capacity(rows)),
            words: BTreeMap::new(),
            digest: CellDigest::one_of(columns),
            misfit: false,
        }
    }

    /// The column and the digest of its cells; `None` when the cells were of another kind or number.
    pub(super) fn finish(self, rows: u64) -> Option<(Column, Digest)> {
        if self.misfit || rows != self.rows as u64 {
            return None;
        }
        let words = self.codes.map(|codes| Words::new(self.words, codes));
        let (kind, missing, numbers) = (self.kind, self.missing, self.numbers);
        Some((Column { kind, missing, numbers, words }, self.digest.finish()))
    }
}

impl Cells for Growing {
    fn add(&mut self, text: &str, row: u64) {
        // What exceeds the known length would move a vector that fills half of the memory.
        self.misfit |= row > self.rows as u64;
        if self.misfit {
            return;
        }
        self.digest.add(text);
        let cell = Cell::read(text);
        self.missing += u64::from(cell == Cell::Missing);
        if let Some(numbers) = &mut self.numbers {
            match cell {
                Cell::Missing => numbers.push(f64::NAN),
                Cell::Integer(number) | Cell::Float(number) => numbers.push(number),
                Cell::Boolean(truth) => numbers.push(f64::from(u8::from(truth))),
                Cell::Text => self.misfit = true,
            }
        }
        if let Some(codes) = &mut self.codes {
            let text = text.trim_ascii();
            let code = self.words.get(text).copied().unwrap_or_else(|| {
                let next = self.words.len() as u32;
                self.words.insert(text.into(), next);
                next
            });
            codes.push(code);
        }
    }
}
