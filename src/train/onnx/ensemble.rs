//! Trees as the operator `TreeEnsembleRegressor`.

use prost::bytes::Bytes;

use super::attribute::{floats, int, ints, string, strings};
use super::graph::{Graph, Tensor};
use super::tensor::Element;

/// A node of a tree; the tree is a list of nodes whose first is the root.
#[derive(Clone, Copy, Debug)]
pub(in crate::train) enum TreeNode<'a> {
    /// A row goes to the node at `left` when its feature is at most the threshold, both in 32 bits.
    Split { feature: usize, threshold: f32, left: usize, right: usize },
    /// A value for each output.
    Leaf(&'a [f64]),
}

/// The parts into which a leaf's value is divided.
const PARTS: usize = 2;

impl Graph {
    /// The sums of the leaves that each row ends in: features `[N, P]` to `[N, outputs]`.
    ///
    /// The operator knows 32-bit weights only, so each value is given in two parts: a whole number of
    /// units, and the rest of less than one. The unit is a power of two so large that no sum of whole
    /// parts needs more than the 24 bits of a 32-bit float: these sums are exact, and what the sums of
    /// the rests lose is some 1e-7 of a unit a tree, or 1e-14 of the largest possible sum.
    pub(in crate::train) fn tree_sums(
        &mut self,
        features: Tensor,
        outputs: usize,
        trees: &[Vec<TreeNode<'_>>],
    ) -> Tensor {
        let units = units(outputs, trees);
        let mut attributes = branches(trees);
        attributes.extend(weights(trees, &units));
        attributes.push(int("n_targets", (PARTS * outputs) as i64));
        attributes.push(string("aggregate_function", "SUM"));
        let narrow = self.cast(features, Element::Float);
        let sums = self.learning("TreeEnsembleRegressor", narrow, attributes);
        let sums = self.cast(sums, Element::Double);
        let sums = self.reshape(sums, &[-1, PARTS as i64, outputs as i64]);
        let sums = self.sum(sums, 1);
        let units = self.doubles(&[outputs], &units);
        self.multiply(sums, units)
    }
}

/// The nodes of all trees, without the values of leaves.
fn branches(trees: &[Vec<TreeNode<'_>>]) -> Vec<super::proto::AttributeProto> {
    let (mut tree_ids, mut node_ids, mut feature_ids) = (Vec::new(), Vec::new(), Vec::new());
    let (mut values, mut modes) = (Vec::new(), Vec::new());
    let (mut lefts, mut rights) = (Vec::new(), Vec::new());
    for (tree, nodes) in trees.iter().enumerate() {
        for (node, kind) in nodes.iter().enumerate() {
            let (mode, feature, threshold, left, right) = match *kind {
                TreeNode::Split { feature, threshold, left, right } => {
                    ("BRANCH_LEQ", feature, threshold, left, right)
                }
                TreeNode::Leaf(_) => ("LEAF", 0, 0.0, 0, 0),
            };
            tree_ids.push(tree as i64);
            node_ids.push(node as i64);
            modes.push(Bytes::from_static(mode.as_bytes()));
            feature_ids.push(feature as i64);
            values.push(threshold);
            lefts.push(left as i64);
            rights.push(right as i64);
        }
    }
    vec![
        ints("nodes_treeids", tree_ids),
        ints("nodes_nodeids", node_ids),
        strings("nodes_modes", modes),
        ints("nodes_featureids", feature_ids),
        floats("nodes_values", values),
        ints("nodes_truenodeids", lefts),
        ints("nodes_falsenodeids", rights),
    ]
}

/// The values of all leaves in parts; those that are 0 are left out, but one stays in each leaf.
fn weights(trees: &[Vec<TreeNode<'_>>], units: &[f64]) -> Vec<super::proto::AttributeProto> {
    let (mut tree_ids, mut node_ids) = (Vec::new(), Vec::new());
    let (mut targets, mut weights) = (Vec::new(), Vec::new());
    for (tree, nodes) in trees.iter().enumerate() {
        for (node, kind) in nodes.iter().enumerate() {
            let TreeNode::Leaf(values) = kind else { continue };
            let whole = |output: usize| (values[output] / units[output]).round();
            let rest = |output: usize| values[output] / units[output] - whole(output);
            let outputs = values.len();
            let parts = (0..outputs).map(whole).chain((0..outputs).map(rest)).enumerate();
            let before = weights.len();
            for (target, part) in parts {
                let is_last = target + 1 == PARTS * outputs;
                if part.abs() > 0.0 || (is_last && weights.len() == before) {
                    tree_ids.push(tree as i64);
                    node_ids.push(node as i64);
                    targets.push(target as i64);
                    weights.push(part as f32);
                }
            }
        }
    }
    vec![
        ints("target_treeids", tree_ids),
        ints("target_nodeids", node_ids),
        ints("target_ids", targets),
        floats("target_weights", weights),
    ]
}

/// By output the unit of whole parts: with it the largest possible sum is below 2²³ units.
fn units(outputs: usize, trees: &[Vec<TreeNode<'_>>]) -> Vec<f64> {
    let mut largest = vec![0.0; outputs];
    for nodes in trees {
        let mut of_tree = vec![0.0_f64; outputs];
        for node in nodes {
            if let TreeNode::Leaf(values) = node {
                of_tree.iter_mut().zip(*values).for_each(|(most, it)| *most = most.max(it.abs()));
            }
        }
        largest.iter_mut().zip(of_tree).for_each(|(sum, most)| *sum += most);
    }
    largest.into_iter().map(unit).collect()
}

/// The power of two just above a number, divided by 2²³, as far as 64-bit floats go.
fn unit(largest: f64) -> f64 {
    const MANTISSA: u32 = 52;
    const WHOLE: u64 = 23;
    let exponent = largest.to_bits() >> MANTISSA;
    f64::from_bits((exponent + 1).saturating_sub(WHOLE).max(1) << MANTISSA)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "powers of two are exact")]
mod tests {
    use super::*;

    #[test]
    fn units_are_powers_of_two_below_every_sum() {
        for (largest, expected) in [
            (1.0, 2f64.powi(-22)),
            (1.5, 2f64.powi(-22)),
            (8_388_607.0, 1.0),
            (8_388_608.0, 2.0),
            (0.0, f64::MIN_POSITIVE),
            (f64::MIN_POSITIVE / 8.0, f64::MIN_POSITIVE),
            (f64::MAX, 2f64.powi(1001)),
            (f64::INFINITY, 2f64.powi(1002)),
        ] {
            assert_eq!(unit(largest), expected, "{largest}");
        }
    }

    #[test]
    fn a_leaf_is_its_two_parts() {
        let leaves = [[0.1, 0.0], [0.0, 0.0]];
        let trees = [vec![
            TreeNode::Split { feature: 1, threshold: 0.5, left: 1, right: 2 },
            TreeNode::Leaf(&leaves[0]),
            TreeNode::Leaf(&leaves[1]),
        ]];
        let units = units(2, &trees);
        let weights = weights(&trees, &units);
        assert_eq!(weights[1].ints, [1, 1, 2]);
        assert_eq!(weights[2].ints, [0, 2, 3]);
        let parts: Vec<f64> = weights[3].floats.iter().map(|part| f64::from(*part)).collect();
        assert!(parts[0].fract() == 0.0 && parts[1].abs() <= 0.5);
        assert!(((parts[0] + parts[1]) * units[0] - 0.1).abs() < 1e-15);
        assert_eq!(parts[2], 0.0);
    }
}
