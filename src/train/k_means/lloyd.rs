//! Lloyd's iteration: linfa's until the centroids hardly move, the exact one to the end.

use std::sync::atomic::{AtomicU64, Ordering};

use linfa::dataset::DatasetBase;
use linfa::prelude::Fit;
use linfa_clustering::{KMeans, KMeansInit};
use linfa_nn::distance::Distance;
use ndarray::{Array2, ArrayView, Dimension};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

use crate::ledger::outcome::Reporter;

use super::super::error::TrainError;
use super::points::{Points, squared_distance};

/// Where the iteration ended.
pub(super) struct End {
    /// Row by row, measured as the points are.
    pub(super) centroids: Array2<f64>,
    /// The sum of squared distances to the nearest centroid.
    pub(super) inertia: f64,
    pub(super) iterations: usize,
    pub(super) converged: bool,
}

/// Moves centroids until no row changes its cluster, or until the squares of their moves sum to
/// `tol` of the mean variance at most.
///
/// linfa counts the old centroid among the rows of its cluster, so the steps that end the search
/// are taken here; they also give a cluster without rows the row farthest from its centroid.
pub(super) fn iterate(
    points: &Points,
    start: Array2<f64>,
    max_iter: usize,
    tol: f64,
    reporter: &dyn Reporter,
) -> Result<End, TrainError> {
    let allowed = tol * points.variance;
    let mut end = by_linfa(points, start, max_iter, allowed.sqrt(), reporter)?;
    let mut before: Vec<usize> = Vec::new();
    while end.iterations < max_iter && !end.converged {
        if reporter.cancelled() {
            return Err(TrainError::Cancelled);
        }
        let assigned = points.assign(&end.centroids);
        let next = means(points, &assigned, &end.centroids);
        let moved: f64 = (next.iter().zip(&end.centroids)).map(|(a, b)| (a - b) * (a - b)).sum();
        let clusters: Vec<usize> = assigned.into_iter().map(|(cluster, _)| cluster).collect();
        end.converged = clusters == before || moved <= allowed;
        (end.centroids, before) = (next, clusters);
        end.iterations += 1;
    }
    end.inertia = points.assign(&end.centroids).iter().map(|(_, distance)| distance).sum();
    Ok(end)
}

/// The mean of each cluster's rows.
fn means(points: &Points, assigned: &[(usize, f64)], before: &Array2<f64>) -> Array2<f64> {
    let mut sums = Array2::<f64>::zeros(before.raw_dim());
    let mut counts = vec![0_usize; before.nrows()];
    for (row, (cluster, _)) in points.rows.rows().into_iter().zip(assigned) {
        let mut sum = sums.row_mut(*cluster);
        sum += &row;
        counts[*cluster] += 1;
    }
    let empty: Vec<usize> = (0..counts.len()).filter(|cluster| counts[*cluster] == 0).collect();
    if !empty.is_empty() {
        let mut order: Vec<usize> = (0..assigned.len()).collect();
        order.sort_by(|a, b| assigned[*b].1.total_cmp(&assigned[*a].1).then(a.cmp(b)));
        // A row that lies on its centroid would only take it away from the others there.
        let far = order.into_iter().filter(|row| assigned[*row].1 > 0.0);
        for (cluster, row) in empty.into_iter().zip(far) {
            let old = assigned[row].0;
            let values = points.rows.row(row);
            let mut sum = sums.row_mut(old);
            sum -= &values;
            counts[old] -= 1;
            sums.row_mut(cluster).assign(&values);
            counts[cluster] = 1;
        }
    }
    for (cluster, count) in counts.into_iter().enumerate() {
        if count == 0 {
            sums.row_mut(cluster).assign(&before.row(cluster));
        } else {
            let mut sum = sums.row_mut(cluster);
            sum /= count as f64;
        }
    }
    sums
}

/// linfa's k-means from a start until the root of the summed squares of the moves is below a length.
fn by_linfa(
    points: &Points,
    start: Array2<f64>,
    max_iter: usize,
    length: f64,
    reporter: &dyn Reporter,
) -> Result<End, TrainError> {
    let steps = AtomicU64::new(0);
    let metric = Watched { steps: &steps, reporter };
    // Nothing is drawn by it: the start is given.
    let random = Xoshiro256PlusPlus::seed_from_u64(0);
    let fitted = KMeans::params_with(start.nrows(), random, metric)
        .n_runs(1)
        .max_n_iterations(max_iter as u64)
        .tolerance(length.max(f64::MIN_POSITIVE))
        .init_method(KMeansInit::Precomputed(start))
        .fit(&DatasetBase::from(points.rows.view()))
        .map_err(|error| TrainError::Fit(error.to_string()))?;
    if reporter.cancelled() {
        return Err(TrainError::Cancelled);
    }
    let centroids = fitted.centroids().as_standard_layout().into_owned();
    Ok(End {
        centroids,
        inertia: f64::INFINITY,
        iterations: steps.load(Ordering::Relaxed) as usize,
        converged: false,
    })
}

/// The Euclidean distance; linfa asks it once a step how far the centroids moved, which is where
/// the steps are counted and a cancelled fit is brought to its end.
#[derive(Clone)]
struct Watched<'a> {
    steps: &'a AtomicU64,
    reporter: &'a dyn Reporter,
}

impl Distance<f64> for Watched<'_> {
    fn distance<D: Dimension>(&self, a: ArrayView<f64, D>, b: ArrayView<f64, D>) -> f64 {
        self.steps.fetch_add(1, Ordering::Relaxed);
        if self.reporter.cancelled() { 0.0 } else { self.rdistance(a, b).sqrt() }
    }

    fn rdistance<D: Dimension>(&self, a: ArrayView<f64, D>, b: ArrayView<f64, D>) -> f64 {
        match (a.as_slice(), b.as_slice()) {
            (Some(a), Some(b)) => squared_distance(a, b),
            _ => a.iter().zip(&b).map(|(a, b)| (a - b) * (a - b)).sum(),
        }
    }
}
