//! The linear systems `(I + XᵀDX) p = r`, D being diagonal and not negative.

use linfa_linalg::cholesky::CholeskyInplace;
use linfa_linalg::triangular::{SolveTriangularInplace, UPLO};
use ndarray::{Array2, Axis};

use crate::ledger::outcome::Reporter;

use super::super::error::TrainError;
use super::design::{Design, product};

/// Columns up to which the matrix is written out.
const WRITTEN_OUT: usize = 1500;
/// Most products with the matrix where it is not.
const PRODUCTS: usize = 500;
/// What the rest of a solution by products may be, relative to the right side.
const REST: f64 = 1e-12;
/// What is added to a unit diagonal at first when rounding leaves no decomposition.
const DAMPING: f64 = 1e-14;

/// A system whose diagonal D is known.
pub(super) struct Normal<'a> {
    design: &'a Design,
    reporter: &'a dyn Reporter,
    form: Form<'a>,
}

enum Form<'a> {
    /// L of `LLᵀ`, the matrix having been scaled to a unit diagonal by these factors.
    Decomposed { lower: Array2<f64>, scales: Vec<f64> },
    /// D, and the diagonal of the matrix.
    Products { weights: &'a [f64], diagonal: Vec<f64> },
}

impl<'a> Normal<'a> {
    /// Prepares to solve with `weights` as D.
    pub(super) fn new(
        design: &'a Design,
        weights: &'a [f64],
        reporter: &'a dyn Reporter,
    ) -> Result<Self, TrainError> {
        let form = if design.columns.len() <= WRITTEN_OUT {
            decompose(design, weights, reporter)?
        } else {
            let square = |column: &Vec<f64>| {
                let terms = column.iter().zip(weights).map(|(x, weight)| x * x * weight);
                1.0 + terms.sum::<f64>()
            };
            Form::Products { weights, diagonal: design.columns.iter().map(square).collect() }
        };
        Ok(Self { design, reporter, form })
    }

    /// p for r.
    pub(super) fn solve(&self, right: &[f64]) -> Result<Vec<f64>, TrainError> {
        match &self.form {
            Form::Decomposed { lower, scales } => {
                let scaled = right.iter().zip(scales).map(|(value, scale)| value / scale).collect();
                let mut column = ndarray::Array1::from_vec(scaled).insert_axis(Axis(1));
                let solved = lower
                    .solve_triangular_inplace(&mut column, UPLO::Lower)
                    .and_then(|column| lower.t().solve_triangular_inplace(column, UPLO::Upper));
                solved.map_err(|error| TrainError::Fit(error.to_string()))?;
                Ok(column.iter().zip(scales).map(|(value, scale)| value / scale).collect())
            }
            Form::Products { weights, diagonal } => self.conjugate(right, weights, diagonal),
        }
    }

    /// Conjugate gradients, each unknown scaled by the diagonal.
    fn conjugate(
        &self,
        right: &[f64],
        weights: &[f64],
        diagonal: &[f64],
    ) -> Result<Vec<f64>, TrainError> {
        let scaled = |values: &[f64]| -> Vec<f64> {
            values.iter().zip(diagonal).map(|(value, diagonal)| value / diagonal).collect()
        };
        let (mut solution, mut rest) = (vec![0.0; right.len()], right.to_vec());
        let mut direction = scaled(&rest);
        let mut length = product(&rest, &direction);
        let enough = length * REST * REST;
        for _ in 0..PRODUCTS {
            if length <= enough {
                break;
            }
            if self.reporter.cancelled() {
                return Err(TrainError::Cancelled);
            }
            let mut values = self.design.values(&direction);
            values.iter_mut().zip(weights).for_each(|(value, weight)| *value *= weight);
            let mut across = self.design.combine(&values);
            across.iter_mut().zip(&direction).for_each(|(sum, direction)| *sum += direction);
            let share = length / product(&direction, &across);
            for at in 0..rest.len() {
                solution[at] += share * direction[at];
                rest[at] -= share * across[at];
            }
            let toward = scaled(&rest);
            let next = product(&rest, &toward);
            for (direction, toward) in direction.iter_mut().zip(&toward) {
                *direction = toward + next / length * *direction;
            }
            length = next;
        }
        Ok(solution)
    }
}

fn decompose<'a>(
    design: &Design,
    weights: &[f64],
    reporter: &dyn Reporter,
) -> Result<Form<'a>, TrainError> {
    let width = design.columns.len();
    let gram = design.gram(weights, reporter)?;
    let scales: Vec<f64> = (0..width).map(|at| (1.0 + gram[at * width + at]).sqrt()).collect();
    let finite = scales.iter().all(|scale| scale.is_finite());
    let mut damping = 0.0;
    while finite && damping < 1.0 {
        let mut matrix = Array2::from_shape_fn((width, width), |(row, column)| {
            let (high, low) = (row.max(column), row.min(column));
            gram[high * width + low] / scales[row] / scales[column]
        });
        matrix.diag_mut().fill(1.0 + damping);
        if let Ok(lower) = matrix.cholesky_into_dirty()
            && lower.diag().iter().all(|value| value.is_finite())
        {
            return Ok(Form::Decomposed { lower, scales });
        }
        damping = (damping * 100.0).max(DAMPING);
    }
    Err(TrainError::Fit("its sums overflow; rescale the columns or lower C".into()))
}

#[cfg(test)]
mod tests {
    use super::super::super::estimator::Silent;
    use super::*;

    /// What is left of r, relative to it.
    fn rest(design: &Design, weights: &[f64], right: &[f64]) -> f64 {
        let solution = Normal::new(design, weights, &Silent).unwrap().solve(right).unwrap();
        let mut values = design.values(&solution);
        values.iter_mut().zip(weights).for_each(|(value, weight)| *value *= weight);
        let across = design.combine(&values);
        let rest = |at: usize| (solution[at] + across[at] - right[at]).abs();
        (0..right.len()).map(rest).fold(0.0, f64::max)
    }

    #[test]
    fn solutions_solve_written_out_or_not() {
        for columns in [3, WRITTEN_OUT + 1] {
            let column = |at: usize| (0..7).map(|row| ((row * 31 + at * 7) as f64).sin()).collect();
            let design = Design::new(&(0..columns).map(column).collect::<Vec<_>>(), Some(1.0));
            let right: Vec<f64> = (0..=columns).map(|at| (at as f64).cos()).collect();
            let weights = [0.0, 1.0, 2.0, 0.5, 0.0, 3.0, 1e-9];
            assert!(rest(&design, &weights, &right) < 1e-10);
        }
    }

    #[test]
    fn columns_that_depend_on_each_other_are_no_trouble() {
        let column = vec![1e6, 2e6, 3e6 + 1.0];
        let design = Design::new(&[column.clone(), column.clone(), column], Some(1.0));
        let solved = Normal::new(&design, &[1e12; 3], &Silent).unwrap().solve(&[1.0; 4]).unwrap();
        assert!(solved.iter().all(|value| value.is_finite()));
        let huge = Design::new(&[vec![1e200, 1.0]], None);
        assert!(Normal::new(&huge, &[1.0, 1.0], &Silent).is_err());
    }
}
