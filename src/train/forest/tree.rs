//! Trees at rest: a flat array in the order of a depth-first walk, left before right.

/// The feature number that marks a leaf.
pub(super) const LEAF: u32 = u32::MAX;

/// Rows walked through a tree side by side, so that their loads overlap.
const LANES: usize = 8;

/// A split or a leaf.
///
/// A row whose feature is at most the threshold goes on at the next node of the array, any other
/// at `next`. Of a leaf, `next` is the place of its value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) feature: u32,
    pub(super) threshold: f32,
    pub(super) next: u32,
}

impl Node {
    pub(super) fn leaf(value: usize) -> Self {
        Self { feature: LEAF, threshold: 0.0, next: value as u32 }
    }
}

/// A regression tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    pub(super) values: Vec<f64>,
}

impl Tree {
    /// Adds the tree's prediction for each row of a block to `sums`.
    ///
    /// `block` holds the rows one after the other, `width` features each.
    pub(super) fn add_predictions(&self, block: &[f32], width: usize, sums: &mut [f64]) {
        for (sums, rows) in sums.chunks_mut(LANES).zip(block.chunks(LANES * width)) {
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
            for (sum, at) in sums.iter_mut().zip(at) {
                *sum += self.values[self.nodes[at].next as usize];
            }
        }
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

    /// x₀ ≤ 1 → 10; else x₁ ≤ 5 → 20, else 30.
    fn tree() -> Tree {
        Tree {
            nodes: vec![
                Node { feature: 0, threshold: 1.0, next: 2 },
                Node::leaf(0),
                Node { feature: 1, threshold: 5.0, next: 4 },
                Node::leaf(1),
                Node::leaf(2),
            ],
            values: vec![10.0, 20.0, 30.0],
        }
    }

    #[test]
    fn rows_end_in_their_leaves() {
        let mut sums = vec![0.0; 9];
        let rows = [[1.0, 9.0], [2.0, 5.0], [2.0, 6.0]].concat().repeat(3);
        tree().add_predictions(&rows, 2, &mut sums);
        assert_eq!(sums, [10.0, 20.0, 30.0].repeat(3));
        assert_eq!(tree().depth(), 2);
    }
}
