//! What a graph gives to the outside.

use super::graph::{Graph, Tensor};
use super::tensor::Element;

/// What the part of a graph that is a model makes of `N` rows.
pub(in crate::train) enum Outputs {
    /// A number a row, `[N]`.
    Numbers(Tensor),
    /// How much speaks for each class, `[N, K]`.
    Classes {
        scores: Tensor,
        /// Whether the scores are probabilities.
        probabilities: bool,
        /// The class of each row as int64 `[N]`; that of the largest score when `None`.
        class: Option<Tensor>,
    },
    /// The cluster of each row as int64 `[N]`, and how far away each cluster is, `[N, K]`.
    Clusters { nearest: Tensor, distances: Tensor, clusters: usize },
}

impl Outputs {
    /// Makes the outputs of a graph.
    ///
    /// `doubt` is `[N]`: 0, or NaN for a row that this program would refuse. ONNX has no errors of
    /// its own, so every number of such a row becomes NaN; its label means nothing.
    pub(super) fn give(self, graph: &mut Graph, classes: &[String], target: &str, doubt: Tensor) {
        match self {
            Self::Numbers(numbers) => {
                let numbers = graph.add(numbers, doubt);
                graph.output("prediction", numbers, Element::Double, None, target);
            }
            Self::Classes { scores, probabilities, class } => {
                let class = class.unwrap_or_else(|| {
                    // Scores are compared in 32 bits, as `Answer::of_scores` compares them.
                    let rounded = graph.cast(scores, Element::Float);
                    graph.largest(rounded)
                });
                let (names, element) = class_names(graph, classes);
                let label = graph.gather(names, class, 0);
                graph.output("label", label, element, None, target);
                let doubt = graph.column(doubt);
                let scores = graph.add(scores, doubt);
                let name = if probabilities { "probabilities" } else { "scores" };
                let text = format!("one column a class: {}", classes.join(", "));
                graph.output(name, scores, Element::Double, Some(classes.len()), &text);
            }
            Self::Clusters { nearest, distances, clusters } => {
                graph.output("cluster", nearest, Element::Integer, None, "cluster, from 0");
                let doubt = graph.column(doubt);
                let distances = graph.add(distances, doubt);
                let text = "distance to the centre of each cluster";
                graph.output("distances", distances, Element::Double, Some(clusters), text);
            }
        }
    }
}

/// The names of the classes as a constant: whole numbers where all of them are.
fn class_names(graph: &mut Graph, classes: &[String]) -> (Tensor, Element) {
    let number = |class: &String| {
        let number: i64 = class.parse().ok()?;
        // "01" is a name, not a number: it would come back as another one.
        (number.to_string() == *class).then_some(number)
    };
    match classes.iter().map(number).collect::<Option<Vec<i64>>>() {
        Some(numbers) => (graph.integers(&numbers), Element::Integer),
        None => (graph.words(classes), Element::Text),
    }
}
