//! Metrics point by point.

use super::*;
use crate::ledger::time::Timestamp;

fn points(values: &[f64]) -> Vec<MetricPoint> {
    let time = Timestamp::from_microseconds(0);
    let point = |(step, value): (usize, &f64)| MetricPoint {
        name: "loss".into(),
        value: *value,
        step: step as u64,
        time,
    };
    values.iter().enumerate().map(point).collect()
}

#[test]
fn the_first_of_equal_extremes_counts() {
    let found = summarize(&points(&[3.0, 1.0, 5.0, 1.0, 5.0]));
    let wanted = MetricSummary {
        points: 5,
        last: 5.0,
        min: 1.0,
        min_step: 1,
        max: 5.0,
        max_step: 2,
        mean: 3.0,
    };
    assert_eq!(found["loss"], wanted);
    assert_eq!(wanted.best_step(Direction::Minimize), 1);
    assert_eq!(wanted.best_step(Direction::Maximize), 2);
}

#[test]
fn what_is_no_number_does_not_hide_the_others() {
    let found = summarize(&points(&[f64::NAN, 2.0, 4.0, f64::NAN]))["loss"];
    assert_eq!((found.points, found.min, found.max, found.mean), (4, 2.0, 4.0, 3.0));
    assert!(found.last.is_nan());
    let none = summarize(&points(&[f64::NAN]))["loss"];
    assert!(none.min.is_nan() && none.max.is_nan() && none.mean.is_nan());
}
