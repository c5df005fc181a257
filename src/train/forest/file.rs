//! The content of a forest's model file.
//!
//! Trees are stored in the order of a depth-first walk, so a node needs no link to its children,
//! and every sequence of tags that comes out even is a tree.

use serde::{Deserialize, Serialize};

use super::super::error::TrainError;
use super::super::estimator::Predictor;
use super::super::model_file::{decode, encode};
use super::Forest;
use super::tree::{LEAF, Node, Tree};

/// The kind of model file, also its extension.
pub(in crate::train) const KIND: &str = "forest";
/// The newest format written and read.
pub(in crate::train) const FORMAT: u32 = 1;

/// Format 1. Never changed: a new format is a new type.
#[derive(Serialize, Deserialize)]
struct ForestV1 {
    features: u32,
    trees: Vec<TreeV1>,
}

/// A tree of format 1.
#[derive(Serialize, Deserialize)]
struct TreeV1 {
    /// By node, depth first and left before right: 0 for a leaf, else the feature's number plus 1.
    tags: Vec<u32>,
    /// By split in the same order; a row goes left when its value is at most the threshold.
    thresholds: Vec<f32>,
    /// By leaf in the same order.
    values: Vec<f64>,
}

/// Writes the newest format.
pub(super) fn write(forest: &Forest) -> Result<Vec<u8>, TrainError> {
    let trees = forest.trees.iter().map(|tree| TreeV1 {
        // A leaf's feature number is the largest there is, so adding 1 brings it to 0.
        tags: tree.nodes.iter().map(|node| node.feature.wrapping_add(1)).collect(),
        thresholds: tree
            .nodes
            .iter()
            .filter(|node| node.feature != LEAF)
            .map(|node| node.threshold)
            .collect(),
        values: tree.values.clone(),
    });
    encode(&ForestV1 { features: forest.features as u32, trees: trees.collect() })
}

/// Reads the body of a forest of `features` features.
pub(in crate::train) fn open(
    body: &[u8],
    features: usize,
    _classes: usize,
) -> Result<Box<dyn Predictor>, TrainError> {
    let fault = |text: &str| TrainError::ModelFile(text.into());
    let stored: ForestV1 = decode(body)?;
    if features == 0 || stored.features as usize != features || stored.trees.is_empty() {
        return Err(fault("its trees do not belong to its features"));
    }
    let trees: Option<Vec<Tree>> =
        stored.trees.into_iter().map(|tree| restore(tree, stored.features)).collect();
    let trees = trees.ok_or_else(|| fault("one of its trees is damaged"))?;
    Ok(Box::new(Forest { features, trees }))
}

/// Rebuilds the links of a tree, `None` when the parts do not make one.
fn restore(stored: TreeV1, features: u32) -> Option<Tree> {
    let mut nodes: Vec<Node> = Vec::with_capacity(stored.tags.len());
    let mut thresholds = stored.thresholds.into_iter();
    let mut leaves = 0;
    let mut waiting = Vec::new();
    let mut complete = false;
    for tag in stored.tags {
        if complete {
            return None;
        }
        if let Some(feature) = tag.checked_sub(1) {
            let threshold = thresholds.next().filter(|threshold| threshold.is_finite())?;
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
    let even = complete && thresholds.next().is_none() && leaves == stored.values.len();
    even.then_some(Tree { nodes, values: stored.values })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn body(tags: &[u32], thresholds: &[f32], values: &[f64]) -> Vec<u8> {
        let tree = TreeV1 {
            tags: tags.to_vec(),
            thresholds: thresholds.to_vec(),
            values: values.to_vec(),
        };
        encode(&ForestV1 { features: 2, trees: vec![tree] }).unwrap()
    }

    #[test]
    fn only_whole_trees_are_read() {
        let good = [1, 0, 2, 0, 0];
        let forest = open(&body(&good, &[0.5, 1.5], &[1.0, 2.0, 3.0]), 2, 0).unwrap();
        let columns = [vec![0.0, 1.0, 1.0], vec![0.0, 1.0, 2.0]];
        assert_eq!(forest.predict(&columns).values, [1.0, 2.0, 3.0]);
        assert_eq!(forest.body().unwrap(), body(&good, &[0.5, 1.5], &[1.0, 2.0, 3.0]));

        for bad in [
            body(&[], &[], &[]),
            body(&[1, 0], &[0.5], &[1.0]),
            body(&[0, 0], &[], &[1.0, 2.0]),
            body(&[3, 0, 0], &[0.5], &[1.0, 2.0]),
            body(&[1, 0, 0], &[], &[1.0, 2.0]),
            body(&[1, 0, 0], &[f32::NAN], &[1.0, 2.0]),
            body(&[1, 0, 0], &[0.5, 0.5], &[1.0, 2.0]),
            body(&[1, 0, 0], &[0.5], &[1.0]),
        ] {
            assert!(open(&bad, 2, 0).is_err());
        }
        assert!(open(&body(&good, &[0.5, 1.5], &[1.0, 2.0, 3.0]), 3, 0).is_err());
    }

    proptest! {
        #[test]
        fn no_body_panics(bytes in proptest::collection::vec(0_u8..8, 0..80)) {
            if let Ok(forest) = open(&bytes, 2, 0) {
                forest.predict(&[vec![0.0, 9.0], vec![1.0, -9.0]]);
            }
        }
    }
}
