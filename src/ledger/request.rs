//! A request: one fully decided run, part by part. Its digest is the run's identity.

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::command::ByCommand;
use super::digest::Digest;
use super::encode::{EncodeError, encode_entries};
use super::evaluate::RequestEvaluate;
use super::foreign::Foreign;
use super::id::{CellId, RunId};
use super::prepare::Prepare;
use super::split::Split;

/// The context of the digest. A change of `enc` or of a part's meaning needs a new one.
const CONTEXT: &str = "fairledger run v1";

/// The context of a cell's digest.
const CELL: &str = "fairledger cell v1";

/// Everything that determines the result of a run, as named parts.
///
/// It keeps the whole table, parts that this version does not know included, so that the id of a
/// request written by a newer version can still be recomputed.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    parts: Table,
    id: RunId,
    cell: CellId,
}

/// The parts of a request to a built-in trainer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BuiltIn {
    /// Drives every random choice.
    pub seed: i64,
    /// Who executes it.
    pub trainer: Trainer,
    /// Every parameter of the trainer, defaults filled in.
    pub params: Table,
    /// What it learns from.
    pub data: RequestData,
    /// What is done to the features first.
    #[serde(default, skip_serializing_if = "Prepare::is_nothing")]
    pub prepare: Prepare,
    /// How it is judged.
    pub evaluate: RequestEvaluate,
    /// What it keeps beside the usual files.
    #[serde(default, skip_serializing_if = "Artifacts::is_usual")]
    pub artifacts: Artifacts,
}

/// The trainer of a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trainer {
    /// The model's name.
    pub name: String,
    /// The model's version.
    pub version: i64,
}

/// The data of a request: content, never a path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestData {
    /// [`super::facts::DataFacts::content`] of the features, the target and the split column.
    pub digest: Digest,
    /// The feature columns in order.
    pub features: Vec<String>,
    /// The target column, empty where there is none; clusters are only compared with it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub target: String,
    /// How rows are divided into training and test rows; `None` when all are training rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<Split>,
}

impl RequestData {
    /// Every column the request reads, the features first, each once.
    pub fn columns<'a>(&'a self, evaluate: &'a RequestEvaluate) -> Vec<&'a str> {
        let mut columns: Vec<&str> = self.features.iter().map(String::as_str).collect();
        let target = Some(self.target.as_str()).filter(|target| !target.is_empty());
        let split = self.split.iter().flat_map(Split::columns);
        let folds = evaluate.cv.as_ref().and_then(|cv| cv.column.as_deref());
        for column in target.into_iter().chain(split).chain(folds) {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        columns
    }
}

/// What a run keeps beside the files every run keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Artifacts {
    /// Whether the model is kept as `model.onnx` too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub onnx: bool,
}

impl Artifacts {
    /// Whether nothing beside the usual files is asked for.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

impl Request {
    /// Takes the parts as they are and derives the id.
    ///
    /// # Errors
    /// When a value has no canonical form (NaN, infinity, two keys equal in Unicode NFC).
    pub fn from_table(parts: Table) -> Result<Self, EncodeError> {
        let bytes = encode_entries(parts.iter())?;
        let id = RunId::from_digest(&Digest::derive(CONTEXT, &bytes));
        let bytes = encode_entries(parts.iter().filter(|(name, _)| *name != "seed"))?;
        let cell = CellId::from_digest(&Digest::derive(CELL, &bytes));
        Ok(Self { parts, id, cell })
    }

    /// Takes the parts of a request whose ids were derived from them before.
    pub fn known(parts: Table, id: RunId, cell: CellId) -> Self {
        Self { parts, id, cell }
    }

    /// Builds the request to a built-in trainer.
    ///
    /// # Errors
    /// As [`Request::from_table`].
    pub fn built_in(parts: &BuiltIn) -> Result<Self, EncodeError> {
        let table =
            Table::try_from(parts).map_err(|error| EncodeError::Shape(error.to_string()))?;
        Self::from_table(table)
    }

    /// Builds the request to a command.
    ///
    /// # Errors
    /// As [`Request::from_table`].
    pub fn by_command(parts: &ByCommand) -> Result<Self, EncodeError> {
        let mut table =
            Table::try_from(parts).map_err(|error| EncodeError::Shape(error.to_string()))?;
        // On its way through serde a date would become its text.
        table.insert("params".into(), Value::Table(parts.params.clone()));
        Self::from_table(table)
    }

    /// Builds the request that stands for a run of another tracker.
    ///
    /// # Errors
    /// As [`Request::from_table`].
    pub fn foreign(parts: &Foreign) -> Result<Self, EncodeError> {
        let table =
            Table::try_from(parts).map_err(|error| EncodeError::Shape(error.to_string()))?;
        Self::from_table(table)
    }

    /// The run's identity.
    pub fn id(&self) -> RunId {
        self.id
    }

    /// The identity of the runs that differ from this one in nothing but the seed.
    pub fn cell(&self) -> CellId {
        self.cell
    }

    /// The seed; `None` when it is of a kind that this version does not know.
    pub fn seed(&self) -> Option<i64> {
        let command = self.to_command().map(|asked| asked.seed);
        // A run of another tracker is no draw of ours.
        let seed = command.or_else(|| self.to_foreign().map(|_| 0));
        seed.or_else(|| Some(self.to_built_in().ok()?.seed))
    }

    /// The parts by name.
    pub fn parts(&self) -> &Table {
        &self.parts
    }

    /// The parts as a built-in trainer reads them.
    ///
    /// # Errors
    /// When a part is missing or of another shape.
    pub fn to_built_in(&self) -> Result<BuiltIn, toml::de::Error> {
        self.parts.clone().try_into()
    }

    /// The parts as a command reads them; `None` when it is no request to a command.
    pub fn to_command(&self) -> Option<ByCommand> {
        self.parts.get("command")?;
        let mut parts = self.parts.clone();
        let params = parts.remove("params")?.as_table()?.clone();
        Some(ByCommand { params, ..parts.try_into().ok()? })
    }

    /// The parts of a run of another tracker; `None` when it is none.
    pub fn to_foreign(&self) -> Option<Foreign> {
        self.parts.get("tracker")?;
        self.parts.clone().try_into().ok()
    }
}
