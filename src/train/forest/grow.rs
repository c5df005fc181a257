//! Growing one tree, depth first, as CART does (Breiman et al., 1984).

use super::super::error::TrainError;
use super::super::random::Random;
use super::bag::{Bag, Presorted};
use super::criterion::Sums;
use super::params::Limits;
use super::split::{Split, between, improve};
use super::tree::{Node, Tree};
use crate::ledger::outcome::Reporter;

/// From this many rows on a node takes long enough to ask for cancellation first.
const LONG: usize = 100_000;

/// Grows trees one after the other, with the same buffers.
pub(super) struct Grower<'a> {
    table: &'a Presorted,
    limits: Limits,
    bag: Bag,
    features: Vec<usize>,
    tree: Tree,
    decrease: Vec<f64>,
    pending: Vec<Pending>,
    weight: f64,
}

/// A grown tree and, where it has a split, by feature how much it lowers the squared error.
pub(super) type Grown = (Tree, Option<Vec<f64>>);

/// The rows of a node: a range of every column.
#[derive(Clone, Copy)]
struct Span {
    low: usize,
    high: usize,
    depth: usize,
    sums: Sums,
}

/// A right-hand node that waits until its left sibling's subtree is complete.
struct Pending {
    parent: usize,
    side: Side,
}

/// One side of a split.
#[derive(Clone, Copy)]
enum Side {
    Leaf(f64),
    Open(Span),
}

impl<'a> Grower<'a> {
    /// Prepares to grow trees on a table.
    pub(super) fn new(table: &'a Presorted, limits: Limits) -> Self {
        Self {
            table,
            limits,
            bag: Bag::default(),
            features: Vec::new(),
            tree: Tree::default(),
            decrease: Vec::new(),
            pending: Vec::new(),
            weight: 0.0,
        }
    }

    /// Grows the tree that a stream of random numbers determines.
    pub(super) fn grow(
        &mut self,
        random: &mut Random,
        bootstrap: bool,
        reporter: &dyn Reporter,
    ) -> Result<Grown, TrainError> {
        self.features = (0..self.table.features()).collect();
        self.decrease = vec![0.0; self.table.features()];
        self.tree.nodes.clear();
        self.tree.values.clear();
        self.pending.clear();
        let (high, sums) = self.bag.fill(self.table, bootstrap.then_some(&mut *random));
        self.weight = sums.weight;
        let mut next = Some(self.side(0, Span { low: 0, high, depth: 0, sums }));
        while let Some(side) = next {
            next = match side {
                Side::Leaf(value) => self.leaf(value),
                Side::Open(span) if span.high - span.low >= LONG && reporter.cancelled() => {
                    return Err(TrainError::Cancelled);
                }
                Side::Open(span) => match self.best(span, random) {
                    Some(split) => Some(self.split(span, split)),
                    None => self.leaf(self.bag.mean(self.bag.sorted(0, span.low..span.high))),
                },
            };
        }
        let decrease = (self.tree.nodes.len() > 1).then(|| self.decrease.clone());
        // The copy has no spare capacity; a forest may hold many trees.
        Ok((self.tree.clone(), decrease))
    }

    /// Adds a leaf; returns the side that waited longest for it.
    fn leaf(&mut self, value: f64) -> Option<Side> {
        self.tree.nodes.push(Node::leaf(self.tree.values.len()));
        self.tree.values.push(value);
        let Pending { parent, side } = self.pending.pop()?;
        self.tree.nodes[parent].next = self.tree.nodes.len() as u32;
        Some(side)
    }

    /// Adds a split; returns its left side.
    fn split(&mut self, span: Span, split: Split) -> Side {
        let Split { feature, count, left, score } = split;
        self.decrease[feature] += score / span.sums.weight;
        let parent = self.tree.nodes.len();
        let middle = span.low + count;
        let column = self.bag.sorted(feature, span.low..span.high);
        let threshold = between(column[count - 1].value, column[count].value);
        self.tree.nodes.push(Node { feature: feature as u32, threshold, next: 0 });

        let depth = span.depth + 1;
        let (low, high) = (span.low, span.high);
        let right = span.sums.without(left);
        let left = self.side(feature, Span { low, high: middle, depth, sums: left });
        let right = self.side(feature, Span { low: middle, high, depth, sums: right });
        // Two leaves need no sorted columns: this saves the last level, the largest.
        if matches!((left, right), (Side::Open(_), _) | (_, Side::Open(_))) {
            self.bag.partition(low..high, feature, count);
        }
        self.pending.push(Pending { parent, side: right });
        left
    }

    /// Decides whether a node can be split at all; `feature` is one its rows are divided by.
    fn side(&self, feature: usize, span: Span) -> Side {
        let rows = span.high - span.low;
        let entries = self.bag.sorted(feature, span.low..span.high);
        let done = span.depth >= self.limits.max_depth
            || rows < self.limits.min_split
            || self.bag.pure(entries);
        if done { Side::Leaf(self.bag.mean(entries)) } else { Side::Open(span) }
    }

    /// The best split over features in random order; equal splits go to the feature drawn first.
    ///
    /// As in scikit-learn, `max_features` are tried, and more while all of them are constant.
    fn best(&mut self, span: Span, random: &mut Random) -> Option<Split> {
        let mut best = Split::NONE;
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
            let entries = self.bag.sorted(feature, span.low..span.high);
            let [first, .., last] = entries else { break };
            if first.value < last.value {
                varied = true;
                let rows = self.bag.rows();
                improve(&mut best, feature, entries, rows, span.sums, self.limits.min_leaf);
            }
        }
        let decrease = best.score / span.sums.weight / self.weight;
        let worth = decrease + f64::EPSILON >= self.limits.min_impurity_decrease;
        (best.count > 0 && worth).then_some(best)
    }
}

#[cfg(test)]
mod tests {
    use linfa::ParamGuard;

    use super::super::super::estimator::Silent;
    use super::super::params::{Amount, ForestParams, MaxFeatures};
    use super::super::tree::LEAF;
    use super::*;

    fn grow(columns: &[Vec<f32>], target: &[f64], params: ForestParams) -> Grown {
        let table = Presorted::new(columns, target);
        let limits = params.check().unwrap().limits(target.len(), columns.len());
        let mut random = Random::stream("fairledger test v1", 0, 0);
        Grower::new(&table, limits).grow(&mut random, false, &Silent).unwrap()
    }

    fn predictions(tree: &Tree, columns: &[Vec<f32>]) -> Vec<f64> {
        let rows = columns[0].len();
        let block: Vec<f32> =
            (0..rows).flat_map(|row| columns.iter().map(move |column| column[row])).collect();
        let mut sums = vec![0.0; rows];
        tree.add_predictions(&block, columns.len(), &mut sums);
        sums
    }

    /// By hand: of x = 1 2 4 8 with y = 0 0 6 10, splitting after the second row lowers the squared
    /// error from 72 to 8, the most; then 4 and 8 part at 6.
    #[test]
    fn a_tree_computed_by_hand() {
        let x = vec![8.0, 1.0, 4.0, 2.0];
        let (tree, decrease) = grow(&[x], &[10.0, 0.0, 6.0, 0.0], ForestParams::default());
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

    #[test]
    fn limits_stop_the_growth() {
        let x = vec![vec![1.0, 2.0, 3.0, 4.0]];
        let y = [0.0, 1.0, 4.0, 9.0];
        let nodes = |params| grow(&x, &y, params).0.nodes.len();
        let default = ForestParams::default;
        assert_eq!(nodes(default()), 7);
        assert_eq!(nodes(default().max_depth(Some(1))), 3);
        assert_eq!(nodes(default().min_samples_split(Amount::Count(5))), 1);
        assert_eq!(nodes(default().min_samples_leaf(Amount::Count(2))), 3);
        // By hand: the first split, after 4, lowers the mean squared error by 121/12 = 10.08.
        assert_eq!(nodes(default().min_impurity_decrease(10.1)), 1);
        assert_eq!(nodes(default().min_impurity_decrease(5.0)), 3);
    }

    #[test]
    fn nothing_to_split_on_is_a_leaf() {
        for (columns, target, value) in [
            (vec![vec![1.0]], vec![7.0], 7.0),
            (vec![vec![1.0, 1.0, 1.0]], vec![1.0, 2.0, 6.0], 3.0),
            (vec![vec![1.0, 2.0, 3.0]], vec![0.1, 0.1, 0.1], 0.1),
        ] {
            let (tree, decrease) = grow(&columns, &target, ForestParams::default());
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
        let (tree, _) = grow(&columns, &y, ForestParams::default());
        assert_eq!(predictions(&tree, &columns), y);
    }

    /// Constant features do not count as tried: one of the other kind is always found.
    #[test]
    fn constant_features_do_not_hide_the_others() {
        let mut columns = vec![vec![5.0; 8]; 6];
        columns.push((0_u8..8).map(f32::from).collect());
        let y: Vec<f64> = (0_u8..8).map(f64::from).collect();
        let one = ForestParams::default().max_features(MaxFeatures::Log2);
        let (tree, _) = grow(&columns, &y, one);
        assert!(tree.nodes.iter().all(|node| node.feature == 6 || node.feature == LEAF));
        assert_eq!(predictions(&tree, &columns), y);
    }
}
