//! Nearest neighbours in ONNX: every distance, the smallest few, and their voices.

use super::super::onnx::{Element, Graph, Outputs, Tensor};
use super::distance::Metric;
use super::rows::Rows;
use super::{Neighbours, Voice};

/// The same as [`super::Predictor::predict`]: distances to the last bit, sums in another order.
pub(super) fn write(model: &Neighbours, graph: &mut Graph, features: Tensor) -> Outputs {
    let metric = model.index.metric;
    let reduced = distances(metric, &model.index.rows, graph, features);
    let [nearest, places] = graph.smallest(reduced, model.wanted);
    let weights = if model.by_distance {
        let distances = full(metric, graph, nearest);
        let first = graph.integers(&[0]);
        let first = graph.gather(distances, first, 1);
        let equal = graph.at_most(distances, first);
        let inverse = graph.divide(first, distances);
        let one = graph.scalar(1.0);
        graph.choose(equal, one, inverse)
    } else {
        graph.filled(features, model.wanted, 1.0)
    };
    let total = graph.sum(weights, 1);
    match &model.voice {
        Voice::Numbers(numbers) => {
            let numbers = graph.doubles(&[numbers.len()], numbers);
            let voices = graph.gather(numbers, places, 0);
            let weighted = graph.multiply(voices, weights);
            let sum = graph.sum(weighted, 1);
            Outputs::Numbers(graph.divide(sum, total))
        }
        Voice::Classes { of_rows, count } => {
            let classes: Vec<i64> = of_rows.iter().map(|class| i64::from(*class)).collect();
            let classes = graph.integers(&classes);
            let voices = graph.gather(classes, places, 0);
            let voices = graph.with_axis(voices, 2);
            let all: Vec<i64> = (0..*count as i64).collect();
            let all = graph.integers(&all);
            let own = graph.equal(voices, all);
            let own = graph.cast(own, Element::Double);
            let weights = graph.with_axis(weights, 2);
            let weighted = graph.multiply(own, weights);
            let sums = graph.sum(weighted, 1);
            let total = graph.column(total);
            let scores = graph.divide(sums, total);
            Outputs::Classes { scores, probabilities: true, class: None }
        }
    }
}

/// The reduced distances of each row asked about to each training row, `[N, M]`, feature by feature
/// in the order of [`Metric::reduced`].
fn distances(metric: Metric, rows: &Rows, graph: &mut Graph, features: Tensor) -> Tensor {
    let (width, count) = (rows.features, rows.len());
    let columns: Vec<f64> =
        (0..width).flat_map(|at| rows.values.iter().skip(at).step_by(width).copied()).collect();
    let columns = graph.doubles(&[width, count], &columns);
    let asked = graph.transposed(features);
    let zeros = graph.filled(features, count, 0.0);
    graph.fold(zeros, [asked, columns], |graph, sum, [asked, column]| {
        let asked = graph.column(asked);
        let difference = graph.subtract(asked, column);
        let gap = graph.absolute(difference);
        match metric {
            Metric::Manhattan => graph.add(sum, gap),
            Metric::Euclidean => {
                let square = graph.multiply(gap, gap);
                graph.add(sum, square)
            }
            Metric::Chebyshev => graph.maximum(sum, gap),
            Metric::Minkowski(power) => {
                let power = graph.scalar(power);
                let term = graph.power(gap, power);
                graph.add(sum, term)
            }
        }
    })
}

/// Distances of reduced ones.
fn full(metric: Metric, graph: &mut Graph, reduced: Tensor) -> Tensor {
    match metric {
        Metric::Manhattan | Metric::Chebyshev => reduced,
        Metric::Euclidean => graph.root(reduced),
        Metric::Minkowski(power) => {
            let power = graph.scalar(1.0 / power);
            graph.power(reduced, power)
        }
    }
}
