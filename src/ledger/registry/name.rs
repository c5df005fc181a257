//! How people name models, versions and aliases.

use super::error::RegistryError;
use crate::ledger::layout;

/// A model as people write it: `house`, `house@champion`, `house/3`, `house/1f0c…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The model.
    pub name: String,
    /// Which of its versions.
    pub pick: Pick,
}

/// Which version is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The newest one that is not deleted.
    Newest,
    /// The one an alias points at.
    Alias(String),
    /// A number, or the beginning of a version's digits.
    Version(String),
}

impl Reference {
    /// Reads a reference; every text is one.
    pub fn parse(text: &str) -> Self {
        let parts = |sign| {
            text.rsplit_once(sign)
                .map(|(name, rest): (&str, &str)| (name.to_owned(), rest.to_owned()))
        };
        if let Some((name, alias)) = parts('@') {
            return Self { name, pick: Pick::Alias(alias) };
        }
        match parts('/') {
            Some((name, version)) => Self { name, pick: Pick::Version(version) },
            None => Self { name: text.to_owned(), pick: Pick::Newest },
        }
    }
}

/// Checks the name of a model, which is that of a folder on every system.
///
/// # Errors
/// When it has a character that a reference gives a meaning, or that some system refuses.
pub fn check_name(name: &str) -> Result<(), RegistryError> {
    let is_plain = !name.contains(['/', '\\', '@', '=', ':']) && !name.starts_with(['.', '-', '#']);
    if is_plain && name.trim() == name && layout::check_portable([name]).is_ok() {
        Ok(())
    } else {
        Err(RegistryError::BadName(name.to_owned()))
    }
}

/// Checks an alias: letters, digits, hyphens and underscores, not only digits.
///
/// # Errors
/// When it is none.
pub fn check_alias(alias: &str) -> Result<(), RegistryError> {
    let is_plain = alias.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    let is_number = alias.chars().all(|c| c.is_ascii_digit());
    if is_plain && !is_number { Ok(()) } else { Err(RegistryError::BadAlias(alias.to_owned())) }
}
