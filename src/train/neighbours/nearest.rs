//! The nearest rows found so far.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// A training row and how far it is. The nearer is the smaller; of equally near ones the earlier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::train) struct Neighbour {
    /// The reduced distance, never NaN.
    pub(in crate::train) distance: f64,
    /// The number of the row.
    pub(in crate::train) row: u32,
}

impl Eq for Neighbour {}

impl Ord for Neighbour {
    fn cmp(&self, other: &Self) -> Ordering {
        self.distance.total_cmp(&other.distance).then(self.row.cmp(&other.row))
    }
}

impl PartialOrd for Neighbour {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The smallest few neighbours of those offered, in whatever order they come.
pub(super) struct Nearest {
    wanted: usize,
    heap: BinaryHeap<Neighbour>,
}

impl Nearest {
    /// Keeps `wanted` neighbours, at least 1.
    pub(super) fn new(wanted: usize) -> Self {
        Self { wanted, heap: BinaryHeap::with_capacity(wanted) }
    }

    /// Rows farther than this are not among the nearest; infinite until there are enough.
    pub(super) fn limit(&self) -> f64 {
        match self.heap.peek() {
            Some(farthest) if self.heap.len() >= self.wanted => farthest.distance,
            _ => f64::INFINITY,
        }
    }

    /// Keeps a neighbour if it is near enough.
    pub(super) fn offer(&mut self, neighbour: Neighbour) {
        if self.heap.len() < self.wanted {
            self.heap.push(neighbour);
        } else if let Some(mut farthest) = self.heap.peek_mut()
            && neighbour < *farthest
        {
            *farthest = neighbour;
        }
    }

    /// The neighbours, nearest first.
    pub(super) fn into_sorted(self) -> Vec<Neighbour> {
        self.heap.into_sorted_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_equally_near_rows_the_earlier_stay() {
        let mut nearest = Nearest::new(3);
        assert!(nearest.limit().is_infinite());
        for (row, distance) in [(9, 2.0), (4, 1.0), (7, 2.0), (2, 2.0), (5, 3.0), (8, 2.0)] {
            nearest.offer(Neighbour { distance, row });
        }
        assert!((nearest.limit() - 2.0).abs() < 1e-15);
        let rows: Vec<u32> = nearest.into_sorted().iter().map(|near| near.row).collect();
        assert_eq!(rows, [4, 2, 7]);
    }
}
