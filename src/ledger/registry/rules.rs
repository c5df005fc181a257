//! What may be done with a model, and which version a reference means.

use super::error::RegistryError;
use super::event::EventKind;
use super::fold::{Model, Registered};
use super::name::{Pick, Reference, check_alias};
use super::version::VersionId;

impl Model {
    /// The version a reference means, be it deleted or not.
    ///
    /// # Errors
    /// When the model has no such version or alias.
    pub fn find(&self, reference: &Reference) -> Result<&Registered, RegistryError> {
        let name = &reference.name;
        match &reference.pick {
            Pick::Newest => {
                let newest = self.versions.iter().rev().find(|version| version.deleted.is_none());
                newest.ok_or_else(|| RegistryError::Empty(name.clone()))
            }
            Pick::Alias(alias) => {
                let id = self.aliases.get(alias).and_then(|id| self.version(id));
                id.ok_or_else(|| RegistryError::NoAlias {
                    name: name.clone(),
                    alias: alias.clone(),
                    known: self.aliases.keys().cloned().collect(),
                })
            }
            Pick::Version(what) => self.numbered(name, what),
        }
    }

    fn numbered(&self, name: &str, what: &str) -> Result<&Registered, RegistryError> {
        let versions = self.versions.len();
        let none =
            || RegistryError::NoVersion { name: name.to_owned(), what: what.to_owned(), versions };
        let by_number = what.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        if let Some(version) = by_number.and_then(|at| self.versions.get(at)) {
            return Ok(version);
        }
        let begins =
            |version: &&Registered| what.len() >= 4 && version.id.as_str().starts_with(what);
        let mut found = self.versions.iter().filter(begins);
        match (found.next(), found.next()) {
            (Some(version), None) => Ok(version),
            (None, _) => Err(none()),
            _ => Err(RegistryError::Ambiguous { name: name.to_owned(), what: what.to_owned() }),
        }
    }

    /// The version a reference means, for use: neither it nor its model is deleted.
    ///
    /// # Errors
    /// As [`Model::find`], and when it is deleted.
    pub fn usable(&self, reference: &Reference) -> Result<&Registered, RegistryError> {
        if self.deleted.is_some() {
            return Err(RegistryError::Deleted(reference.name.clone()));
        }
        let version = self.find(reference)?;
        if version.deleted.is_some() {
            let (name, number) = (reference.name.clone(), version.number);
            return Err(RegistryError::DeletedVersion { name, number });
        }
        Ok(version)
    }

    /// The event that points an alias at a version.
    ///
    /// # Errors
    /// When it is no alias.
    pub fn point_at(&self, alias: &str, version: &VersionId) -> Result<EventKind, RegistryError> {
        check_alias(alias)?;
        Ok(self.moved(alias, Some(version.clone()), false))
    }

    /// The event that takes an alias away.
    ///
    /// # Errors
    /// When the model has no such alias.
    pub fn take_away(&self, name: &str, alias: &str) -> Result<EventKind, RegistryError> {
        let reference = Reference { name: name.to_owned(), pick: Pick::Alias(alias.to_owned()) };
        self.find(&reference)?;
        Ok(self.moved(alias, None, false))
    }

    /// The event that points an alias where it pointed before.
    ///
    /// # Errors
    /// When it pointed nowhere else before, or that version is deleted.
    pub fn go_back(&self, name: &str, alias: &str) -> Result<EventKind, RegistryError> {
        let nothing =
            || RegistryError::NothingBefore { name: name.to_owned(), alias: alias.to_owned() };
        let id = self.before(alias).ok_or_else(nothing)?;
        let version = self.version(id).ok_or_else(nothing)?;
        if version.deleted.is_some() {
            let (name, number) = (name.to_owned(), version.number);
            return Err(RegistryError::DeletedVersion { name, number });
        }
        Ok(self.moved(alias, Some(id.clone()), true))
    }

    fn moved(&self, alias: &str, version: Option<VersionId>, back: bool) -> EventKind {
        let was = self.aliases.get(alias).cloned();
        EventKind::Alias { alias: alias.to_owned(), version, was, back }
    }

    /// The event that hides a version, or the model where none is named.
    ///
    /// # Errors
    /// While an alias points there.
    pub fn delete(
        &self,
        name: &str,
        version: Option<&VersionId>,
    ) -> Result<EventKind, RegistryError> {
        let (what, aliases) = match version.and_then(|id| self.version(id)) {
            None => (format!("the model '{name}'"), self.aliases.keys().cloned().collect()),
            Some(version) => {
                (format!("version {} of '{name}'", version.number), self.aliases_of(&version.id))
            }
        };
        if aliases.is_empty() {
            Ok(EventKind::Delete { version: version.cloned() })
        } else {
            Err(RegistryError::Pointed { what, aliases })
        }
    }
}
