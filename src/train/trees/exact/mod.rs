//! Growing one tree by exact splits, as CART does (Breiman et al., 1984): every boundary between
//! distinct values is tried.

mod columns;
mod table;

use rayon::prelude::*;

use super::super::random::Random;
use super::criterion::{Criterion, Sums};
use super::params::Limits;
use super::split::{Entry, Split, between};
use super::trunk::{Draw, Side, Splitter, Trunk, side};
use columns::Columns;

pub(super) use table::Presorted;

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
    trunk: Trunk<Span<C::Sums>>,
    weight: f64,
}

/// The rows of a node: a range of every column.
#[derive(Clone, Copy)]
pub(super) struct Span<S> {
    low: usize,
    high: usize,
    depth: usize,
    sums: S,
}

impl<C: Criterion> Splitter<C> for Grower<'_, C> {
    type Node = Span<C::Sums>;

    fn trunk(&mut self) -> &mut Trunk<Self::Node> {
        &mut self.trunk
    }

    fn rows(node: &Self::Node) -> usize {
        node.high - node.low
    }

    fn root(&mut self, criterion: &C, random: &mut Random, draw: Draw<'_>) -> Side<Span<C::Sums>> {
        let features = self.table.features();
        self.features.clear();
        self.features.extend(0..features);
        self.trunk.begin(criterion.outputs(), features);
        draw.counts(self.table.rows(), random, &mut self.counts);
        let high = self.columns.fill(self.table, &self.counts, self.shared);
        let sums = self.take(criterion);
        self.weight = sums.weight();
        let node = (Span { low: 0, high, depth: 0, sums }, 0);
        let own = rows(self.columns.sorted(self.table, 0, 0..high));
        side(criterion, &self.limits, &self.rows, own, node, &mut self.trunk.held)
    }

    fn open(
        &mut self,
        criterion: &C,
        span: Self::Node,
        random: &mut Random,
    ) -> Option<Side<Self::Node>> {
        if let Some(split) = self.best(criterion, span, random) {
            return Some(self.split(criterion, span, split));
        }
        let entries = self.columns.sorted(self.table, 0, span.low..span.high);
        criterion.leaf(&self.rows, rows(entries), &mut self.trunk.held);
        None
    }
}

impl<'a, C: Criterion> Grower<'a, C> {
    /// Prepares to grow trees on a table: several growers side by side, or with `shared` one at a
    /// time, whose work all threads share.
    pub(super) fn new(table: &'a Presorted, limits: Limits, shared: bool) -> Self {
        Self {
            table,
            limits,
            shared,
            columns: Columns::default(),
            counts: Vec::new(),
            rows: C::Rows::default(),
            node: C::Node::default(),
            scan: C::Scan::default(),
            features: Vec::new(),
            trunk: Trunk::new(),
            weight: 0.0,
        }
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

    /// Adds a split; returns its left side.
    fn split(
        &mut self,
        criterion: &C,
        span: Span<C::Sums>,
        split: Split<C::Sums>,
    ) -> Side<Span<C::Sums>> {
        let Split { feature, count, left, score } = split;
        let gain = criterion.gain(&self.node, score);
        let middle = span.low + count;
        let entries = self.columns.sorted(self.table, feature, span.low..span.high);
        let threshold = between(entries[count - 1].value, entries[count].value);

        let depth = span.depth + 1;
        let (low, high) = (span.low, span.high);
        let right = Span { low: middle, high, depth, sums: span.sums.without(left) };
        let left = Span { low, high: middle, depth, sums: left };
        let held = &mut self.trunk.held;
        let mut side = |entries, span| {
            side(criterion, &self.limits, &self.rows, rows(entries), (span, depth), held)
        };
        let right = side(&entries[count..], right);
        let left = side(&entries[..count], left);
        // Two leaves need no columns: this saves the last level, the largest.
        if matches!((&left, &right), (Side::Open(_), _) | (_, Side::Open(_))) {
            self.columns.partition(self.table, low..high, (feature, count), self.shared);
        }
        self.trunk.split((feature, threshold), gain, left, right)
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
        let gain = criterion.gain(&self.node, best.score);
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
                criterion.open(&self.rows, rows(entries), span.sums, &mut self.node);
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
        criterion.open(&self.rows, rows(entries), span.sums, &mut self.node);
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

/// The rows of some entries.
fn rows(entries: &[Entry]) -> impl ExactSizeIterator<Item = usize> + Clone {
    entries.iter().map(|entry| entry.row as usize)
}

#[cfg(test)]
mod tests {
    use super::super::super::estimator::Silent;
    use super::super::criterion::{Classes, Gini, Variance, even};
    use super::super::params::{Amount, Growth, MaxFeatures};
    use super::super::tests::predictions;
    use super::super::tree::{LEAF, Node};
    use super::super::trunk::{Grow, Grown};
    use super::*;

    fn random() -> Random {
        Random::stream("fairledger test v1", 0, 0)
    }

    fn grow(columns: &[Vec<f32>], target: &[f64], growth: Growth) -> Grown {
        let limits = growth.limits(target.len(), columns.len());
        let table = Presorted::new(columns, limits.max_features);
        let criterion = Variance::new(target.to_vec());
        let mut grower = Grower::new(&table, limits, false);
        grower.grow(&criterion, &mut random(), Draw::Every, &Silent).unwrap()
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
        let mut grower = Grower::new(&table, limits, false);
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
}
