//! A forest in ONNX.

use super::super::onnx::{Graph, Outputs, Tensor, TreeNode};
use super::Forest;
use super::tree::{LEAF, Tree};

/// The mean over the trees.
pub(super) fn write(forest: &Forest, graph: &mut Graph, features: Tensor) -> Outputs {
    let trees: Vec<Vec<TreeNode<'_>>> = forest.trees.iter().map(nodes).collect();
    let sums = graph.tree_sums(features, 1, &trees);
    let number = graph.scalar(forest.trees.len() as f64);
    let means = graph.divide(sums, number);
    Outputs::Numbers(graph.flat(means))
}

fn nodes(tree: &Tree) -> Vec<TreeNode<'_>> {
    let node = |(at, node): (usize, &super::tree::Node)| {
        let next = node.next as usize;
        if node.feature == LEAF {
            TreeNode::Leaf(&tree.values[next..=next])
        } else {
            let (feature, threshold) = (node.feature as usize, node.threshold);
            TreeNode::Split { feature, threshold, left: at + 1, right: next }
        }
    };
    tree.nodes.iter().enumerate().map(node).collect()
}
