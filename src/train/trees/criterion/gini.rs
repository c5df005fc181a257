//! The Gini index: how often two rows drawn with replacement differ in class.

use super::classes::Mixture;

/// Scores a split by Σl²/w + Σr²/w over the classes' weights on both sides.
pub(in crate::train::trees) struct Gini;

/// Sums of squares over the classes of both sides.
#[derive(Clone, Copy, Default)]
pub(in crate::train::trees) struct Squares {
    left: f64,
    right: f64,
}

impl Mixture for Gini {
    type State = Squares;

    fn start(&self, totals: &[f64]) -> Squares {
        Squares { left: 0.0, right: squares(totals.iter().copied()) }
    }

    #[inline]
    fn shift(&self, state: &mut Squares, left: f64, right: f64, weight: f64) {
        state.left += weight * (2.0 * left + weight);
        state.right -= weight * (2.0 * right - weight);
    }

    #[inline]
    fn above(&self, state: &Squares, left: f64, right: f64, bound: f64) -> bool {
        // Without the two divisions, which only a better split pays for.
        state.left * right + state.right * left > bound * (left * right)
    }

    fn score(&self, left: &[f64], totals: &[f64], weights: (f64, f64)) -> f64 {
        let right = left.iter().zip(totals).map(|(left, total)| total - left);
        squares(left.iter().copied()) / weights.0 + squares(right) / weights.1
    }

    fn unsplit(&self, totals: &[f64], weight: f64) -> f64 {
        squares(totals.iter().copied()) / weight
    }
}

fn squares(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|value| value * value).sum()
}
