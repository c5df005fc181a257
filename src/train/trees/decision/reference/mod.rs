//! linfa-trees' decision tree, kept as the reference that our own is tested against.
//!
//! Its limits, read in and tried on version 0.8.1:
//!
//! - It takes values closer than 10⁻⁵ for equal and overlooks a split after a value that also stands
//!   in a row of another node, so a column of small numbers or of few distinct ones is split badly.
//! - It puts a threshold halfway to the next value of the whole table, not of the node's rows.
//! - It trains by `<=` and predicts by `<`. The trained tree is therefore taken over into
//!   [`DecisionTree`], which predicts as it was trained.
//! - It adds up the classes in the order of a hash map whose keys are drawn anew in every process:
//!   with three classes or more the same rows give another tree each time. Two numbers have the same
//!   sum in either order, so two classes are what it may have here.
//! - Of classes with equally many rows in a leaf it takes the one which that hash map gives last, and
//!   prunes by it. So each row of the first class weighs 2⁻¹⁰ more, which leaves no leaf even.
//! - It counts in 32 bits and looks at all rows in each node, with a mask of them on each level of a
//!   recursion: rows and depth are bounded.

#[cfg(test)]
mod tests;

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_trees::{DecisionTree as LinfaTree, SplitQuality, TreeNode};
use ndarray::{Array1, Array2};

use super::super::super::error::TrainError;
use super::super::super::estimator::{Estimator, Fitted, Work};
use super::super::ensemble::{Ensemble, Grove};
use super::super::importance;
use super::super::params::Impurity;
use super::super::tree::{Node, Tree};
use super::super::{classes, narrow};
use super::finish;
use crate::ledger::model::{Bound, Default, Kind, Model, Parameter, Task};

/// Most rows whose weights sum up without rounding in 32 bits.
const MOST_ROWS: usize = 16_000;
/// Most classes whose sum does not depend on their order.
const MOST_CLASSES: usize = 2;
/// What a row of the first class weighs.
const FIRST_WEIGHT: f32 = 1.0 + 1.0 / 1024.0;

/// The declaration, with linfa's defaults.
pub(in crate::train) const LINFA_DECISION_TREE: Model = Model {
    name: "linfa-decision-tree",
    version: 1,
    task: Task::Classification,
    summary: "linfa's own tree, for comparison: two classes, 16,000 rows, blind to some splits",
    parameters: &[
        Parameter {
            name: "criterion",
            kinds: &[Kind::Word(&["gini", "entropy"])],
            default: Default::Word("gini"),
            summary: "What a split lowers: the Gini index, or the entropy.",
            added_later: false,
        },
        Parameter {
            name: "max_depth",
            kinds: &[Kind::Integer(1, 128)],
            default: Default::Integer(128),
            summary: "Levels of splits the tree may have.",
            added_later: false,
        },
        Parameter {
            name: "min_samples_split",
            kinds: &[Kind::Integer(2, 1000)],
            default: Default::Integer(2),
            summary: "Fewest rows a node needs to be split.",
            added_later: false,
        },
        Parameter {
            name: "min_samples_leaf",
            kinds: &[Kind::Integer(1, 1000)],
            default: Default::Integer(1),
            summary: "Fewest rows a leaf may hold.",
            added_later: false,
        },
        Parameter {
            name: "min_impurity_decrease",
            kinds: &[Kind::Float(Bound::Included(1e-6), Bound::None)],
            default: Default::Float(1e-5),
            summary: "Least a split must lower the impurity of its own node.",
            added_later: false,
        },
    ],
};

/// linfa's tree as a built-in model.
pub(in crate::train) struct LinfaDecisionTree;

impl Estimator for LinfaDecisionTree {
    fn declaration(&self) -> &'static Model {
        const { &LINFA_DECISION_TREE }
    }

    fn fit(&self, work: &Work<'_>) -> Result<Fitted, TrainError> {
        let rows = work.sample.target.len();
        for (what, most, found) in
            [("rows", MOST_ROWS, rows), ("classes", MOST_CLASSES, work.classes)]
        {
            if found > most {
                return Err(TrainError::BeyondLinfa { what, most, found });
            }
        }
        if work.reporter.cancelled() {
            return Err(TrainError::Cancelled);
        }
        let columns = narrow(work.names, work.sample)?;
        let class = classes(work.sample);
        let root = train(&columns, &class, work)?;
        let mut taken = Taken {
            columns: &columns,
            class: &class,
            tree: Tree::empty(work.classes),
            decrease: vec![0.0; columns.len()],
        };
        taken.take(root.root_node(), &(0..rows).collect::<Vec<_>>());
        let importance = importance::average(&[Some(taken.decrease)], columns.len());
        let (features, outputs) = (columns.len(), work.classes);
        let ensemble = Ensemble { features, outputs, trees: vec![taken.tree] };
        Ok(finish(Grove { ensemble, importance }, Task::Classification))
    }
}

/// Has linfa grow its tree.
fn train(
    columns: &[Vec<f32>],
    class: &[u32],
    work: &Work<'_>,
) -> Result<LinfaTree<f32, usize>, TrainError> {
    let records =
        Array2::from_shape_fn((class.len(), columns.len()), |(row, column)| columns[column][row]);
    let weights = class.iter().map(|class| if *class == 0 { FIRST_WEIGHT } else { 1.0 });
    let data = DatasetBase::new(
        records,
        class.iter().map(|class| *class as usize).collect::<Array1<usize>>(),
    )
    .with_weights(weights.collect::<Array1<f32>>());
    let quality = match Impurity::of(work.params) {
        Impurity::Gini => SplitQuality::Gini,
        Impurity::Entropy => SplitQuality::Entropy,
    };
    LinfaTree::params()
        .split_quality(quality)
        .max_depth(work.params.optional_count("max_depth"))
        .min_weight_split(work.params.count("min_samples_split") as f32)
        .min_weight_leaf(work.params.count("min_samples_leaf") as f32)
        .min_impurity_decrease(work.params.float("min_impurity_decrease") as f32)
        .fit(&data)
        .map_err(TrainError::Linfa)
}

/// A tree of linfa's being taken over, depth first and left before right.
struct Taken<'a> {
    columns: &'a [Vec<f32>],
    class: &'a [u32],
    tree: Tree,
    /// By feature, the decrease of the impurity times the rows it was reached for.
    decrease: Vec<f64>,
}

impl Taken<'_> {
    /// Takes over a node that these training rows reach; its depth is bounded by the declaration.
    fn take(&mut self, node: &TreeNode<f32, usize>, rows: &[usize]) {
        let children: Vec<&TreeNode<f32, usize>> =
            node.children().into_iter().filter_map(|child| child.as_deref()).collect();
        let (false, &[left, right]) = (node.is_leaf(), &children[..]) else {
            return self.leaf(rows);
        };
        let (feature, threshold, decrease) = node.split();
        self.decrease[feature] += f64::from(decrease) * rows.len() as f64;
        let (left_rows, right_rows): (Vec<usize>, Vec<usize>) =
            rows.iter().partition(|row| self.columns[feature][**row] <= threshold);
        let at = self.tree.nodes.len();
        self.tree.nodes.push(Node { feature: feature as u32, threshold, next: 0 });
        self.take(left, &left_rows);
        self.tree.nodes[at].next = self.tree.nodes.len() as u32;
        self.take(right, &right_rows);
    }

    /// Adds a leaf with the share of each class among the rows, of which there is at least one.
    fn leaf(&mut self, rows: &[usize]) {
        let outputs = self.tree.outputs;
        self.tree.nodes.push(Node::leaf(self.tree.values.len() / outputs));
        let mut shares = vec![0.0; outputs];
        for row in rows {
            shares[self.class[*row] as usize] += 1.0;
        }
        self.tree.values.extend(shares.into_iter().map(|count: f64| count / rows.len() as f64));
    }
}
