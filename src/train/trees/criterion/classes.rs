//! Classes of rows, counted by weight: what the criteria of classification have in common.

use std::ops::AddAssign;

use super::super::split::{Entry, Split};
use super::{Criterion, Sums};

/// How far a sum kept up to date row by row may be off, as a share of the weight. A split that is
/// better by more than that or nearly so is measured anew from the counts.
pub(super) const SLACK: f64 = 1e-9;

/// How mixed the classes of a set of rows are.
pub(in crate::train::trees) trait Mixture: Send + Sync {
    /// Sums over the left and right side of a scan.
    type State: Copy + Default + Send;

    /// The state with every row on the right.
    fn start(&self, totals: &[f64]) -> Self::State;

    /// Moves a row from a class's weight on the right to that on the left.
    fn shift(&self, state: &mut Self::State, left: f64, right: f64, weight: f64);

    /// Whether the score may be above `bound`, a finite number or negative infinity.
    fn above(&self, state: &Self::State, left: f64, right: f64, bound: f64) -> bool;

    /// The score of a split: the less mixed both sides are, the larger. Computed in the order in
    /// which scikit-learn does, so that equal splits are equal here and there.
    fn score(&self, left: &[f64], totals: &[f64], weights: (f64, f64)) -> f64;

    /// The score of a node that is not split.
    fn unsplit(&self, totals: &[f64], weight: f64) -> f64;
}

/// The classes of a training table and how to measure their mixture.
pub(in crate::train::trees) struct Classes<'a, M> {
    pub(super) mixture: M,
    pub(super) class: &'a [u32],
    /// By class, the weight of one row.
    pub(super) weights: Vec<f64>,
}

/// The weight of some rows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::train::trees) struct Weight(f64);

/// A drawn row.
#[derive(Clone, Copy, Default)]
pub(in crate::train::trees) struct Row {
    pub(super) class: u32,
    pub(super) count: u32,
}

/// A node about to be split.
#[derive(Default)]
pub(in crate::train::trees) struct Node {
    pub(super) weight: f64,
    /// By class, the weight of its rows.
    pub(super) totals: Vec<f64>,
}

/// Gives every row of `classes` classes the weight 1.
pub(in crate::train::trees) fn even(classes: usize) -> Vec<f64> {
    vec![1.0; classes]
}

/// Gives each class that is present the same weight in all, the rows together their number.
pub(in crate::train::trees) fn balanced(class: &[u32], classes: usize) -> Vec<f64> {
    let mut counts = vec![0_usize; classes];
    for class in class {
        counts[*class as usize] += 1;
    }
    let present = counts.iter().filter(|count| **count > 0).count();
    let weight = |count: usize| class.len() as f64 / (present * count.max(1)) as f64;
    counts.into_iter().map(weight).collect()
}

impl<'a, M: Mixture> Classes<'a, M> {
    /// Measures the classes of a training table, each below the number of weights.
    pub(in crate::train::trees) fn new(mixture: M, class: &'a [u32], weights: Vec<f64>) -> Self {
        Self { mixture, class, weights }
    }

    /// Appends the weight of each class among some rows.
    fn totals(&self, rows: &[Row], own: impl Iterator<Item = usize>, totals: &mut Vec<f64>) {
        let start = totals.len();
        totals.resize(start + self.weights.len(), 0.0);
        for row in own {
            let row = rows[row];
            totals[start + row.class as usize] += f64::from(row.count);
        }
        let counts = totals[start..].iter_mut();
        counts.zip(&self.weights).for_each(|(total, weight)| *total *= weight);
    }
}

impl AddAssign for Weight {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sums for Weight {
    fn weight(self) -> f64 {
        self.0
    }

    fn without(self, left: Self) -> Self {
        Self(self.0 - left.0)
    }
}

impl<M: Mixture> Criterion for Classes<'_, M> {
    type Rows = Vec<Row>;
    type Sums = Weight;
    type Node = Node;
    type Scan = Vec<f64>;

    fn outputs(&self) -> usize {
        self.weights.len()
    }

    fn clear(&self, rows: &mut Vec<Row>) {
        rows.clear();
    }

    fn add(&self, rows: &mut Vec<Row>, row: usize, count: u32) -> Weight {
        let class = self.class[row];
        rows.push(Row { class, count });
        Weight(self.weights[class as usize] * f64::from(count))
    }

    fn pure(&self, rows: &Vec<Row>, own: impl Iterator<Item = usize>) -> bool {
        let mut classes = own.map(|row| rows[row].class);
        let first = classes.next();
        classes.all(|class| Some(class) == first)
    }

    /// The share of each class.
    fn leaf(&self, rows: &Vec<Row>, own: impl Iterator<Item = usize>, values: &mut Vec<f64>) {
        let start = values.len();
        self.totals(rows, own, values);
        let sum: f64 = values[start..].iter().sum();
        values[start..].iter_mut().for_each(|value| *value /= sum);
    }

    fn open(
        &self,
        rows: &Vec<Row>,
        own: impl Iterator<Item = usize>,
        _sums: Weight,
        node: &mut Node,
    ) {
        node.totals.clear();
        self.totals(rows, own, &mut node.totals);
        node.weight = node.totals.iter().sum();
    }

    fn improve(
        &self,
        node: &Node,
        left: &mut Vec<f64>,
        best: &mut Split<Weight>,
        (feature, entries): (usize, &[Entry]),
        rows: &Vec<Row>,
        min_leaf: usize,
    ) {
        let last = entries.len().saturating_sub(min_leaf);
        left.clear();
        left.resize(node.totals.len(), 0.0);
        let mut state = self.mixture.start(&node.totals);
        let mut left_weight = 0.0;
        let slack = SLACK * node.weight;
        let mut bound = best.score - slack;
        for (at, pair) in entries.windows(2).enumerate().take(last) {
            let Row { class, count } = rows[pair[0].row as usize];
            let class = class as usize;
            let weight = self.weights[class] * f64::from(count);
            let own = left[class];
            self.mixture.shift(&mut state, own, node.totals[class] - own, weight);
            left[class] = own + weight;
            left_weight += weight;
            if pair[1].value > pair[0].value && at + 1 >= min_leaf {
                let weights = (left_weight, node.weight - left_weight);
                if self.mixture.above(&state, weights.0, weights.1, bound) {
                    let score = self.mixture.score(left, &node.totals, weights);
                    if score > best.score {
                        *best = Split { feature, count: at + 1, left: Weight(left_weight), score };
                        bound = score - slack;
                    }
                }
            }
        }
    }

    fn gain(&self, node: &Node, score: f64) -> f64 {
        score - self.mixture.unsplit(&node.totals, node.weight)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Entropy, Gini};
    use super::*;

    #[test]
    fn balanced_classes_weigh_the_same() {
        assert_eq!(balanced(&[0, 0, 0, 2], 3), [4.0 / 6.0, 2.0, 2.0]);
        assert_eq!(even(2), [1.0, 1.0]);
    }

    /// The best split of rows in order, each in a leaf of so many rows at least.
    fn best(mixture: impl Mixture, class: &[u32], weights: Vec<f64>) -> (usize, f64) {
        let entries: Vec<Entry> =
            (0..class.len() as u32).map(|row| Entry { value: row as f32, row }).collect();
        let criterion = Classes::new(mixture, class, weights);
        let (mut rows, mut node) = (Vec::new(), Node::default());
        for row in 0..class.len() {
            criterion.add(&mut rows, row, 1);
        }
        criterion.open(&rows, 0..class.len(), Weight::default(), &mut node);
        let mut best = Split::none();
        criterion.improve(&node, &mut Vec::new(), &mut best, (0, &entries), &rows, 1);
        (best.count, criterion.gain(&node, best.score))
    }

    /// By hand: of a a b a c c the Gini index times the weight is 6 − (9 + 1 + 4)/6; parting c from
    /// the others leaves 4 − 10/4. The entropy is 1.459 bits a row, and 0.811 in four rows.
    #[test]
    fn the_purest_sides_win() {
        let class = [0, 0, 1, 0, 2, 2];
        let (count, gain) = best(Gini, &class, even(3));
        assert_eq!(count, 4);
        assert!((gain - (6.0 - 14.0 / 6.0 - 1.5)).abs() < 1e-12);
        for whole in [true, false] {
            let (count, gain) = best(Entropy::new(6, whole), &class, even(3));
            assert_eq!(count, 4);
            let bits = |share: f64| -share * share.log2();
            let before = 6.0 * (bits(0.5) + bits(1.0 / 6.0) + bits(1.0 / 3.0));
            assert!((gain - (before - 4.0 * (bits(0.75) + bits(0.25)))).abs() < 1e-12);
        }
    }

    /// Balancing classes is giving each row of a rare class as many copies as make up for it.
    #[test]
    fn a_balanced_class_counts_like_copies_of_its_rows() {
        let class = [0, 1, 0, 0, 1, 0, 1, 1, 0, 0, 0, 0];
        let copies: Vec<u32> =
            class.iter().flat_map(|class| vec![*class; 1 + *class as usize]).collect();
        assert_eq!(balanced(&copies, 2), [1.0, 1.0]);
        let place =
            |count: usize| class[..count].iter().map(|class| 1 + *class as usize).sum::<usize>();
        for whole in [true, false] {
            let (gini, entropy) = (Gini, Entropy::new(16, false));
            let (found, of_copies) = if whole {
                (best(gini, &class, balanced(&class, 2)), best(Gini, &copies, even(2)))
            } else {
                let of_copies = best(Entropy::new(16, true), &copies, even(2));
                (best(entropy, &class, balanced(&class, 2)), of_copies)
            };
            assert_eq!(place(found.0), of_copies.0);
            assert!((found.1 / 12.0 - of_copies.1 / 16.0).abs() < 1e-12);
        }
    }
}
