//! The best split of a node, exactly: every boundary between distinct values is tried.

use super::criterion::Sums;

/// A cell of a sorted column: its value and the row it belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Entry {
    pub(super) value: f32,
    pub(super) row: u32,
}

/// A split of a node's rows, sorted by one feature, into the first `count` and the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Split {
    pub(super) feature: usize,
    pub(super) count: usize,
    pub(super) left: Sums,
    pub(super) score: f64,
}

impl Split {
    /// A split worse than any other.
    pub(super) const NONE: Self = Self {
        feature: usize::MAX,
        count: 0,
        left: Sums { weight: 0.0, target: 0.0 },
        score: f64::NEG_INFINITY,
    };
}

/// Puts the best split by a feature in place of `best` where it is better.
///
/// `entries` are the node's rows sorted by the feature, `rows` the sums of each single row, `node`
/// those of all. Each side keeps `min_leaf` rows. Of equal splits the first stays.
pub(super) fn improve(
    best: &mut Split,
    feature: usize,
    entries: &[Entry],
    rows: &[Sums],
    node: Sums,
    min_leaf: usize,
) {
    let last = entries.len().saturating_sub(min_leaf);
    let mut left = Sums::default();
    for (at, pair) in entries.windows(2).enumerate().take(last) {
        left += rows[pair[0].row as usize];
        if pair[1].value > pair[0].value && at + 1 >= min_leaf {
            let (numerator, denominator) = node.score(left);
            // Without the division, which only a better split pays for.
            if numerator > best.score * denominator {
                let score = numerator / denominator;
                *best = Split { feature, count: at + 1, left, score };
            }
        }
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

    fn best(values: &[f32], targets: &[f64], min_leaf: usize) -> Split {
        let mut entries: Vec<Entry> = values
            .iter()
            .enumerate()
            .map(|(row, value)| Entry { value: *value, row: row as u32 })
            .collect();
        entries.sort_by(|a, b| a.value.total_cmp(&b.value));
        let rows: Vec<Sums> =
            targets.iter().map(|target| Sums { weight: 1.0, target: *target }).collect();
        let mut node = Sums::default();
        for row in &rows {
            node += *row;
        }
        let mut best = Split::NONE;
        improve(&mut best, 0, &entries, &rows, node, min_leaf);
        best
    }

    #[test]
    fn the_widest_gap_of_means_wins() {
        assert_eq!(best(&[4.0, 1.0, 3.0, 2.0], &[9.0, 0.0, 1.0, 0.0], 1).count, 3);
        assert_eq!(best(&[4.0, 1.0, 3.0, 2.0], &[9.0, 0.0, 1.0, 0.0], 2).count, 2);
        assert_eq!(best(&[4.0, 1.0, 3.0, 2.0], &[9.0, 0.0, 1.0, 0.0], 3), Split::NONE);
    }

    #[test]
    fn equal_values_stay_together() {
        assert_eq!(best(&[1.0, 1.0, 2.0, 2.0], &[0.0, 9.0, 0.0, 0.0], 1).count, 2);
        assert_eq!(best(&[1.0, 1.0, 1.0], &[0.0, 9.0, 0.0], 1), Split::NONE);
        assert_eq!(best(&[-0.0, 0.0], &[0.0, 9.0], 1), Split::NONE);
    }

    #[test]
    fn a_split_without_gain_is_still_a_split() {
        let split = best(&[1.0, 2.0, 3.0, 4.0], &[1.0, 0.0, 0.0, 1.0], 2);
        assert_eq!(split.count, 2);
        assert!(split.score.abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn a_threshold_divides_as_the_values_do(a in any::<f32>(), b in any::<f32>()) {
            prop_assume!(a.is_finite() && b.is_finite() && a < b);
            let threshold = between(a, b);
            prop_assert!(a <= threshold && threshold < b);
        }
    }
}
