//! Splits that keep the shares of a column's values.

use super::super::error::{TrainError, shorten};
use super::super::random::Random;
use super::super::table::{Labels, Part, Table};
use super::{draw, part_of, parts};

/// Each value of a column has the same share in both parts as far as whole rows allow: the largest
/// remainders are rounded up, and a value keeps a training row. The rows of each value are drawn by a
/// stream of their own.
///
/// # Errors
/// When a value is in one row only, or a part has fewer rows than there are values.
pub(super) fn divide(
    table: &Table,
    column: &str,
    share: f64,
    seed: i64,
) -> Result<Vec<Part>, TrainError> {
    let labels = table.labels(column)?;
    let mut by_value: Vec<Vec<usize>> = vec![Vec::new(); labels.words.len()];
    for (row, code) in labels.codes.iter().enumerate() {
        by_value[*code as usize].push(row);
    }
    let counts: Vec<usize> = by_value.iter().map(Vec::len).collect();
    let test = part_of(table.rows(), share)?;
    check(&labels, &counts, column, test)?;
    let mut drawn = Vec::new();
    for (value, (rows, picks)) in by_value.iter().zip(shares(&counts, test)).enumerate() {
        let mut random = Random::stream("fairledger stratified split v1", seed, value as u64);
        drawn.extend(draw(rows.len(), picks, &mut random).into_iter().map(|at| rows[at]));
    }
    Ok(parts(table.rows(), drawn))
}

fn check(labels: &Labels, counts: &[usize], column: &str, test: usize) -> Result<(), TrainError> {
    if let Some(lonely) = counts.iter().position(|count| *count < 2) {
        return Err(TrainError::LonelyValue {
            column: column.to_owned(),
            value: shorten(&labels.words[lonely]),
        });
    }
    let (values, rows) = (counts.len(), labels.codes.len());
    for (part, rows) in [("train", rows - test), ("test", test)] {
        if rows < values {
            return Err(TrainError::FewerRowsThanValues {
                part,
                rows,
                values,
                column: column.to_owned(),
            });
        }
    }
    Ok(())
}

/// How many rows of each value are test rows, by the method of the largest remainder; of equal
/// remainders the more frequent value's is rounded up first, then the first value's.
fn shares(counts: &[usize], test: usize) -> Vec<usize> {
    let total: u128 = counts.iter().map(|count| *count as u128).sum();
    let exact = |count: usize| (test as u128) * (count as u128);
    let mut shares: Vec<usize> =
        counts.iter().map(|c| (exact(*c) / total.max(1)) as usize).collect();
    let mut order: Vec<usize> = (0..counts.len()).collect();
    let rank = |at: &usize| (exact(counts[*at]) % total.max(1), counts[*at]);
    order.sort_by_key(|at| std::cmp::Reverse(rank(at)));
    let mut left = test.saturating_sub(shares.iter().sum());
    while left > 0 {
        let before = left;
        for at in &order {
            if left > 0 && shares[*at] + 1 < counts[*at] {
                shares[*at] += 1;
                left -= 1;
            }
        }
        if left == before {
            break;
        }
    }
    shares
}

#[cfg(test)]
mod tests;
