//! The files of registered models.

use std::fs;

use crate::ledger::digest::Digest;
use crate::ledger::layout::{self, AttemptPath, MODEL, MODELS};
use crate::ledger::registry::{Event, ModelConfig, Version, VersionId};

use super::entry::Entry;
use super::error::{StoreError, found};
use super::file;
use super::open::Store;
use super::verify::Verification;

/// The files of a registered model, as far as they can be read.
#[derive(Debug, Default)]
pub struct ModelFiles {
    /// The text of `model.toml`; empty when there is none.
    pub config: String,
    /// The versions by name.
    pub versions: Vec<(VersionId, Version)>,
    /// The events of all writers, in the order they are folded.
    pub events: Vec<Event>,
    /// Versions that cannot be read: the file's path in the ledger and what is wrong.
    pub unreadable: Vec<(String, String)>,
}

impl Store {
    /// The names of the registered models, sorted.
    pub fn model_names(&self) -> Result<Vec<String>, StoreError> {
        let mut names = file::list_folders(&self.path(MODELS))?;
        names.retain(|name| self.path(&layout::model(name)).join(MODEL).is_file());
        Ok(names)
    }

    /// Reads what the ledger holds of a model.
    pub fn model_files(&self, name: &str) -> Result<ModelFiles, StoreError> {
        let folder = layout::model(name);
        let config = self.read_text(format!("{folder}/{MODEL}"))?;
        let mut files = ModelFiles { config, ..ModelFiles::default() };
        files.events = self.read_journals(&layout::model_events(name))?;
        for (file, kind) in file::list(&self.path(&folder))? {
            let id = file.strip_suffix(".toml").and_then(|stem| stem.parse::<VersionId>().ok());
            let Some(id) = id.filter(|_| kind.is_file()) else { continue };
            match self.version(&format!("{folder}/{file}"), &id) {
                Ok(version) => files.versions.push((id, version)),
                Err(what) => files.unreadable.push((format!("{folder}/{file}"), what)),
            }
        }
        Ok(files)
    }

    /// Reads a version and checks that its file is what its name says.
    fn version(&self, path: &str, id: &VersionId) -> Result<Version, String> {
        let text = self.read_text(path).map_err(|error| error.to_string())?;
        if VersionId::of(&text) != *id {
            return Err("was changed: its digest is not its name".into());
        }
        Version::from_text(&text).map_err(|error| error.to_string())
    }

    /// The profile of a version's training data.
    ///
    /// # Errors
    /// When it is not there, or not what the version pins.
    pub fn profile_text(
        &self,
        name: &str,
        id: &VersionId,
        sealed: Digest,
    ) -> Result<String, StoreError> {
        let path = format!("{}/{id}.profile.json", layout::model(name));
        let text = self.read_text(&path)?;
        if Digest::of(text.as_bytes()) == sealed {
            Ok(text)
        } else {
            Err(StoreError::Damaged { file: path, what: "was changed after it was written".into() })
        }
    }

    /// Writes the files of a version, those that are not there yet, the version itself last.
    pub fn write_version(
        &self,
        name: &str,
        (id, text): (&VersionId, &str),
        card: &str,
        profile: Option<&str>,
    ) -> Result<(), StoreError> {
        layout::check_portable([name])?;
        let folder = self.path(&layout::model(name));
        let _lock = self.lock()?;
        file::create_folder(&folder)?;
        let mut files = vec![(MODEL.to_owned(), ModelConfig::new_text(name))];
        files.extend(profile.map(|text| (format!("{id}.profile.json"), text.to_owned())));
        files.push((format!("{id}.md"), card.to_owned()));
        files.push((format!("{id}.toml"), text.to_owned()));
        for (file, text) in files {
            let path = folder.join(&file);
            if file == MODEL && path.exists() {
                continue;
            }
            file::replace(&path, &folder.join(format!(".{file}.new")), text.as_bytes())?;
        }
        file::sync_folder(&folder)
    }

    /// Appends events of a model to this clone's own file and syncs it.
    pub fn append_events(&self, name: &str, events: &[Event]) -> Result<(), StoreError> {
        self.append_journal(&layout::model_events(name), events).map(drop)
    }

    /// Checks that every version is what its name says, and that the file it pins is what was sealed.
    pub(super) fn verify_models(&self, verification: &mut Verification) -> Result<(), StoreError> {
        for name in self.model_names()? {
            let folder = layout::model(&name);
            self.verify_journals::<Event>(&layout::model_events(&name), "event", verification)?;
            let files = self.model_files(&name)?;
            for (path, what) in &files.unreadable {
                verification.fault(&folder, path.rsplit('/').next().unwrap_or(path), what);
            }
            for (id, version) in &files.versions {
                verification.files += 1;
                if let Some(what) = self.wrong_with(version) {
                    verification.fault(&folder, &format!("{id}.toml"), what);
                }
                let profile = version.profile.map(|it| self.profile_text(&name, id, it));
                if let Some(Err(error)) = profile {
                    verification.fault(&folder, &format!("{id}.profile.json"), error.to_string());
                }
            }
        }
        Ok(())
    }

    /// What is wrong with the attempt that a version pins; what is wrong with its files is said of those.
    fn wrong_with(&self, version: &Version) -> Option<String> {
        let (experiment, run) = (version.experiment.clone(), version.run);
        let place = AttemptPath { experiment, run, attempt: version.attempt };
        let folder = self.path(&place.directory());
        if !matches!(found(fs::symlink_metadata(&folder)), Ok(Some(_))) {
            return Some(format!("pins {place}, which is not in this copy of the ledger"));
        }
        let entry = Entry::read(&folder, &place).ok()?;
        let file = entry.manifest.file(&version.file.path);
        let same = file.is_some_and(|file| file.blake3 == version.file.blake3);
        (!same).then(|| format!("pins another {} than {place} holds", version.file.path))
    }
}
