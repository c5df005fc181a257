//! `fairledger model`: the registry of models.

mod change;
mod history;
mod register;
mod show;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::engine::{Error, Ledger};

use super::exit::Exit;
use super::output;

const AFTER: &str = "\
NAME is the newest version of a model, NAME@champion the one an alias points at, NAME/3 the one of a
number. They work wherever a run's model does: fairledger predict house@champion --input new.csv

Numbers follow the time of registration. A version itself is a file named by its own digest, so that
two clones that register models merge without conflict; aliases point at versions, not at numbers.";

/// Register models: named, with versions, aliases and a history
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(super) struct Model {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Register(register::Register),
    List(show::List),
    Show(show::Show),
    Card(Card),
    Describe(change::Describe),
    Tag(change::Tag),
    Alias(change::Alias),
    Rollback(change::Rollback),
    History(history::History),
    Delete(change::Delete),
    Restore(change::Restore),
}

impl Model {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        match &self.what {
            What::Register(register) => register.execute(ledger),
            What::List(list) => list.execute(ledger),
            What::Show(show) => show.execute(ledger),
            What::Card(card) => card.execute(ledger),
            What::Describe(describe) => describe.execute(ledger),
            What::Tag(tag) => tag.execute(ledger),
            What::Alias(alias) => alias.execute(ledger),
            What::Rollback(rollback) => rollback.execute(ledger),
            What::History(history) => history.execute(ledger),
            What::Delete(delete) => delete.execute(ledger),
            What::Restore(restore) => restore.execute(ledger),
        }
    }
}

/// Print the model card of a version: Markdown with the front matter of the Hugging Face Hub
///
/// It lies beside the version, too: models/NAME/VERSION.md
#[derive(Debug, Args)]
struct Card {
    /// The version: NAME, NAME@alias or NAME/3
    model: String,
    /// Write it into this file, such as README.md
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Card {
    fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let card = ledger.model_card(&self.model)?;
        match &self.output {
            Some(path) => {
                crate::store::write_outside(path, card.as_bytes())?;
                output::line(format!("{}", path.display()));
            }
            None => output::bytes(card.as_bytes()),
        }
        Ok(Exit::Done)
    }
}
