//! A linear model in ONNX.

use super::super::onnx::{Graph, Outputs, Tensor};
use super::Line;

/// Features times coefficients, plus the intercept.
pub(super) fn write(line: &Line, graph: &mut Graph, features: Tensor) -> Outputs {
    let coefficients = graph.doubles(&[line.coefficients.len(), 1], &line.coefficients);
    let product = graph.product(features, coefficients);
    let intercept = graph.scalar(line.intercept);
    let sums = graph.add(product, intercept);
    Outputs::Numbers(graph.flat(sums))
}
