//! What is shown of registered models.

use crate::ledger::registry::card;
use crate::ledger::registry::{
    Model, ModelView, MoveView, Reference, Registered, Tie, Version, VersionId, VersionView,
};
use crate::ledger::time::Timestamp;
use crate::ledger::value::json;
use crate::ledger::view::FileState;

use super::super::error::Error;
use super::super::ledger::Ledger;
use super::Known;

impl Ledger {
    /// Every registered model by name, deleted ones among them.
    pub fn registered_models(&self) -> Result<Vec<ModelView>, Error> {
        Ok(self.every_model()?.iter().map(|known| self.model_view(known)).collect())
    }

    /// One registered model, as it was at some time.
    pub fn registered_model(
        &self,
        name: &str,
        until: Option<Timestamp>,
    ) -> Result<ModelView, Error> {
        match self.known_model(name, until)? {
            Some(known) => Ok(self.model_view(&known)),
            None => Err(self.the_model(name).err().unwrap_or_else(|| Error::NoRun(name.into()))),
        }
    }

    /// The number of the version that a reference means, deleted or not.
    pub fn version_number(&self, reference: &Reference) -> Result<u64, Error> {
        let known = self.the_model(&reference.name)?;
        Ok(known.model.find(reference)?.number)
    }

    /// The model card of the version a text means.
    pub fn model_card(&self, text: &str) -> Result<String, Error> {
        match self.version_named(text)? {
            Some(found) => Ok(card(&found.version, &found.registered.id)),
            None => Err(self
                .the_model(&Reference::parse(text).name)
                .err()
                .unwrap_or_else(|| Error::NoRun(text.to_owned()))),
        }
    }

    fn model_view(&self, known: &Known) -> ModelView {
        let Known { name, config, model, files } = known;
        let mut tags = config.tags.clone();
        tags.extend(model.tags.clone());
        tags.retain(|_, value| !value.is_empty());
        let mut unreadable: Vec<String> =
            files.unreadable.iter().map(|(path, what)| format!("{path} {what}")).collect();
        let mut versions = Vec::new();
        for registered in &model.versions {
            match known.version(&registered.id) {
                Ok(version) => versions.push(self.version_view(model, registered, version)),
                Err(error) => unreadable.push(error.to_string()),
            }
        }
        unreadable.sort_unstable();
        unreadable.dedup();
        ModelView {
            name: name.clone(),
            description: model.description.clone().unwrap_or_else(|| config.description.clone()),
            tags,
            deleted: model.deleted,
            aliases: model
                .aliases
                .iter()
                .filter_map(|(alias, id)| Some((alias.clone(), model.version(id)?.number)))
                .collect(),
            versions,
            history: moves(model),
            merged: merged(model),
            unreadable,
        }
    }

    fn version_view(
        &self,
        model: &Model,
        registered: &Registered,
        version: &Version,
    ) -> VersionView {
        let params = version.params.iter();
        VersionView {
            number: registered.number,
            version: registered.id.to_string(),
            registered: registered.time,
            deleted: registered.deleted,
            aliases: model.aliases_of(&registered.id),
            description: registered.description.clone(),
            tags: registered.tags.clone(),
            run: version.run,
            short: version.run.short(),
            attempt: version.attempt,
            directory: version.directory(),
            experiment: version.experiment.clone(),
            label: version.label.clone(),
            trainer: version.trainer.clone(),
            task: version.task.clone(),
            features: version.features.clone(),
            target: version.target.clone(),
            params: params.map(|(name, value)| (name.clone(), json(value))).collect(),
            metrics: version.metrics.clone(),
            data_digest: version.data_digest,
            data: version.data.clone(),
            profile: version.profile.is_some(),
            file: version.file.clone(),
            state: self.state_of(version),
        }
    }

    /// Whether the file of a version is here; one whose attempt is gone counts as damaged.
    fn state_of(&self, version: &Version) -> FileState {
        let Ok(Some(entry)) = self.store.entry(&version.directory()) else {
            return FileState::Damaged;
        };
        let states = entry.manifest.files.iter().zip(self.store.file_states(&entry));
        let mut own = states.filter(|(file, _)| {
            file.path == version.file.path && file.blake3 == version.file.blake3
        });
        own.next().map_or(FileState::Damaged, |(_, state)| state)
    }
}

fn moves(model: &Model) -> Vec<MoveView> {
    let number = |id: &VersionId| model.version(id).map(|version| version.number);
    let view = |moved: &crate::ledger::registry::Move| MoveView {
        time: moved.time,
        alias: moved.alias.clone(),
        version: moved.to.as_ref().and_then(number),
        back: moved.back,
    };
    model.moves.iter().map(view).collect()
}

/// What a merge of clones left open or changed.
fn merged(model: &Model) -> Vec<String> {
    let version = |id: &Option<VersionId>| {
        let known = id.as_ref().map(|id| (id, model.version(id)));
        match known {
            None => "nothing".to_owned(),
            Some((_, Some(version))) => format!("version {}", version.number),
            Some((id, None)) => format!("version {id}, which is not here"),
        }
    };
    let tie = |tie: &Tie| {
        let (counts, other) = (version(&tie.counts), version(&tie.other));
        format!(
            "@{} was moved in two copies: to {counts}, which counts for it was the later ({}), and to {other}; \
             `fairledger model alias` settles it",
            tie.alias,
            tie.time.minute()
        )
    };
    let renumbered = |version: &&Registered| version.said != version.number;
    let renumber = |version: &Registered| {
        format!("version {} was registered as {} in another copy", version.number, version.said)
    };
    let ties = model.ties.iter().map(tie);
    ties.chain(model.versions.iter().filter(renumbered).map(renumber)).collect()
}
