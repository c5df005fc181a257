//! Exports: what a ledger holds, in the formats of others.

use std::path::{Path, PathBuf};

use crate::store::write_outside;
use crate::train::Provenance;

use super::error::Error;
use super::model::FoundModel;

/// A file made for others.
#[derive(Debug)]
pub struct Exported {
    /// Its content.
    pub bytes: Vec<u8>,
    /// The file name it has when nobody asks for another.
    pub name: String,
}

/// The model of a run, or of a model file, as ONNX.
///
/// # Errors
/// When there is no such run or file, when the model is not in this copy of the ledger or is
/// damaged, and when ONNX cannot express it.
pub fn onnx(here: &Path, what: &str) -> Result<Exported, Error> {
    let found = FoundModel::named(here, what)?;
    let entry = found.entry.as_deref();
    let run = entry.map(|entry| entry.attempt.run);
    let provenance = Provenance {
        run,
        data: entry.and_then(|entry| Some(entry.request.to_built_in().ok()?.data.digest)),
        program: Some(env!("CARGO_PKG_VERSION").into()),
    };
    let bytes = found.open()?.to_onnx(&provenance)?;
    let stem = || Path::new(what).file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let stem = run.map(|run| run.short()).or_else(stem).unwrap_or_else(|| "model".into());
    Ok(Exported { bytes, name: format!("{stem}.onnx") })
}

impl Exported {
    /// Writes the file: at a path, or in the current folder under its own name.
    pub fn write(&self, path: Option<&Path>) -> Result<PathBuf, Error> {
        let path = path.map_or_else(|| PathBuf::from(&self.name), Path::to_owned);
        write_outside(&path, &self.bytes)?;
        Ok(path)
    }
}
