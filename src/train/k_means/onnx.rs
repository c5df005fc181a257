//! k-means in ONNX.

use super::super::onnx::{Graph, Outputs, Tensor};
use super::Centroids;

/// The distance to each centroid, feature by feature, and the nearest of them.
pub(super) fn write(model: &Centroids, graph: &mut Graph, features: Tensor) -> Outputs {
    let clusters = model.centroids.len();
    let width = model.centroids.first().map_or(0, Vec::len);
    let columns: Vec<f64> =
        (0..width).flat_map(|at| model.centroids.iter().map(move |row| row[at])).collect();
    let columns = graph.doubles(&[width, clusters], &columns);
    let asked = graph.transposed(features);
    let zeros = graph.filled(features, clusters, 0.0);
    let squares = graph.fold(zeros, [asked, columns], |graph, sum, [asked, column]| {
        let asked = graph.column(asked);
        let gap = graph.subtract(asked, column);
        let square = graph.multiply(gap, gap);
        graph.add(sum, square)
    });
    let nearest = graph.least(squares);
    let distances = graph.root(squares);
    Outputs::Clusters { nearest, distances, clusters }
}
