//! A whole ONNX file: the graph, and what it says of itself.

use std::collections::BTreeMap;

use prost::Message;

use crate::ledger::digest::Digest;
use crate::ledger::id::RunId;

use super::super::error::TrainError;
use super::super::model_file::SavedModel;
use super::graph::{Graph, LEARNING};
use super::proto::{GraphProto, ModelProto, OperatorSetIdProto, StringStringEntryProto};

/// The version of the file's structure.
const IR_VERSION: i64 = 8;
/// The sets of operators in use, with their versions.
const OPERATORS: [(&str, i64); 2] = [("", 17), (LEARNING, 3)];
const PRODUCER: &str = "fairledger";

/// Where a model comes from, as far as its model file does not tell.
#[derive(Clone, Debug, Default)]
pub struct Provenance {
    /// The run that trained it.
    pub run: Option<RunId>,
    /// The content digest of the columns it was trained on.
    pub data: Option<Digest>,
    /// The version of the program that writes the file; none in a file that is part of a run's
    /// result, which does not depend on it.
    pub program: Option<String>,
}

impl SavedModel {
    /// The model with its preparation as an ONNX file; the same bytes for the same model.
    ///
    /// Inputs: a column of raw cells `[N, 1]` for each feature, named as the feature: 64-bit floats
    /// with NaN for an empty cell, or text with an empty one. Outputs, by task: `prediction` `[N]`;
    /// `label` `[N]`, whole numbers where all names of classes are, and `probabilities` or `scores`
    /// `[N, K]`; `cluster` `[N]` and `distances` `[N, K]`. A name that a column has already gets a
    /// number.
    ///
    /// # Errors
    /// When ONNX has no way to say what the model does, or the file would be larger than its readers
    /// take.
    pub fn to_onnx(&self, provenance: &Provenance) -> Result<Vec<u8>, TrainError> {
        let header = &self.header;
        let mut graph = Graph::default();
        let not_in_onnx = || TrainError::NotInOnnx { model: header.trainer.name.clone() };
        let prepared = self.preparation.onnx(&mut graph);
        let outputs = self.predictor.onnx(&mut graph, prepared.features).ok_or_else(not_in_onnx)?;
        outputs.give(&mut graph, &header.classes, &header.target, prepared.doubt);
        let graph = graph.finish(&header.trainer.name);
        model(graph, &self.describe(), self.facts(provenance)?, provenance)
    }

    /// What the file is, in a few sentences.
    fn describe(&self) -> String {
        let header = &self.header;
        let of = if header.target.is_empty() {
            String::new()
        } else {
            format!(" for '{}'", header.target)
        };
        format!(
            "{}{of}, trained by {PRODUCER}. One input a column, [N, 1]; an empty cell is NaN, or \
             empty text. Rows that {PRODUCER} would refuse (an empty cell, an unknown category, \
             unless the preparation provides for it) give NaN.",
            header.trainer.name
        )
    }

    /// Facts by name; lists and tables as JSON.
    fn facts(&self, provenance: &Provenance) -> Result<BTreeMap<&'static str, String>, TrainError> {
        let header = &self.header;
        let json = |value: Result<String, serde_json::Error>| {
            value.map_err(|error| TrainError::ModelFile(error.to_string()))
        };
        let mut facts = BTreeMap::from([
            ("model", header.trainer.name.clone()),
            ("model_version", header.trainer.version.to_string()),
            ("params", json(serde_json::to_string(&header.params))?),
            ("seed", header.seed.to_string()),
            ("features", json(serde_json::to_string(&header.features))?),
        ]);
        if !header.target.is_empty() {
            facts.insert("target", header.target.clone());
        }
        if !header.classes.is_empty() {
            facts.insert("classes", json(serde_json::to_string(&header.classes))?);
        }
        if let Some(preparation) = &header.preparation {
            facts.insert("prepared_features", json(serde_json::to_string(preparation.names()))?);
        }
        if let Some(run) = provenance.run {
            facts.insert("run", run.to_string());
        }
        if let Some(data) = provenance.data {
            facts.insert("data_digest", data.to_string());
        }
        if let Some(program) = &provenance.program {
            facts.insert("program", format!("{PRODUCER} {program}"));
        }
        Ok(facts)
    }
}

fn model(
    graph: GraphProto,
    text: &str,
    facts: BTreeMap<&'static str, String>,
    provenance: &Provenance,
) -> Result<Vec<u8>, TrainError> {
    let operators = OPERATORS
        .map(|(domain, version)| OperatorSetIdProto { domain: domain.to_owned(), version });
    let facts =
        facts.into_iter().map(|(key, value)| StringStringEntryProto { key: key.to_owned(), value });
    let model = ModelProto {
        ir_version: IR_VERSION,
        producer_name: PRODUCER.to_owned(),
        producer_version: provenance.program.clone().unwrap_or_default(),
        doc_string: text.to_owned(),
        graph: Some(graph),
        opset_import: operators.to_vec(),
        metadata_props: facts.collect(),
    };
    if model.encoded_len() > i32::MAX as usize {
        return Err(TrainError::TooLargeForOnnx);
    }
    Ok(model.encode_to_vec())
}
