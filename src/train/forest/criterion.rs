//! The squared error of a set of weighted rows, kept as sums.

use std::ops::AddAssign;

/// Sums over rows: bootstrap counts, and counts times targets measured from their mean.
///
/// Measuring from the mean keeps digits that a large common offset would cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sums {
    pub(super) weight: f64,
    pub(super) target: f64,
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.weight += other.weight;
        self.target += other.target;
    }
}

impl Sums {
    /// The sums of the rows that are not in `left`.
    pub(super) fn without(self, left: Self) -> Self {
        Self { weight: self.weight - left.weight, target: self.target - left.target }
    }

    /// How good it is to split `self` into `left` and the rest, as a fraction: the decrease of the
    /// squared error times the weight of `self`.
    ///
    /// With weights w and sums s of all rows and of the left ones: (s′w − w′s)² / (w′(w − w′)).
    /// The denominator is above zero as long as both sides have a row.
    #[inline]
    pub(super) fn score(self, left: Self) -> (f64, f64) {
        let apart = left.target * self.weight - left.weight * self.target;
        (apart * apart, left.weight * (self.weight - left.weight))
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
            let mut sums = Sums::default();
            for row in rows {
                sums += Sums { weight: row.0, target: row.0 * row.1 };
            }
            sums
        };
        let (all, left) = (sums(&rows), sums(&rows[..2]));
        let (numerator, denominator) = all.score(left);
        let decrease = error(&rows) - error(&rows[..2]) - error(&rows[2..]);
        assert!((numerator / denominator / all.weight - decrease).abs() < 1e-12);
        assert_eq!(all.without(left), sums(&rows[2..]));
    }
}
