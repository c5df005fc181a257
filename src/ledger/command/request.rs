//! The parts of a request to a command.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use toml::Table;

use crate::ledger::digest::Digest;
use crate::ledger::spec::Printed;

/// What was found out about what a command names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandFacts {
    /// The digest of each entry of `inputs`, by the entry as it is written.
    pub inputs: BTreeMap<String, Digest>,
    /// Likewise of `lock`.
    pub lock: BTreeMap<String, Digest>,
    /// What the version command printed, empty without one.
    pub version: String,
    /// The values of those variables of `env_key` that are set.
    pub environment: BTreeMap<String, String>,
    /// The digest of the data file, if the spec names one.
    pub data: Option<Digest>,
}

/// The parts of a request to a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ByCommand {
    /// Handed to the program as `FAIRLEDGER_SEED`.
    pub seed: i64,
    /// What is executed.
    pub command: RequestCommand,
    /// The params as the spec writes them.
    #[serde(default)]
    pub params: Table,
    /// The data file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<CommandData>,
}

/// The command of a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestCommand {
    /// The program and its arguments, placeholders as they are written.
    pub run: Vec<String>,
    /// The folder it works in, from the ledger's root; empty for the root.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub directory: String,
    /// What it prints as a version, empty when it is not asked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Where metrics are read beside their file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics: Option<Printed>,
    /// The digest of the files that each entry of `inputs` stands for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, Digest>,
    /// Likewise of `lock`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lock: BTreeMap<String, Digest>,
    /// The values of the variables of `env_key` that are set.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
}

/// The data of a request to a command: content, never a path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommandData {
    /// BLAKE3 of the file's bytes.
    pub digest: Digest,
}

/// The digest of some files: each path and content digest, in the order of the paths.
pub fn files_digest<'a>(files: impl IntoIterator<Item = (&'a str, Digest)>) -> Digest {
    let files: BTreeMap<&str, Digest> = files.into_iter().collect();
    let mut bytes = Vec::new();
    for (path, digest) in files {
        bytes.extend_from_slice(&(path.len() as u64).to_be_bytes());
        bytes.extend_from_slice(path.as_bytes());
        bytes.extend_from_slice(digest.as_bytes());
    }
    Digest::derive("fairledger inputs v1", &bytes)
}
