//! Splits by time.

use super::super::error::TrainError;
use super::super::table::{Part, Table};
use super::{part_of, parts};

/// The latest rows are the test part. Rows as late as the last training row are training rows too, so
/// the test part is smaller than its share where times are equal at the boundary.
pub(super) fn divide(table: &Table, column: &str, share: f64) -> Result<Vec<Part>, TrainError> {
    let rows = table.rows();
    let test = part_of(rows, share)?;
    let (order, ranks) = (table.order(column)?, table.ranks(column)?);
    let last = order[..rows - test].last().map(|row| ranks[*row]);
    let later = order.into_iter().filter(|row| Some(ranks[*row]) > last);
    Ok(parts(rows, later))
}

#[cfg(test)]
mod tests {
    use super::super::{Rows, divide};
    use super::*;
    use crate::ledger::split::{Split, SplitTime};

    fn split(text: &str, test: f64) -> Result<Rows, TrainError> {
        let table = Table::read(text.as_bytes(), &["t"]).unwrap();
        divide(Some(&Split::Time(SplitTime { test, time: "t".into() })), &table)
    }

    #[test]
    fn the_latest_rows_are_the_test_part() {
        let rows = split("t\n9\n10\n-1\n2.5\n8\n", 0.4).unwrap();
        assert_eq!((rows.train, rows.test), (vec![2, 3, 4], vec![0, 1]));
        let rows = split("t\n2026-01-10\n2025-12-31\n2026-01-09\n", 0.3).unwrap();
        assert_eq!((rows.train, rows.test), (vec![1, 2], vec![0]));
    }

    #[test]
    fn equal_times_are_never_divided() {
        let rows = split("t\n3\n1\n2\n2\n2\n", 0.6).unwrap();
        assert_eq!((rows.train, rows.test), (vec![1, 2, 3, 4], vec![0]));
        let error = split("t\n2\n2\n2\n", 0.4).unwrap_err().to_string();
        assert!(error.starts_with("the test part of the split has no row"), "{error}");
        let error = split("t\n1\n", 0.9).unwrap_err().to_string();
        assert!(error.starts_with("the train part of the split has no row"), "{error}");
    }
}
