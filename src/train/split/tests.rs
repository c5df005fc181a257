//! Every split, and what cannot be split.

use super::*;
use crate::ledger::split::{SplitColumn, SplitFraction};

fn table(rows: usize) -> Table {
    let text: String = (0..rows).fold("a,part\n".into(), |text, row| {
        text + if row % 3 == 0 { "1,test\n" } else { "1,train\n" }
    });
    Table::read(text.as_bytes(), &["a", "part"]).unwrap()
}

fn share(test: f64, seed: i64) -> Split {
    Split::Fraction(SplitFraction { test, seed, ..SplitFraction::default() })
}

#[test]
fn a_column_decides_row_by_row() {
    let split = Split::Column(SplitColumn { column: "part".into() });
    let rows = divide(Some(&split), &table(5)).unwrap();
    assert_eq!((rows.train, rows.test), (vec![1, 2, 4], vec![0, 3]));
}

#[test]
fn a_share_is_rounded_up_and_keeps_the_order() {
    let table = table(11);
    let rows = divide(Some(&share(0.2, 42)), &table).unwrap();
    assert_eq!((rows.train.len(), rows.test.len()), (8, 3));
    assert!(rows.train.is_sorted() && rows.test.is_sorted());
    assert_eq!(rows, divide(Some(&share(0.2, 42)), &table).unwrap());
    assert_ne!(rows, divide(Some(&share(0.2, 43)), &table).unwrap());
}

#[test]
fn both_parts_need_rows() {
    let error = |split: &Split, rows| divide(Some(split), &table(rows)).unwrap_err().to_string();
    assert!(error(&share(0.5, 0), 1).starts_with("the train part"));
    assert!(error(&share(0.5, 0), 0).starts_with("the train part"));
    assert!(error(&share(1.5, 0), 9).starts_with("the test share of the split is 1.5"));
    assert!(error(&share(f64::NAN, 0), 9).starts_with("the test share"));
    let column = Split::Column(SplitColumn { column: "part".into() });
    assert!(error(&column, 1).starts_with("the train part"));
}
