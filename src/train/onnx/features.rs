//! Raw columns as inputs of a graph.

use super::graph::{Graph, Tensor};
use super::tensor::Element;

/// What the preparation of a model makes in a graph.
pub(in crate::train) struct Prepared {
    /// The features, `[N, P]`.
    pub(in crate::train) features: Tensor,
    /// 0, or NaN for a row that would be refused, `[N]`.
    pub(in crate::train) doubt: Tensor,
}

impl Graph {
    /// A column of numbers, `[N, 1]`.
    pub(in crate::train) fn number_column(&mut self, name: &str) -> Tensor {
        self.input(name, Element::Double, "a number; NaN where the cell is empty")
    }

    /// Finished columns, `[N, …]` each, as features.
    pub(in crate::train) fn prepared(&mut self, columns: &[Tensor]) -> Prepared {
        let features = self.beside(columns);
        // Of a finite number this is 0, of any other NaN.
        let zero = self.scalar(0.0);
        let nothing = self.multiply(features, zero);
        let doubt = self.sum(nothing, 1);
        Prepared { features, doubt }
    }
}
