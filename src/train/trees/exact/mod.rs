//! Growing one tree by exact splits, depth first, as CART does (Breiman et al., 1984).

mod columns;
mod table;

use rayon::prelude::*;

use super::super::error::TrainError;
use super::super::random::Random;
use super::criterion::{Criterion, Sums};
use super::params::Limits;
use super::split::{Entry, Split, between};
use super::tree::{Node, Tree};
use crate::ledger::outcome::Reporter;
use columns::Columns;

pub(super) use table::Presorted;

/// From this many rows on a node takes long enough to ask for cancellation first.
const LONG: usize = 100_000;

/// Grows trees one after the other, with the same buffers.
pub(super) struct Grower<'a, C: Criterion> {
    table: &'a Presorted,
    limits: Limits,
    /// Whether the work on one tree is shared by all threads.
    shared: bool,
    columns: Columns,
    counts: Vec<u32>,
    rows: C::Rows,
    node: C::Node,
    scan: C::Scan,
    features: Vec<usize>,
    tree: Tree,
    decrease: Vec<f64>,
    pending: Vec<Pending<C::Sums>>,
    /// The values of the leaves that are not in the tree yet, the next one last.
    held: Vec<f64>,
    weight: f64,
}

/// A grown tree and, where it has a split, by feature how much it lowers the impurity.
pub(super) type Grown = (Tree, Option<Vec<f64>>);

/// The rows of a node: a range of every column.
#[derive(Clone, Copy)]
struct Span<S> {
    low: usize,
    high: usize,
    depth: usize,
    sums: S,
}

/// A right-hand node that waits until its left sibling's subtree is complete.
struct Pending<S> {
    parent: usize,
    side: Side<S>,
}

/// One side of a split.
#[derive(Clone, Copy)]
enum Side<S> {
    /// A leaf, whose values are held.
    Leaf,
    Open(Span<S>),
}

impl<'a, C: Criterion> Grower<'a, C> {
    /// Prepares to grow trees on a table, several growers side by side.
    pub(super) fn new(table: &'a Presorted, limits: Limits) -> Self {
        Self {
            table,
            limits,
            shared: false,
            columns: Columns::default(),
            counts: Vec::new(),
            rows: C::Rows::default(),
            node: C::Node::default(),
            scan: C::Scan::default(),
            features: Vec::new(),
            tree: Tree::empty(1),
            decrease: Vec::new(),
            pending: Vec::new(),
            held: Vec::new(),
            weight: 0.0,
        }
    }

    /// Prepares to grow trees on a table one at a time: all threads work on one tree.
    pub(super) fn shared(table: &'a Presorted, limits: Limits) -> Self {
        Self { shared: true, ..Self::new(table, limits) }
    }

    /// Grows the tree that a stream of random numbers determines.
    pub(super) fn grow(
        &mut self,
        criterion: &C,
        random: &mut Random,
        draw: Draw<'_>,
        reporter: &dyn Reporter,
    ) -> Result<Grown, TrainError> {
        let mut next = Some(self.root(criterion, random, draw));
        while let Some(side) = next {
            next = match side {
                Side::Leaf => self.leaf(),
                Side::Open(span) if span.high - span.low >= LONG && reporter.cancelled() => {
                    return Err(TrainError::Cancelled);
                }
                Side::Open(span) => {
                    if let Some(split) = self.best(criterion, span, random) {
                        Some(self.split(criterion, span, split))
                    } else {
                        let entries = self.columns.sorted(self.table, 0, span.low..span.high);
                        criterion.leaf(&self.rows, entries, &mut self.held);
                        self.leaf()
                    }
                }
            };
        }
        let decrease = (self.tree.nodes.len() > 1).then(|| self.decrease.clone());
        let mut tree = std::mem::replace(&mut self.tree, Tree::empty(1));
        // A forest may hold many trees: none keeps room to grow.
        tree.nodes.shrink_to_fit();
        tree.values.shrink_to_fit();
        Ok((tree, decrease))
    }

    /// Begins a tree with the rows that are drawn.
    fn root(&mut self, criterion: &C, random: &mut Random, draw: Draw<'_>) -> Side<C::Sums> {
        let (rows, features) = (self.table.rows(), self.table.features());
        self.features = (0..features).collect();
        self.decrease = vec![0.0; features];
        self.tree = Tree::empty(criterion.outputs());
        self.pending.clear();
        self.held.clear();
        self.counts.clear();
        match draw {
            Draw::Every => self.counts.resize(rows, 1),
            Draw::Bootstrap => bootstrap(rows, random, &mut self.counts),
            Draw::Counts(counts) => self.counts.extend(counts),
        }
        let high = self.columns.fill(self.table, &self.counts, self.shared);
        let sums = self.take(criterion);
        self.weight = sums.weight();
        let span = Span { low: 0, high, depth: 0, sums };
        let entries = self.columns.sorted(self.table, 0, 0..high);
        side(criterion, &self.limits, &self.rows, entries, span, &mut self.held)
    }

    /// Tells the criterion of the rows under the numbers they have in the columns; sums them up.
    fn take(&mut self, criterion: &C) -> C::Sums {
        let mut all = C::Sums::default();
        criterion.clear(&mut self.rows);
        for (row, count) in self.counts.iter().enumerate() {
            if *count > 0 {
                all += criterion.add(&mut self.rows, row, *count);
            } else if self.table.on_demand() {
                criterion.add(&mut self.rows, row, 0);
            }
        }
        all
    }

    /// Adds the leaf whose values were held last; returns the side that waited longest for it.
    fn leaf(&mut self) -> Option<Side<C::Sums>> {
        let outputs = self.tree.outputs;
        self.tree.nodes.push(Node::leaf(self.tree.values.len() / outputs));
        self.tree.values.extend(self.held.drain(self.held.len() - outputs..));
        let Pending { parent, side } = self.pending.pop()?;
        self.tree.nodes[parent].next = self.tree.nodes.len() as u32;
        Some(side)
    }

    /// Adds a split; returns its left side.
    fn split(
        &mut self,
        criterion: &C,
        span: Span<C::Sums>,
        split: Split<C::Sums>,
    ) -> Side<C::Sums> {
        let Split { feature, count, left, .. } = split;
        self.decrease[feature] += criterion.gain(&self.node, &split);
        let parent = self.tree.nodes.len();
        let middle = span.low + count;
        let entries = self.columns.sorted(self.table, feature, span.low..span.high);
        let threshold = between(entries[count - 1].value, entries[count].value);
        self.tree.nodes.push(Node { feature: feature as u32, threshold, next: 0 });

        let depth = span.depth + 1;
        let (low, high) = (span.low, span.high);
        let right = Span { low: middle, high, depth, sums: span.sums.without(left) };
        let left = Span { low, high: middle, depth, sums: left };
        let mut side = |entries, span| {
            side(criterion, &self.limits, &self.rows, entries, span, &mut self.held)
        };
        // The right side first: a leaf on the left is taken before one on the right.
        let right = side(&entries[count..], right);
        let left = side(&entries[..count], left);
        // Two leaves need no columns: this saves the last level, the largest.
        if matches!((left, right), (Side::Open(_), _) | (_, Side::Open(_))) {
            self.columns.partition(self.table, low..high, (feature, count), self.shared);
        }
        self.pending.push(Pending { parent, side: right });
        left
    }

    /// The best split over features in random order; equal splits go to the feature drawn first.
    ///
    /// As in scikit-learn, `max_features` are tried, and more while all of them are constant.
    fn best(
        &mut self,
        criterion: &C,
        span: Span<C::Sums>,
        random: &mut Random,
    ) -> Option<Split<C::Sums>> {
        let range = span.low..span.high;
        let every = self.limits.max_features >= self.features.len();
        let best = if self.shared && every && self.columns.worth_sharing(&range) {
            self.best_of_all(criterion, span, random)
        } else {
            self.best_of_some(criterion, span, random)
        };
        if best.count == 0 {
            return None;
        }
        let gain = criterion.gain(&self.node, &best);
        self.limits.worth(gain / self.weight).then_some(best)
    }

    fn best_of_some(
        &mut self,
        criterion: &C,
        span: Span<C::Sums>,
        random: &mut Random,
    ) -> Split<C::Sums> {
        let mut best = Split::none();
        let mut varied = false;
        let count = self.features.len();
        for tried in 0..count {
            if varied && tried >= self.limits.max_features {
                break;
            }
            if tried + 1 < count {
                self.features.swap(tried, tried + random.below(count - tried));
            }
            let feature = self.features[tried];
            let entries = self.columns.sorted(self.table, feature, span.low..span.high);
            if tried == 0 {
                criterion.open(&self.rows, entries, span.sums, &mut self.node);
            }
            let [first, .., last] = entries else { break };
            if first.value < last.value {
                varied = true;
                let (column, least) = ((feature, entries), self.limits.min_leaf);
                let (node, scan) = (&self.node, &mut self.scan);
                criterion.improve(node, scan, &mut best, column, &self.rows, least);
            }
        }
        best
    }

    /// As [`Self::best_of_some`] where all features are tried, each by itself.
    fn best_of_all(
        &mut self,
        criterion: &C,
        span: Span<C::Sums>,
        random: &mut Random,
    ) -> Split<C::Sums> {
        let range = span.low..span.high;
        let entries = self.columns.kept(0, range.clone());
        criterion.open(&self.rows, entries, span.sums, &mut self.node);
        let count = self.features.len();
        for tried in 0..count - 1 {
            self.features.swap(tried, tried + random.below(count - tried));
        }
        let Self { features, columns, node, rows, limits, .. } = &*self;
        let best = |scan: &mut C::Scan, feature: &usize| {
            let mut best = Split::none();
            let column = (*feature, columns.kept(*feature, range.clone()));
            criterion.improve(node, scan, &mut best, column, rows, limits.min_leaf);
            best
        };
        let all: Vec<Split<C::Sums>> =
            features.par_iter().map_init(C::Scan::default, best).collect();
        let better = |best: Split<C::Sums>, next: Split<C::Sums>| {
            if next.score > best.score { next } else { best }
        };
        all.into_iter().fold(Split::none(), better)
    }
}

/// Decides whether a node can be split at all; the values of a leaf are held.
fn side<C: Criterion>(
    criterion: &C,
    limits: &Limits,
    rows: &C::Rows,
    entries: &[Entry],
    span: Span<C::Sums>,
    held: &mut Vec<f64>,
) -> Side<C::Sums> {
    let done = span.depth >= limits.max_depth
        || entries.len() < limits.min_split
        || criterion.pure(rows, entries);
    if !done {
        return Side::Open(span);
    }
    criterion.leaf(rows, entries, held);
    Side::Leaf
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

/// How often each row is drawn when as many are drawn as there are.
pub(super) fn bootstrap(rows: usize, random: &mut Random, counts: &mut Vec<u32>) {
    counts.resize(rows, 0);
    (0..rows).for_each(|_| counts[random.below(rows)] += 1);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::estimator::Silent;
    use super::super::criterion::{Classes, Gini, Variance, even};
    use super::super::params::{Amount, Growth, MaxFeatures};
    use super::super::tree::LEAF;
    use super::*;

    fn random() -> Random {
        Random::stream("fairledger test v1", 0, 0)
    }

    fn grow(columns: &[Vec<f32>], target: &[f64], growth: Growth) -> Grown {
        let limits = growth.limits(target.len(), columns.len());
        let table = Presorted::new(columns, limits.max_features);
        let criterion = Variance::new(target.to_vec());
        let mut grower = Grower::new(&table, limits);
        grower.grow(&criterion, &mut random(), Draw::Every, &Silent).unwrap()
    }

    fn predictions(tree: &Tree, columns: &[Vec<f32>]) -> Vec<f64> {
        let rows = columns[0].len();
        let block: Vec<f32> =
            (0..rows).flat_map(|row| columns.iter().map(move |column| column[row])).collect();
        let mut sums = vec![0.0; rows * tree.outputs];
        tree.add_predictions(&block, columns.len(), &mut sums);
        sums
    }

    /// By hand: of x = 1 2 4 8 with y = 0 0 6 10, splitting after the second row lowers the squared
    /// error from 72 to 8, the most; then 4 and 8 part at 6.
    #[test]
    fn a_tree_computed_by_hand() {
        let x = vec![8.0, 1.0, 4.0, 2.0];
        let (tree, decrease) = grow(&[x], &[10.0, 0.0, 6.0, 0.0], Growth::default());
        let expected = [
            Node { feature: 0, threshold: 3.0, next: 2 },
            Node::leaf(0),
            Node { feature: 0, threshold: 6.0, next: 4 },
            Node::leaf(1),
            Node::leaf(2),
        ];
        assert_eq!(tree.nodes, expected);
        assert_eq!(tree.values, [0.0, 6.0, 10.0]);
        assert_eq!(decrease.unwrap(), [72.0]);
    }

    /// By hand: classes a a b c c at 1 to 5. Σn² falls least after two rows: 4/2 + 5/3 of 9/5, so
    /// the Gini index times the weight goes from 16/5 to 4/3; then b parts from c.
    #[test]
    fn a_classification_tree_computed_by_hand() {
        let x = [vec![1.0, 2.0, 3.0, 4.0, 5.0]];
        let criterion = Classes::new(Gini, &[0, 0, 1, 2, 2], even(3));
        let table = Presorted::new(&x, 1);
        let limits = Growth::default().limits(5, 1);
        let mut grower = Grower::new(&table, limits);
        let grown = grower.grow(&criterion, &mut random(), Draw::Every, &Silent);
        let (tree, decrease) = grown.unwrap();
        let thresholds: Vec<f32> = tree.nodes.iter().map(|node| node.threshold).collect();
        assert_eq!(thresholds, [2.5, 0.0, 3.5, 0.0, 0.0]);
        assert_eq!(tree.values, [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
        assert!((decrease.unwrap()[0] - 16.0 / 5.0).abs() < 1e-12);
    }

    #[test]
    fn limits_stop_the_growth() {
        let x = vec![vec![1.0, 2.0, 3.0, 4.0]];
        let y = [0.0, 1.0, 4.0, 9.0];
        let nodes = |growth| grow(&x, &y, growth).0.nodes.len();
        let default = Growth::default;
        assert_eq!(nodes(default()), 7);
        assert_eq!(nodes(Growth { max_depth: Some(1), ..default() }), 3);
        assert_eq!(nodes(Growth { min_samples_split: Amount::Count(5), ..default() }), 1);
        assert_eq!(nodes(Growth { min_samples_leaf: Amount::Count(2), ..default() }), 3);
        // By hand: the first split, after 4, lowers the mean squared error by 121/12 = 10.08.
        assert_eq!(nodes(Growth { min_impurity_decrease: 10.1, ..default() }), 1);
        assert_eq!(nodes(Growth { min_impurity_decrease: 5.0, ..default() }), 3);
    }

    #[test]
    fn nothing_to_split_on_is_a_leaf() {
        for (columns, target, value) in [
            (vec![vec![1.0]], vec![7.0], 7.0),
            (vec![vec![1.0, 1.0, 1.0]], vec![1.0, 2.0, 6.0], 3.0),
            (vec![vec![1.0, 2.0, 3.0]], vec![0.1, 0.1, 0.1], 0.1),
        ] {
            let (tree, decrease) = grow(&columns, &target, Growth::default());
            assert_eq!(tree.nodes.len(), 1);
            assert!((tree.values[0] - value).abs() < 1e-15);
            assert!(decrease.is_none());
        }
    }

    #[test]
    fn a_full_tree_repeats_its_training_rows() {
        let columns = [
            (0..200_u32).map(|i| (i * 7919 % 211) as f32).collect::<Vec<_>>(),
            (0..200_u32).map(|i| (i * 104_729 % 13) as f32).collect(),
        ];
        let y: Vec<f64> = (0..200_u32).map(|i| f64::from(i * 31 % 97)).collect();
        let (tree, _) = grow(&columns, &y, Growth::default());
        assert_eq!(predictions(&tree, &columns), y);
    }

    /// Constant features do not count as tried: one of the other kind is always found.
    #[test]
    fn constant_features_do_not_hide_the_others() {
        let mut columns = vec![vec![5.0; 8]; 6];
        columns.push((0_u8..8).map(f32::from).collect());
        let y: Vec<f64> = (0_u8..8).map(f64::from).collect();
        let one = Growth { max_features: MaxFeatures::Log2, ..Growth::default() };
        let (tree, _) = grow(&columns, &y, one);
        assert!(tree.nodes.iter().all(|node| node.feature == 6 || node.feature == LEAF));
        assert_eq!(predictions(&tree, &columns), y);
    }

    proptest! {
        /// Whether columns are kept sorted or sorted on demand decides the time and nothing else.
        #[test]
        fn both_ways_to_sort_grow_the_same_trees(
            cells in proptest::collection::vec(0_u8..20, 6..300),
            width in 1_usize..6,
            tried in 1_usize..4,
            min_leaf in 1_usize..4,
            seed in 0_i64..100,
        ) {
            let rows = cells.len() / width / 2 + 1;
            let cell = |at: usize| f32::from(cells[at % cells.len()]);
            let columns: Vec<Vec<f32>> = (0..width)
                .map(|column| (0..rows).map(|row| cell(row * width + column)).collect())
                .collect();
            let target: Vec<f64> = (0..rows).map(|row| f64::from(cell(row * 7 + 3))).collect();
            let class: Vec<u32> = target.iter().map(|target| *target as u32 % 3).collect();
            let limits = Growth {
                max_features: MaxFeatures::Amount(Amount::Count(tried)),
                min_samples_leaf: Amount::Count(min_leaf),
                ..Growth::default()
            };
            let limits = limits.limits(rows, width);
            let (numbers, classes) =
                (Variance::new(target), Classes::new(Gini, &class, even(3)));
            let stream = || Random::stream("fairledger test v1", seed, 0);
            let tables = [Presorted::new(&columns, width), Presorted::new(&columns, 0)];
            let grown = tables.map(|table| {
                let (mut number, mut class) =
                    (Grower::new(&table, limits), Grower::new(&table, limits));
                (
                    number.grow(&numbers, &mut stream(), Draw::Bootstrap, &Silent).unwrap(),
                    class.grow(&classes, &mut stream(), Draw::Bootstrap, &Silent).unwrap(),
                )
            });
            prop_assert_eq!(&grown[0], &grown[1]);
        }
    }
}
