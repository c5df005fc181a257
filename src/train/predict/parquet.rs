//! New rows as Parquet: the cells that the same rows have in CSV, a group of rows at a time.

use std::io::Read;

use super::super::error::TrainError;
use super::super::source::{Cells, open_parquet};
use super::Work;
use super::field::{Field, Row};

/// Hands over every row. The file is read whole first, for its directory is at its end.
pub(super) fn each_row(mut input: impl Read, work: &mut Work<'_>) -> Result<(), TrainError> {
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes).map_err(TrainError::Read)?;
    let file = open_parquet(bytes)?;
    work.begin(file.names().to_vec())?;
    let mut before = 0;
    for group in 0..file.groups() {
        let mut columns: Vec<(usize, Texts)> =
            (0..file.names().len()).map(|place| (place, Texts::default())).collect();
        let rows = file.read_group(group, before, &mut columns)?;
        for row in 0..rows as usize {
            let cells = columns.iter().map(|(_, texts)| Field::of_cell(texts.get(row)));
            work.push(Row { cells: cells.collect(), more: Vec::new() })?;
        }
        before += rows;
    }
    Ok(())
}

/// The cells of a column, one after the other in one text.
#[derive(Default)]
struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    fn get(&self, row: usize) -> &str {
        let start = row.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        let end = self.ends.get(row).copied();
        start.zip(end).and_then(|(start, end)| self.text.get(start..end)).unwrap_or_default()
    }
}

impl Cells for Texts {
    fn add(&mut self, text: &str, _row: u64) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_by_row() {
        let mut texts = Texts::default();
        for (text, row) in [("a", 1), ("", 2), ("é", 3)] {
            texts.add(text, row);
        }
        assert_eq!([0, 1, 2, 3].map(|row| texts.get(row)), ["a", "", "é", ""]);
    }
}
