//! The operators in use, all of the default set. Shapes follow numpy's rules of broadcasting.

use super::attribute::{int, ints};
use super::graph::{Graph, Tensor};
use super::tensor::Element;

impl Graph {
    /// a + b, place by place.
    pub(in crate::train) fn add(&mut self, a: Tensor, b: Tensor) -> Tensor {
        self.node("Add", &[a, b], Vec::new())
    }

    /// a − b, place by place.
    pub(in crate::train) fn subtract(&mut self, a: Tensor, b: Tensor) -> Tensor {
        self.node("Sub", &[a, b], Vec::new())
    }

    /// a b, place by place.
    pub(in crate::train) fn multiply(&mut self, a: Tensor, b: Tensor) -> Tensor {
        self.node("Mul", &[a, b], Vec::new())
    }

    /// a / b, place by place.
    pub(in crate::train) fn divide(&mut self, a: Tensor, b: Tensor) -> Tensor {
        self.node("Div", &[a, b], Vec::new())
    }

    /// The larger of a and b, place by place.
    pub(in crate::train) fn maximum(&mut self, a: Tensor, b: Tensor) -> Tensor {
        self.node("Max", &[a, b], Vec::new())
    }

    /// a to the power of b, place by place.
    pub(in crate::train) fn power(&mut self, a: Tensor, b: Tensor) -> Tensor {
        self.node("Pow", &[a, b], Vec::new())
    }

    /// |a|.
    pub(in crate::train) fn absolute(&mut self, a: Tensor) -> Tensor {
        self.node("Abs", &[a], Vec::new())
    }

    /// −a.
    pub(in crate::train) fn negative(&mut self, a: Tensor) -> Tensor {
        self.node("Neg", &[a], Vec::new())
    }

    /// eᵃ.
    pub(in crate::train) fn exponential(&mut self, a: Tensor) -> Tensor {
        self.node("Exp", &[a], Vec::new())
    }

    /// In each row of `[N, K]` eᵃ divided by the sum of these.
    pub(in crate::train) fn softmax(&mut self, a: Tensor) -> Tensor {
        self.node("Softmax", &[a], vec![int("axis", 1)])
    }

    /// The hyperbolic tangent of a.
    pub(in crate::train) fn hyperbolic_tangent(&mut self, a: Tensor) -> Tensor {
        self.node("Tanh", &[a], Vec::new())
    }

    /// √a.
    pub(in crate::train) fn root(&mut self, a: Tensor) -> Tensor {
        self.node("Sqrt", &[a], Vec::new())
    }

    /// Whether a is NaN, place by place.
    pub(in crate::train) fn is_nan(&mut self, a: Tensor) -> Tensor {
        self.node("IsNaN", &[a], Vec::new())
    }

    /// Whether a = b, place by place.
    pub(in crate::train) fn equal(&mut self, a: Tensor, b: Tensor) -> Tensor {
        self.node("Equal", &[a, b], Vec::new())
    }

    /// Whether a ≤ b, place by place.
    pub(in crate::train) fn at_most(&mut self, a: Tensor, b: Tensor) -> Tensor {
        self.node("LessOrEqual", &[a, b], Vec::new())
    }

    /// Where a condition holds `yes`, else `no`, place by place.
    pub(in crate::train) fn choose(
        &mut self,
        condition: Tensor,
        yes: Tensor,
        no: Tensor,
    ) -> Tensor {
        self.node("Where", &[condition, yes, no], Vec::new())
    }

    /// The matrix product.
    pub(in crate::train) fn product(&mut self, a: Tensor, b: Tensor) -> Tensor {
        self.node("MatMul", &[a, b], Vec::new())
    }

    /// Values linear in the features `[N, P]`: `[N, R]` for R rows of P coefficients and R intercepts.
    pub(in crate::train) fn planes(
        &mut self,
        features: Tensor,
        coefficients: &[&[f64]],
        intercepts: &[f64],
    ) -> Tensor {
        let width = coefficients.first().map_or(0, |row| row.len());
        let by_feature: Vec<f64> =
            (0..width).flat_map(|at| coefficients.iter().map(move |row| row[at])).collect();
        let by_feature = self.doubles(&[width, coefficients.len()], &by_feature);
        let sums = self.product(features, by_feature);
        let intercepts = self.doubles(&[intercepts.len()], intercepts);
        self.add(sums, intercepts)
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
        self.with_axis(a, 1)
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

    /// The least value of each row: `[N, K]` to `[N]`.
    pub(in crate::train) fn lowest(&mut self, a: Tensor) -> Tensor {
        self.node("ReduceMin", &[a], vec![ints("axes", vec![1]), int("keepdims", 0)])
    }

    /// In each row the place of the least value, the first of equals: `[N, K]` to int64 `[N]`.
    pub(in crate::train) fn least(&mut self, a: Tensor) -> Tensor {
        self.node("ArgMin", &[a], vec![int("axis", 1), int("keepdims", 0)])
    }

    /// The largest value of each row: `[N, K]` to `[N]`.
    pub(in crate::train) fn highest(&mut self, a: Tensor) -> Tensor {
        self.node("ReduceMax", &[a], vec![ints("axes", vec![1]), int("keepdims", 0)])
    }

    /// In each row the place of the largest value, the first of equals: `[N, K]` to int64 `[N]`.
    pub(in crate::train) fn largest(&mut self, a: Tensor) -> Tensor {
        self.node("ArgMax", &[a], vec![int("axis", 1), int("keepdims", 0)])
    }

    /// In each row of `[N, M]` the smallest few values, the smallest first and of equals the earlier,
    /// and their places as int64: `[N, count]` both.
    pub(in crate::train) fn smallest(&mut self, a: Tensor, count: usize) -> [Tensor; 2] {
        let count = self.integers(&[count as i64]);
        self.pair("TopK", &[a, count], vec![int("axis", 1), int("largest", 0)])
    }

    /// A value in as many rows as `[N, …]` has, `[N, columns]`.
    pub(in crate::train) fn filled(&mut self, like: Tensor, columns: usize, value: f64) -> Tensor {
        let rows = self.node("Shape", &[like], vec![int("start", 0), int("end", 1)]);
        let columns = self.integers(&[columns as i64]);
        let shape = self.node("Concat", &[rows, columns], vec![int("axis", 0)]);
        let value = self.scalar(value);
        self.node("Expand", &[value, shape], Vec::new())
    }

    /// Scores of the classes that are present as scores of all classes, `[N, classes]`; `other` makes
    /// those of an absent one, `[N, 1]`.
    pub(in crate::train) fn spread(
        &mut self,
        scores: Tensor,
        present: &[usize],
        classes: usize,
        other: impl FnOnce(&mut Self) -> Tensor,
    ) -> Tensor {
        if present.len() == classes {
            return scores;
        }
        let other = other(self);
        let scores = self.beside(&[scores, other]);
        let place = |class| present.iter().position(|known| *known == class);
        let places: Vec<i64> =
            (0..classes).map(|class| place(class).unwrap_or(present.len()) as i64).collect();
        let places = self.integers(&places);
        self.gather(scores, places, 1)
    }

    /// A matrix on its side.
    pub(in crate::train) fn transposed(&mut self, a: Tensor) -> Tensor {
        self.node("Transpose", &[a], vec![ints("perm", vec![1, 0])])
    }

    /// The same with another axis of length 1.
    pub(in crate::train) fn with_axis(&mut self, a: Tensor, axis: i64) -> Tensor {
        let axes = self.integers(&[axis]);
        self.node("Unsqueeze", &[a, axes], Vec::new())
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
