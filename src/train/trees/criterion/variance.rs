//! The squared error of a set of weighted rows.

use std::ops::AddAssign;

use super::super::split::{Entry, Split};
use super::tally::scale;
use super::{Criterion, Sums};

/// The squared error around the mean, for numbers.
pub(in crate::train::trees) struct Variance {
    pub(super) target: Vec<f64>,
    pub(super) mean: f64,
    /// A power of two: targets measured from their mean times it are summed up as whole numbers
    /// where histograms are made.
    pub(super) scale: f64,
}

/// Sums over rows: bootstrap counts, and counts times targets measured from their mean.
///
/// Measuring from the mean keeps digits that a large common offset would cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::train::trees) struct Moments {
    weight: f64,
    target: f64,
}

/// The drawn rows.
#[derive(Default)]
pub(in crate::train::trees) struct Rows {
    /// The sums of each row alone.
    sums: Vec<Moments>,
    /// The target of each row as it was given.
    target: Vec<f64>,
}

impl Variance {
    /// Measures the target of a training table.
    pub(in crate::train::trees) fn new(target: Vec<f64>) -> Self {
        let mean = target.iter().sum::<f64>() / target.len() as f64;
        let scale = scale(&target, mean);
        Self { target, mean, scale }
    }

    /// The target of the training table.
    pub(in crate::train::trees) fn target(&self) -> &[f64] {
        &self.target
    }
}

impl AddAssign for Moments {
    fn add_assign(&mut self, other: Self) {
        self.weight += other.weight;
        self.target += other.target;
    }
}

impl Sums for Moments {
    fn weight(self) -> f64 {
        self.weight
    }

    fn without(self, left: Self) -> Self {
        Self { weight: self.weight - left.weight, target: self.target - left.target }
    }
}

impl Moments {
    /// How good it is to split `self` into `left` and the rest, as a fraction: the decrease of the
    /// squared error times the weight of `self`.
    ///
    /// With weights w and sums s of all rows and of the left ones: (s′w − w′s)² / (w′(w − w′)).
    /// The denominator is above zero as long as both sides have a row.
    #[inline]
    fn score(self, left: Self) -> (f64, f64) {
        let apart = left.target * self.weight - left.weight * self.target;
        (apart * apart, left.weight * (self.weight - left.weight))
    }
}

impl Criterion for Variance {
    type Rows = Rows;
    type Sums = Moments;
    type Node = Moments;
    type Scan = ();

    fn outputs(&self) -> usize {
        1
    }

    fn clear(&self, rows: &mut Rows) {
        rows.sums.clear();
        rows.target.clear();
    }

    fn add(&self, rows: &mut Rows, row: usize, count: u32) -> Moments {
        let target = self.target[row];
        let weight = f64::from(count);
        let sums = Moments { weight, target: weight * (target - self.mean) };
        rows.sums.push(sums);
        rows.target.push(target);
        sums
    }

    fn pure(&self, rows: &Rows, own: impl Iterator<Item = usize>) -> bool {
        let mut targets = own.map(|row| rows.target[row]);
        let first = targets.next();
        targets.all(|target| Some(target) == first)
    }

    /// The mean target.
    fn leaf(&self, rows: &Rows, own: impl Iterator<Item = usize>, values: &mut Vec<f64>) {
        let mut weight = 0.0;
        let mut sum = 0.0;
        for row in own {
            weight += rows.sums[row].weight;
            sum += rows.sums[row].weight * rows.target[row];
        }
        values.push(sum / weight);
    }

    fn open(
        &self,
        _rows: &Rows,
        _own: impl Iterator<Item = usize>,
        sums: Moments,
        node: &mut Moments,
    ) {
        *node = sums;
    }

    fn improve(
        &self,
        node: &Moments,
        _scan: &mut (),
        best: &mut Split<Moments>,
        (feature, entries): (usize, &[Entry]),
        rows: &Rows,
        min_leaf: usize,
    ) {
        let (node, rows) = (*node, &rows.sums[..]);
        let last = entries.len().saturating_sub(min_leaf);
        let mut left = Moments::default();
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

    fn gain(&self, node: &Moments, score: f64) -> f64 {
        score / node.weight
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_is_the_decrease_of_the_squared_error() {
        let error = |rows: &[(f64, f64)]| {
            let weight: f64 = rows.iter().map(|row| row.0).sum();
            let mean = rows.iter().map(|row| row.0 * row.1).sum::<f64>() / weight;
            rows.iter().map(|row| row.0 * (row.1 - mean) * (row.1 - mean)).sum::<f64>()
        };
        let rows = [(1.0, 3.0), (2.0, -1.0), (1.0, 7.0), (3.0, 2.0)];
        let sums = |rows: &[(f64, f64)]| {
            let mut sums = Moments::default();
            for row in rows {
                sums += Moments { weight: row.0, target: row.0 * row.1 };
            }
            sums
        };
        let (all, left) = (sums(&rows), sums(&rows[..2]));
        let (numerator, denominator) = all.score(left);
        let decrease = error(&rows) - error(&rows[..2]) - error(&rows[2..]);
        assert!((numerator / denominator / all.weight - decrease).abs() < 1e-12);
        assert_eq!(all.without(left), sums(&rows[2..]));
    }

    fn best(values: &[f32], target: &[f64], min_leaf: usize) -> Split<Moments> {
        let mut entries: Vec<Entry> =
            values.iter().zip(0..).map(|(&value, row)| Entry { value, row }).collect();
        entries.sort_by(|a, b| a.value.total_cmp(&b.value));
        let variance = Variance::new(target.to_vec());
        let (mut rows, mut node) = (Rows::default(), Moments::default());
        (0..target.len()).for_each(|row| node += variance.add(&mut rows, row, 1));
        let mut best = Split::none();
        variance.improve(&node, &mut (), &mut best, (0, &entries), &rows, min_leaf);
        best
    }

    #[test]
    fn the_widest_gap_of_means_wins() {
        assert_eq!(best(&[4.0, 1.0, 3.0, 2.0], &[9.0, 0.0, 1.0, 0.0], 1).count, 3);
        assert_eq!(best(&[4.0, 1.0, 3.0, 2.0], &[9.0, 0.0, 1.0, 0.0], 2).count, 2);
        assert_eq!(best(&[4.0, 1.0, 3.0, 2.0], &[9.0, 0.0, 1.0, 0.0], 3), Split::none());
    }

    #[test]
    fn equal_values_stay_together() {
        assert_eq!(best(&[1.0, 1.0, 2.0, 2.0], &[0.0, 9.0, 0.0, 0.0], 1).count, 2);
        assert_eq!(best(&[1.0, 1.0, 1.0], &[0.0, 9.0, 0.0], 1), Split::none());
        assert_eq!(best(&[-0.0, 0.0], &[0.0, 9.0], 1), Split::none());
    }

    #[test]
    fn a_split_without_gain_is_still_a_split() {
        let split = best(&[1.0, 2.0, 3.0, 4.0], &[1.0, 0.0, 0.0, 1.0], 2);
        assert_eq!(split.count, 2);
        assert!(split.score.abs() < 1e-12);
    }
}
