//! Changes of registered models: descriptions, tags, aliases, deletions.

use std::collections::BTreeMap;

use crate::ledger::registry::{
    EventKind, Pick, Reference, Registered, RegistryError, VersionId, check_alias,
};

use super::super::error::Error;
use super::super::ledger::Ledger;
use super::Known;
use super::register::{event, tags};

/// What was meant, in words such as `version 3 of 'house'`, and the version unless it is the model.
type Meant = (String, Option<VersionId>);

impl Ledger {
    /// Describes a model, or the version that is named.
    pub fn describe_model(&self, text: &str, description: &str) -> Result<String, Error> {
        let (known, (what, version)) = self.meant(text)?;
        let text = description.to_owned();
        self.happen(&known, vec![EventKind::Describe { version, text }])?;
        Ok(what)
    }

    /// Puts tags on a model, or on the version that is named; an empty value removes one.
    pub fn tag_model(
        &self,
        text: &str,
        values: &BTreeMap<String, String>,
    ) -> Result<String, Error> {
        let (known, (what, version)) = self.meant(text)?;
        self.happen(&known, tags(version.as_ref(), values))?;
        Ok(what)
    }

    /// Points an alias, `NAME@alias`, at a version of the same model; gives the version's number.
    pub fn point_alias(&self, text: &str, version: &str) -> Result<u64, Error> {
        let (name, alias) = alias_of(text)?;
        let known = self.the_model(&name)?;
        // As in `house@champion 3`; `house@champion house/3` says the same.
        let version = version.strip_prefix(&format!("{name}/")).unwrap_or(version);
        let pick = match version.strip_prefix('@') {
            Some(alias) => Pick::Alias(alias.to_owned()),
            None => Pick::Version(version.to_owned()),
        };
        let found = known.model.usable(&Reference { name, pick })?.clone();
        // What cannot be loaded must not become what is used.
        known.version(&found.id)?;
        self.happen(&known, vec![known.model.point_at(&alias, &found.id)?])?;
        Ok(found.number)
    }

    /// Takes an alias away.
    pub fn remove_alias(&self, text: &str) -> Result<(), Error> {
        let (name, alias) = alias_of(text)?;
        let known = self.the_model(&name)?;
        self.happen(&known, vec![known.model.take_away(&name, &alias)?])
    }

    /// Points an alias where it pointed before; gives the number of that version.
    pub fn roll_back(&self, text: &str) -> Result<u64, Error> {
        let (name, alias) = alias_of(text)?;
        let known = self.the_model(&name)?;
        let kind = known.model.go_back(&name, &alias)?;
        let number = match &kind {
            EventKind::Alias { version: Some(id), .. } => known.model.version(id),
            _ => None,
        };
        let number = number.map_or(0, |version| version.number);
        self.happen(&known, vec![kind])?;
        Ok(number)
    }

    /// Hides a model or a version; no file is removed.
    pub fn delete_model(&self, text: &str) -> Result<String, Error> {
        let (known, (what, version)) = self.meant(text)?;
        let kind = known.model.delete(&known.name, version.as_ref())?;
        self.happen(&known, vec![kind])?;
        Ok(what)
    }

    /// Shows a hidden model or version again.
    pub fn restore_model(&self, text: &str) -> Result<String, Error> {
        let (known, (what, version)) = self.meant(text)?;
        self.happen(&known, vec![EventKind::Restore { version }])?;
        Ok(what)
    }

    /// The model or the version that a text means, deleted or not.
    fn meant(&self, text: &str) -> Result<(Known, Meant), Error> {
        let reference = Reference::parse(text);
        let known = self.the_model(&reference.name)?;
        let meant = if reference.pick == Pick::Newest {
            (format!("the model '{}'", known.name), None)
        } else {
            let Registered { number, id, .. } = known.model.find(&reference)?;
            (format!("version {number} of '{}'", known.name), Some(id.clone()))
        };
        Ok((known, meant))
    }

    /// Writes events, and brings the site and the snapshot along.
    fn happen(&self, known: &Known, kinds: Vec<EventKind>) -> Result<(), Error> {
        let events: Vec<_> = kinds.into_iter().map(event).collect();
        self.store.append_events(&known.name, &events)?;
        self.bring_site()?.1?;
        self.take_snapshot();
        Ok(())
    }
}

/// Model and alias of `NAME@alias`.
fn alias_of(text: &str) -> Result<(String, String), RegistryError> {
    match Reference::parse(text) {
        Reference { name, pick: Pick::Alias(alias) } => {
            check_alias(&alias)?;
            Ok((name, alias))
        }
        _ => Err(RegistryError::NotAnAlias(text.to_owned())),
    }
}
