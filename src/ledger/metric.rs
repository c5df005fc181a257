//! Metrics: named numbers over steps, one JSON line each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::number;
use super::time::Timestamp;

/// One value of a metric at one step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricPoint {
    /// The metric, such as `rmse`.
    pub name: String,
    /// The value; a diverged one is written as the string `"NaN"`, `"Infinity"` or `"-Infinity"`.
    #[serde(with = "number::json")]
    pub value: f64,
    /// The step it belongs to; 0 for a metric taken once.
    pub step: u64,
    /// When it was recorded.
    pub time: Timestamp,
}

impl MetricPoint {
    /// The line for `metrics.jsonl`, newline included.
    pub fn to_line(&self) -> String {
        let mut line = serde_json::to_string(self).unwrap_or_default();
        line.push('\n');
        line
    }
}

/// What a reader found in a metrics file: the points, and how many lines it had to leave out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetricLines {
    /// The points in file order.
    pub points: Vec<MetricPoint>,
    /// Whole lines that are not a metric point.
    pub unreadable: usize,
    /// Whether an unterminated last line was dropped.
    pub torn: bool,
}

/// Reads `metrics.jsonl`. Only newline-terminated lines count; a torn last line is dropped.
pub fn read_lines(bytes: &[u8]) -> MetricLines {
    let mut lines = MetricLines::default();
    let whole = bytes.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
    lines.torn = whole < bytes.len();
    for line in bytes[..whole].split(|&b| b == b'\n').filter(|line| !line.is_empty()) {
        match serde_json::from_slice(line) {
            Ok(point) => lines.points.push(point),
            Err(_) => lines.unreadable += 1,
        }
    }
    lines
}

/// The final value of each metric: that of the highest step, the latest written one on a tie.
pub fn final_values(points: &[MetricPoint]) -> BTreeMap<String, f64> {
    let mut last: BTreeMap<&str, &MetricPoint> = BTreeMap::new();
    for point in points {
        last.entry(&point.name)
            .and_modify(|held| {
                if point.step >= held.step {
                    *held = point;
                }
            })
            .or_insert(point);
    }
    last.into_iter().map(|(name, point)| (name.to_owned(), point.value)).collect()
}

/// The metric behind the name of its value on training rows, in a fold or over all folds.
pub fn base(metric: &str) -> &str {
    let prefixes = ["train_", "fold_", "cv_"];
    prefixes.iter().find_map(|prefix| metric.strip_prefix(prefix)).unwrap_or(metric)
}

/// Whether tables of runs have a column for a metric: those on training rows, in single folds and
/// deviations over folds stand on the run's own page.
pub fn is_listed(metric: &str) -> bool {
    !metric.starts_with("train_") && !metric.starts_with("fold_") && !is_deviation(metric)
}

fn is_deviation(metric: &str) -> bool {
    metric.starts_with("cv_") && metric.ends_with(DEVIATION)
}

/// What follows the name of a mean over folds in the name of its standard deviation.
const DEVIATION: &str = "_std";

/// The name of the deviation over folds of what is their mean.
pub fn deviation_of(metric: &str) -> String {
    format!("{metric}{DEVIATION}")
}

/// The value of a metric for people, a mean over folds with its deviation: `0.787147 ± 0.0337`.
pub fn for_people(metrics: &BTreeMap<String, f64>, metric: &str) -> Option<String> {
    let value = number::for_people(*metrics.get(metric)?);
    let deviation = metrics.get(&deviation_of(metric));
    Some(match deviation.filter(|_| metric.starts_with("cv_")) {
        Some(deviation) => format!("{value} ± {}", number::deviation_for_people(*deviation)),
        None => value,
    })
}

/// How the names of metrics begin that are shares of what could be had, averages over classes and
/// the like included.
const SHARES: [&str; 7] =
    ["accuracy", "balanced_accuracy", "precision", "recall", "f1", "roc_auc", "average_precision"];

/// Whether a larger or a smaller value of a metric is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Larger is better, as for `r2`.
    Maximize,
    /// Smaller is better, as for `rmse`.
    Minimize,
}

impl Direction {
    /// The direction of a well-known metric, on whichever rows it was taken; `None` where the name
    /// does not tell.
    pub fn of(metric: &str) -> Option<Self> {
        match base(metric) {
            _ if is_deviation(metric) => None,
            "r2" | "oob_score" | "explained_variance" | "matthews_corrcoef" | "silhouette"
            | "calinski_harabasz" | "adjusted_rand" => Some(Self::Maximize),
            "rmse"
            | "mse"
            | "mae"
            | "mape"
            | "max_error"
            | "median_absolute_error"
            | "davies_bouldin"
            | "inertia"
            | "loss"
            | "log_loss" => Some(Self::Minimize),
            base if SHARES.iter().any(|share| base.starts_with(share)) => Some(Self::Maximize),
            _ => None,
        }
    }

    /// Whether `a` is strictly better than `b`; a NaN is never better, and anything beats it.
    pub fn better(self, a: f64, b: f64) -> bool {
        if a.is_nan() {
            return false;
        }
        b.is_nan()
            || match self {
                Self::Maximize => a > b,
                Self::Minimize => a < b,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(name: &str, value: f64, step: u64) -> MetricPoint {
        MetricPoint { name: name.into(), value, step, time: Timestamp::from_microseconds(0) }
    }

    #[test]
    fn a_line_is_plain_json() {
        assert_eq!(
            point("rmse", 0.31, 0).to_line(),
            "{\"name\":\"rmse\",\"value\":0.31,\"step\":0,\"time\":\"1970-01-01T00:00:00Z\"}\n"
        );
    }

    #[test]
    fn a_diverged_value_survives() {
        for value in [f64::INFINITY, f64::NEG_INFINITY] {
            let lines = read_lines(point("loss", value, 3).to_line().as_bytes());
            assert_eq!(lines.points[0].value.to_bits(), value.to_bits());
        }
        assert!(
            read_lines(point("loss", f64::NAN, 3).to_line().as_bytes()).points[0].value.is_nan()
        );
    }

    #[test]
    fn a_torn_tail_loses_only_itself() {
        let text = point("é", 1.0, 0).to_line() + &point("é", 2.0, 1).to_line();
        let first = point("é", 1.0, 0).to_line().len();
        for cut in first..text.len() {
            let lines = read_lines(&text.as_bytes()[..cut]);
            assert_eq!((lines.points.len(), lines.torn), (1, cut > first), "cut at {cut}");
        }
    }

    #[test]
    fn the_final_value_is_that_of_the_last_step() {
        let points = [point("loss", 3.0, 1), point("loss", 1.0, 2), point("loss", 2.0, 0)];
        assert_eq!(final_values(&points)["loss"].to_bits(), 1.0f64.to_bits());
    }

    #[test]
    fn the_name_tells_the_direction() {
        for name in ["r2", "train_r2", "cv_f1_macro", "fold_roc_auc_ovr", "recall"] {
            assert_eq!(Direction::of(name), Some(Direction::Maximize), "{name}");
        }
        for name in ["max_error", "cv_rmse", "train_log_loss", "mape"] {
            assert_eq!(Direction::of(name), Some(Direction::Minimize), "{name}");
        }
        assert_eq!(Direction::of("perplexity"), None);
        assert_eq!(Direction::of("cv_accuracy_std"), None);
    }

    #[test]
    fn a_mean_over_folds_is_shown_with_its_deviation() {
        let metrics = [("cv_r2", 0.75), ("cv_r2_std", 0.5), ("r2", 0.25), ("r2_std", 1.0)];
        let metrics = metrics.map(|(name, value)| (name.to_owned(), value)).into();
        assert_eq!(for_people(&metrics, "cv_r2").unwrap(), "0.75 ± 0.5");
        assert_eq!(for_people(&metrics, "r2").unwrap(), "0.25");
        assert_eq!(for_people(&metrics, "rmse"), None);
        assert!(is_listed("cv_r2") && is_listed("r2_std") && !is_listed("cv_r2_std"));
        assert!(!is_listed("train_r2") && !is_listed("fold_r2"));
    }

    #[test]
    fn nan_is_never_best() {
        assert!(Direction::Minimize.better(1.0, f64::NAN));
        assert!(!Direction::Maximize.better(f64::NAN, 1.0));
    }
}
