//! A split of a node, and the cells it is found in.

use super::criterion::Sums;

/// A cell of a sorted column: its value and the row it belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Entry {
    pub(super) value: f32,
    pub(super) row: u32,
}

/// A split of a node's rows, sorted by one feature, into the first `count` and the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Split<S> {
    pub(super) feature: usize,
    pub(super) count: usize,
    pub(super) left: S,
    /// Grows with the decrease of the impurity; its scale is the criterion's.
    pub(super) score: f64,
}

impl<S: Sums> Split<S> {
    /// A split worse than any other.
    pub(super) fn none() -> Self {
        Self { feature: usize::MAX, count: 0, left: S::default(), score: f64::NEG_INFINITY }
    }
}

/// A threshold t with `low` ≤ t < `high`, halfway where 32 bits allow it, so that comparing with it
/// divides exactly as training did.
pub(super) fn between(low: f32, high: f32) -> f32 {
    let middle = f64::midpoint(f64::from(low), f64::from(high)) as f32;
    if middle < high { middle } else { low }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_threshold_divides_as_the_values_do(a in any::<f32>(), b in any::<f32>()) {
            prop_assume!(a.is_finite() && b.is_finite() && a < b);
            let threshold = between(a, b);
            prop_assert!(a <= threshold && threshold < b);
        }
    }
}
