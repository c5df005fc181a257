//! The shape of a run's main curve in a few letters, for the small drawings in tables.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::ledger::metric::MetricPoint;
use crate::ledger::view::GoalView;

use super::series;

/// How many letters a shape has at most.
const WIDTH: usize = 24;

/// The letters of heights, from the lowest to the highest; a gap where no value is a number.
const HEIGHTS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const GAP: char = '-';

/// What is known of a run's curves without reading them again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Curves {
    /// The number of metrics that change over steps: those that `series.js` beside its page holds.
    pub count: usize,
    /// The shape of the one that tells most, by letters from `0`, its lowest value, to `z`, its highest; a
    /// hyphen where no value is a number. Empty where there is none.
    pub shape: String,
}

/// The curves of a run: their number, and the shape of the goal, else of a loss, else of the first.
pub(in super::super) fn of(goal: &GoalView, points: &[MetricPoint]) -> Curves {
    let curves = series::curves(points);
    let names = || curves.keys().copied().filter(|name| !name.starts_with("fold_"));
    let rank = |name: &&str| {
        (*name != goal.metric, !name.contains("val"), !name.contains("loss"), name.to_string())
    };
    let shape = names().min_by_key(rank).and_then(|name| curves.get(name));
    let values = |points: &Vec<&MetricPoint>| points.iter().map(|it| it.value).collect::<Vec<_>>();
    let shape = shape.map(|points| heights(&values(points))).unwrap_or_default();
    Curves { count: curves.len(), shape }
}

/// Values in their order as at most [`WIDTH`] letters, each the mean of those it stands for.
pub(in super::super) fn heights(values: &[f64]) -> String {
    let width = values.len().min(WIDTH);
    let means: Vec<f64> = (0..width)
        .map(|at| {
            let part = &values[at * values.len() / width..(at + 1) * values.len() / width];
            let finite = || part.iter().copied().filter(|value| value.is_finite());
            finite().sum::<f64>() / finite().count() as f64
        })
        .collect();
    let finite = || means.iter().copied().filter(|mean| mean.is_finite());
    let (low, high) = (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::MIN, f64::max));
    let letter = |mean: &f64| {
        if !mean.is_finite() {
            return GAP;
        }
        let share = if high > low { (mean - low) / (high - low) } else { 0.5 };
        char::from(HEIGHTS[((share * 35.0).round() as usize).min(35)])
    };
    means.iter().map(letter).collect()
}

/// A shape as the data of an SVG path of 80 × 18; `None` with fewer than two heights.
pub(in super::super) fn path(shape: &str) -> Option<String> {
    let last = shape.len().checked_sub(1).filter(|last| *last > 0)?;
    let (mut path, mut open) = (String::new(), false);
    for (at, letter) in shape.bytes().enumerate() {
        let Some(height) = HEIGHTS.iter().position(|it| *it == letter) else {
            open = false;
            continue;
        };
        let (x, y) = (1 + at * 78 / last, 16 - height * 14 / 35);
        let word = if open { 'L' } else { 'M' };
        let _ = write!(path, "{word}{x} {y}");
        open = true;
    }
    (!path.is_empty()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::super::super::sample;
    use super::*;

    #[test]
    fn a_shape_goes_from_the_lowest_to_the_highest() {
        assert_eq!(heights(&[0.0, 1.0, 2.0, 7.0]), "05az");
        assert_eq!(heights(&[3.0, f64::NAN, 3.0]), "i-i");
        assert_eq!(heights(&[]), "");
        let long: Vec<f64> = (0..1000).map(f64::from).collect();
        assert_eq!(heights(&long).len(), WIDTH);
    }

    #[test]
    fn a_path_has_a_gap_where_the_curve_has_one() {
        assert_eq!(path("0-z0").unwrap(), "M1 16M53 2L79 16");
        assert_eq!(path("0"), None);
        assert_eq!(path("---"), None);
    }

    #[test]
    fn the_goal_comes_before_a_loss_and_that_before_others() {
        let goal = GoalView::of("r2".into(), None);
        let mut points = Vec::new();
        for step in 0..3_u64 {
            points.push(sample::point("a", 1.0 - step as f64, step));
            points.push(sample::point("train_loss", step as f64, step));
        }
        let rising = of(&goal, &points);
        assert_eq!((rising.count, rising.shape.as_str()), (2, "0iz"));
        for step in 0..3_u64 {
            points.push(sample::point("r2", if step == 1 { f64::NAN } else { step as f64 }, step));
        }
        assert_eq!(of(&goal, &points).shape, "0-z");
    }
}
