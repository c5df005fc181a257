//! Dividing the rows of a table into training and test rows.

mod grouped;
mod stratified;
mod time;

use crate::ledger::split::{Split, SplitFraction};

use super::error::TrainError;
use super::random::Random;
use super::table::{Part, Table};

/// Row indices from 0 of both parts, each in file order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rows {
    pub(super) train: Vec<usize>,
    pub(super) test: Vec<usize>,
}

/// Divides the rows as a request asks; without a split all rows are training rows.
///
/// A share takes `ceil(share × rows)` test rows by a Fisher-Yates shuffle.
pub(super) fn divide(split: Option<&Split>, table: &Table) -> Result<Rows, TrainError> {
    let Some(split) = split else {
        return Ok(Rows { train: (0..table.rows()).collect(), test: Vec::new() });
    };
    let parts = match split {
        Split::Column(split) => table.parts(&split.column)?,
        Split::Fraction(split) => fraction(split, table)?,
        Split::Time(split) => time::divide(table, &split.time, split.test)?,
    };
    let of = |wanted| parts.iter().enumerate().filter(move |(_, part)| **part == wanted);
    let rows = Rows {
        train: of(Part::Train).map(|(row, _)| row).collect(),
        test: of(Part::Test).map(|(row, _)| row).collect(),
    };
    for (part, rows) in [("train", &rows.train), ("test", &rows.test)] {
        if rows.is_empty() {
            return Err(TrainError::EmptyPart { part });
        }
    }
    Ok(rows)
}

fn fraction(split: &SplitFraction, table: &Table) -> Result<Vec<Part>, TrainError> {
    let SplitFraction { test, seed, stratify, group } = split;
    match (stratify, group) {
        (None, None) => {
            let (rows, mut random) =
                (table.rows(), Random::stream("fairledger split v1", *seed, 0));
            let drawn = draw(rows, part_of(rows, *test)?, &mut random);
            Ok(parts(rows, drawn))
        }
        (Some(column), None) => stratified::divide(table, column, *test, *seed),
        (None, Some(column)) => grouped::divide(table, column, *test, *seed),
        (Some(_), Some(_)) => Err(TrainError::StratifiedGroups),
    }
}

/// How many of some things a share is, rounded up.
fn part_of(count: usize, share: f64) -> Result<usize, TrainError> {
    if share > 0.0 && share < 1.0 {
        Ok(((share * count as f64).ceil() as usize).min(count))
    } else {
        Err(TrainError::NotAShare(share))
    }
}

/// Draws some of the numbers from 0 to below `count`, by a Fisher-Yates shuffle.
fn draw(count: usize, drawn: usize, random: &mut Random) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for at in 0..drawn.min(count) {
        order.swap(at, at + random.below(count - at));
    }
    order.truncate(drawn);
    order
}

/// The part of each row, given the test rows.
fn parts(rows: usize, test: impl IntoIterator<Item = usize>) -> Vec<Part> {
    let mut parts = vec![Part::Train; rows];
    for row in test {
        parts[row] = Part::Test;
    }
    parts
}

#[cfg(test)]
mod tests;
