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

    /// The step at which the best value was first reached.
    pub fn best_step(&self, direction: Direction) -> u64 {
        match direction {
            Direction::Maximize => self.max_step,
            Direction::Minimize => self.min_step,
        }
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
mod tests;
