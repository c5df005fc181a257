//! A registered model as it is shown, on pages and by `model … --json`; fields are added, never renamed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::version::PinnedFile;
use crate::ledger::attempt::DataFile;
use crate::ledger::digest::Digest;
use crate::ledger::id::{AttemptId, RunId};
use crate::ledger::number;
use crate::ledger::time::Timestamp;
use crate::ledger::view::FileState;

/// A registered model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelView {
    /// Its name.
    pub name: String,
    /// What it is for, Markdown.
    pub description: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// When it was deleted.
    pub deleted: Option<Timestamp>,
    /// The number of the version that each alias points at.
    pub aliases: BTreeMap<String, u64>,
    /// Its versions, oldest first, deleted ones among them.
    pub versions: Vec<VersionView>,
    /// The moves of its aliases, oldest first.
    pub history: Vec<MoveView>,
    /// What a merge left open or changed, in sentences.
    pub merged: Vec<String>,
    /// Files that cannot be read, with what is wrong.
    pub unreadable: Vec<String>,
}

/// A version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VersionView {
    /// Its number.
    pub number: u64,
    /// Its ten digits.
    pub version: String,
    /// When it was registered.
    pub registered: Timestamp,
    /// When it was deleted.
    pub deleted: Option<Timestamp>,
    /// The aliases that point at it.
    pub aliases: Vec<String>,
    /// Its description, Markdown.
    pub description: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The run.
    pub run: RunId,
    /// The digits of the run's id that people are shown.
    pub short: String,
    /// The attempt.
    pub attempt: AttemptId,
    /// The attempt's directory.
    pub directory: String,
    /// The experiment.
    pub experiment: String,
    /// The run's label when it was registered.
    pub label: String,
    /// The trainer.
    pub trainer: String,
    /// What it does.
    pub task: String,
    /// The columns it needs.
    pub features: Vec<String>,
    /// The column it predicts.
    pub target: String,
    /// Every param.
    pub params: BTreeMap<String, serde_json::Value>,
    /// The final value of each metric.
    #[serde(with = "number::json_map")]
    pub metrics: BTreeMap<String, f64>,
    /// Digest of the columns it was trained on.
    pub data_digest: Digest,
    /// The data file it was trained on.
    pub data: Option<DataFile>,
    /// Whether there is a profile of its training data.
    pub profile: bool,
    /// The model file.
    pub file: PinnedFile,
    /// Whether the model file is here.
    pub state: FileState,
}

/// A move of an alias.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveView {
    /// When.
    pub time: Timestamp,
    /// The alias.
    pub alias: String,
    /// The number of the version it points at since; `None` when it was taken away.
    pub version: Option<u64>,
    /// Whether it went back to where it pointed before.
    pub back: bool,
}
