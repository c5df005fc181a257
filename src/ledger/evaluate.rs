//! How a run is judged: what a spec says, and the decided form that is part of the identity.

use serde::{Deserialize, Serialize};

/// How a run is judged, as a spec says it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evaluate {
    /// Names of the metrics; default: the model's own.
    pub metrics: Option<Vec<String>>,
    /// Cross-validation on the training part: a number of folds, or a table.
    pub cv: Option<CrossValidation>,
    /// Times each feature is shuffled to measure its permutation importance on the test part.
    #[schemars(range(min = 1, max = 1000))]
    pub permutation: Option<i64>,
    /// Whether the learning curve is measured: scores over growing shares of the training part.
    #[serde(default)]
    pub learning_curve: bool,
}

/// Cross-validation as a spec says it.
#[derive(Clone, Debug, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum CrossValidation {
    /// So many folds: stratified by class for classification, else plain.
    Count(FoldCount),
    /// Folds of a kind.
    Folds(Folds),
}

/// A number of folds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
pub struct FoldCount(#[schemars(range(min = 2))] pub i64);

/// Folds of a kind.
#[derive(Clone, Debug, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Folds {
    /// Number of folds.
    #[schemars(range(min = 2))]
    pub folds: i64,
    /// How rows are divided; default: stratified for classification, else plain, or what `group`
    /// or `time` calls for.
    pub kind: Option<FoldKind>,
    /// Whether rows are shuffled before they are divided.
    #[serde(default)]
    pub shuffle: bool,
    /// Seed of the shuffle.
    #[serde(default)]
    pub seed: i64,
    /// A column whose equal values stay together in one fold.
    pub group: Option<String>,
    /// A column that orders the rows by time.
    pub time: Option<String>,
}

/// How rows are divided into folds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FoldKind {
    /// One run of rows after the other.
    Plain,
    /// Each class equally frequent in every fold.
    Stratified,
    /// Equal values of a column in one fold.
    Grouped,
    /// Each fold is validated on the rows that come after those it is trained on.
    Time,
}

/// How a run is judged, decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestEvaluate {
    /// The metrics by name, sorted.
    pub metrics: Vec<String>,
    /// Cross-validation on the training part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cv: Option<RequestFolds>,
    /// Times each feature is shuffled for its permutation importance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permutation: Option<i64>,
    /// Whether the learning curve is measured.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub learning_curve: bool,
}

/// Folds, decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestFolds {
    /// Number of folds, at least 2.
    pub folds: i64,
    /// How rows are divided.
    pub kind: FoldKind,
    /// The seed of the shuffle, `None` without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
    /// The column of groups or times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
}

impl RequestEvaluate {
    /// Some metrics on the test part and nothing more.
    pub fn of(metrics: Vec<String>) -> Self {
        Self { metrics, cv: None, permutation: None, learning_curve: false }
    }
}
