//! Gaussian naive Bayes in ONNX.

use super::super::onnx::{Graph, Outputs, Tensor};
use super::{Bell, NaiveBayes};

/// The logarithm of prior times density of each class, feature by feature, as probabilities.
pub(super) fn write(model: &NaiveBayes, graph: &mut Graph, features: Tensor) -> Outputs {
    let (bells, count) = (&model.bells, model.bells.len());
    let width = bells.first().map_or(0, |bell| bell.means.len());
    // By feature, the means of all classes and then their variances.
    let mut shapes = Vec::with_capacity(2 * width * count);
    for at in 0..width {
        shapes.extend(bells.iter().map(|bell| bell.means[at]));
        // Divided by infinity, the distance in a feature that tells nothing is 0.
        let told = |variance: f64| if variance > 0.0 { variance } else { f64::INFINITY };
        shapes.extend(bells.iter().map(|bell| told(bell.variances[at])));
    }
    let shapes = graph.doubles(&[width, 2, count], &shapes);
    let heights: Vec<f64> = bells.iter().map(Bell::height).collect();
    let heights = graph.doubles(&[count], &heights);
    let nothing = graph.filled(features, count, 0.0);
    let start = graph.add(nothing, heights);
    let asked = graph.transposed(features);
    let logs = graph.fold(start, [asked, shapes], |graph, sum, [asked, shapes]| {
        let asked = graph.column(asked);
        let [means, variances] = [0, 1].map(|at| {
            let place = graph.integers(&[at]);
            graph.gather(shapes, place, 0)
        });
        let distance = graph.subtract(asked, means);
        let half = graph.scalar(0.5);
        let half = graph.multiply(half, distance);
        let square = graph.multiply(half, distance);
        let term = graph.divide(square, variances);
        graph.subtract(sum, term)
    });
    // Beyond the range of numbers every class is as far away: the priors are what is left.
    let priors: Vec<f64> = bells.iter().map(|bell| bell.prior.ln()).collect();
    let priors = graph.doubles(&[count], &priors);
    let highest = graph.highest(logs);
    let highest = graph.column(highest);
    let least = graph.scalar(f64::MIN);
    let beyond = graph.at_most(highest, least);
    let logs = graph.choose(beyond, priors, logs);
    let shares = graph.softmax(logs);
    let present: Vec<usize> = bells.iter().map(|bell| bell.class).collect();
    let scores =
        graph.spread(shares, &present, model.classes, |graph| graph.filled(features, 1, 0.0));
    Outputs::Classes { scores, probabilities: true, class: None }
}
