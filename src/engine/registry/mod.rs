//! Registered models: from their files to what is shown and used, and the changes people make.

mod change;
mod register;
mod view;

pub use register::Registration;

use std::collections::BTreeMap;

use crate::ledger::id::RunId;
use crate::ledger::layout;
use crate::ledger::problem::nearest;
use crate::ledger::registry::{
    Model, ModelConfig, Pick, Reference, Registered, RegistryError, Version, VersionId, fold,
};
use crate::ledger::schema;
use crate::ledger::source::Source;
use crate::ledger::time::Timestamp;
use crate::ledger::view::RunView;
use crate::store::ModelFiles;

use super::error::Error;
use super::ledger::Ledger;

/// The largest model file in bytes that git carries once it is registered.
pub(super) const MAX_MODEL: u64 = 50 << 20;

/// A model with its files.
pub(super) struct Known {
    pub(super) name: String,
    pub(super) files: ModelFiles,
    pub(super) config: ModelConfig,
    pub(super) model: Model,
}

/// A version with the number it has and what it pins.
pub(super) struct Found {
    pub(super) model: String,
    pub(super) registered: Registered,
    pub(super) version: Version,
}

impl Found {
    /// `house/3`
    pub(super) fn name(&self) -> String {
        format!("{}/{}", self.model, self.registered.number)
    }
}

impl Known {
    /// The versions that are not deleted and can be read, with what they pin.
    fn live(&self) -> impl Iterator<Item = (&Registered, &Version)> {
        let live = self.model.versions.iter().filter(|it| it.deleted.is_none());
        live.filter_map(|it| Some((it, self.version(&it.id).ok()?)))
    }

    /// What a version pins.
    pub(super) fn version(&self, id: &VersionId) -> Result<&Version, Error> {
        let found = self.files.versions.iter().find(|(known, _)| known == id);
        if let Some((_, version)) = found {
            return Ok(version);
        }
        let path = format!("{}/{id}.toml", layout::model(&self.name));
        let unreadable = self.files.unreadable.iter().find(|(file, _)| *file == path);
        let what = unreadable.map_or_else(|| "is missing".to_owned(), |(_, what)| what.clone());
        Err(crate::store::StoreError::Damaged { file: path, what }.into())
    }
}

impl Ledger {
    /// Reads a model; `until` leaves out what happened later.
    pub(super) fn known_model(
        &self,
        name: &str,
        until: Option<Timestamp>,
    ) -> Result<Option<Known>, Error> {
        let is_known = self.store.model_names()?.iter().any(|known| known == name);
        is_known.then(|| self.read_model(name, until)).transpose()
    }

    /// Reads every model, deleted ones among them.
    pub(super) fn every_model(&self) -> Result<Vec<Known>, Error> {
        self.store.model_names()?.iter().map(|name| self.read_model(name, None)).collect()
    }

    /// Reads a model that is there.
    fn read_model(&self, name: &str, until: Option<Timestamp>) -> Result<Known, Error> {
        let files = self.store.model_files(name)?;
        let file = format!("{}/{}", layout::model(name), layout::MODEL);
        // What a person wrote wrong there is said by `model show`; the versions do not suffer from it.
        let source = Source::parse(&file, &files.config).ok();
        let config = source.and_then(|source| schema::read::<ModelConfig>(&source).value);
        let happened = files.events.iter();
        let happened = happened.filter(|event| until.is_none_or(|until| event.time <= until));
        let model = fold(happened);
        Ok(Known { name: name.to_owned(), config: config.unwrap_or_default(), model, files })
    }

    /// Reads a model that must be there.
    pub(super) fn the_model(&self, name: &str) -> Result<Known, Error> {
        if let Some(known) = self.known_model(name, None)? {
            return Ok(known);
        }
        let names = self.store.model_names()?;
        let near = nearest(name, names.iter().map(String::as_str)).map(str::to_owned);
        Err(RegistryError::NoModel { name: name.to_owned(), near }.into())
    }

    /// The version that a text means, to be used; `None` when it names no registered model.
    pub(super) fn version_named(&self, text: &str) -> Result<Option<Found>, Error> {
        let reference = Reference::parse(text);
        let Some(known) = self.known_model(&reference.name, None)? else { return Ok(None) };
        if known.model.deleted.is_some() && reference.pick == Pick::Newest {
            // The name is free for runs again.
            return Ok(None);
        }
        let registered = known.model.usable(&reference)?.clone();
        let version = known.version(&registered.id)?.clone();
        Ok(Some(Found { model: reference.name, registered, version }))
    }

    /// What names the run that a text means: the id of a registered model's version, else the text.
    pub fn run_meant(&self, text: &str) -> Result<String, Error> {
        let found = self.version_named(text)?;
        Ok(found.map_or_else(|| text.to_owned(), |found| found.version.run.to_string()))
    }

    /// The run that a text means: that of a registered model's version, or of an id or a label.
    pub fn find_run(&self, text: &str) -> Result<RunView, Error> {
        match self.version_named(text)? {
            Some(found) => self.run_named(&found.version.run.to_string()),
            None => self.run_named(text).map_err(|error| self.or_no_model(text, error)),
        }
    }

    /// What is said of a text that fits nothing: one with an alias can only have been meant as a model.
    pub(super) fn or_no_model(&self, text: &str, error: Error) -> Error {
        let reference = Reference::parse(text);
        match (&error, &reference.pick) {
            (Error::NoRun(_) | Error::NoRunOrFile(_), Pick::Alias(_)) => {
                self.the_model(&reference.name).err().unwrap_or(error)
            }
            _ => error,
        }
    }

    /// The runs that versions pin, deleted ones left out, each with such a version.
    pub(super) fn registered_runs(&self) -> Result<BTreeMap<RunId, String>, Error> {
        let mut runs = BTreeMap::new();
        for known in self.every_model()? {
            let named = |(registered, pinned): (&Registered, &Version)| {
                (pinned.run, format!("{}/{}", known.name, registered.number))
            };
            runs.extend(known.live().map(named));
        }
        Ok(runs)
    }

    /// The files of versions that are not deleted, which git carries up to 50 MiB though they are larger
    /// than it carries else; by path in the ledger.
    pub(super) fn registered_files(&self) -> Result<Vec<String>, Error> {
        let max_file = self.config.snapshot.max_file;
        let mut files = Vec::new();
        for known in self.every_model()? {
            let pinned = known.live().map(|(_, pinned)| pinned);
            let own = pinned.filter(|it| it.file.size > max_file && it.file.size <= MAX_MODEL);
            files.extend(own.map(Version::file_path));
        }
        files.retain(|path| self.root().join(path).exists());
        files.sort_unstable();
        files.dedup();
        Ok(files)
    }
}
