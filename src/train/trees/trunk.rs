//! A tree while it grows: depth first, left before right. What the ways to split have in common.

use super::super::error::TrainError;
use super::super::random::Random;
use super::criterion::Criterion;
use super::params::Limits;
use super::tree::{Node, Tree};
use crate::ledger::outcome::Reporter;

/// From this many rows on a node takes long enough to ask for cancellation first.
const LONG: usize = 100_000;

/// A grown tree and, where it has a split, by feature how much it lowers the impurity.
pub(super) type Grown = (Tree, Option<Vec<f64>>);

/// Grows trees one after the other, with the same buffers.
pub(super) trait Grow<C>: Send {
    /// Grows the tree that a stream of random numbers determines.
    fn grow(
        &mut self,
        criterion: &C,
        random: &mut Random,
        draw: Draw<'_>,
        reporter: &dyn Reporter,
    ) -> Result<Grown, TrainError>;
}

/// One way to split. Growing is the same for all of them, see [`Grow`].
pub(super) trait Splitter<C>: Send {
    /// What is known of a node that may be split.
    type Node;

    /// The tree while it grows.
    fn trunk(&mut self) -> &mut Trunk<Self::Node>;

    /// Number of rows of a node.
    fn rows(node: &Self::Node) -> usize;

    /// Begins a tree with the rows that are drawn.
    fn root(&mut self, criterion: &C, random: &mut Random, draw: Draw<'_>) -> Side<Self::Node>;

    /// Splits a node as well as can be; returns its left side. Where no split is worth it the values
    /// of the leaf are held.
    fn open(
        &mut self,
        criterion: &C,
        node: Self::Node,
        random: &mut Random,
    ) -> Option<Side<Self::Node>>;
}

impl<C, S: Splitter<C>> Grow<C> for S {
    fn grow(
        &mut self,
        criterion: &C,
        random: &mut Random,
        draw: Draw<'_>,
        reporter: &dyn Reporter,
    ) -> Result<Grown, TrainError> {
        let mut next = Some(self.root(criterion, random, draw));
        while let Some(side) = next {
            let left = match side {
                Side::Leaf => None,
                Side::Open(node) if S::rows(&node) >= LONG && reporter.cancelled() => {
                    return Err(TrainError::Cancelled);
                }
                Side::Open(node) => self.open(criterion, node, random),
            };
            next = left.or_else(|| self.trunk().leaf());
        }
        Ok(self.trunk().finish())
    }
}

/// Which rows a tree is grown on.
#[derive(Clone, Copy)]
pub(super) enum Draw<'a> {
    /// Each row once.
    Every,
    /// As many as there are, with replacement.
    Bootstrap,
    /// Each row so many times.
    Counts(&'a [u32]),
}

impl Draw<'_> {
    /// How often each row is drawn.
    pub(super) fn counts(self, rows: usize, random: &mut Random, counts: &mut Vec<u32>) {
        counts.clear();
        match self {
            Self::Every => counts.resize(rows, 1),
            Self::Bootstrap => {
                counts.resize(rows, 0);
                for _ in 0..rows {
                    counts[random.below(rows)] += 1;
                }
            }
            Self::Counts(given) => counts.extend(given),
        }
    }
}

/// One side of a split.
pub(super) enum Side<S> {
    /// A leaf, whose values are held.
    Leaf,
    /// A node that may be split.
    Open(S),
}

/// A right-hand node that waits until its left sibling's subtree is complete.
struct Pending<S> {
    parent: usize,
    side: Side<S>,
}

/// The part of a tree that is grown; `S` is what is known of a node that may be split.
pub(super) struct Trunk<S> {
    tree: Tree,
    decrease: Vec<f64>,
    pending: Vec<Pending<S>>,
    /// The values of the leaves that are not in the tree yet, the next one last.
    pub(super) held: Vec<f64>,
}

impl<S> Trunk<S> {
    /// Nothing grown yet.
    pub(super) fn new() -> Self {
        Self { tree: Tree::empty(1), decrease: Vec::new(), pending: Vec::new(), held: Vec::new() }
    }

    /// Begins a tree of so many values a leaf on so many features.
    pub(super) fn begin(&mut self, outputs: usize, features: usize) {
        self.tree = Tree::empty(outputs);
        self.decrease.clear();
        self.decrease.resize(features, 0.0);
        self.pending.clear();
        self.held.clear();
    }

    /// Adds the leaf whose values were held last; returns the side that waited longest for it.
    pub(super) fn leaf(&mut self) -> Option<Side<S>> {
        let outputs = self.tree.outputs;
        self.tree.nodes.push(Node::leaf(self.tree.values.len() / outputs));
        self.tree.values.extend(self.held.drain(self.held.len() - outputs..));
        let Pending { parent, side } = self.pending.pop()?;
        self.tree.nodes[parent].next = self.tree.nodes.len() as u32;
        Some(side)
    }

    /// Adds a split that lowers the impurity by `gain`; returns its left side. The values of a leaf
    /// on the right were held before those of one on the left.
    pub(super) fn split(
        &mut self,
        (feature, threshold): (usize, f32),
        gain: f64,
        left: Side<S>,
        right: Side<S>,
    ) -> Side<S> {
        self.decrease[feature] += gain;
        self.pending.push(Pending { parent: self.tree.nodes.len(), side: right });
        self.tree.nodes.push(Node { feature: feature as u32, threshold, next: 0 });
        left
    }

    /// The complete tree.
    pub(super) fn finish(&mut self) -> Grown {
        let mut tree = std::mem::replace(&mut self.tree, Tree::empty(1));
        // A forest may hold many trees: none keeps room to grow.
        tree.nodes.shrink_to_fit();
        tree.values.shrink_to_fit();
        let decrease = (tree.nodes.len() > 1).then(|| self.decrease.clone());
        (tree, decrease)
    }
}

/// Decides whether a node of these rows can be split at all; the values of a leaf are held.
pub(super) fn side<C: Criterion, S>(
    criterion: &C,
    limits: &Limits,
    rows: &C::Rows,
    own: impl ExactSizeIterator<Item = usize> + Clone,
    (node, depth): (S, usize),
    held: &mut Vec<f64>,
) -> Side<S> {
    let done = depth >= limits.max_depth
        || own.len() < limits.min_split
        || criterion.pure(rows, own.clone());
    if !done {
        return Side::Open(node);
    }
    criterion.leaf(rows, own, held);
    Side::Leaf
}
