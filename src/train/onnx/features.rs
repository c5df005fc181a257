//! Raw columns as inputs of a graph.

use prost::bytes::Bytes;

use super::attribute::{float, floats, strings};
use super::graph::{Graph, Tensor};
use super::tensor::Element;

/// What the preparation of a model makes in a graph.
pub(in crate::train) struct Prepared {
    /// The features, `[N, P]`.
    pub(in crate::train) features: Tensor,
    /// 0, or NaN for a row that would be refused, `[N]`.
    pub(in crate::train) doubt: Tensor,
}

impl Graph {
    /// A column of numbers, `[N, 1]`.
    pub(in crate::train) fn number_column(&mut self, name: &str) -> Tensor {
        self.input(name, Element::Double, "a number; NaN where the cell is empty")
    }

    /// A column of text, `[N, 1]`.
    pub(in crate::train) fn text_column(&mut self, name: &str) -> Tensor {
        self.input(name, Element::Text, "text; empty where the cell is empty")
    }

    /// The 64-bit floats that stand for words, each below 2²⁴, and one for all other words.
    pub(in crate::train) fn lookup(
        &mut self,
        words: Tensor,
        values: &[(&str, f32)],
        other: f32,
    ) -> Tensor {
        let attributes = vec![
            strings(
                "keys_strings",
                values.iter().map(|(word, _)| Bytes::copy_from_slice(word.as_bytes())).collect(),
            ),
            floats("values_floats", values.iter().map(|(_, value)| *value).collect()),
            float("default_float", other),
        ];
        let found = self.learning("LabelEncoder", words, attributes);
        self.cast(found, Element::Double)
    }

    /// Finished features, `[N, P]`.
    pub(in crate::train) fn prepared(&mut self, features: Tensor) -> Prepared {
        // Of a finite number this is 0, of any other NaN.
        let zero = self.scalar(0.0);
        let nothing = self.multiply(features, zero);
        let doubt = self.sum(nothing, 1);
        Prepared { features, doubt }
    }
}
