//! Rows as points in space.

use ndarray::Array2;
use rayon::prelude::*;

use super::super::error::TrainError;
use super::super::estimator::Work;
use super::super::moments::centre_and_scale;

/// Beyond this the square of a distance is no number.
const REACH: f64 = 1e140;

/// Rows that are worked on at a time.
const BLOCK: usize = 1024;

/// The rows of a sample measured from their mean, which keeps digits where values are large.
pub(super) struct Points {
    /// Row by row.
    pub(super) rows: Array2<f64>,
    /// The mean of each feature.
    pub(super) means: Vec<f64>,
    /// The mean variance of the features.
    pub(super) variance: f64,
}

impl Points {
    /// Takes the rows of features, column by column.
    pub(super) fn new(features: &[Vec<f64>]) -> Self {
        let moments: Vec<(f64, f64)> =
            features.iter().map(|values| centre_and_scale(values)).collect();
        let shape = (features.first().map_or(0, Vec::len), features.len());
        let rows = Array2::from_shape_fn(shape, |(row, at)| features[at][row] - moments[at].0);
        let variance = moments.iter().map(|(_, deviation)| deviation * deviation).sum::<f64>()
            / features.len() as f64;
        Self { rows, means: moments.into_iter().map(|(mean, _)| mean).collect(), variance }
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.rows.nrows()
    }

    /// The nearest centroid of each row and the squared distance to it.
    pub(super) fn assign(&self, centroids: &Array2<f64>) -> Vec<(usize, f64)> {
        nearest(self.len(), |row| self.row(row), centroids)
    }

    /// A row.
    pub(super) fn row(&self, row: usize) -> &[f64] {
        let width = self.rows.ncols();
        self.rows
            .as_slice()
            .and_then(|all| all.get(row * width..)?.get(..width))
            .unwrap_or_default()
    }
}

/// Refuses values whose distances could not be squared.
pub(in crate::train) fn check_reach(work: &Work<'_>) -> Result<(), TrainError> {
    for (name, values) in work.names.iter().zip(&work.sample.features) {
        if let Some(value) = values.iter().find(|value| value.abs() > REACH) {
            let text = format!("'{name}' holds {value:?}, too large to be squared; rescale it");
            return Err(TrainError::Fit(text));
        }
    }
    Ok(())
}

/// The squared distance of two points.
pub(in crate::train) fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 4];
    let (a_fours, b_fours) = (a.chunks_exact(4), b.chunks_exact(4));
    let square = |(a, b): (&f64, &f64)| (a - b) * (a - b);
    let rest: f64 = a_fours.remainder().iter().zip(b_fours.remainder()).map(square).sum();
    for (a, b) in a_fours.zip(b_fours) {
        for lane in 0..4 {
            lanes[lane] += (a[lane] - b[lane]) * (a[lane] - b[lane]);
        }
    }
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]) + rest
}

/// The nearest centroid of each point, of equally near ones the first, and the squared distance.
pub(super) fn nearest<'a>(
    count: usize,
    point: impl Fn(usize) -> &'a [f64] + Sync,
    centroids: &Array2<f64>,
) -> Vec<(usize, f64)> {
    let mut found = vec![(0, f64::INFINITY); count];
    let width = centroids.ncols().max(1);
    let centroids = centroids.as_slice().unwrap_or_default();
    found.par_chunks_mut(BLOCK).enumerate().for_each(|(block, found)| {
        for (row, best) in found.iter_mut().enumerate() {
            let point = point(block * BLOCK + row);
            for (at, centroid) in centroids.chunks_exact(width).enumerate() {
                let distance = squared_distance(point, centroid);
                if distance < best.1 {
                    *best = (at, distance);
                }
            }
        }
    });
    found
}
