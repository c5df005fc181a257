//! Least squares where the features depend on each other: of all coefficients that fit equally well,
//! those with the smallest sum of squares.

use linfa_linalg::cholesky::SolveCInplace;
use ndarray::{Array1, Array2, Axis};
use rayon::prelude::*;

use super::super::error::TrainError;
use super::solve::DEPENDENT;

/// The coefficients, and how many columns depend on the others.
///
/// Columns are made orthogonal one after the other, the longest rest first (modified Gram-Schmidt,
/// each chosen column twice, so that rounding does not add up). With B the chosen columns, D = B T
/// the others and β what fits on B alone, every solution is [β − T v, v]; the shortest is [z, Tᵀz]
/// with (I + T Tᵀ) z = β.
pub(super) fn solve(
    features: &Array2<f64>,
    target: &Array1<f64>,
) -> Result<(Array1<f64>, usize), TrainError> {
    let mut columns: Vec<Column> =
        features.columns().into_iter().map(|column| Column::new(column.to_vec())).collect();
    let mut target = Column::new(target.to_vec());
    let mut basis: Vec<Vec<f64>> = Vec::new();
    let mut chosen: Vec<usize> = Vec::new();
    while let Some(at) = longest(&columns, &chosen, features.nrows()) {
        columns[at].orthogonalise(&basis);
        let direction = columns[at].direction();
        chosen.push(at);
        let others = columns.par_iter_mut().enumerate().filter(|(it, _)| !chosen.contains(it));
        others.for_each(|(_, column)| column.take_out(&direction));
        target.take_out(&direction);
        basis.push(direction);
    }
    let rest: Vec<usize> = (0..columns.len()).filter(|at| !chosen.contains(at)).collect();
    let solve = |along: &[f64]| back_substitute(&columns, &chosen, along);
    let fit = solve(&target.along);
    let combinations: Vec<Vec<f64>> =
        rest.par_iter().map(|at| solve(&columns[*at].along)).collect();
    let size = chosen.len();
    let mut matrix = Array2::<f64>::eye(size);
    for combination in &combinations {
        for (row, first) in combination.iter().enumerate() {
            for (column, second) in combination[..=row].iter().enumerate() {
                matrix[[row, column]] += first * second;
            }
        }
    }
    for row in 0..size {
        for column in row + 1..size {
            matrix[[row, column]] = matrix[[column, row]];
        }
    }
    let short = matrix
        .solvec_into(Array1::from(fit).insert_axis(Axis(1)))
        .map_err(|error| TrainError::Fit(error.to_string()))?;
    let mut coefficients = Array1::zeros(columns.len());
    for (at, value) in chosen.iter().zip(&short) {
        coefficients[*at] = *value;
    }
    for (at, combination) in rest.iter().zip(&combinations) {
        coefficients[*at] = combination.iter().zip(&short).map(|(t, z)| t * z).sum();
    }
    Ok((coefficients, rest.len()))
}

/// A column as far as it is seen through.
struct Column {
    /// What is left of it beyond the directions so far.
    rest: Vec<f64>,
    /// Its length before anything was taken out.
    length: f64,
    /// How far it goes along each direction.
    along: Vec<f64>,
}

impl Column {
    fn new(values: Vec<f64>) -> Self {
        let length = length(&values);
        Self { rest: values, length, along: Vec::new() }
    }

    /// Takes out what lies along a direction.
    fn take_out(&mut self, direction: &[f64]) {
        let share = dot(&self.rest, direction);
        subtract(&mut self.rest, share, direction);
        self.along.push(share);
    }

    /// Takes out once more what rounding has left along the directions so far.
    fn orthogonalise(&mut self, basis: &[Vec<f64>]) {
        for (direction, along) in basis.iter().zip(&mut self.along) {
            let share = dot(&self.rest, direction);
            subtract(&mut self.rest, share, direction);
            *along += share;
        }
    }

    /// The direction of the rest, which the column goes along by the rest's length.
    fn direction(&mut self) -> Vec<f64> {
        let length = length(&self.rest);
        self.along.push(length);
        self.rest.iter().map(|value| value / length).collect()
    }
}

/// The column with the longest rest of those that still have one that counts.
fn longest(columns: &[Column], chosen: &[usize], rows: usize) -> Option<usize> {
    if chosen.len() >= rows {
        return None;
    }
    let mut best: Option<(usize, f64)> = None;
    for (at, column) in columns.iter().enumerate().filter(|(at, _)| !chosen.contains(at)) {
        let left = length(&column.rest);
        if left >= DEPENDENT * column.length && best.is_none_or(|(_, longest)| left > longest) {
            best = Some((at, left));
        }
    }
    best.map(|(at, _)| at)
}

/// The combination of the chosen columns that goes `along` the directions.
fn back_substitute(columns: &[Column], chosen: &[usize], along: &[f64]) -> Vec<f64> {
    let mut values: Vec<f64> = along.iter().take(chosen.len()).copied().collect();
    for at in (0..values.len()).rev() {
        let column = &columns[chosen[at]].along;
        values[at] /= column[at];
        let value = values[at];
        subtract(&mut values[..at], value, column);
    }
    values
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn length(values: &[f64]) -> f64 {
    dot(values, values).sqrt()
}

fn subtract(values: &mut [f64], share: f64, direction: &[f64]) {
    values.iter_mut().zip(direction).for_each(|(value, it)| *value -= share * it);
}
