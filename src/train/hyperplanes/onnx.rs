//! Hyperplanes in ONNX.

use super::super::onnx::{Graph, Outputs, Tensor};
use super::planes::Hyperplanes;

/// The value of each class's plane.
pub(super) fn write(model: &Hyperplanes, graph: &mut Graph, features: Tensor) -> Outputs {
    let coefficients: Vec<&[f64]> =
        model.planes.iter().map(|plane| &plane.coefficients[..]).collect();
    let intercepts: Vec<f64> = model.planes.iter().map(|plane| plane.intercept).collect();
    let values = match model.planes.len() {
        0 => graph.filled(features, 1, 0.0),
        1 => {
            let second = graph.planes(features, &coefficients, &intercepts);
            let first = graph.negative(second);
            graph.beside(&[first, second])
        }
        _ => graph.planes(features, &coefficients, &intercepts),
    };
    let present: Vec<usize> = model.present.iter().map(|class| *class as usize).collect();
    // A class without training rows comes after all others, by 1.
    let scores = graph.spread(values, &present, model.classes, |graph| {
        let least = graph.lowest(values);
        let least = graph.column(least);
        let one = graph.scalar(1.0);
        graph.subtract(least, one)
    });
    Outputs::Classes { scores, probabilities: false, class: None }
}
