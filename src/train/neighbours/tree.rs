//! A k-d tree (Bentley, 1975): boxes in boxes, of which only the near ones are opened.
//!
//! linfa-nn 0.8.1 has one too. It halves the space instead of the rows, so that rows in geometric
//! distances make it as deep as it has rows, takes three times as long for a question (it reserves
//! memory for each box it looks at), and leaves open which of equally near rows it returns.

use super::distance::Metric;
use super::nearest::{Nearest, Neighbour};
use super::rows::Rows;

/// Rows in a box that is not divided further.
const LEAF: usize = 16;

/// A box around some rows; the left child of a divided box follows it.
#[derive(Clone, Debug, PartialEq)]
struct Node {
    /// Its first place in [`Tree::order`], and the place after its last.
    places: std::ops::Range<usize>,
    /// Its right child, `None` when it is not divided.
    right: Option<usize>,
}

/// The training rows, ordered so that those of a box lie side by side.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::train) struct Tree {
    points: Rows,
    /// The numbers the rows had before.
    order: Vec<u32>,
    /// The root first.
    nodes: Vec<Node>,
    /// By node, the lowest value of each feature, then the highest.
    bounds: Vec<f64>,
}

impl Tree {
    /// Divides rows, at most `u32::MAX` of them, at the median of the widest feature, again and again.
    pub(in crate::train) fn new(rows: &Rows) -> Self {
        let mut order: Vec<u32> = (0..rows.len() as u32).collect();
        let points = Rows { features: rows.features, values: Vec::new() };
        let mut tree = Self { points, order: Vec::new(), nodes: Vec::new(), bounds: Vec::new() };
        tree.divide(rows, &mut order, 0);
        for row in &order {
            tree.points.values.extend(rows.row(*row as usize));
        }
        tree.order = order;
        tree
    }

    fn divide(&mut self, rows: &Rows, order: &mut [u32], first: usize) {
        let at = self.nodes.len();
        self.nodes.push(Node { places: first..first + order.len(), right: None });
        let mut low = vec![f64::INFINITY; rows.features];
        let mut high = vec![f64::NEG_INFINITY; rows.features];
        for row in order.iter() {
            for ((low, high), value) in low.iter_mut().zip(&mut high).zip(rows.row(*row as usize)) {
                *low = low.min(*value);
                *high = high.max(*value);
            }
        }
        let widths = low.iter().zip(&high).map(|(low, high)| high - low);
        let (widest, width) = widths
            .enumerate()
            .fold((0, 0.0), |best, (at, width)| if width > best.1 { (at, width) } else { best });
        self.bounds.extend(low);
        self.bounds.extend(high);
        if order.len() <= LEAF || width <= 0.0 {
            return;
        }
        let middle = order.len() / 2;
        let value = |row: u32| rows.row(row as usize)[widest];
        order.select_nth_unstable_by(middle, |a, b| value(*a).total_cmp(&value(*b)).then(a.cmp(b)));
        let (left, right) = order.split_at_mut(middle);
        self.divide(rows, left, first);
        self.nodes[at].right = Some(self.nodes.len());
        self.divide(rows, right, first + middle);
    }

    /// Offers every row that may be among the nearest of a point.
    pub(super) fn search(&self, metric: Metric, point: &[f64], nearest: &mut Nearest) {
        self.visit(0, metric, point, nearest);
    }

    fn visit(&self, at: usize, metric: Metric, point: &[f64], nearest: &mut Nearest) {
        let node = &self.nodes[at];
        let Some(right) = node.right else {
            for place in node.places.clone() {
                let distance = metric.reduced(point, self.points.row(place));
                nearest.offer(Neighbour { distance, row: self.order[place] });
            }
            return;
        };
        let (left, gap) = (at + 1, |node| self.gap(node, metric, point));
        let mut children = [(gap(left), left), (gap(right), right)];
        if children[1].0 < children[0].0 {
            children.swap(0, 1);
        }
        for (gap, child) in children {
            // A box as far as the farthest row kept may hold an earlier row of that distance.
            if gap <= nearest.limit() {
                self.visit(child, metric, point, nearest);
            }
        }
    }

    /// Calls for every row whose reduced distance from a point is `limit` at most, in no order that
    /// means anything.
    pub(in crate::train) fn within(
        &self,
        metric: Metric,
        point: &[f64],
        limit: f64,
        found: &mut impl FnMut(Neighbour),
    ) {
        let mut open = vec![0];
        while let Some(at) = open.pop() {
            if self.gap(at, metric, point) > limit {
                continue;
            }
            if let Some(right) = self.nodes[at].right {
                open.extend([right, at + 1]);
                continue;
            }
            for place in self.nodes[at].places.clone() {
                let distance = metric.reduced(point, self.points.row(place));
                if distance <= limit {
                    found(Neighbour { distance, row: self.order[place] });
                }
            }
        }
    }

    /// The reduced distance of a point from a box, at most that of every row in it.
    fn gap(&self, node: usize, metric: Metric, point: &[f64]) -> f64 {
        let features = self.points.features;
        let bounds = &self.bounds[node * 2 * features..(node + 1) * 2 * features];
        let (low, high) = bounds.split_at(features);
        let mut sum = 0.0;
        for ((low, high), value) in low.iter().zip(high).zip(point) {
            sum = metric.add(sum, (low - value).max(value - high).max(0.0));
        }
        sum
    }
}
