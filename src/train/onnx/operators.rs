//! The operators in use, all of the default set. Shapes follow numpy's rules of broadcasting.

use super::attribute::int;
use super::graph::{Graph, Tensor};
use super::tensor::Element;

impl Graph {
    /// a + b, place by place.
    pub(in crate::train) fn add(&mut self, a: Tensor, b: Tensor) -> Tensor {
        self.node("Add", &[a, b], Vec::new())
    }

    /// a b, place by place.
    pub(in crate::train) fn multiply(&mut self, a: Tensor, b: Tensor) -> Tensor {
        self.node("Mul", &[a, b], Vec::new())
    }

    /// a / b, place by place.
    pub(in crate::train) fn divide(&mut self, a: Tensor, b: Tensor) -> Tensor {
        self.node("Div", &[a, b], Vec::new())
    }

    /// The matrix product.
    pub(in crate::train) fn product(&mut self, a: Tensor, b: Tensor) -> Tensor {
        self.node("MatMul", &[a, b], Vec::new())
    }

    /// The columns of some `[N, …]` side by side.
    pub(in crate::train) fn beside(&mut self, parts: &[Tensor]) -> Tensor {
        match parts {
            [only] => *only,
            _ => self.node("Concat", parts, vec![int("axis", 1)]),
        }
    }

    /// `[N]` as a column `[N, 1]`.
    pub(in crate::train) fn column(&mut self, a: Tensor) -> Tensor {
        let axes = self.integers(&[1]);
        self.node("Unsqueeze", &[a, axes], Vec::new())
    }

    /// A column `[N, 1]` as `[N]`.
    pub(in crate::train) fn flat(&mut self, a: Tensor) -> Tensor {
        let axes = self.integers(&[1]);
        self.node("Squeeze", &[a, axes], Vec::new())
    }

    /// The same values in another shape; one length may be -1, which is then what remains.
    pub(in crate::train) fn reshape(&mut self, a: Tensor, shape: &[i64]) -> Tensor {
        let shape = self.integers(shape);
        self.node("Reshape", &[a, shape], Vec::new())
    }

    /// The sum along an axis, which goes.
    pub(in crate::train) fn sum(&mut self, a: Tensor, axis: i64) -> Tensor {
        let axes = self.integers(&[axis]);
        self.node("ReduceSum", &[a, axes], vec![int("keepdims", 0)])
    }

    /// In each row the place of the largest value, the first of equals: `[N, K]` to int64 `[N]`.
    pub(in crate::train) fn largest(&mut self, a: Tensor) -> Tensor {
        self.node("ArgMax", &[a], vec![int("axis", 1), int("keepdims", 0)])
    }

    /// The entries, or columns, at some places.
    pub(in crate::train) fn gather(&mut self, a: Tensor, places: Tensor, axis: i64) -> Tensor {
        self.node("Gather", &[a, places], vec![int("axis", axis)])
    }

    /// The values as another type; to a narrower float they are rounded to the nearest.
    pub(in crate::train) fn cast(&mut self, a: Tensor, element: Element) -> Tensor {
        self.node("Cast", &[a], vec![int("to", i64::from(element as i32))])
    }
}
