//! Looking at every row, most of them in 32 bits only.
//!
//! ‖a − b‖² = ‖a‖² − 2ab + ‖b‖² turns distances into one matrix product, which is quick but rounds.
//! So the product only rules rows out: it gives a lower bound of each distance, and the rows that
//! remain are measured exactly. How a machine rounds decides how many remain, never the answer.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayViewMut2, Axis, Slice};

use super::distance::Metric;
use super::nearest::{Nearest, Neighbour};
use super::rows::Rows;

/// Rows multiplied at a time; a block of products stays in the cache.
const BLOCK: usize = 1024;
/// Products looked at together: nearly always none of them is small enough.
const GROUP: usize = 16;
/// Covers what numbers too small for 32 bits lose, the largest value being about 1.
const SMALLEST: f64 = 1e-36;

/// The training rows, ready to be multiplied.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Filter {
    /// Where the rows are measured from, so that their lengths are short.
    centre: Vec<f64>,
    /// Brings the largest value to between 1/2 and 1; a power of two, so nothing is rounded.
    scale: f64,
    /// The relative error of a product, with room to spare.
    error: f64,
    /// By row a column: −2b of each feature, then ‖b‖² less its error.
    factors: Array2<f32>,
}

impl Filter {
    /// Prepares training rows.
    pub(super) fn new(rows: &Rows) -> Self {
        let (count, features) = (rows.len(), rows.features);
        let mut centre = vec![0.0; features];
        for row in rows.values.chunks_exact(features) {
            centre.iter_mut().zip(row).for_each(|(sum, value)| *sum += value / count as f64);
        }
        let from_centre = |row: usize| rows.row(row).iter().zip(&centre).map(|(b, c)| b - c);
        let largest = (0..count).flat_map(from_centre).fold(0.0, |most: f64, b| most.max(b.abs()));
        let scale = power_of_two_below_inverse(largest);
        // A sum of n products is off by at most about n units of rounding of the sum of their
        // sizes (Higham, 2002, section 3.1), which is at most ‖a‖² + 2 ‖b‖²; doubled.
        let error = 4.0 * (features as f64 + 6.0) * f64::from(f32::EPSILON) / 2.0;
        let mut factors = Array2::zeros((features + 1, count));
        for row in 0..count {
            let mut squares = 0.0;
            for (at, value) in from_centre(row).enumerate() {
                let value = value * scale;
                squares += value * value;
                factors[[at, row]] = (-2.0 * value) as f32;
            }
            factors[[features, row]] = (squares * (1.0 - error)) as f32;
        }
        Self { centre, scale, error, factors }
    }

    /// Offers every row that may be among the nearest of some points, Euclidean distance being meant;
    /// `points` are rows one after the other and `nearest` has one entry a point.
    pub(super) fn search(&self, rows: &Rows, points: &[f64], nearest: &mut [Nearest]) {
        let features = rows.features;
        let mut left = Array2::zeros((nearest.len(), features + 1));
        let mut lengths = Vec::with_capacity(nearest.len());
        for (at, point) in points.chunks_exact(features).enumerate() {
            let mut squares = 0.0;
            for (feature, (value, centre)) in point.iter().zip(&self.centre).enumerate() {
                let value = (value - centre) * self.scale;
                squares += value * value;
                left[[at, feature]] = value as f32;
            }
            left[[at, features]] = 1.0;
            lengths.push(squares * (1.0 - self.error) - SMALLEST);
        }
        let mut products = vec![0.0; nearest.len() * BLOCK];
        for first in (0..rows.len()).step_by(BLOCK) {
            let width = BLOCK.min(rows.len() - first);
            let block = &mut products[..nearest.len() * width];
            if let Ok(mut product) = ArrayViewMut2::from_shape((nearest.len(), width), &mut *block)
            {
                let right = self.factors.slice_axis(Axis(1), Slice::from(first..first + width));
                general_mat_mul(1.0, &left, &right, 0.0, &mut product);
            }
            let points = points.chunks_exact(features).zip(&lengths);
            for ((line, nearest), (point, length)) in
                block.chunks_exact(width).zip(&mut *nearest).zip(points)
            {
                self.sift(rows, first, line, (point, *length), nearest);
            }
        }
    }

    /// Measures the rows of a block that their products do not rule out.
    fn sift(
        &self,
        rows: &Rows,
        first: usize,
        products: &[f32],
        (point, length): (&[f64], f64),
        nearest: &mut Nearest,
    ) {
        let limit = |nearest: &Nearest| {
            let limit = nearest.limit() * self.scale * self.scale - length;
            // Where a point is so far that nothing can be told, nothing is ruled out.
            if limit.is_nan() { f32::INFINITY } else { (limit as f32).next_up() }
        };
        let mut bound = limit(nearest);
        for (at, group) in products.chunks(GROUP).enumerate() {
            // NaN rules nothing out.
            let within = |product: &f32, bound| *product <= bound || product.is_nan();
            if !group.iter().fold(false, |any, product| any | within(product, bound)) {
                continue;
            }
            for (offset, product) in group.iter().enumerate() {
                if within(product, bound) {
                    let row = first + at * GROUP + offset;
                    let distance = Metric::Euclidean.reduced(point, rows.row(row));
                    nearest.offer(Neighbour { distance, row: row as u32 });
                    bound = limit(nearest);
                }
            }
        }
    }
}

/// The largest power of two whose product with a value is at most 1, as far as floats reach.
fn power_of_two_below_inverse(value: f64) -> f64 {
    if value > 0.0 { (-value.log2().ceil()).clamp(-1000.0, 1000.0).exp2() } else { 1.0 }
}
