//! Sparklines: the shape of a metric over its steps in a few characters.

use super::metric::MetricPoint;

/// From the smallest value to the largest.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The shape of one metric over its steps in at most `width` characters, each the mean of the points it
/// stands for; a gap where none is a number. Empty without points.
pub fn sparkline(points: &[MetricPoint], metric: &str, width: usize) -> String {
    let mut own: Vec<(u64, f64)> = points
        .iter()
        .filter(|point| point.name == metric)
        .map(|point| (point.step, point.value))
        .collect();
    own.sort_by_key(|(step, _)| *step);
    let width = width.min(own.len());
    let means: Vec<f64> = (0..width)
        .map(|at| {
            let part = &own[at * own.len() / width..(at + 1) * own.len() / width];
            let finite = || part.iter().map(|(_, value)| *value).filter(|value| value.is_finite());
            finite().sum::<f64>() / finite().count() as f64
        })
        .collect();
    let finite = || means.iter().copied().filter(|mean| mean.is_finite());
    let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::MIN, f64::max));
    let bar = |mean: &f64| {
        if !mean.is_finite() {
            return ' ';
        }
        let share = if high > low { (mean - low) / (high - low) } else { 0.5 };
        BARS[((share * 7.0).round() as usize).min(7)]
    };
    means.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::time::Timestamp;

    fn line(values: &[f64], width: usize) -> String {
        let point = |(step, value): (usize, &f64)| MetricPoint {
            name: "loss".into(),
            value: *value,
            step: step as u64,
            time: Timestamp::from_microseconds(0),
        };
        let points: Vec<MetricPoint> = values.iter().enumerate().map(point).collect();
        sparkline(&points, "loss", width)
    }

    #[test]
    fn the_shape_is_seen() {
        assert_eq!(line(&[7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0], 8), "█▇▆▅▄▃▂▁");
        assert_eq!(line(&[0.0, 0.0, 1.0, 1.0], 2), "▁█");
        assert_eq!(line(&[2.0, 2.0], 8), "▅▅");
        assert_eq!(line(&[0.0, f64::NAN, 1.0], 8), "▁ █");
        assert_eq!(line(&[f64::NAN], 8), " ");
        assert_eq!(line(&[], 8), "");
    }
}
