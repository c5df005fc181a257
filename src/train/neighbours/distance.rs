//! How far two rows are from each other.

/// A measure of distance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::train) enum Metric {
    /// Σ|a − b|.
    Manhattan,
    /// √Σ(a − b)².
    Euclidean,
    /// max |a − b|.
    Chebyshev,
    /// (Σ|a − b|ᵖ)^(1/p), p being above 0.
    Minkowski(f64),
}

impl Metric {
    /// The measure of Minkowski with a power above 0; powers 1 and 2 are measures of their own.
    pub(super) fn minkowski(power: f64) -> Self {
        match power {
            1.0 => Self::Manhattan,
            2.0 => Self::Euclidean,
            _ => Self::Minkowski(power),
        }
    }

    /// A number that grows with the distance of two rows and is quicker to compute.
    ///
    /// Terms are added in the order of the features. Rounding keeps order, so moving one row towards
    /// the other, feature by feature, never makes the number larger: what a tree prunes is exact.
    pub(super) fn reduced(self, a: &[f64], b: &[f64]) -> f64 {
        let gaps = a.iter().zip(b).map(|(a, b)| (a - b).abs());
        gaps.fold(0.0, |sum, gap| self.add(sum, gap))
    }

    /// The reduced distance once a feature is seen in which the rows differ by `gap`, which is not
    /// negative.
    #[inline]
    pub(super) fn add(self, sum: f64, gap: f64) -> f64 {
        match self {
            Self::Manhattan => sum + gap,
            Self::Euclidean => sum + gap * gap,
            Self::Chebyshev => sum.max(gap),
            Self::Minkowski(power) => sum + gap.powf(power),
        }
    }

    /// The distance of a reduced distance.
    pub(super) fn full(self, reduced: f64) -> f64 {
        match self {
            Self::Manhattan | Self::Chebyshev => reduced,
            Self::Euclidean => reduced.sqrt(),
            Self::Minkowski(power) => reduced.powf(1.0 / power),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_triangle_of_3_and_4() {
        let (a, b) = ([1.0, 7.0], [4.0, 3.0]);
        let distance = |metric: Metric| metric.full(metric.reduced(&a, &b));
        let near = |metric, expected: f64| assert!((distance(metric) - expected).abs() < 1e-12);
        near(Metric::minkowski(1.0), 7.0);
        near(Metric::minkowski(2.0), 5.0);
        near(Metric::Chebyshev, 4.0);
        near(Metric::minkowski(3.0), 91_f64.cbrt());
        assert_eq!(Metric::minkowski(2.0), Metric::Euclidean);
    }
}
