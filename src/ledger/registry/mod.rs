//! The registry: named models, their versions, and the aliases that point at versions.
//!
//! A version is a file that pins a run's model; its name is the digest of its text, so that two clones
//! that make the same version make the same file. Everything that changes is an event in a journal, as
//! annotations are: when and by whom a version was registered, descriptions, tags, aliases, deletions.
//! Readers fold the events of all writers by (time, id). A version's number is its place in that order,
//! deleted versions counted, so that a deletion never renumbers the others.

mod card;
mod config;
mod error;
mod event;
mod fold;
mod name;
mod rules;
mod version;
mod view;

#[cfg(test)]
mod tests;

pub use card::card;
pub use config::ModelConfig;
pub use error::RegistryError;
pub use event::{Event, EventKind};
pub use fold::{Model, Move, Registered, Tie, fold};
pub use name::{Pick, Reference, check_alias, check_name};
pub use version::{PinnedFile, Version, VersionId};
pub use view::{ModelView, MoveView, VersionView};
