//! Kernels: products of rows in another space.

use super::exponential::{exponential, hyperbolic_tangent};
use super::points::Points;

/// Products computed together, so that they stay in the cache.
const BLOCK: usize = 512;

/// A kernel with its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kernel {
    /// ab.
    Linear,
    /// (γ ab + r)^degree.
    Polynomial { gamma: f64, coef0: f64, degree: u32 },
    /// exp(−γ ‖a − b‖²).
    Rbf { gamma: f64 },
    /// tanh(γ ab + r).
    Sigmoid { gamma: f64, coef0: f64 },
}

impl Kernel {
    /// Turns the products of a row with others into kernels, given the squares of their lengths.
    fn apply(self, products: &mut [f64], square: f64, others: &[f64]) {
        // One loop a kernel, so that the choice is not made anew for each product.
        match self {
            Self::Linear => {}
            Self::Polynomial { gamma, coef0, degree } => {
                for product in products {
                    *product = power(gamma * *product + coef0, degree);
                }
            }
            Self::Rbf { gamma } => {
                for (product, other) in products.iter_mut().zip(others) {
                    *product = exponential(-gamma * (square + other - 2.0 * *product));
                }
            }
            Self::Sigmoid { gamma, coef0 } => {
                for product in products {
                    *product = hyperbolic_tangent(gamma * *product + coef0);
                }
            }
        }
    }

    /// The kernel of a row with itself.
    pub(super) fn with_itself(self, square: f64) -> f64 {
        let mut product = [square];
        self.apply(&mut product, square, &[square]);
        product[0]
    }

    /// At least the size of the kernel of any two rows of which no length has a larger square.
    pub(super) fn bound(self, square: f64) -> f64 {
        match self {
            Self::Polynomial { gamma, coef0, degree } => {
                power(gamma * square + coef0.abs(), degree)
            }
            Self::Linear => square,
            // Where squares overflow, differences of them are not numbers.
            Self::Rbf { .. } | Self::Sigmoid { .. } if (4.0 * square).is_finite() => 1.0,
            Self::Rbf { .. } | Self::Sigmoid { .. } => f64::INFINITY,
        }
    }

    /// Fills `kernels` with the kernels of a row with the points from `first` on.
    pub(super) fn fill(self, row: &[f64], points: &Points, first: usize, kernels: &mut [f64]) {
        let square: f64 = row.iter().fold(0.0, |sum, value| sum + value * value);
        for (at, block) in kernels.chunks_mut(BLOCK).enumerate() {
            let range = first + at * BLOCK..first + at * BLOCK + block.len();
            products(row, points.columns(), range.clone(), block);
            self.apply(block, square, &points.squares()[range]);
        }
    }
}

/// The products of a row with some rows given by columns; terms are added feature by feature.
fn products(row: &[f64], columns: &[Vec<f64>], range: std::ops::Range<usize>, sums: &mut [f64]) {
    sums.fill(0.0);
    let (fours, rest) = columns.as_chunks::<4>();
    let (values, rest_values) = row.as_chunks::<4>();
    // Four features at a time are four times fewer sums to load and to store.
    for ([a, b, c, d], columns) in values.iter().zip(fours) {
        let [ca, cb, cc, cd] = columns.each_ref().map(|column| &column[range.clone()]);
        let columns = ca.iter().zip(cb).zip(cc).zip(cd);
        for (sum, (((ca, cb), cc), cd)) in sums.iter_mut().zip(columns) {
            *sum = *sum + a * ca + b * cb + c * cc + d * cd;
        }
    }
    for (value, column) in rest_values.iter().zip(rest) {
        let column = &column[range.clone()];
        sums.iter_mut().zip(column).for_each(|(sum, other)| *sum += value * other);
    }
}

/// A whole power by repeated squaring, the same on every machine.
fn power(base: f64, exponent: u32) -> f64 {
    let (mut square, mut result, mut rest) = (base, 1.0, exponent);
    while rest > 0 {
        if rest % 2 == 1 {
            result *= square;
        }
        square *= square;
        rest /= 2;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_by_hand() {
        // ab = 11, ‖a‖² = 5, ‖b‖² = 25, ‖a − b‖² = 8.
        let points = Points::new(vec![vec![0.0, 3.0], vec![0.0, 4.0]]);
        let kernel = |kernel: Kernel| {
            let mut found = [0.0];
            kernel.fill(&[1.0, 2.0], &points, 1, &mut found);
            found[0]
        };
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12);
        near(kernel(Kernel::Linear), 11.0);
        near(kernel(Kernel::Polynomial { gamma: 0.5, coef0: -0.5, degree: 3 }), 125.0);
        near(kernel(Kernel::Rbf { gamma: 0.25 }), (-2.0_f64).exp());
        near(kernel(Kernel::Sigmoid { gamma: 0.1, coef0: -1.0 }), 0.1_f64.tanh());
        near(Kernel::Rbf { gamma: 3.0 }.with_itself(7.0), 1.0);
        near(Kernel::Polynomial { gamma: 1.0, coef0: 1.0, degree: 0 }.bound(9.0), 1.0);
    }

    #[test]
    fn products_do_not_depend_on_where_they_start() {
        let column = |at: usize| (0..1300).map(|row| ((row * 7 + at) as f64).sin()).collect();
        let points = Points::new((0..6).map(column).collect());
        let (mut all, mut some) = (vec![0.0; 1300], vec![0.0; 700]);
        let row = points.row(600);
        Kernel::Linear.fill(&row, &points, 0, &mut all);
        Kernel::Linear.fill(&row, &points, 600, &mut some);
        assert_eq!(all[600..], some[..]);
        assert!((some[0] - points.squares()[600]).abs() < 1e-12);
    }
}
