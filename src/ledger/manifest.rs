//! `manifest.toml`: path, size and digests of every file of an attempt. Its presence seals it.
//!
//! The last two lines carry the digest of everything above them, so a torn or edited manifest is
//! recognised without any other file.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::attempt::{FORMAT, format_of};
use super::digest::Digest;
use super::id::{AttemptId, RunId};

/// The manifest of a sealed attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the file format.
    pub format: i64,
    /// The run.
    pub run: RunId,
    /// The attempt.
    pub attempt: AttemptId,
    /// The files, sorted by path, the manifest itself not among them.
    #[serde(default, rename = "file")]
    pub files: Vec<ManifestFile>,
}

/// One file of a sealed attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFile {
    /// The path below the attempt's directory, with forward slashes.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// BLAKE3 of the content.
    pub blake3: Digest,
    /// SHA-256 of the content, 64 hex digits.
    pub sha256: String,
}

/// A manifest that does not hold.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The seal at its end is missing or torn.
    #[error("its seal is missing: the file was cut off or edited")]
    Unsealed,
    /// The seal does not match what stands above it.
    #[error("its own digest does not match: the file was changed")]
    Changed,
    /// Written by a newer version.
    #[error("is of format {0}; this version reads up to format {FORMAT}: upgrade fairledger")]
    Newer(i64),
    /// A path that would lead out of the attempt's directory.
    #[error("the path '{0}' leads out of the attempt")]
    Path(String),
    /// Not TOML, or a field is missing or of another type.
    #[error("{}", .0.message())]
    Toml(#[from] toml::de::Error),
}

const SEAL: &str = "\n[seal]\nblake3 = \"";

impl Manifest {
    /// The text of `manifest.toml`, seal included. The layout is fixed: tests hold golden bytes.
    pub fn to_text(&self) -> String {
        let mut text = format!(
            "format = {}\nrun = \"{}\"\nattempt = \"{}\"\n",
            self.format, self.run, self.attempt
        );
        for file in &self.files {
            // Read as any text, they may hold signs that have to be escaped.
            let path = toml::Value::String(file.path.clone());
            let sha256 = toml::Value::String(file.sha256.clone());
            let ManifestFile { size, blake3, .. } = file;
            let _ = write!(
                text,
                "\n[[file]]\npath = {path}\nsize = {size}\nblake3 = \"{blake3}\"\nsha256 = {sha256}\n"
            );
        }
        let digest = Digest::of(text.as_bytes());
        text + SEAL + &digest.to_string() + "\"\n"
    }

    /// Reads the text of `manifest.toml` and checks its seal and its paths.
    pub fn from_text(text: &str) -> Result<Self, ManifestError> {
        let (above, seal) = text.rsplit_once(SEAL).ok_or(ManifestError::Unsealed)?;
        let seal: Digest = seal
            .strip_suffix("\"\n")
            .and_then(|digits| digits.parse().ok())
            .ok_or(ManifestError::Unsealed)?;
        if seal != Digest::of(above.as_bytes()) {
            return Err(ManifestError::Changed);
        }
        let manifest = match toml::from_str::<Self>(above) {
            Ok(manifest) if manifest.format <= FORMAT => manifest,
            read => match format_of(above) {
                Some(format) if format > FORMAT => return Err(ManifestError::Newer(format)),
                _ => read?,
            },
        };
        match manifest.files.iter().find(|file| !is_inside(&file.path)) {
            Some(file) => Err(ManifestError::Path(file.path.clone())),
            None => Ok(manifest),
        }
    }

    /// The entry of a path.
    pub fn file(&self, path: &str) -> Option<&ManifestFile> {
        self.files.iter().find(|file| file.path == path)
    }
}

/// Whether a path with forward slashes is relative and stays below where it starts, on any system.
pub fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.contains(['\\', ':', '\0'])
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

#[cfg(test)]
mod tests;
