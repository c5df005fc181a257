//! Splits that keep equal values of a column together.

use super::super::error::TrainError;
use super::super::random::Random;
use super::super::table::{Part, Table};
use super::{draw, part_of, parts};

/// A share of the distinct values of a column, drawn by a seed, is the test part with all their rows.
pub(super) fn divide(
    table: &Table,
    column: &str,
    share: f64,
    seed: i64,
) -> Result<Vec<Part>, TrainError> {
    let ranks = table.ranks(column)?;
    let groups = ranks.iter().max().map_or(0, |last| *last as usize + 1);
    let mut random = Random::stream("fairledger grouped split v1", seed, 0);
    let mut is_test = vec![false; groups];
    for group in draw(groups, part_of(groups, share)?, &mut random) {
        is_test[group] = true;
    }
    let rows = 0..table.rows();
    Ok(parts(table.rows(), rows.filter(|row| is_test[ranks[*row] as usize])))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Rows, divide};
    use super::*;
    use crate::ledger::split::{Split, SplitFraction};

    fn split(groups: &[u8], test: f64, seed: i64) -> Result<Rows, TrainError> {
        let text =
            groups.iter().fold(String::from("g\n"), |text, group| text + &format!("{group}\n"));
        let table = Table::read(text.as_bytes(), &["g"]).unwrap();
        let group = Some("g".to_owned());
        let split = SplitFraction { test, seed, group, stratify: None };
        divide(Some(&Split::Fraction(split)), &table)
    }

    #[test]
    fn the_share_counts_groups() {
        let groups = [1, 1, 1, 1, 1, 1, 2, 3, 4, 5];
        for seed in 0..20 {
            let rows = split(&groups, 0.4, seed).unwrap();
            let mut test: Vec<u8> = rows.test.iter().map(|row| groups[*row]).collect();
            test.dedup();
            assert_eq!(test.len(), 2);
        }
        assert_ne!(split(&groups, 0.4, 1).unwrap(), split(&groups, 0.4, 2).unwrap());
        let error = split(&[7, 7, 7], 0.4, 0).unwrap_err().to_string();
        assert!(error.starts_with("the train part of the split has no row"), "{error}");
    }

    proptest! {
        #[test]
        fn no_group_is_in_both_parts(
            groups in proptest::collection::vec(0_u8..6, 2..30),
            test in 0.05..0.95,
            seed in 0_i64..9,
        ) {
            if let Ok(rows) = split(&groups, test, seed) {
                let of = |rows: &[usize]| rows.iter().map(|row| groups[*row]).collect::<Vec<_>>();
                let train = of(&rows.train);
                prop_assert!(of(&rows.test).iter().all(|group| !train.contains(group)));
                prop_assert_eq!(rows.train.len() + rows.test.len(), groups.len());
            }
        }
    }
}
