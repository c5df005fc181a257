//! A spec: the TOML file in an experiment that asks for runs.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use toml::Table;

use super::evaluate::Evaluate;
use super::metric::Direction;
use super::prepare::Prepare;
use super::request::Artifacts;
use super::split::Split;

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
    /// What is done to the features before the model sees them.
    #[serde(default)]
    pub prepare: Prepare,
    /// How a run is judged.
    #[serde(default)]
    pub evaluate: Evaluate,
    /// What a run keeps beside the usual files.
    #[serde(default)]
    pub artifacts: Artifacts,
}

/// The data set of a spec.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// Path of the data file, from the ledger's root.
    pub path: String,
    /// The column to predict; clusters are only compared with it, where there is one.
    #[serde(default)]
    pub target: String,
    /// The columns to predict from; default: all but those with another role.
    #[schemars(length(min = 1))]
    pub features: Option<Vec<String>>,
    /// Columns not to predict from, instead of `features`.
    pub exclude: Option<Vec<String>>,
    /// How rows are divided into training and test rows; default: a fifth is drawn as the test
    /// part, and a clustering model takes all rows.
    pub split: Option<Split>,
}

/// The built-in model of a spec.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Train {
    /// Name of the model, such as `random-forest-regressor`; a sweep over `model` may name several.
    pub model: Option<String>,
    /// Drives every random choice; default: the ledger's, else 0.
    pub seed: Option<i64>,
    /// Number of seeds to train each point with, counted up from `seed`; default 1.
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
    /// The folder it works in, from the ledger's root; default: the root.
    pub directory: Option<String>,
    /// Where metrics are read beside the file `FAIRLEDGER_METRICS`: `stdout`, lines it prints such
    /// as `rmse: 0.31` or `{"rmse": 0.31}`.
    pub metrics: Option<Printed>,
    /// Number of processors a run keeps busy; default 1. Decides how many run at a time.
    #[schemars(range(min = 1))]
    pub cores: Option<i64>,
    /// Memory a run takes, such as `4 GiB` or `500 MB`. Decides how many run at a time.
    pub memory: Option<String>,
    /// How often a run that failed is tried again, with growing pauses; default 0.
    #[schemars(range(min = 0, max = 100))]
    pub retries: Option<i64>,
    /// Seed for the program; default: the ledger's, else 0.
    pub seed: Option<i64>,
    /// Number of seeds to run each point with, counted up from `seed`; default 1.
    #[schemars(range(min = 1))]
    pub replicates: Option<i64>,
}

/// Where a command prints metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Printed {
    /// On standard output.
    Stdout,
}

/// Params that take several values.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sweep {
    /// How the lists are combined.
    pub method: Method,
    /// A list of values for each param, or a range `{ low, high, log, integer }` to draw from;
    /// `seed` and `model` may be among them.
    #[schemars(with = "BTreeMap<String, Choice>")]
    pub params: Table,
    /// Number of points to draw.
    #[schemars(range(min = 1))]
    pub samples: Option<i64>,
    /// Seed of the draw; default 0.
    pub seed: Option<i64>,
    /// The metric that guides halving and TPE; default: the experiment's goal, cross-validated where
    /// the spec asks for that.
    pub metric: Option<String>,
    /// Whether that metric is better larger or smaller; default: as the experiment's goal.
    pub direction: Option<Direction>,
    /// The param that grows from rung to rung of halving, such as `n_estimators`.
    pub resource: Option<String>,
    /// Its value in the first rung.
    #[schemars(range(min = 1))]
    pub min_resource: Option<i64>,
    /// Its value in the last rung.
    #[schemars(range(min = 1))]
    pub max_resource: Option<i64>,
    /// Halving keeps one in so many points from rung to rung; default 3.
    #[schemars(range(min = 2))]
    pub factor: Option<i64>,
    /// Points of TPE that are trained before the next ones are chosen; default 4.
    #[schemars(range(min = 1))]
    pub batch: Option<i64>,
}

/// The values a swept param takes.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Choice {
    /// One of some values.
    List(Vec<Json>),
    /// A number drawn from a range.
    Range(ChoiceRange),
}

/// A range that numbers are drawn from.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoiceRange {
    /// The smallest value.
    pub low: f64,
    /// The largest value.
    pub high: f64,
    /// Whether orders of magnitude are equally likely.
    #[serde(default)]
    pub log: bool,
    /// Whether only whole numbers are drawn.
    #[serde(default)]
    pub integer: bool,
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
    /// Successive halving: many points on a small resource, the best of them on a larger one.
    Halving,
    /// Points drawn where earlier results were good (tree-structured Parzen estimator).
    Tpe,
}

impl Method {
    /// The word a spec uses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Zip => "zip",
            Self::Grid => "grid",
            Self::Random => "random",
            Self::Halving => "halving",
            Self::Tpe => "tpe",
        }
    }
}
