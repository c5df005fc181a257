//! Training rows arranged for the question which of them are nearest.
//!
//! However they are arranged, the answer is the same to the last bit.

use rayon::prelude::*;

use super::distance::Metric;
use super::filter::Filter;
use super::nearest::{Nearest, Neighbour};
use super::rows::Rows;
use super::tree::Tree;

/// Points asked about together.
const BLOCK: usize = 64;
/// With more features nearly every box of a tree has to be opened.
const TREE_FEATURES: usize = 15;
/// The same where a matrix product is the alternative (64,000 rows: 0.25 s against 0.6 s with 8
/// features, equal with 10).
const TREE_FEATURES_EUCLIDEAN: usize = 9;

/// How the rows are arranged.
#[derive(Clone, Debug, PartialEq)]
enum Arrangement {
    Tree(Tree),
    Filter(Filter),
    /// Feature by feature.
    Columns(Vec<Vec<f64>>),
}

/// What decides the arrangement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// Whatever is quickest.
    Auto,
    /// A k-d tree.
    Tree,
    /// Every row is looked at.
    Brute,
}

/// Training rows and their arrangement.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Index {
    pub(super) metric: Metric,
    pub(super) rows: Rows,
    arrangement: Arrangement,
}

impl Index {
    /// Arranges rows, at most `u32::MAX` of them.
    pub(super) fn new(metric: Metric, rows: Rows, algorithm: Algorithm) -> Self {
        let euclidean = metric == Metric::Euclidean;
        let most = if euclidean { TREE_FEATURES_EUCLIDEAN } else { TREE_FEATURES };
        let tree = match algorithm {
            Algorithm::Auto => rows.features <= most,
            Algorithm::Tree => true,
            Algorithm::Brute => false,
        };
        let arrangement = match (tree, euclidean) {
            (true, _) => Arrangement::Tree(Tree::new(&rows)),
            (false, true) => Arrangement::Filter(Filter::new(&rows)),
            (false, false) => Arrangement::Columns(columns(&rows)),
        };
        Self { metric, rows, arrangement }
    }

    /// Answers for each of some points from its `wanted` nearest rows, the nearest first and of
    /// equally near ones the earlier; distances are reduced ones.
    pub(super) fn ask<A: Send>(
        &self,
        points: &Rows,
        wanted: usize,
        answer: impl Fn(&[Neighbour]) -> A + Sync,
    ) -> Vec<A> {
        let features = self.rows.features;
        let blocks = points.values.par_chunks(BLOCK * features).map(|points| {
            let count = points.len() / features;
            let mut nearest: Vec<Nearest> = (0..count).map(|_| Nearest::new(wanted)).collect();
            self.search(points, &mut nearest);
            nearest.into_iter().map(|nearest| answer(&nearest.into_sorted())).collect::<Vec<A>>()
        });
        blocks.collect::<Vec<_>>().into_iter().flatten().collect()
    }

    fn search(&self, points: &[f64], nearest: &mut [Nearest]) {
        match &self.arrangement {
            Arrangement::Filter(filter) => filter.search(&self.rows, points, nearest),
            Arrangement::Tree(tree) => {
                for (point, nearest) in points.chunks_exact(self.rows.features).zip(nearest) {
                    tree.search(self.metric, point, nearest);
                }
            }
            Arrangement::Columns(columns) => scan(columns, self.metric, points, nearest),
        }
    }
}

fn columns(rows: &Rows) -> Vec<Vec<f64>> {
    let column = |at| rows.values.iter().skip(at).step_by(rows.features).copied().collect();
    (0..rows.features).map(column).collect()
}

/// Measures every row, some hundreds at a time so that their sums stay in the cache.
fn scan(columns: &[Vec<f64>], metric: Metric, points: &[f64], nearest: &mut [Nearest]) {
    const TOGETHER: usize = 256;
    let count = columns.first().map_or(0, Vec::len);
    let mut sums = [0.0; TOGETHER];
    for first in (0..count).step_by(TOGETHER) {
        let last = count.min(first + TOGETHER);
        for (point, nearest) in points.chunks_exact(columns.len()).zip(&mut *nearest) {
            let sums = &mut sums[..last - first];
            sums.fill(0.0);
            for (value, column) in point.iter().zip(columns) {
                for (sum, other) in sums.iter_mut().zip(&column[first..last]) {
                    *sum = metric.add(*sum, (value - other).abs());
                }
            }
            for (row, distance) in (first as u32..).zip(sums.iter()) {
                if *distance <= nearest.limit() {
                    nearest.offer(Neighbour { distance: *distance, row });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const METRICS: [Metric; 4] =
        [Metric::Manhattan, Metric::Euclidean, Metric::Chebyshev, Metric::Minkowski(1.5)];

    /// The definition: every distance, sorted.
    fn sorted(metric: Metric, rows: &Rows, point: &[f64]) -> Vec<Neighbour> {
        let mut all: Vec<Neighbour> = (0..rows.len())
            .map(|row| Neighbour {
                distance: metric.reduced(point, rows.row(row)),
                row: row as u32,
            })
            .collect();
        all.sort_unstable();
        all
    }

    fn check(rows: &Rows, points: &Rows, wanted: usize) {
        for metric in METRICS {
            for algorithm in [Algorithm::Auto, Algorithm::Tree, Algorithm::Brute] {
                let index = Index::new(metric, rows.clone(), algorithm);
                let found = index.ask(points, wanted, <[Neighbour]>::to_vec);
                for (at, found) in found.iter().enumerate() {
                    let expected = sorted(metric, rows, points.row(at));
                    assert_eq!(found[..], expected[..wanted], "{metric:?} {algorithm:?}");
                }
            }
        }
    }

    fn grid(count: usize, features: usize, steps: f64) -> Rows {
        let value = |at: usize| (at as f64 * 0.754_877_666).fract() * steps;
        Rows { features, values: (0..count * features).map(|at| value(at).floor()).collect() }
    }

    #[test]
    fn rows_on_a_grid_tie_and_the_earlier_win() {
        check(&grid(1500, 2, 5.0), &grid(70, 2, 9.0), 40);
        check(&grid(300, 16, 3.0), &grid(20, 16, 4.0), 7);
    }

    #[test]
    fn values_far_from_1_lose_nothing() {
        for (scale, offset) in [(1e-200, 0.0), (1e150, 0.0), (1.0, 1e9), (1e-310, 0.0)] {
            let spread = |rows: Rows| Rows {
                values: rows.values.iter().map(|value| value * scale + offset).collect(),
                ..rows
            };
            let fine = |rows: Rows| Rows {
                values: rows.values.iter().map(|value| value.sin()).collect(),
                ..rows
            };
            check(&spread(fine(grid(200, 3, 1e6))), &spread(fine(grid(9, 3, 3e6))), 5);
        }
    }

    /// Halving the space instead of the rows would make a tree 1,000 boxes deep here.
    #[test]
    fn rows_in_geometric_distances_are_no_trouble() {
        let powers: Vec<f64> = (-1000..500).map(|power| f64::from(power).exp2()).collect();
        let rows = Rows { features: 1, values: powers };
        check(&rows, &Rows { features: 1, values: vec![0.0, 1e-9, 1e100, -3.0] }, 6);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_numbers_are_found_as_defined(
            rows in proptest::collection::vec(proptest::num::f64::NORMAL | proptest::num::f64::ZERO, 40..80),
            points in proptest::collection::vec(proptest::num::f64::NORMAL, 8),
            features in 1_usize..5,
        ) {
            let whole = rows.len() / features * features;
            let rows = Rows { features, values: rows[..whole].to_vec() };
            let whole = points.len() / features * features;
            check(&rows, &Rows { features, values: points[..whole].to_vec() }, 5);
        }
    }
}
