//! What the points of a metric come to: last, smallest, largest, mean, and the steps of the extremes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::metric::{Direction, MetricPoint, final_values};
use super::number;

/// What the points of one metric in one attempt come to. Points that are not a number count only where
/// no other is there.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricSummary {
    /// Number of points.
    pub points: u64,
    /// The final value: that of the highest step.
    #[serde(with = "number::json")]
    pub last: f64,
    /// The smallest value.
    #[serde(with = "number::json")]
    pub min: f64,
    /// The step at which it was first reached.
    pub min_step: u64,
    /// The largest value.
    #[serde(with = "number::json")]
    pub max: f64,
    /// The step at which it was first reached.
    pub max_step: u64,
    /// The mean over the points.
    #[serde(with = "number::json")]
    pub mean: f64,
}

impl MetricSummary {
    /// A metric taken once, at step 0.
    pub fn once(value: f64) -> Self {
        Self {
            points: 1,
            last: value,
            min: value,
            min_step: 0,
            max: value,
            max_step: 0,
            mean: value,
        }
    }

    /// The step of the best value; `None` where the name does not tell which is better.
    pub fn best_step(&self, metric: &str) -> Option<u64> {
        Direction::of(metric).map(|direction| match direction {
            Direction::Maximize => self.max_step,
            Direction::Minimize => self.min_step,
        })
    }
}

/// Sums up points by metric.
pub fn summarize(points: &[MetricPoint]) -> BTreeMap<String, MetricSummary> {
    let mut by_name: BTreeMap<&str, Vec<&MetricPoint>> = BTreeMap::new();
    for point in points {
        by_name.entry(&point.name).or_default().push(point);
    }
    let last = final_values(points);
    let summary = |name: &str, points: &[&MetricPoint]| {
        let mut summary = MetricSummary::once(f64::NAN);
        let (mut sum, mut numbers) = (0.0, 0.0);
        for point in points.iter().filter(|point| !point.value.is_nan()) {
            if summary.min.is_nan() || (point.value, point.step) < (summary.min, summary.min_step) {
                (summary.min, summary.min_step) = (point.value, point.step);
            }
            if summary.max.is_nan()
                || point.value > summary.max
                || (point.value >= summary.max && point.step < summary.max_step)
            {
                (summary.max, summary.max_step) = (point.value, point.step);
            }
            sum += point.value;
            numbers += 1.0;
        }
        summary.points = points.len() as u64;
        summary.last = last.get(name).copied().unwrap_or(f64::NAN);
        if numbers > 0.0 {
            summary.mean = sum / numbers;
        }
        summary
    };
    by_name.iter().map(|(name, points)| ((*name).to_owned(), summary(name, points))).collect()
}

#[cfg(test)]
mod tests {
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
        assert_eq!(wanted.best_step("loss"), Some(1));
        assert_eq!(wanted.best_step("r2"), Some(2));
        assert_eq!(wanted.best_step("colour"), None);
    }

    #[test]
    fn what_is_no_number_does_not_hide_the_others() {
        let found = summarize(&points(&[f64::NAN, 2.0, 4.0, f64::NAN]))["loss"];
        assert_eq!((found.points, found.min, found.max, found.mean), (4, 2.0, 4.0, 3.0));
        assert!(found.last.is_nan());
        let none = summarize(&points(&[f64::NAN]))["loss"];
        assert!(none.min.is_nan() && none.max.is_nan() && none.mean.is_nan());
    }
}
