//! Trees at rest: a flat array in the order of a depth-first walk, left before right.

/// The feature number that marks a leaf.
pub(super) const LEAF: u32 = u32::MAX;

/// Rows walked through a tree side by side, so that their loads overlap.
const LANES: usize = 8;

/// A split or a leaf.
///
/// A row whose feature is at most the threshold goes on at the next node of the array, any other
/// at `next`. Of a leaf, `next` is its number among the leaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) feature: u32,
    pub(super) threshold: f32,
    pub(super) next: u32,
}

impl Node {
    pub(super) fn leaf(number: usize) -> Self {
        Self { feature: LEAF, threshold: 0.0, next: number as u32 }
    }
}

/// A tree of either task.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    /// Values of a leaf: 1 for a number, else the probability of each class.
    pub(super) outputs: usize,
    /// The values leaf by leaf.
    pub(super) values: Vec<f64>,
}

impl Tree {
    /// A tree to be grown.
    pub(super) fn empty(outputs: usize) -> Self {
        Self { nodes: Vec::new(), outputs, values: Vec::new() }
    }

    /// Adds the values of each row's leaf to `sums`, which has `outputs` places a row.
    ///
    /// `block` holds the rows one after the other, `width` features each.
    pub(super) fn add_predictions(&self, block: &[f32], width: usize, sums: &mut [f64]) {
        let outputs = self.outputs;
        for (sums, rows) in sums.chunks_mut(LANES * outputs).zip(block.chunks(LANES * width)) {
            let leaves = self.walk(rows, width);
            if outputs == 1 {
                for (sum, leaf) in sums.iter_mut().zip(leaves) {
                    *sum += self.values[leaf];
                }
                continue;
            }
            for (sums, leaf) in sums.chunks_exact_mut(outputs).zip(leaves) {
                let values = &self.values[leaf * outputs..][..outputs];
                sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
            }
        }
    }

    /// The number of the leaf of each row of a block.
    pub(super) fn leaves(&self, block: &[f32], width: usize, leaves: &mut [u32]) {
        for (leaves, rows) in leaves.chunks_mut(LANES).zip(block.chunks(LANES * width)) {
            for (place, leaf) in leaves.iter_mut().zip(self.walk(rows, width)) {
                *place = leaf as u32;
            }
        }
    }

    /// The leaves of at most [`LANES`] rows; the places of absent rows mean nothing.
    #[inline]
    fn walk(&self, rows: &[f32], width: usize) -> [usize; LANES] {
        let mut at = [0_usize; LANES];
        let mut walking = true;
        while walking {
            walking = false;
            for (at, row) in at.iter_mut().zip(rows.chunks_exact(width)) {
                let node = self.nodes[*at];
                if node.feature != LEAF {
                    walking = true;
                    let right = row[node.feature as usize] > node.threshold;
                    *at = if right { node.next as usize } else { *at + 1 };
                }
            }
        }
        for (at, _) in at.iter_mut().zip(rows.chunks_exact(width)) {
            *at = self.nodes[*at].next as usize;
        }
        at
    }

    /// The longest way from the root to a leaf, in splits.
    pub(super) fn depth(&self) -> usize {
        let mut depths = vec![0; self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate() {
            if node.feature != LEAF {
                depths[at + 1] = depths[at] + 1;
                depths[node.next as usize] = depths[at] + 1;
            }
        }
        depths.into_iter().max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x₀ ≤ 1 → first leaf; else x₁ ≤ 5 → second, else third.
    fn tree(outputs: usize, values: &[f64]) -> Tree {
        let nodes = vec![
            Node { feature: 0, threshold: 1.0, next: 2 },
            Node::leaf(0),
            Node { feature: 1, threshold: 5.0, next: 4 },
            Node::leaf(1),
            Node::leaf(2),
        ];
        Tree { nodes, outputs, values: values.to_vec() }
    }

    #[test]
    fn rows_end_in_their_leaves() {
        let rows = [[1.0, 9.0], [2.0, 5.0], [2.0, 6.0]].concat().repeat(3);
        let number = tree(1, &[10.0, 20.0, 30.0]);
        let mut sums = vec![0.0; 9];
        number.add_predictions(&rows, 2, &mut sums);
        assert_eq!(sums, [10.0, 20.0, 30.0].repeat(3));
        assert_eq!(number.depth(), 2);
        let mut leaves = vec![9; 9];
        number.leaves(&rows, 2, &mut leaves);
        assert_eq!(leaves, [0, 1, 2].repeat(3));

        let values = [1.0, 0.0, 0.5, 0.5, 0.25, 0.75];
        let mut sums = vec![0.0; 18];
        tree(2, &values).add_predictions(&rows, 2, &mut sums);
        assert_eq!(sums, values.repeat(3));
    }
}
