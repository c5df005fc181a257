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
mod tests {
    use proptest::prelude::*;

    use super::super::{Rows, divide};
    use super::*;
    use crate::ledger::split::{Split, SplitFraction};

    fn split(values: &[i64], test: f64, seed: i64) -> Result<Rows, TrainError> {
        let text =
            values.iter().fold(String::from("v\n"), |text, value| text + &format!("{value}\n"));
        let table = Table::read(text.as_bytes(), &["v"]).unwrap();
        let stratify = Some("v".to_owned());
        let split = SplitFraction { test, seed, stratify, group: None };
        divide(Some(&Split::Fraction(split)), &table)
    }

    #[test]
    fn the_largest_remainders_are_rounded_up() {
        assert_eq!(shares(&[50, 30, 20], 20), [10, 6, 4]);
        // 3.5, 2.1 and 1.4 of 7.
        assert_eq!(shares(&[5, 3, 2], 7), [4, 2, 1]);
        // 1.5 twice: the first of equally frequent values.
        assert_eq!(shares(&[6, 6], 3), [2, 1]);
        // 1.8 of 2 would leave no training row.
        assert_eq!(shares(&[2, 8], 9), [1, 7]);
    }

    #[test]
    fn every_value_has_its_share() {
        let values: Vec<i64> = (0..90).map(|row| [0, 0, 1][row % 3]).collect();
        let rows = split(&values, 0.2, 42).unwrap();
        let ones = |rows: &[usize]| rows.iter().filter(|row| values[**row] == 1).count();
        assert_eq!((ones(&rows.train), ones(&rows.test)), (24, 6));
        assert_eq!((rows.train.len(), rows.test.len()), (72, 18));
        assert_ne!(rows, split(&values, 0.2, 43).unwrap());
    }

    #[test]
    fn what_cannot_be_stratified_says_why() {
        let error = |values: &[i64], test| split(values, test, 0).unwrap_err().to_string();
        assert_eq!(
            error(&[1, 1, 2, 3, 3], 0.5),
            "'v' is '2' in one row only; a stratified split needs two rows of each value"
        );
        assert_eq!(
            error(&[1, 1, 2, 2, 3, 3], 0.3),
            "the test part of the split has 2 rows for 3 values of 'v'; change the share"
        );
    }

    proptest! {
        #[test]
        fn shares_differ_by_less_than_a_row(
            values in proptest::collection::vec(0_i64..4, 8..60),
            test in 0.1..0.9,
        ) {
            if let Ok(rows) = split(&values, test, 1) {
                let whole = values.len() as f64;
                prop_assert_eq!(rows.test.len(), (test * whole).ceil() as usize);
                let mut bound = 1.0;
                let mut off: f64 = 0.0;
                for value in 0..4 {
                    let all = values.iter().filter(|it| **it == value).count();
                    let tested = rows.test.iter().filter(|row| values[**row] == value).count();
                    prop_assert!(all == 0 || tested < all);
                    let exact = rows.test.len() as f64 * all as f64 / whole;
                    off = off.max((tested as f64 - exact).abs());
                    // A value that keeps its training row gives its test row to another.
                    bound += f64::from(u8::from(exact > all as f64 - 1.0));
                }
                prop_assert!(off < bound, "{off} {bound}");
            }
        }
    }
}
