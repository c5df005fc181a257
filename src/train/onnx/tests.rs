//! ONNX files read back with the same messages.

use std::collections::BTreeSet;

use proptest::prelude::*;
use prost::Message;

use super::super::estimator::estimator;
use super::super::housing::{artifact, request, run};
use super::super::prepare::Preparation;
use super::super::table::Table;
use super::super::{SavedModel, models};
use super::answer::Outputs;
use super::file::Provenance;
use super::graph::Graph;
use super::proto::{GraphProto, ModelProto};
use crate::ledger::digest::Digest;

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
    ("linear-regression", "", "2a6539c9cb2ef99b"),
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
fn every_model_that_says_so_is_in_onnx() {
    for model in models() {
        let (outcome, _) = run(&request(model.name, "", 42));
        let Ok(saved) = SavedModel::read(&outcome.artifacts[0].bytes) else { continue };
        let made = saved.to_onnx(&Provenance::default());
        assert_eq!(made.is_ok(), estimator(model.name).unwrap().is_in_onnx(), "{}", model.name);
        if let Ok(bytes) = made {
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

/// The graph of a preparation of all columns of a table, without a model.
fn preparation(declared: &str, text: &str) -> Option<GraphProto> {
    let names: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let table = Table::read(text.as_bytes(), &names).ok()?;
    let rows: Vec<usize> = (0..table.rows()).collect();
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    let made = Preparation::fit(&toml::from_str(declared).unwrap(), &names, &table, &rows).ok()?;
    let mut graph = Graph::default();
    let prepared = made.onnx(&mut graph);
    Outputs::Numbers(prepared.doubt).give(&mut graph, &[], "y", prepared.doubt);
    Some(graph.finish("prepared"))
}

/// What stands for each word in the only look-up of a graph.
fn looked_up(graph: &GraphProto) -> Vec<(String, f32)> {
    let node = graph.node.iter().find(|node| node.op_type == "LabelEncoder").unwrap();
    let words =
        node.attribute[0].strings.iter().map(|word| String::from_utf8(word.to_vec()).unwrap());
    words.zip(node.attribute[1].floats.iter().copied()).collect()
}

#[test]
fn words_are_looked_up_and_empty_ones_filled_or_refused() {
    let declared = "categories = 'one-hot'\nmissing = 'most-frequent'";
    let graph = preparation(declared, "place\nb\na\n\nb\n").unwrap();
    assert_well_formed(&graph);
    let expected = [("a", 0.0), ("b", 1.0), ("", 1.0)].map(|(word, at)| (word.to_owned(), at));
    assert_eq!(looked_up(&graph), expected);

    let graph = preparation(
        "unknown = 'error'\ncolumns = { is = { categories = 'ordinal' } }",
        "is\ntrue\nFALSE\n",
    )
    .unwrap();
    let found = looked_up(&graph);
    let words: Vec<&str> = found.iter().map(|(word, _)| word.as_str()).collect();
    assert_eq!(words, ["false", "true", "True", "TRUE", "False", "FALSE", ""]);
    assert!(found[6].1.is_nan(), "an empty cell is refused");
    let node = graph.node.iter().find(|node| node.op_type == "LabelEncoder").unwrap();
    assert!(node.attribute[2].f.unwrap().is_nan(), "so is an unknown one");
}

#[test]
fn products_are_made_degree_by_degree_and_scaled_at_once() {
    let declared = "polynomial = { degree = 3 }\nscale = 'standard'";
    let graph = preparation(declared, "a,b\n1,2\n3,5\n4,9\n").unwrap();
    assert_well_formed(&graph);
    let count = |operator: &str| graph.node.iter().filter(|it| it.op_type == operator).count();
    assert_eq!((count("Gather"), count("Sub"), count("Div")), (5, 1, 1));
}

proptest! {
    #[test]
    fn any_preparation_makes_a_graph(
        cells in proptest::collection::vec("(|1|-0|2.5|1e300|true|a|b)", 6..24),
        missing in "(drop|mean|median|most-frequent)",
        categories in "(one-hot|ordinal)",
        of_numbers in any::<bool>(),
        more in "(|scale = 'min-max'|polynomial = \\{ degree = 2 \\})",
    ) {
        let rows: Vec<String> = cells.chunks_exact(2).map(|row| row.join(",")).collect();
        let mut declared = format!("{more}\ncategories = '{categories}'\nmissing = '{missing}'\n");
        if of_numbers {
            declared = format!("{declared}columns = {{ a = {{ categories = '{categories}' }} }}");
        }
        if let Some(graph) = preparation(&declared, &format!("a,b\n{}\n", rows.join("\n"))) {
            assert_well_formed(&graph);
        }
    }

    #[test]
    fn any_names_make_a_graph(
        columns in proptest::collection::btree_set("(|constant|mul|add_[0-9]|prediction|label|.{1,3})", 1..9),
        classes in proptest::collection::vec("(0|1|01|-3|.{0,2})", 2..4),
    ) {
        let mut graph = Graph::default();
        let columns: Vec<_> = columns.iter().map(|name| graph.number_column(name)).collect();
        let features = graph.beside(&columns);
        let prepared = graph.prepared(features);
        let outputs = Outputs::Classes {
            scores: prepared.features,
            probabilities: true,
            class: None,
        };
        outputs.give(&mut graph, &classes, "y", prepared.doubt);
        assert_well_formed(&graph.finish("any"));
    }
}
