//! A request: one fully decided run, part by part. Its digest is the run's identity.

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::digest::Digest;
use super::encode::{EncodeError, encode};
use super::id::RunId;

/// The context of the digest. A change of `enc` or of a part's meaning needs a new one.
const CONTEXT: &str = "fairledger run v1";

/// Everything that determines the result of a run, as named parts.
///
/// It keeps the whole table, parts that this version does not know included, so that the id of a
/// request written by a newer version can still be recomputed.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    parts: Table,
    id: RunId,
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
    /// How it is judged.
    pub evaluate: RequestEvaluate,
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
    /// The target column.
    pub target: String,
    /// How rows are divided into training and test rows.
    pub split: Split,
}

/// How rows are divided into training and test rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Split {
    /// A column says `train` or `test`.
    Column(SplitColumn),
    /// A share of the rows, drawn by a seed, is the test part.
    Fraction(SplitFraction),
}

/// A split by a column that says `train` or `test` for each row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitColumn {
    /// The column's name.
    pub column: String,
}

/// A split by a share of the rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitFraction {
    /// Share of the rows in the test part, above 0 and below 1; the row count is rounded up.
    #[schemars(extend("exclusiveMinimum" = 0.0, "exclusiveMaximum" = 1.0))]
    pub test: f64,
    /// Seed of the shuffle.
    #[serde(default)]
    pub seed: i64,
}

/// How a run is judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestEvaluate {
    /// The metrics by name, sorted.
    pub metrics: Vec<String>,
}

impl Request {
    /// Takes the parts as they are and derives the id.
    ///
    /// # Errors
    /// When a value has no canonical form (NaN, infinity, two keys equal in Unicode NFC).
    pub fn from_table(parts: Table) -> Result<Self, EncodeError> {
        let bytes = encode(&Value::Table(parts.clone()))?;
        let id = RunId::from_digest(&Digest::derive(CONTEXT, &bytes));
        Ok(Self { parts, id })
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

    /// The run's identity.
    pub fn id(&self) -> RunId {
        self.id
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
}
