//! `<digest10>.toml`: one version of a registered model, everything that is pinned and never changes.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use toml::Table;

use crate::ledger::attempt::{AttemptError, DataFile, FORMAT};
use crate::ledger::digest::Digest;
use crate::ledger::id::{AttemptId, RunId};
use crate::ledger::layout::AttemptPath;

/// The name of a version: the first ten hex digits of the digest of its file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct VersionId(String);

impl VersionId {
    /// How many hex digits it has.
    const LENGTH: usize = 10;

    /// The name of the version whose file has this text.
    pub fn of(text: &str) -> Self {
        Self(Digest::of(text.as_bytes()).to_string()[..Self::LENGTH].to_owned())
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for VersionId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_hex = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if is_hex && text.len() == Self::LENGTH {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("not a version's ten hex digits: '{text}'"))
        }
    }
}

impl TryFrom<String> for VersionId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<VersionId> for String {
    fn from(id: VersionId) -> Self {
        id.0
    }
}

/// A version. It has no time and no number, which are facts of a ledger, and are in its events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// Version of the file format.
    pub format: i64,
    /// The registered model it is of.
    pub name: String,
    /// The run.
    pub run: RunId,
    /// The attempt whose file it is.
    pub attempt: AttemptId,
    /// The experiment that holds the attempt.
    pub experiment: String,
    /// The run's label at the time.
    pub label: String,
    /// The trainer's name.
    pub trainer: String,
    /// The trainer's version.
    pub trainer_version: i64,
    /// What it does: `regression`, `classification` or `clustering`; empty for a command's model.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub task: String,
    /// The columns it needs.
    #[serde(default)]
    pub features: Vec<String>,
    /// The column it predicts; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub target: String,
    /// Digest of the columns it was trained on.
    pub data_digest: Digest,
    /// The ledger's licence at the time, as an SPDX expression.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub licence: String,
    /// The ledger's authors at the time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<String>,
    /// Digest of `<digest10>.profile.json`, the profile of the training data; `None` when the data was
    /// not in the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Digest>,
    /// The model file.
    pub file: PinnedFile,
    /// The data file it was trained on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<DataFile>,
    /// Every param.
    #[serde(default)]
    pub params: Table,
    /// The final value of each metric.
    #[serde(default)]
    pub metrics: BTreeMap<String, f64>,
    /// What a newer version wrote and this one does not know.
    #[serde(flatten)]
    pub other: Table,
}

/// A file of an attempt, pinned by content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinnedFile {
    /// The path below the attempt's directory.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// BLAKE3 of the content.
    pub blake3: Digest,
    /// SHA-256 of the content, 64 hex digits.
    pub sha256: String,
}

impl Version {
    /// The text of the file.
    ///
    /// # Errors
    /// When a value cannot be written as TOML.
    pub fn to_text(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    /// Reads the text of the file.
    ///
    /// # Errors
    /// When it is no version or of a newer format.
    pub fn from_text(text: &str) -> Result<Self, AttemptError> {
        let table: Table = text.parse()?;
        match table.get("format").and_then(toml::Value::as_integer) {
            Some(format) if format > FORMAT => Err(AttemptError::Newer(format)),
            _ => Ok(table.try_into()?),
        }
    }

    /// The directory of the attempt.
    pub fn directory(&self) -> String {
        let (experiment, run) = (self.experiment.clone(), self.run);
        AttemptPath { experiment, run, attempt: self.attempt }.directory()
    }

    /// The path of the model file in the ledger.
    pub fn file_path(&self) -> String {
        format!("{}/{}", self.directory(), self.file.path)
    }

    /// Whether both pin the same file of the same attempt.
    pub fn is_of_same_file(&self, other: &Self) -> bool {
        (self.run, self.attempt, &self.file) == (other.run, other.attempt, &other.file)
    }
}
