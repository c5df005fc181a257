//! Trees in model files.
//!
//! Trees are stored in the order of a depth-first walk, so a node needs no link to its children,
//! and every sequence of tags that comes out even is a tree.

use serde::{Deserialize, Serialize};

use super::super::error::TrainError;
use super::ensemble::{Ensemble, MOST_VALUES};
use super::tree::{LEAF, Node, Tree};

/// A tree with one value a leaf. Never changed: a new format is a new type.
#[derive(Serialize, Deserialize)]
pub(super) struct TreeV1 {
    /// By node, depth first and left before right: 0 for a leaf, else the feature's number plus 1.
    tags: Vec<u32>,
    /// By split in the same order; a row goes left when its value is at most the threshold.
    thresholds: Vec<f32>,
    /// By leaf in the same order.
    values: Vec<f64>,
}

/// A tree with the shares of classes in its leaves. Never changed: a new format is a new type.
#[derive(Serialize, Deserialize)]
pub(super) struct ClassTreeV1 {
    /// By node, as in [`TreeV1`].
    tags: Vec<u32>,
    /// By split, as in [`TreeV1`].
    thresholds: Vec<f32>,
    /// By leaf in the same order, how many classes have a share.
    counts: Vec<u32>,
    /// Leaf by leaf, those classes.
    classes: Vec<u32>,
    /// Leaf by leaf, their shares.
    shares: Vec<f64>,
}

fn tags(tree: &Tree) -> Vec<u32> {
    // A leaf's feature number is the largest there is, so adding 1 brings it to 0.
    tree.nodes.iter().map(|node| node.feature.wrapping_add(1)).collect()
}

fn thresholds(tree: &Tree) -> Vec<f32> {
    let splits = tree.nodes.iter().filter(|node| node.feature != LEAF);
    splits.map(|node| node.threshold).collect()
}

impl TreeV1 {
    /// The stored form of a tree with one output.
    pub(super) fn of(tree: &Tree) -> Self {
        Self { tags: tags(tree), thresholds: thresholds(tree), values: tree.values.clone() }
    }

    /// The tree, `None` when the parts do not make one.
    pub(super) fn restore(self, features: u32) -> Option<Tree> {
        let nodes = nodes(&self.tags, &self.thresholds, features)?;
        (nodes.len() / 2 + 1 == self.values.len()).then_some(Tree {
            nodes,
            outputs: 1,
            values: self.values,
        })
    }
}

impl ClassTreeV1 {
    /// The stored form of a tree with an output a class.
    pub(super) fn of(tree: &Tree) -> Self {
        let (mut counts, mut classes, mut shares) = (Vec::new(), Vec::new(), Vec::new());
        for leaf in tree.values.chunks_exact(tree.outputs) {
            let before = classes.len();
            for (class, share) in (0_u32..).zip(leaf).filter(|(_, share)| **share > 0.0) {
                classes.push(class);
                shares.push(*share);
            }
            counts.push((classes.len() - before) as u32);
        }
        Self { tags: tags(tree), thresholds: thresholds(tree), counts, classes, shares }
    }

    /// The tree, `None` when the parts do not make one.
    pub(super) fn restore(self, features: u32, outputs: usize) -> Option<Tree> {
        let nodes = nodes(&self.tags, &self.thresholds, features)?;
        let leaves = nodes.len() / 2 + 1;
        let places = leaves.checked_mul(outputs).filter(|places| *places <= MOST_VALUES)?;
        let even = self.counts.len() == leaves && self.classes.len() == self.shares.len();
        if !even {
            return None;
        }
        let mut values = vec![0.0; places];
        let mut rest = self.classes.into_iter().zip(self.shares);
        for (leaf, count) in values.chunks_exact_mut(outputs).zip(self.counts) {
            for _ in 0..count {
                let (class, share) = rest.next()?;
                *leaf.get_mut(class as usize)? = share;
            }
        }
        rest.next().is_none().then_some(Tree { nodes, outputs, values })
    }
}

/// The trees of an ensemble in the form that `restore` rebuilds, checked to belong to the features
/// and classes.
pub(super) fn ensemble<T>(
    stored: (u32, Vec<T>),
    (features, outputs): (usize, usize),
    restore: impl Fn(T, u32) -> Option<Tree>,
) -> Result<Ensemble, TrainError> {
    let fault = |text: &str| TrainError::ModelFile(text.into());
    let (count, trees) = stored;
    if features == 0 || outputs == 0 || count as usize != features || trees.is_empty() {
        return Err(fault("its trees do not belong to its features"));
    }
    let trees: Option<Vec<Tree>> = trees.into_iter().map(|tree| restore(tree, count)).collect();
    let trees = trees.ok_or_else(|| fault("one of its trees is damaged"))?;
    if trees.iter().map(|tree| tree.values.len()).sum::<usize>() > MOST_VALUES {
        return Err(fault("its trees are too large"));
    }
    Ok(Ensemble { features, outputs, trees })
}

/// Rebuilds the links between nodes, `None` when the tags do not make one tree.
fn nodes(tags: &[u32], thresholds: &[f32], features: u32) -> Option<Vec<Node>> {
    let mut nodes: Vec<Node> = Vec::with_capacity(tags.len());
    let mut thresholds = thresholds.iter();
    let mut leaves = 0;
    let mut waiting = Vec::new();
    let mut complete = false;
    for tag in tags {
        if complete {
            return None;
        }
        if let Some(feature) = tag.checked_sub(1) {
            let threshold = thresholds.next().copied().filter(|threshold| threshold.is_finite())?;
            if feature >= features {
                return None;
            }
            waiting.push(nodes.len());
            nodes.push(Node { feature, threshold, next: 0 });
        } else {
            nodes.push(Node::leaf(leaves));
            leaves += 1;
            let next = u32::try_from(nodes.len()).ok()?;
            match waiting.pop() {
                Some(parent) => nodes.get_mut(parent)?.next = next,
                None => complete = true,
            }
        }
    }
    (complete && thresholds.next().is_none()).then_some(nodes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(tags: &[u32], thresholds: &[f32], values: &[f64]) -> TreeV1 {
        TreeV1 { tags: tags.to_vec(), thresholds: thresholds.to_vec(), values: values.to_vec() }
    }

    #[test]
    fn only_whole_trees_are_read() {
        let tree = stored(&[1, 0, 2, 0, 0], &[0.5, 1.5], &[1.0, 2.0, 3.0]);
        let tree = tree.restore(2).unwrap();
        let again = TreeV1::of(&tree);
        assert_eq!(again.tags, [1, 0, 2, 0, 0]);
        assert_eq!(again.restore(2).unwrap(), tree);

        for bad in [
            stored(&[], &[], &[]),
            stored(&[1, 0], &[0.5], &[1.0]),
            stored(&[0, 0], &[], &[1.0, 2.0]),
            stored(&[3, 0, 0], &[0.5], &[1.0, 2.0]),
            stored(&[1, 0, 0], &[], &[1.0, 2.0]),
            stored(&[1, 0, 0], &[f32::NAN], &[1.0, 2.0]),
            stored(&[1, 0, 0], &[0.5, 0.5], &[1.0, 2.0]),
            stored(&[1, 0, 0], &[0.5], &[1.0]),
        ] {
            assert!(bad.restore(2).is_none());
        }
    }

    #[test]
    fn shares_are_stored_where_there_are_any() {
        let nodes =
            vec![Node { feature: 0, threshold: 0.5, next: 2 }, Node::leaf(0), Node::leaf(1)];
        let tree = Tree { nodes, outputs: 3, values: vec![0.0, 1.0, 0.0, 0.25, 0.0, 0.75] };
        let stored = || ClassTreeV1::of(&tree);
        assert_eq!(stored().counts, [1, 2]);
        assert_eq!(stored().classes, [1, 0, 2]);
        assert_eq!(stored().restore(1, 3).unwrap(), tree);
        assert!(stored().restore(1, 2).is_none(), "a class beyond the last");
        assert!(stored().restore(1, usize::MAX).is_none(), "more values than memory holds");
        for bad in [
            ClassTreeV1 { counts: vec![1, 1], ..stored() },
            ClassTreeV1 { counts: vec![1, 3], ..stored() },
            ClassTreeV1 { counts: vec![3], ..stored() },
            ClassTreeV1 { classes: vec![1, 0], ..stored() },
        ] {
            assert!(bad.restore(1, 3).is_none());
        }
    }
}
