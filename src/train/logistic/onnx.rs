//! A logistic regression in ONNX.

use super::super::onnx::{Graph, Outputs, Tensor};
use super::Logistic;

/// Log odds linear in the features, as probabilities.
pub(super) fn write(model: &Logistic, graph: &mut Graph, features: Tensor) -> Outputs {
    let probabilities = match model.coefficients.len() {
        0 => graph.filled(features, 1, 1.0),
        1 => {
            let odds = odds(model, graph, features);
            let against = graph.negative(odds);
            let parts = [against, odds].map(|odds| logistic(graph, odds));
            graph.beside(&parts)
        }
        _ => {
            let odds = odds(model, graph, features);
            graph.softmax(odds)
        }
    };
    let scores = graph.spread(probabilities, &model.present, model.classes, |graph| {
        graph.filled(features, 1, 0.0)
    });
    Outputs::Classes { scores, probabilities: true, class: None }
}

/// A column a row of coefficients.
fn odds(model: &Logistic, graph: &mut Graph, features: Tensor) -> Tensor {
    let coefficients: Vec<&[f64]> = model.coefficients.iter().map(|row| &row[..]).collect();
    graph.planes(features, &coefficients, &model.intercepts)
}

/// 1 / (1 + e⁻ˣ). The operator of this name is not exact where the result is small.
fn logistic(graph: &mut Graph, odds: Tensor) -> Tensor {
    let negative = graph.negative(odds);
    let power = graph.exponential(negative);
    let one = graph.scalar(1.0);
    let sum = graph.add(one, power);
    graph.divide(one, sum)
}
