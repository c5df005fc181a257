//! ONNX files read back with the same messages.

use std::collections::BTreeSet;

use proptest::prelude::*;
use prost::Message;

use super::super::housing::{artifact, request, run};
use super::super::{SavedModel, models};
use super::answer::Outputs;
use super::file::Provenance;
use super::graph::Graph;
use super::proto::{GraphProto, ModelProto};
use crate::ledger::digest::Digest;
use crate::ledger::model::Task;

/// The model of a run on the housing data.
fn saved(model: &str, params: &str) -> SavedModel {
    let (outcome, _) = run(&request(model, params, 42));
    SavedModel::read(&outcome.artifacts[0].bytes).unwrap()
}

fn file(model: &str, params: &str) -> Vec<u8> {
    saved(model, params).to_onnx(&Provenance::default()).unwrap()
}

/// Every tensor is made once and before it is used, and every output is made.
#[track_caller]
fn assert_well_formed(graph: &GraphProto) {
    let mut made = BTreeSet::new();
    let given = graph.input.iter().map(|it| &it.name);
    for name in given.chain(graph.initializer.iter().map(|it| &it.name)) {
        assert!(!name.is_empty() && made.insert(name), "{name:?} is made twice");
    }
    let mut nodes = BTreeSet::new();
    for node in &graph.node {
        assert!(nodes.insert(&node.name), "{} is there twice", node.name);
        for name in &node.input {
            assert!(made.contains(name), "{} uses {name:?} before it is made", node.name);
        }
        for name in &node.output {
            assert!(!name.is_empty() && made.insert(name), "{name:?} is made twice");
        }
    }
    for output in &graph.output {
        assert!(made.contains(&output.name), "{:?} is never made", output.name);
    }
}

#[test]
fn a_linear_model_is_columns_a_product_and_a_sum() {
    let bytes = file("linear-regression", "");
    let model = ModelProto::decode(bytes.as_slice()).unwrap();
    assert_eq!(model.encode_to_vec(), bytes);
    let graph = model.graph.unwrap();
    assert_well_formed(&graph);
    let inputs: Vec<&str> = graph.input.iter().map(|input| input.name.as_str()).collect();
    assert_eq!(inputs, ["area", "bedrooms", "bathrooms", "age", "distance_to_city"]);
    let operators: Vec<&str> = graph.node.iter().map(|node| node.op_type.as_str()).collect();
    let expected = ["Concat", "Mul", "ReduceSum", "MatMul", "Add", "Squeeze", "Add", "Identity"];
    assert_eq!(operators, expected);
    assert_eq!(graph.output[0].name, "prediction");
    assert_eq!(model.ir_version, 8);
    let facts: Vec<&str> = model.metadata_props.iter().map(|fact| fact.key.as_str()).collect();
    assert_eq!(facts, ["features", "model", "model_version", "params", "seed", "target"]);
}

/// Files that runs keep are part of their results, so their bytes may not change unnoticed.
const PINNED: [(&str, &str, &str); 2] = [
    ("linear-regression", "", "831c328552efb7d9"),
    ("random-forest-regressor", "n_estimators = 2\nmax_depth = 2", "c7b647ce58f7d548"),
];

#[test]
fn bytes_are_those_of_the_declared_versions() {
    for (model, params, pinned) in PINNED {
        let digest = Digest::of(&file(model, params)).to_string();
        assert_eq!(&digest[..16], pinned, "the ONNX file of '{model}' has changed");
    }
}

#[test]
fn every_graph_is_well_formed() {
    for model in models().iter().filter(|model| model.task == Task::Regression) {
        if let Ok(bytes) = saved(model.name, "").to_onnx(&Provenance::default()) {
            assert_well_formed(&ModelProto::decode(bytes.as_slice()).unwrap().graph.unwrap());
        }
    }
}

#[test]
fn a_run_keeps_the_same_file_when_asked() {
    let mut asked = request("ridge", "", 42);
    asked.artifacts.onnx = true;
    let (outcome, _) = run(&asked);
    let kept = ModelProto::decode(artifact(&outcome, "model.onnx")).unwrap();
    let exported = ModelProto::decode(file("ridge", "").as_slice()).unwrap();
    assert_eq!(kept.graph, exported.graph);
    assert_eq!(kept.producer_version, "", "a result does not depend on the program's version");
    let facts: Vec<&str> = kept.metadata_props.iter().map(|fact| fact.key.as_str()).collect();
    assert!(facts.is_sorted() && facts.contains(&"run") && facts.contains(&"data_digest"));
}

proptest! {
    #[test]
    fn any_names_make_a_graph(
        columns in proptest::collection::btree_set("(|constant|mul|add_[0-9]|prediction|label|.{1,3})", 1..9),
        classes in proptest::collection::vec("(0|1|01|-3|.{0,2})", 2..4),
    ) {
        let mut graph = Graph::default();
        let columns: Vec<_> = columns.iter().map(|name| graph.number_column(name)).collect();
        let prepared = graph.prepared(&columns);
        let outputs = Outputs::Classes {
            scores: prepared.features,
            probabilities: true,
            class: None,
        };
        outputs.give(&mut graph, &classes, "y", prepared.doubt);
        assert_well_formed(&graph.finish("any"));
    }
}
