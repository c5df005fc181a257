//! The files of a crate, those that are packed and those that are only described.

use crate::ledger::attempt::DataFile;
use crate::ledger::digest::{Digest, sha256_hex};
use crate::ledger::view::{ArtifactView, FileState};

/// A file that a crate describes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrateFile {
    /// Its path in the crate, with forward slashes.
    pub path: String,
    /// What it is, in a few words.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// BLAKE3 of its bytes.
    pub blake3: Digest,
    /// SHA-256 of its bytes, 64 hex digits.
    pub sha256: String,
    /// Its `swh:1:cnt:…`, where git carries it.
    pub swhid: Option<String>,
    /// Why it is not in the crate; `None` when it is.
    pub missing: Option<String>,
}

impl CrateFile {
    /// A file of an attempt.
    pub fn of_run(file: &ArtifactView, swhid: Option<&String>) -> Self {
        let missing = match file.state {
            FileState::Present => None,
            FileState::Absent => {
                Some("too large for git and not in the copy of the ledger this was made from")
            }
            FileState::Damaged => Some("damaged in the copy of the ledger this was made from"),
        };
        Self {
            path: file.path.clone(),
            name: name(&file.path),
            size: file.size,
            blake3: file.blake3,
            sha256: file.sha256.clone(),
            swhid: swhid.cloned(),
            missing: missing.map(str::to_owned),
        }
    }

    /// A file with these bytes.
    pub fn of_bytes(path: impl Into<String>, name: impl Into<String>, bytes: &[u8]) -> Self {
        Self {
            path: path.into(),
            name: name.into(),
            size: bytes.len() as u64,
            blake3: Digest::of(bytes),
            sha256: sha256_hex(bytes),
            swhid: None,
            missing: None,
        }
    }

    /// The data file of a run.
    pub fn of_data(data: &DataFile, missing: Option<String>) -> Self {
        Self {
            path: data.path.clone(),
            name: format!("Data set {}, {} rows", data.path, data.rows),
            size: data.size,
            blake3: data.blake3,
            sha256: data.sha256.clone(),
            swhid: None,
            missing,
        }
    }
}

/// What a file of an attempt is.
fn name(path: &str) -> String {
    use crate::ledger::layout::{ARTIFACTS, IGNORE, LOG, MANIFEST, METRICS, PARAMS, PATCH, RUN};
    let known = match path {
        PARAMS => "The resolved request",
        RUN => "The record of the attempt",
        METRICS => "The metric points",
        LOG => "What the trainer printed",
        PATCH => "What was not committed when the command was started",
        IGNORE => "What is too large for git",
        MANIFEST => "Sizes and digests of the files of the attempt",
        _ => "",
    };
    if !known.is_empty() {
        return known.to_owned();
    }
    let inside = path.strip_prefix(ARTIFACTS).and_then(|rest| rest.strip_prefix('/'));
    format!("Artifact {}", inside.unwrap_or(path))
}
