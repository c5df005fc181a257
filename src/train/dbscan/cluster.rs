//! The clusters of dense rows.
//!
//! What belongs together does not depend on the order of the search: core rows within reach of each
//! other are in one cluster, clusters are numbered by their first core row, and a row that is no
//! core belongs to the lowest cluster with a core within its reach. So all rows are looked at side by
//! side. This is what scikit-learn's search in the order of the rows comes to.

use rayon::prelude::*;

use crate::ledger::outcome::Reporter;

use super::super::error::TrainError;
use super::super::neighbours::distance::Metric;
use super::super::neighbours::rows::Rows;
use super::super::neighbours::tree::Tree;

/// Rows between two questions whether to stop.
const BLOCK: usize = 256;
/// How many parts of the rows are joined on their own at most, each with a number a row.
const PARTS: usize = 16;

/// What is known of some rows.
#[derive(Debug, PartialEq)]
pub(super) struct Clusters {
    /// The cluster a row, `None` for noise.
    pub(super) of_rows: Vec<Option<u32>>,
    /// Whether a row has enough rows within reach.
    pub(super) core: Vec<bool>,
    /// Number of clusters.
    pub(super) count: u32,
}

/// Finds the clusters of rows, at most `u32::MAX` of them.
pub(super) fn find(
    rows: &Rows,
    eps: f64,
    min_samples: usize,
    reporter: &dyn Reporter,
) -> Result<Clusters, TrainError> {
    let search = Search { rows, tree: Tree::new(rows), limit: eps * eps, reporter };
    let core = search.each(|row| {
        let mut count = 0;
        search.within(row, &mut |_| count += 1);
        count >= min_samples
    })?;
    let roots = search.join(&core)?;
    let mut number = vec![None; rows.len()];
    let mut count = 0;
    for row in 0..rows.len() {
        // The root of a cluster is its first core row.
        if core[row] && roots[row] as usize == row {
            number[row] = Some(count);
            count += 1;
        }
    }
    let of_core = |row: usize| number[roots[row] as usize];
    let of_rows = search.each(|row| {
        if core[row] {
            return of_core(row);
        }
        let mut lowest = None;
        search.within(row, &mut |other| {
            if core[other] && (lowest.is_none() || of_core(other) < lowest) {
                lowest = of_core(other);
            }
        });
        lowest
    })?;
    Ok(Clusters { of_rows, core, count })
}

struct Search<'a> {
    rows: &'a Rows,
    tree: Tree,
    /// The square of the reach.
    limit: f64,
    reporter: &'a dyn Reporter,
}

impl Search<'_> {
    /// Calls for every row within reach of a row, itself included.
    fn within(&self, row: usize, found: &mut impl FnMut(usize)) {
        let point = self.rows.row(row);
        let mut each = |near: super::Neighbour| found(near.row as usize);
        self.tree.within(Metric::Euclidean, point, self.limit, &mut each);
    }

    /// Something of every row.
    fn each<A: Send>(&self, of_row: impl Fn(usize) -> A + Sync) -> Result<Vec<A>, TrainError> {
        let count = self.rows.len();
        let blocks: Result<Vec<Vec<A>>, TrainError> = (0..count.div_ceil(BLOCK))
            .into_par_iter()
            .map(|block| {
                if self.reporter.cancelled() {
                    return Err(TrainError::Cancelled);
                }
                Ok((block * BLOCK..count.min((block + 1) * BLOCK)).map(&of_row).collect())
            })
            .collect();
        Ok(blocks?.into_iter().flatten().collect())
    }

    /// By row, the first of the core rows it is connected with through core rows.
    fn join(&self, core: &[bool]) -> Result<Vec<u32>, TrainError> {
        let count = core.len();
        let part = count.div_ceil(PARTS).max(BLOCK);
        let parts: Result<Vec<Forest>, TrainError> = (0..count.div_ceil(part))
            .into_par_iter()
            .map(|at| {
                let mut forest = Forest::new(count);
                for row in (at * part..count.min((at + 1) * part)).filter(|row| core[*row]) {
                    if row % BLOCK == 0 && self.reporter.cancelled() {
                        return Err(TrainError::Cancelled);
                    }
                    self.within(row, &mut |other| {
                        if other < row && core[other] {
                            forest.join(row, other);
                        }
                    });
                }
                Ok(forest)
            })
            .collect();
        let mut whole = Forest::new(count);
        for mut part in parts? {
            for row in 0..count {
                let root = part.root(row);
                whole.join(row, root);
            }
        }
        Ok((0..count).map(|row| whole.root(row) as u32).collect())
    }
}

/// Sets of rows that grow together (Galler and Fischer, 1964); the root of each is its first row.
struct Forest(Vec<u32>);

impl Forest {
    fn new(count: usize) -> Self {
        Self((0..count as u32).collect())
    }

    fn root(&mut self, row: usize) -> usize {
        let mut at = row;
        while self.0[at] as usize != at {
            let above = self.0[at] as usize;
            self.0[at] = self.0[above];
            at = self.0[at] as usize;
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b) as u32;
    }
}
