//! A spec: the TOML file in an experiment that asks for runs.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;
use toml::Table;

use super::request::Split;

/// A spec: what to train, on which data, with which params, and how to judge it.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Label of each run; `{param}` stands for a param's value. Not part of a run's identity.
    pub name: Option<String>,
    /// What this spec is about, in a sentence.
    #[serde(default)]
    pub description: String,
    /// Tags of every run of this spec.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// The data set.
    pub data: Option<Data>,
    /// A built-in model to train.
    pub train: Option<Train>,
    /// A program to run instead of a built-in model.
    pub command: Option<Command>,
    /// Params that are the same for every run.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Json>")]
    pub params: Table,
    /// Params that take several values.
    pub sweep: Option<Sweep>,
    /// How a run is judged.
    #[serde(default)]
    pub evaluate: Evaluate,
}

/// The data set of a spec.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// Path of the data file, from the ledger's root.
    pub path: String,
    /// The column to predict.
    pub target: String,
    /// The columns to predict from; default: all but target and split column.
    #[schemars(length(min = 1))]
    pub features: Option<Vec<String>>,
    /// Columns not to predict from, instead of `features`.
    pub exclude: Option<Vec<String>>,
    /// How rows are divided into training and test rows.
    #[serde(default = "default_split")]
    pub split: Split,
}

fn default_split() -> Split {
    Split::Fraction(super::request::SplitFraction { test: 0.2, seed: 0 })
}

/// The built-in model of a spec.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Train {
    /// Name of the model, such as `random-forest-regressor`; a sweep over `model` may name several.
    pub model: Option<String>,
    /// Drives every random choice; default: the ledger's, else 0.
    pub seed: Option<i64>,
    /// Number of seeds to train each point with.
    #[schemars(range(min = 1))]
    pub replicates: Option<i64>,
}

/// A program that trains, in any language.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// The program and its arguments, without a shell; `{param}` stands for a param's value.
    #[schemars(length(min = 1))]
    pub run: Vec<String>,
    /// Files and patterns that are part of the identity.
    #[serde(default)]
    pub inputs: Vec<String>,
    /// Lock files of its environment, part of the identity.
    #[serde(default)]
    pub lock: Vec<String>,
    /// A command whose output is part of the identity.
    #[serde(default)]
    pub version: Vec<String>,
    /// Environment variables that are passed and part of the identity.
    #[serde(default)]
    pub env_key: Vec<String>,
    /// Environment variables that are passed; their values are never stored.
    #[serde(default)]
    pub env_pass: Vec<String>,
    /// Time limit, such as `90s`, `30m` or `2h`.
    pub timeout: Option<String>,
    /// Seed for the program; default: the ledger's, else 0.
    pub seed: Option<i64>,
}

/// Params that take several values.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sweep {
    /// How the lists are combined.
    pub method: Method,
    /// A list of values for each param; `seed` and `model` may be among them.
    #[schemars(with = "BTreeMap<String, Vec<Json>>")]
    pub params: Table,
    /// Number of points of a random sweep.
    #[schemars(range(min = 1))]
    pub samples: Option<i64>,
    /// Seed of a random sweep.
    pub seed: Option<i64>,
}

/// How the lists of a sweep are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Side by side: the first of each list, the second of each, and so on.
    Zip,
    /// Every combination.
    Grid,
    /// Some combinations, drawn by a seed.
    Random,
}

/// How a run is judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evaluate {
    /// Names of the metrics; default: the model's own.
    pub metrics: Option<Vec<String>>,
    /// Number of folds for cross-validation on the training part.
    #[schemars(range(min = 2))]
    pub cv: Option<i64>,
}
