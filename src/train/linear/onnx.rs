//! A linear model in ONNX.

use super::super::onnx::{Graph, Outputs, Tensor};
use super::Line;

/// Features times coefficients, plus the intercept.
pub(super) fn write(line: &Line, graph: &mut Graph, features: Tensor) -> Outputs {
    let sums = graph.planes(features, &[&line.coefficients], &[line.intercept]);
    Outputs::Numbers(graph.flat(sums))
}
