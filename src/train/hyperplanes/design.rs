//! Training rows column by column, with the products that solvers need.

use rayon::prelude::*;

use crate::ledger::outcome::Reporter;

use super::super::error::TrainError;

/// Rows one thread works on at a time, a column of them fitting into the nearest cache.
const BLOCK: usize = 1024;
/// Columns multiplied with all others while they stay in the cache.
const TILE: usize = 16;
/// Sums kept side by side, so that a product of columns is vectorised and its order fixed.
const LANES: usize = 8;

/// The features, and a constant one where there is an intercept.
#[derive(Debug)]
pub(super) struct Design {
    pub(super) columns: Vec<Vec<f64>>,
    pub(super) rows: usize,
}

impl Design {
    /// Features of equal length, and a column of `scaling` for an intercept.
    pub(super) fn new(features: &[Vec<f64>], scaling: Option<f64>) -> Self {
        let rows = features.first().map_or(0, Vec::len);
        let constant = scaling.map(|scaling| vec![scaling; rows]);
        Self { columns: features.iter().cloned().chain(constant).collect(), rows }
    }

    /// Xw: a value a row.
    pub(super) fn values(&self, weights: &[f64]) -> Vec<f64> {
        let mut values = vec![0.0; self.rows];
        values.par_chunks_mut(BLOCK).enumerate().for_each(|(at, sums)| {
            for (weight, column) in weights.iter().zip(&self.columns) {
                let column = &column[at * BLOCK..];
                sums.iter_mut().zip(column).for_each(|(sum, value)| *sum += weight * value);
            }
        });
        values
    }

    /// Xᵀv: a value a column.
    pub(super) fn combine(&self, values: &[f64]) -> Vec<f64> {
        self.columns.par_iter().map(|column| product(column, values)).collect()
    }

    /// `XᵀDX` for a diagonal D: the lower half, row by row, each as long as the matrix is wide.
    pub(super) fn gram(
        &self,
        diagonal: &[f64],
        reporter: &dyn Reporter,
    ) -> Result<Vec<f64>, TrainError> {
        let width = self.columns.len();
        let mut gram = vec![0.0; width * width];
        gram.par_chunks_mut(TILE * width).enumerate().try_for_each(|(at, tile)| {
            let mut scaled = vec![0.0; BLOCK];
            for first in (0..self.rows).step_by(BLOCK) {
                if reporter.cancelled() {
                    return Err(TrainError::Cancelled);
                }
                let block = first..self.rows.min(first + BLOCK);
                for (row, line) in tile.chunks_mut(width).enumerate() {
                    let row = at * TILE + row;
                    let scaled = &mut scaled[..block.len()];
                    let own = self.columns[row][block.clone()].iter().zip(&diagonal[block.clone()]);
                    scaled.iter_mut().zip(own).for_each(|(scaled, (x, d))| *scaled = x * d);
                    for (sum, column) in line.iter_mut().zip(&self.columns[..=row]) {
                        *sum += product(scaled, &column[block.clone()]);
                    }
                }
            }
            Ok(())
        })?;
        Ok(gram)
    }
}

/// Σ ab, by lanes that are added at the end.
pub(super) fn product(a: &[f64], b: &[f64]) -> f64 {
    let (a, rest_a) = a.as_chunks::<LANES>();
    let (b, rest_b) = b.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for (lane, (a, b)) in lanes.iter_mut().zip(a.iter().zip(b)) {
            *lane += a * b;
        }
    }
    let rest = rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum::<f64>();
    lanes.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::super::super::estimator::Silent;
    use super::*;

    #[test]
    fn products_by_hand() {
        let design = Design::new(&[vec![1.0, 2.0, 3.0], vec![0.0, 1.0, -1.0]], Some(2.0));
        assert_eq!(design.values(&[1.0, 10.0, 0.5]), [2.0, 13.0, -6.0]);
        assert_eq!(design.combine(&[1.0, 1.0, 2.0]), [9.0, -1.0, 8.0]);
        let gram = design.gram(&[1.0, 0.5, 2.0], &Silent).unwrap();
        assert_eq!(gram, [21.0, 0.0, 0.0, -5.0, 2.5, 0.0, 16.0, -3.0, 14.0]);
    }

    #[test]
    fn long_columns_are_added_in_one_order() {
        let column = |step: f64| (0..3000).map(|row| (f64::from(row) * step).sin()).collect();
        let columns: Vec<Vec<f64>> = (1..20).map(|at| column(f64::from(at))).collect();
        let design = Design::new(&columns, None);
        let ones = vec![1.0; 3000];
        let made = [1, 3].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| (design.gram(&ones, &Silent).unwrap(), design.values(&ones[..19])))
        });
        assert_eq!(made[0], made[1]);
        let (gram, _) = &made[0];
        assert!((gram[18 * 19 + 3] - product(&columns[18], &columns[3])).abs() < 1e-9);
    }
}
