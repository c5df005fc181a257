//! What a split is good for: how impure a set of rows is, kept as sums that rows add to.

mod classes;
mod entropy;
mod gini;
mod tally;
mod variance;

use std::ops::AddAssign;

use super::split::{Entry, Split};

pub(super) use classes::{Classes, balanced, even};
pub(super) use entropy::Entropy;
pub(super) use gini::Gini;
pub(super) use tally::{BINS, Tally};
pub(super) use variance::Variance;

/// A measure of impurity together with the targets it looks at.
pub(super) trait Criterion: Sync {
    /// What is known of the rows a tree is grown on, by their number.
    type Rows: Default + Send + Sync;
    /// What a side of a split inherits of its parent.
    type Sums: Sums;
    /// A node about to be split.
    type Node: Default + Send + Sync;
    /// Room for one scan over a node's rows.
    type Scan: Default + Send;

    /// Number of values in a leaf.
    fn outputs(&self) -> usize;

    /// Forgets all rows.
    fn clear(&self, rows: &mut Self::Rows);

    /// Adds a row of the training table that counts so many times; returns its sums.
    fn add(&self, rows: &mut Self::Rows, row: usize, count: u32) -> Self::Sums;

    /// Whether all of some rows have the same target.
    fn pure(&self, rows: &Self::Rows, own: impl Iterator<Item = usize>) -> bool;

    /// Appends the values a leaf of some rows has.
    fn leaf(&self, rows: &Self::Rows, own: impl Iterator<Item = usize>, values: &mut Vec<f64>);

    /// Prepares to split a node of some rows.
    fn open(
        &self,
        rows: &Self::Rows,
        own: impl Iterator<Item = usize>,
        sums: Self::Sums,
        node: &mut Self::Node,
    );

    /// Puts the best split by a feature in place of `best` where it is better.
    ///
    /// `entries` are the node's rows sorted by the feature. Each side keeps `min_leaf` rows. Of
    /// equal splits the first stays.
    fn improve(
        &self,
        node: &Self::Node,
        scan: &mut Self::Scan,
        best: &mut Split<Self::Sums>,
        column: (usize, &[Entry]),
        rows: &Self::Rows,
        min_leaf: usize,
    );

    /// How much a split of some score lowers the impurity times the weight of the node.
    fn gain(&self, node: &Self::Node, score: f64) -> f64;
}

/// Sums over weighted rows.
pub(super) trait Sums: Copy + Default + AddAssign + Send + Sync {
    /// Their weight.
    fn weight(self) -> f64;

    /// The sums of the rows that are not in `left`.
    #[must_use]
    fn without(self, left: Self) -> Self;
}
