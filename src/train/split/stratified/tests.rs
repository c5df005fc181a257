//! Shares of values on both sides.

use proptest::prelude::*;

use super::super::{Rows, divide};
use super::*;
use crate::ledger::split::{Split, SplitFraction};

fn split(values: &[i64], test: f64, seed: i64) -> Result<Rows, TrainError> {
    let text = values.iter().fold(String::from("v\n"), |text, value| text + &format!("{value}\n"));
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
