//! Where the centroids start.

use ndarray::{Array2, Axis};
use rayon::prelude::*;

use crate::ledger::outcome::Reporter;

use super::super::error::TrainError;
use super::super::random::Random;
use super::points::{Points, squared_distance};

/// Different rows, each equally likely.
pub(super) fn random(points: &Points, clusters: usize, random: &mut Random) -> Array2<f64> {
    let mut order: Vec<usize> = (0..points.len()).collect();
    for at in 0..clusters.min(order.len()) {
        let other = at + random.below(order.len() - at);
        order.swap(at, other);
    }
    order.truncate(clusters);
    points.rows.select(Axis(0), &order)
}

/// Greedy k-means++ (Arthur and Vassilvitskii, 2007): each next centroid is a row drawn by its
/// squared distance to those before, the best of 2 + ln(clusters) such draws.
pub(super) fn plus_plus(
    points: &Points,
    clusters: usize,
    random: &mut Random,
    reporter: &dyn Reporter,
) -> Result<Array2<f64>, TrainError> {
    let draws = 2 + (clusters as f64).ln() as usize;
    let mut chosen = vec![random.below(points.len())];
    let mut distances = distances(points, chosen[0], &vec![f64::INFINITY; points.len()]);
    while chosen.len() < clusters {
        if reporter.cancelled() {
            return Err(TrainError::Cancelled);
        }
        let sums = running_sums(&distances);
        let total = sums.last().copied().unwrap_or_default();
        let mut best: Option<(f64, usize, Vec<f64>)> = None;
        for _ in 0..draws {
            let wanted = random.unit() * total;
            let row = sums.partition_point(|sum| *sum <= wanted).min(points.len() - 1);
            let left = self::distances(points, row, &distances);
            let sum = left.iter().sum();
            if best.as_ref().is_none_or(|(least, ..)| sum < *least) {
                best = Some((sum, row, left));
            }
        }
        let Some((_, row, left)) = best else { break };
        chosen.push(row);
        distances = left;
    }
    Ok(points.rows.select(Axis(0), &chosen))
}

/// The squared distance of each row to a chosen one, or to an earlier one that is nearer.
fn distances(points: &Points, chosen: usize, before: &[f64]) -> Vec<f64> {
    let centroid = points.row(chosen);
    let distance =
        |(row, before): (usize, &f64)| before.min(squared_distance(points.row(row), centroid));
    before.par_iter().enumerate().with_min_len(1024).map(distance).collect()
}

fn running_sums(values: &[f64]) -> Vec<f64> {
    let mut sum = 0.0;
    let add = |value: &f64| {
        sum += value;
        sum
    };
    values.iter().map(add).collect()
}
