//! Shannon's entropy of the classes, in bits.

use super::classes::Mixture;

/// Counts up to which x log x is looked up.
const TABLE: usize = 1 << 20;

/// Scores a split by −(w·H + w·H) over both sides.
pub(in crate::train::trees) struct Entropy {
    /// x log₂ x of whole numbers; empty where weights are no whole numbers.
    table: Vec<f64>,
}

/// Sums of x log₂ x over the classes of both sides.
#[derive(Clone, Copy, Default)]
pub(in crate::train::trees) struct Logarithms {
    left: f64,
    right: f64,
}

impl Entropy {
    /// Prepares for nodes of some rows; `whole` says that every row counts a whole number of times.
    pub(in crate::train::trees) fn new(rows: usize, whole: bool) -> Self {
        let counts = if whole { rows.min(TABLE) + 1 } else { 0 };
        Self { table: (0..counts).map(|count| product(count as f64)).collect() }
    }

    #[inline]
    fn product(&self, weight: f64) -> f64 {
        match self.table.get(weight as usize) {
            Some(value) => *value,
            None => product(weight),
        }
    }
}

/// x log₂ x, and 0 where rounding left a weight below zero.
fn product(weight: f64) -> f64 {
    if weight > 0.0 { weight * weight.log2() } else { 0.0 }
}

/// The entropy of classes of some weights, as scikit-learn computes it.
fn entropy(weights: impl Iterator<Item = f64>, sum: f64) -> f64 {
    let mut entropy = 0.0;
    for weight in weights.filter(|weight| *weight > 0.0) {
        let share = weight / sum;
        entropy -= share * (share.ln() / std::f64::consts::LN_2);
    }
    entropy
}

impl Mixture for Entropy {
    type State = Logarithms;

    fn start(&self, totals: &[f64]) -> Logarithms {
        Logarithms { left: 0.0, right: totals.iter().map(|total| self.product(*total)).sum() }
    }

    #[inline]
    fn shift(&self, state: &mut Logarithms, left: f64, right: f64, weight: f64) {
        state.left += self.product(left + weight) - self.product(left);
        state.right += self.product(right - weight) - self.product(right);
    }

    #[inline]
    fn above(&self, state: &Logarithms, left: f64, right: f64, bound: f64) -> bool {
        state.left - self.product(left) + state.right - self.product(right) > bound
    }

    fn score(&self, left: &[f64], totals: &[f64], weights: (f64, f64)) -> f64 {
        let right = left.iter().zip(totals).map(|(left, total)| total - left);
        -weights.1 * entropy(right, weights.1)
            - weights.0 * entropy(left.iter().copied(), weights.0)
    }

    fn unsplit(&self, totals: &[f64], weight: f64) -> f64 {
        -weight * entropy(totals.iter().copied(), weight)
    }
}
