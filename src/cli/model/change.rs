//! `fairledger model describe`, `tag`, `alias`, `rollback`, `delete` and `restore`

use std::collections::BTreeMap;

use clap::Args;

use crate::engine::{Error, Ledger};

use super::super::annotate::key_value;
use super::super::exit::Exit;
use super::super::output::{line, note};

/// Describe a model, or one of its versions
#[derive(Debug, Args)]
pub(super) struct Describe {
    /// NAME, or NAME/3 or NAME@alias for one version
    model: String,
    /// The description, Markdown; an empty one removes it
    #[arg(required = true)]
    text: Vec<String>,
}

impl Describe {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let what = ledger.describe_model(&self.model, &self.text.join(" "))?;
        line(format!("described {what}"));
        Ok(Exit::Done)
    }
}

/// Put tags on a model, or on one of its versions; an empty value removes one
#[derive(Debug, Args)]
pub(super) struct Tag {
    /// NAME, or NAME/3 or NAME@alias for one version
    model: String,
    /// Tags as key=value
    #[arg(required = true, value_name = "KEY=VALUE", value_parser = key_value)]
    tags: Vec<(String, String)>,
}

impl Tag {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let tags: BTreeMap<String, String> = self.tags.iter().cloned().collect();
        let what = ledger.tag_model(&self.model, &tags)?;
        line(format!("tagged {what}"));
        Ok(Exit::Done)
    }
}

/// Point an alias at a version
#[derive(Debug, Args)]
pub(super) struct Alias {
    /// The alias, as NAME@champion
    #[arg(value_name = "NAME@ALIAS")]
    name: String,
    /// The version: its number, the beginning of its digits, or another alias such as @challenger
    #[arg(required_unless_present = "remove")]
    version: Option<String>,
    /// Take the alias away
    #[arg(long, conflicts_with = "version")]
    remove: bool,
}

impl Alias {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        if let Some(version) = &self.version {
            let number = ledger.point_alias(&self.name, version)?;
            line(format!("{} is version {number}", self.name));
            line(format!("next: fairledger predict {} --input FILE", self.name));
        } else {
            ledger.remove_alias(&self.name)?;
            line(format!("{} is taken away", self.name));
        }
        Ok(Exit::Done)
    }
}

/// Point an alias where it pointed before
///
/// Given again, it goes back one step further.
#[derive(Debug, Args)]
pub(super) struct Rollback {
    /// The alias, as NAME@champion
    #[arg(value_name = "NAME@ALIAS")]
    alias: String,
}

impl Rollback {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let number = ledger.roll_back(&self.alias)?;
        line(format!("{} is version {number} again", self.alias));
        Ok(Exit::Done)
    }
}

/// Hide a model or a version; refused while an alias points there
///
/// As with runs, nothing is removed: `restore` shows it again, and the numbers of other versions stay.
#[derive(Debug, Args)]
pub(super) struct Delete {
    /// NAME, or NAME/3 for one version
    model: String,
}

impl Delete {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let what = ledger.delete_model(&self.model)?;
        line(format!("deleted {what}; its files stay"));
        line(format!("next: fairledger model restore {} undoes it", self.model));
        Ok(Exit::Done)
    }
}

/// Show a deleted model or version again
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// NAME, or NAME/3 for one version
    model: String,
}

impl Restore {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let what = ledger.restore_model(&self.model)?;
        note(format!("restored {what}"));
        Ok(Exit::Done)
    }
}
