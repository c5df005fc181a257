//! What the registry refuses, each with its cure.

/// Why a model, a version or an alias is not to be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// No model has this name.
    #[error("no registered model is called '{name}'")]
    NoModel {
        /// What was written.
        name: String,
        /// The nearest name.
        near: Option<String>,
    },
    /// The model was deleted.
    #[error("the model '{0}' is deleted")]
    Deleted(String),
    /// The model has no such version.
    #[error("'{name}' has no version {what}; it has {versions}")]
    NoVersion {
        /// The model.
        name: String,
        /// What was written.
        what: String,
        /// How many it has.
        versions: usize,
    },
    /// Several versions have digits that begin so.
    #[error("several versions of '{name}' begin with {what}")]
    Ambiguous {
        /// The model.
        name: String,
        /// What was written.
        what: String,
    },
    /// The version was deleted.
    #[error("version {number} of '{name}' is deleted")]
    DeletedVersion {
        /// The model.
        name: String,
        /// Its number.
        number: u64,
    },
    /// The model has no version that is not deleted.
    #[error("'{0}' has no version")]
    Empty(String),
    /// The model has no such alias.
    #[error("'{name}' has no alias '{alias}'{}", if known.is_empty() { String::new() } else { format!("; it has {}", known.join(", ")) })]
    NoAlias {
        /// The model.
        name: String,
        /// What was written.
        alias: String,
        /// The aliases it has.
        known: Vec<String>,
    },
    /// An alias was to go back, and there is nothing before.
    #[error("'{name}@{alias}' has pointed at nothing else before")]
    NothingBefore {
        /// The model.
        name: String,
        /// The alias.
        alias: String,
    },
    /// What was to be deleted has aliases.
    #[error("{what} is not deleted: {} still there", pointing(aliases))]
    Pointed {
        /// What was to be deleted.
        what: String,
        /// The aliases that point there.
        aliases: Vec<String>,
    },
    /// A run was to be removed that a version needs.
    #[error("'{label}' is registered as {version}, which needs its files")]
    Pinned {
        /// The run.
        label: String,
        /// The version.
        version: String,
    },
    /// An alias was to be named by `NAME@alias`.
    #[error("'{0}' names no alias; write NAME@alias")]
    NotAnAlias(String),
    /// A name that no folder may have everywhere, or that references give a meaning.
    #[error("'{0}' cannot be the name of a model: use letters, digits, '-', '_' and '.'")]
    BadName(String),
    /// Not the name of an alias.
    #[error("'{0}' cannot be an alias: use letters, digits, '-' and '_', not digits alone")]
    BadAlias(String),
}

fn pointing(aliases: &[String]) -> String {
    let verb = if aliases.len() == 1 { "points" } else { "point" };
    let aliases: Vec<String> = aliases.iter().map(|alias| format!("@{alias}")).collect();
    format!("{} {verb}", aliases.join(", "))
}

impl RegistryError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NoModel { near: Some(near), .. } => format!("did you mean '{near}'?"),
            Self::NoModel { .. } => {
                "`fairledger model list` shows them; `fairledger model register NAME RUN` adds one"
                    .into()
            }
            Self::Deleted(name) => format!("`fairledger model restore {name}` shows it again"),
            Self::DeletedVersion { name, number } => {
                format!("`fairledger model restore {name}/{number}` shows it again")
            }
            Self::Pointed { .. } => {
                "move the alias, or take it away with `fairledger model alias NAME@alias --remove`"
                    .into()
            }
            Self::Pinned { version, .. } => {
                format!("`fairledger model delete {version}` comes first")
            }
            Self::NoVersion { name, .. }
            | Self::NoAlias { name, .. }
            | Self::Ambiguous { name, .. } => {
                format!("`fairledger model show {name}` lists versions and aliases")
            }
            _ => return None,
        })
    }
}
