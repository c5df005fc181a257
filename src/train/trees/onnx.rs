//! Trees in ONNX.

use super::super::onnx::{Graph, Outputs, Tensor, TreeNode};
use super::ensemble::Ensemble;
use super::tree::{LEAF, Node, Tree};

/// The mean over the trees as a number.
pub(super) fn number(ensemble: &Ensemble, graph: &mut Graph, features: Tensor) -> Outputs {
    let means = means(ensemble, graph, features);
    Outputs::Numbers(graph.flat(means))
}

/// The mean over the trees as the probabilities of the classes.
pub(super) fn class(ensemble: &Ensemble, graph: &mut Graph, features: Tensor) -> Outputs {
    let scores = means(ensemble, graph, features);
    Outputs::Classes { scores, probabilities: true, class: None }
}

fn means(ensemble: &Ensemble, graph: &mut Graph, features: Tensor) -> Tensor {
    let trees: Vec<Vec<TreeNode<'_>>> = ensemble.trees.iter().map(nodes).collect();
    let sums = graph.tree_sums(features, ensemble.outputs, &trees);
    let number = graph.scalar(ensemble.trees.len() as f64);
    graph.divide(sums, number)
}

fn nodes(tree: &Tree) -> Vec<TreeNode<'_>> {
    let node = |(at, node): (usize, &Node)| {
        let next = node.next as usize;
        if node.feature == LEAF {
            TreeNode::Leaf(&tree.values[next * tree.outputs..][..tree.outputs])
        } else {
            let (feature, threshold) = (node.feature as usize, node.threshold);
            TreeNode::Split { feature, threshold, left: at + 1, right: next }
        }
    };
    tree.nodes.iter().enumerate().map(node).collect()
}
