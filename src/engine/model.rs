//! Trained models by the names people give them: a registered model, a run, or a model file by its path.

use std::path::Path;
use std::sync::Arc;

use crate::ledger::attempt::Status;
use crate::ledger::layout::ARTIFACTS;
use crate::ledger::manifest::ManifestFile;
use crate::ledger::view::RunView;
use crate::store::Entry;
use crate::train::SavedModel;

use super::error::Error;
use super::ledger::Ledger;
use super::registry::Found;

/// The bytes of a model file, as they were sealed when it belongs to a run.
pub(super) struct FoundModel {
    bytes: Vec<u8>,
    /// The file's path, from the ledger's root when it belongs to a run.
    name: String,
    /// The attempt it is of; `None` for a file named by its path.
    pub(super) entry: Option<Arc<Entry>>,
}

impl FoundModel {
    /// Finds what is meant: a file that exists, else a registered model or a run of the ledger that a
    /// folder belongs to.
    pub(super) fn named(here: &Path, what: &str) -> Result<Self, Error> {
        let path = Path::new(what);
        if path.is_file() {
            let read = |source| Error::File { path: what.to_owned(), source };
            let bytes = std::fs::read(path).map_err(read)?;
            return Ok(Self { bytes, name: what.to_owned(), entry: None });
        }
        let neither = |error| match error {
            Error::NoLedger(_) | Error::NoRun(_) => Error::NoRunOrFile(what.to_owned()),
            other => other,
        };
        let ledger = Ledger::open(here).map_err(neither)?;
        if let Some(found) = ledger.version_named(what)? {
            return ledger.model_of_version(&found);
        }
        let run = ledger.run_named(what).map_err(neither);
        ledger.model_of(&run.map_err(|error| ledger.or_no_model(what, error))?)
    }

    /// The model, ready to be asked.
    pub(super) fn open(&self) -> Result<SavedModel, Error> {
        let fault = |source| Error::Model { name: self.name.clone(), source };
        SavedModel::read(&self.bytes).map_err(fault)
    }
}

impl Ledger {
    /// The model of a run, checked against its manifest.
    fn model_of(&self, run: &RunView) -> Result<FoundModel, Error> {
        let (entry, file) = self.model_entry(run)?;
        let bytes = self.store.read_file(&entry, &file.path)?;
        let name = format!("{}/{}", entry.directory, file.path);
        Ok(FoundModel { bytes, name, entry: Some(entry) })
    }

    /// The attempt that stands for a run, and the model file among its artifacts.
    pub(super) fn model_entry(&self, run: &RunView) -> Result<(Arc<Entry>, ManifestFile), Error> {
        let none =
            |cause: &str| Error::NoModel { label: run.label.clone(), cause: cause.to_owned() };
        if run.status != Status::Finished {
            return Err(none(&format!("it {}", run.status.word())));
        }
        let entry = self.entry(run.id, &run.directory)?;
        let entry = entry.ok_or_else(|| none("its folder is gone"))?;
        let file = entry.manifest.files.iter().find(|file| is_model(&file.path)).cloned();
        Ok((entry, file.ok_or_else(|| none("its trainer left none"))?))
    }

    /// The model of a registered version: the file that it pins, from whichever attempt of the run holds
    /// it, its own first. Its bytes are compared with their manifest, which names what is pinned.
    pub(super) fn model_of_version(&self, found: &Found) -> Result<FoundModel, Error> {
        let (version, pinned) = (&found.version, &found.version.file);
        let none = |cause: &str| Error::NoModel { label: found.name(), cause: cause.to_owned() };
        let mut entries = self.store.attempts_of(version.run)?;
        entries.sort_by_key(|entry| entry.attempt.attempt != version.attempt);
        let holds = |entry: &Arc<Entry>| {
            entry.manifest.file(&pinned.path).is_some_and(|file| file.blake3 == pinned.blake3)
        };
        entries.retain(holds);
        let mut first = None;
        for entry in entries {
            match self.store.read_file(&entry, &pinned.path) {
                Ok(bytes) => {
                    let name = format!("{}/{}", entry.directory, pinned.path);
                    return Ok(FoundModel { bytes, name, entry: Some(entry) });
                }
                Err(error) => drop(first.get_or_insert(error)),
            }
        }
        match first {
            Some(error) => Err(error.into()),
            None => Err(none("no attempt in this copy of the ledger holds the file it pins")),
        }
    }
}

/// Whether an artifact is a model file of ours; the same model in ONNX lies beside it.
fn is_model(path: &str) -> bool {
    let name = path.strip_prefix(ARTIFACTS).and_then(|path| path.strip_prefix("/model."));
    name.is_some_and(|kind| !kind.contains('/') && kind != "onnx")
}

#[cfg(test)]
mod tests {
    use super::is_model;

    #[test]
    fn only_native_model_files_are_models() {
        assert!(is_model("artifacts/model.forest"));
        for other in ["artifacts/model.onnx", "artifacts/a/model.forest", "model.forest", "log.txt"]
        {
            assert!(!is_model(other), "{other}");
        }
    }
}
