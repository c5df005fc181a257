//! Making a version of a run's model.

use std::collections::BTreeMap;

use crate::ledger::attempt::FORMAT;
use crate::ledger::digest::Digest;
use crate::ledger::drift::Profile;
use crate::ledger::journal::RecordId;
use crate::ledger::layout::ARTIFACTS;
use crate::ledger::manifest::ManifestFile;
use crate::ledger::registry::{
    Event, EventKind, Model, PinnedFile, Version, VersionId, card, check_name,
};
use crate::ledger::view::RunView;
use crate::store::{Entry, random};
use crate::train;

use super::super::asked::Asked;
use super::super::error::Error;
use super::super::execute::{Stopped, read_data};
use super::super::ledger::Ledger;
use super::super::snapshot::Taken;
use super::super::surroundings::now;
use super::MAX_MODEL;

/// What became of a registration.
#[derive(Debug)]
pub struct Registration {
    /// The model.
    pub name: String,
    /// The version's number.
    pub number: u64,
    /// The version.
    pub version: VersionId,
    /// Whether it is new; registering the same file again adds nothing.
    pub is_new: bool,
    /// Why there is no profile of the training data.
    pub no_profile: Option<String>,
    /// Whether the file is larger than git carries.
    pub too_large: bool,
    /// The model file's path in the ledger.
    pub file: String,
    /// The snapshot.
    pub snapshot: Taken,
}

/// A new event, written now.
pub(super) fn event(kind: EventKind) -> Event {
    let time = now();
    Event { id: RecordId::new(time.milliseconds(), random()), time, kind }
}

impl Ledger {
    /// Makes the model file of a run a version of a registered model. Its bytes are read and compared
    /// with their manifest.
    ///
    /// # Errors
    /// When the name cannot be one, the run has no such file, or it is damaged or absent.
    pub fn register(
        &self,
        name: &str,
        run: &RunView,
        file: Option<&str>,
        said: &dyn Fn(&VersionId) -> Vec<EventKind>,
    ) -> Result<Registration, Error> {
        check_name(name)?;
        let (entry, file) = self.model_file_of(run, file)?;
        self.store.read_file(&entry, &file.path)?;
        let profile = self.training_profile(&entry, &run.label);
        let known = self.known_model(name, None)?;
        let versions = known.as_ref().map_or(&[][..], |known| &known.files.versions);
        let (profile_text, no_profile) = match profile {
            Ok(profile) => (serde_json::to_string(&profile).ok().map(|text| text + "\n"), None),
            Err(error) => (None, Some(error.to_string())),
        };
        let version = self.pin(name, &run.label, &entry, file, profile_text.as_deref())?;
        let same = versions.iter().find(|(_, other)| {
            // Without the data at hand, a version that has a profile is no worse.
            version.is_of_same_file(other)
                && (version.profile.is_none() || version.profile == other.profile)
        });
        let model = known.as_ref().map(|known| &known.model);
        let (id, is_new) = match same {
            Some((id, _)) => (id.clone(), false),
            None => (self.write_version(name, &version, profile_text.as_deref())?, true),
        };
        let (number, events) = announcement(model, &id, said(&id));
        if !events.is_empty() {
            self.store.append_events(name, &events)?;
        }
        self.bring_site()?.1?;
        Ok(Registration {
            name: name.to_owned(),
            number,
            version: id,
            is_new,
            no_profile: no_profile.filter(|_| version.profile.is_none() && is_new),
            too_large: version.file.size > MAX_MODEL,
            file: version.file_path(),
            snapshot: self.take_snapshot(),
        })
    }

    /// Writes a version with its card; gives its name.
    pub(in super::super) fn write_version(
        &self,
        name: &str,
        version: &Version,
        profile: Option<&str>,
    ) -> Result<VersionId, Error> {
        let text = version.to_text().map_err(|error| {
            crate::store::StoreError::Request(format!("a version cannot be written: {error}"))
        })?;
        let id = VersionId::of(&text);
        self.store.write_version(name, (&id, &text), &card(version, &id), profile)?;
        Ok(id)
    }

    /// A version of a model: a file of an attempt, and what is known of it.
    pub(in super::super) fn pin(
        &self,
        name: &str,
        label: &str,
        entry: &Entry,
        file: ManifestFile,
        profile: Option<&str>,
    ) -> Result<Version, Error> {
        let no_request = || Error::NoModel {
            label: label.to_owned(),
            cause: "its request is of a kind that this version does not know".into(),
        };
        let asked = Asked::of(&entry.request).ok_or_else(no_request)?;
        let task = train::models().iter().find(|model| model.name == asked.trainer);
        let ManifestFile { path, size, blake3, sha256 } = file;
        Ok(Version {
            format: FORMAT,
            name: name.to_owned(),
            run: entry.attempt.run,
            attempt: entry.attempt.attempt,
            experiment: entry.experiment.clone(),
            label: label.to_owned(),
            task: task.map(|model| model.task.word().to_owned()).unwrap_or_default(),
            trainer: asked.trainer,
            trainer_version: asked.version,
            features: asked.features,
            target: asked.target,
            data_digest: asked.data,
            licence: self.config.licence.clone(),
            authors: self.config.authors.iter().map(|author| author.name.clone()).collect(),
            profile: profile.map(|text| Digest::of(text.as_bytes())),
            file: PinnedFile { path, size, blake3, sha256 },
            data: entry.attempt.data.clone(),
            params: asked.params,
            metrics: entry.attempt.metrics.clone(),
            other: toml::Table::new(),
        })
    }

    /// The profile of the data an attempt was trained on, or why there is none.
    fn training_profile(&self, entry: &Entry, label: &str) -> Result<Profile, Error> {
        let request = entry.request.to_built_in();
        let request = request.map_err(|_| Error::NotReproducible {
            label: label.to_owned(),
            cause: "a command made it, and only it knows what its training rows were".into(),
        })?;
        let path = self.find_data(entry, &request, label)?;
        let loaded = read_data(self, &path, &train::wanted(&request)).map_err(|stopped| {
            let cause = match stopped {
                Stopped::Failed(cause) => cause,
                Stopped::Cancelled => "cancelled".to_owned(),
            };
            Error::NotReproducible { label: label.to_owned(), cause }
        })?;
        Ok(train::training_profile(&request, &loaded.table)?)
    }

    /// The artifact of a run that is its model: the named one, or the model file that a trainer left.
    fn model_file_of(
        &self,
        run: &RunView,
        named: Option<&str>,
    ) -> Result<(std::sync::Arc<Entry>, ManifestFile), Error> {
        let Some(named) = named else { return self.model_entry(run) };
        let none = |cause: String| Error::NoModel { label: run.label.clone(), cause };
        let entry = self.entry(run.id, &run.directory)?;
        let entry = entry.ok_or_else(|| none("its folder is gone".into()))?;
        let named = named.strip_prefix(ARTIFACTS).unwrap_or(named).trim_start_matches('/');
        let file = entry.manifest.file(&format!("{ARTIFACTS}/{named}")).cloned();
        let file = file.ok_or_else(|| none(format!("it left no file {named}")))?;
        Ok((entry, file))
    }
}

/// The number of a version, and the events that are missing: its registration, and what is said of it.
fn announcement(model: Option<&Model>, id: &VersionId, said: Vec<EventKind>) -> (u64, Vec<Event>) {
    let known = model.and_then(|model| model.version(id));
    let next = model.map_or(0, |model| model.versions.len()) as u64 + 1;
    let number = known.map_or(next, |version| version.number);
    let mut kinds = Vec::new();
    if known.is_none() {
        kinds.push(EventKind::Register { version: id.clone(), number });
    } else if known.is_some_and(|version| version.deleted.is_some()) {
        kinds.push(EventKind::Restore { version: Some(id.clone()) });
    }
    if model.is_some_and(|model| model.deleted.is_some()) {
        kinds.push(EventKind::Restore { version: None });
    }
    kinds.extend(said);
    (number, kinds.into_iter().map(event).collect())
}

/// The tags that a person gives as a map, as events.
pub(super) fn tags(version: Option<&VersionId>, tags: &BTreeMap<String, String>) -> Vec<EventKind> {
    let one = |(key, value): (&String, &String)| EventKind::Tag {
        version: version.cloned(),
        key: key.clone(),
        value: value.clone(),
    };
    tags.iter().map(one).collect()
}
