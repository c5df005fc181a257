//! A graph in the making: every tensor has a name that nothing else in the graph has.

use std::collections::BTreeSet;

use super::attribute::{graph, int};
use super::proto::{AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto};
use super::tensor::{Element, described, inner, numbers, words};

/// The operators of classical models.
pub(super) const LEARNING: &str = "ai.onnx.ml";

/// A tensor of a graph: an input, a constant, or what a node makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::train) struct Tensor(usize);

/// A graph in the making.
#[derive(Debug, Default)]
pub(in crate::train) struct Graph {
    /// By tensor.
    names: Vec<String>,
    taken: BTreeSet<String>,
    inputs: Vec<ValueInfoProto>,
    constants: Vec<TensorProto>,
    nodes: Vec<NodeProto>,
    /// Nodes so far, those of inner graphs included.
    made: usize,
    outputs: Vec<ValueInfoProto>,
}

impl Graph {
    /// A column of the data, `[N, 1]`.
    pub(super) fn input(&mut self, column: &str, element: Element, text: &str) -> Tensor {
        let tensor = self.name(column);
        self.inputs.push(described(&self.names[tensor.0], element, Some(1), text));
        tensor
    }

    /// Constant 64-bit floats, as many as the shape has places.
    pub(in crate::train) fn doubles(&mut self, shape: &[usize], values: &[f64]) -> Tensor {
        let bytes = values.iter().map(|value| value.to_le_bytes());
        self.constant(numbers(Element::Double, shape, bytes))
    }

    /// A constant number.
    pub(in crate::train) fn scalar(&mut self, value: f64) -> Tensor {
        self.doubles(&[], &[value])
    }

    /// A constant list of whole numbers.
    pub(in crate::train) fn integers(&mut self, values: &[i64]) -> Tensor {
        let bytes = values.iter().map(|value| value.to_le_bytes());
        self.constant(numbers(Element::Integer, &[values.len()], bytes))
    }

    /// A constant list of words.
    pub(super) fn words(&mut self, values: &[String]) -> Tensor {
        self.constant(words(values))
    }

    fn constant(&mut self, mut constant: TensorProto) -> Tensor {
        let tensor = self.name("constant");
        constant.name.clone_from(&self.names[tensor.0]);
        self.constants.push(constant);
        tensor
    }

    /// What an operator of the default set makes of some tensors.
    pub(super) fn node(
        &mut self,
        operator: &str,
        inputs: &[Tensor],
        attributes: Vec<AttributeProto>,
    ) -> Tensor {
        let output = self.name(&operator.to_lowercase());
        self.push("", operator, inputs, &[output], attributes);
        output
    }

    /// As [`Graph::node`], for an operator that makes two tensors.
    pub(super) fn pair(
        &mut self,
        operator: &str,
        inputs: &[Tensor],
        attributes: Vec<AttributeProto>,
    ) -> [Tensor; 2] {
        let outputs = [0; 2].map(|_| self.name(&operator.to_lowercase()));
        self.push("", operator, inputs, &outputs, attributes);
        outputs
    }

    /// A state that takes in the slices of two tensors of doubles along their first axis, one pair
    /// after the other: `step` makes the next state of a state and a pair.
    ///
    /// However many slices there are, the graph stays as small and no more than one pair is at work.
    pub(in crate::train) fn fold(
        &mut self,
        state: Tensor,
        sliced: [Tensor; 2],
        step: impl FnOnce(&mut Self, Tensor, [Tensor; 2]) -> Tensor,
    ) -> Tensor {
        let outer = std::mem::take(&mut self.nodes);
        let inputs = ["state", "slice", "slice"].map(|wanted| self.name(wanted));
        let [before, one, other] = inputs;
        let after = step(self, before, [one, other]);
        let body = GraphProto {
            node: std::mem::replace(&mut self.nodes, outer),
            name: "step".to_owned(),
            input: inputs.iter().map(|input| inner(&self.names[input.0])).collect(),
            output: vec![inner(&self.names[after.0])],
            ..GraphProto::default()
        };
        let attributes = vec![int("num_scan_inputs", 2), graph("body", body)];
        self.node("Scan", &[state, sliced[0], sliced[1]], attributes)
    }

    /// As [`Graph::node`], for an operator of classical models.
    pub(super) fn learning(
        &mut self,
        operator: &str,
        input: Tensor,
        attributes: Vec<AttributeProto>,
    ) -> Tensor {
        let output = self.name(&operator.to_lowercase());
        self.push(LEARNING, operator, &[input], &[output], attributes);
        output
    }

    /// Gives a tensor to the outside: so many columns a row, or one value a row.
    pub(super) fn output(
        &mut self,
        name: &str,
        tensor: Tensor,
        element: Element,
        columns: Option<usize>,
        text: &str,
    ) {
        let output = self.numbered(name, 2);
        self.push("", "Identity", &[tensor], &[output], Vec::new());
        self.outputs.push(described(&self.names[output.0], element, columns, text));
    }

    fn push(
        &mut self,
        domain: &str,
        operator: &str,
        inputs: &[Tensor],
        outputs: &[Tensor],
        attribute: Vec<AttributeProto>,
    ) {
        let names =
            |tensors: &[Tensor]| tensors.iter().map(|it| self.names[it.0].clone()).collect();
        let node = NodeProto {
            input: names(inputs),
            output: names(outputs),
            name: format!("{}_{}", operator.to_lowercase(), self.made),
            op_type: operator.to_owned(),
            attribute,
            domain: domain.to_owned(),
        };
        self.made += 1;
        self.nodes.push(node);
    }

    /// A new tensor. Its name is the wanted one, with a number where that is taken; an empty name
    /// would stand for a missing tensor.
    fn name(&mut self, wanted: &str) -> Tensor {
        // Numbers below are mostly taken, and counting up from 1 would take long.
        self.numbered(wanted, self.names.len())
    }

    fn numbered(&mut self, wanted: &str, mut number: usize) -> Tensor {
        let wanted = if wanted.is_empty() { "_" } else { wanted };
        let mut name = wanted.to_owned();
        while self.taken.contains(&name) {
            name = format!("{wanted}_{number}");
            number += 1;
        }
        self.taken.insert(name.clone());
        self.names.push(name);
        Tensor(self.names.len() - 1)
    }

    /// The finished graph.
    pub(super) fn finish(self, name: &str) -> GraphProto {
        GraphProto {
            node: self.nodes,
            name: name.to_owned(),
            initializer: self.constants,
            input: self.inputs,
            output: self.outputs,
        }
    }
}
