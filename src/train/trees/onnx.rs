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

/// By output what a raw score starts at plus the values of its trees, `[N, outputs]`.
pub(super) fn raw(
    initial: &[f64],
    trees: &[Vec<Tree>],
    graph: &mut Graph,
    features: Tensor,
) -> Tensor {
    let outputs = initial.len();
    // A tree adds to one output: its leaves have 0 for the others.
    let padded = |(output, tree): (usize, &Tree)| {
        let mut values = vec![0.0; tree.values.len() * outputs];
        let own = values.iter_mut().skip(output).step_by(outputs);
        own.zip(&tree.values).for_each(|(place, value)| *place = *value);
        Tree { nodes: tree.nodes.clone(), outputs, values }
    };
    let all = trees.iter().enumerate();
    let all = all.flat_map(|(output, trees)| trees.iter().map(move |tree| (output, tree)));
    let padded: Vec<Tree> = all.map(padded).collect();
    let trees: Vec<Vec<TreeNode<'_>>> = padded.iter().map(nodes).collect();
    let initial = graph.doubles(&[outputs], initial);
    if trees.is_empty() {
        let zeros = graph.filled(features, outputs, 0.0);
        return graph.add(zeros, initial);
    }
    let sums = graph.tree_sums(features, outputs, &trees);
    graph.add(sums, initial)
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
