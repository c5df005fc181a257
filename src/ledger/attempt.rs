//! `run.toml`: the record of one attempt, everything about it that is not part of its identity.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use toml::Table;

use super::digest::Digest;
use super::exit::CommandRecord;
use super::id::{AttemptId, RunId};
use super::time::Timestamp;

/// The format of the files this version writes; a newer one is refused.
pub const FORMAT: i64 = 1;

/// The cause of an attempt that somebody stopped: it is not tried again by itself.
pub const STOPPED: &str = "stopped";

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It ran to its end.
    Finished,
    /// The trainer reported an error.
    Failed,
    /// It was cancelled, or its process died before it could end.
    Interrupted,
    /// It is being executed now; never on disk in a sealed attempt.
    Running,
}

impl Status {
    /// The word on pages and in tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::Running => "running",
        }
    }

    /// Whether it is an end without a result.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Failed | Self::Interrupted)
    }
}

/// The record of one attempt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// Version of the file format.
    pub format: i64,
    /// The run it is an attempt of.
    pub run: RunId,
    /// Its own id.
    pub attempt: AttemptId,
    /// How it ended.
    pub status: Status,
    /// Why it did not finish, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// The label at the time.
    pub label: String,
    /// File name of the spec that asked for it.
    pub spec: String,
    /// The spec's description at the time.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// When it started.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// BLAKE3 over metric names, values and steps and over artifacts; only of a finished attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Digest>,
    /// The mark of the user who executed it, [`super::origin::mark`]; only of a finished attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Digest>,
    /// The spec's tags at the time.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The final value of each metric.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, f64>,
    /// Seconds spent, by phase.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub timings: BTreeMap<String, f64>,
    /// Plain facts about the trained model.
    #[serde(default, skip_serializing_if = "Table::is_empty")]
    pub model: Table,
    /// The data file it read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<DataFile>,
    /// Where it ran.
    pub host: Host,
    /// The commit of the repository around the ledger, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git: Option<GitState>,
    /// Versions of the programs that took part, by name.
    #[serde(default)]
    pub versions: BTreeMap<String, String>,
    /// The command that executed it, unless a built-in trainer did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<CommandRecord>,
    /// What a newer version wrote and this one does not know.
    #[serde(flatten)]
    pub other: Table,
}

/// The data file an attempt read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFile {
    /// Its path in the ledger.
    pub path: String,
    /// Number of data rows.
    pub rows: u64,
    /// Size in bytes.
    pub size: u64,
    /// BLAKE3 of its bytes.
    pub blake3: Digest,
    /// SHA-256 of its bytes, 64 hex digits.
    pub sha256: String,
}

/// Where an attempt ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Host name.
    pub name: String,
    /// Architecture, system and ABI, such as `x86_64-linux-gnu`: byte equality is promised within one.
    pub target: String,
    /// Number of processors the program could use.
    pub cores: u64,
}

/// The state of the repository around the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GitState {
    /// The commit, 40 hex digits.
    pub commit: String,
    /// Whether tracked files outside the runs differed from it.
    pub dirty: bool,
}

impl Attempt {
    /// The text of `run.toml`.
    ///
    /// # Errors
    /// When a value cannot be written as TOML.
    pub fn to_text(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    /// Reads the text of `run.toml`.
    ///
    /// # Errors
    /// When it is no such record or of a newer format.
    pub fn from_text(text: &str) -> Result<Self, AttemptError> {
        match toml::from_str::<Self>(text) {
            Ok(attempt) if attempt.format <= FORMAT => Ok(attempt),
            read => match format_of(text) {
                Some(format) if format > FORMAT => Err(AttemptError::Newer(format)),
                _ => Ok(read?),
            },
        }
    }
}

/// The format that a file says it is of, whatever else stands in it.
pub(super) fn format_of(text: &str) -> Option<i64> {
    text.parse::<Table>().ok()?.get("format")?.as_integer()
}

/// A `run.toml` that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum AttemptError {
    /// Written by a newer version.
    #[error("is of format {0}; this version reads up to format {FORMAT}: upgrade fairledger")]
    Newer(i64),
    /// Not TOML, or a field is missing or of another type.
    #[error("{}", .0.message())]
    Toml(#[from] toml::de::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_format_is_refused_with_its_cure() {
        let error = Attempt::from_text("format = 2\nanything = true\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "is of format 2; this version reads up to format 1: upgrade fairledger"
        );
    }
}
