//! A preparation in ONNX.
//!
//! A row that would be refused gets a NaN among its features: ONNX has no errors of its own.

use crate::ledger::prepare::{Categories, Fill, Unknown};

use super::super::onnx::{Element, Graph, Prepared, Tensor};
use super::Preparation;
use super::categories::{Coding, Sorted};
use super::column::{Column, Empty};

impl Preparation {
    /// Adds itself to a graph: raw columns as inputs, prepared features.
    pub(in crate::train) fn onnx(&self, graph: &mut Graph) -> Prepared {
        let columns: Vec<Tensor> =
            self.columns.iter().map(|column| self::column(column, graph)).collect();
        let features = graph.beside(&columns);
        let features = self.multiplied(graph, features);
        let features = self.scaled(graph, features);
        graph.prepared(features)
    }

    /// The features with all products beside them.
    fn multiplied(&self, graph: &mut Graph, features: Tensor) -> Tensor {
        let mut parts = vec![features];
        // Products of one degree are made together: first factors times second ones and so on.
        for equal in self.products.chunk_by(|a, b| a.len() == b.len()) {
            let degree = equal.first().map_or(0, Vec::len);
            let factors = (0..degree).map(|at| {
                let places: Vec<i64> = equal.iter().map(|factors| factors[at] as i64).collect();
                let places = graph.integers(&places);
                graph.gather(features, places, 1)
            });
            let factors: Vec<Tensor> = factors.collect();
            parts.extend(factors.into_iter().reduce(|a, b| graph.multiply(a, b)));
        }
        graph.beside(&parts)
    }

    fn scaled(&self, graph: &mut Graph, features: Tensor) -> Tensor {
        if self.scaling.is_empty() {
            return features;
        }
        let mut offsets = vec![0.0; self.names.len()];
        let mut divisors = vec![1.0; self.names.len()];
        for scaling in &self.scaling {
            offsets[scaling.feature] = scaling.offset;
            divisors[scaling.feature] = scaling.divisor;
        }
        let offsets = graph.doubles(&[offsets.len()], &offsets);
        let divisors = graph.doubles(&[divisors.len()], &divisors);
        let centred = graph.subtract(features, offsets);
        graph.divide(centred, divisors)
    }
}

/// The features of a raw column, `[N, width]`.
fn column(column: &Column, graph: &mut Graph) -> Tensor {
    let fill = match &column.empty {
        Empty::Fill(fill) => Some(fill),
        Empty::Error | Empty::Drop => None,
    };
    match &column.coding {
        Some(coding) => match &coding.categories {
            Sorted::Texts(texts) => of_texts(coding, texts, fill, column.name(), graph),
            Sorted::Numbers(numbers) => {
                let values = filled(fill, column.name(), graph);
                of_numbers(coding, numbers, values, graph)
            }
        },
        None => filled(fill, column.name(), graph),
    }
}

/// A column of numbers, `[N, 1]`, its empty cells filled.
fn filled(fill: Option<&Fill>, name: &str, graph: &mut Graph) -> Tensor {
    let values = graph.number_column(name);
    let Some(Fill::Number(fill)) = fill else { return values };
    let fill = graph.scalar(*fill);
    let empty = graph.is_nan(values);
    graph.choose(empty, fill, values)
}

/// Categories that are texts.
fn of_texts(
    coding: &Coding,
    texts: &[String],
    fill: Option<&Fill>,
    name: &str,
    graph: &mut Graph,
) -> Tensor {
    let mut places: Vec<(&str, f32)> =
        texts.iter().enumerate().map(|(place, text)| (text.as_str(), place as f32)).collect();
    let place = |text: &str| texts.binary_search_by(|other| other.as_str().cmp(text)).ok();
    // Truth is kept in one spelling.
    for (kept, spellings) in [("true", ["True", "TRUE"]), ("false", ["False", "FALSE"])] {
        let Some(kept) = place(kept) else { continue };
        let others = spellings.iter().filter(|spelling| place(spelling).is_none());
        places.extend(others.map(|spelling| (*spelling, kept as f32)));
    }
    let fill = match fill {
        Some(Fill::Text(fill)) => place(fill).map_or(unknown(coding), |place| place as f32),
        _ => f32::NAN,
    };
    places.push(("", fill));
    let column = graph.text_column(name);
    let places = graph.lookup(column, &places, unknown(coding));
    coded(coding.how, texts.len(), places, graph)
}

/// Categories that are numbers.
fn of_numbers(coding: &Coding, numbers: &[f64], values: Tensor, graph: &mut Graph) -> Tensor {
    let width = numbers.len();
    let categories = graph.doubles(&[1, width], numbers);
    let same = graph.equal(values, categories);
    let same = graph.cast(same, Element::Double);
    let all: Vec<f64> = (0..width).map(|place| place as f64).collect();
    let all = graph.doubles(&[width, 1], &all);
    let places = graph.product(same, all);
    let found = graph.sum(same, 1);
    let found = graph.column(found);
    let zero = graph.scalar(0.0);
    let is_unknown = graph.at_most(found, zero);
    let unknown = graph.scalar(f64::from(unknown(coding)));
    let places = graph.choose(is_unknown, unknown, places);
    let doubt = graph.multiply(values, zero);
    let places = graph.add(places, doubt);
    coded(coding.how, width, places, graph)
}

/// The place that stands for a category that is not among them.
fn unknown(coding: &Coding) -> f32 {
    match coding.unknown {
        Unknown::Ignore => -1.0,
        Unknown::Error => f32::NAN,
    }
}

/// Features of the places of categories, `[N, 1]`; a NaN among the places stays one.
fn coded(how: Categories, width: usize, places: Tensor, graph: &mut Graph) -> Tensor {
    if how == Categories::Ordinal {
        return places;
    }
    let all: Vec<f64> = (0..width).map(|place| place as f64).collect();
    let all = graph.doubles(&[1, width], &all);
    let same = graph.equal(places, all);
    let same = graph.cast(same, Element::Double);
    let zero = graph.scalar(0.0);
    let doubt = graph.multiply(places, zero);
    graph.add(same, doubt)
}
