//! `fairledger export bundle` and `fairledger import bundle`

use std::path::PathBuf;

use clap::Args;

use crate::engine::{BroughtBundle, Error, Ledger, count};

use super::bar::with_bar;
use super::exit::Exit;
use super::output::{self, line, note};

/// Write runs with all that belongs to them into one file, which another ledger imports
///
/// The file is a zip archive that any program opens; unpacked, it is a ledger with its site. Beside the runs it holds every
/// attempt of them with its files, tags and notes, the versions of registered models that pin them, the specs and other
/// files of their experiments, and their data. bundle.json lists the files with their digests.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// Only the runs of these experiments, or those that meet a filter such as `metrics.r2 > 0.8`
    #[arg(value_name = "FILTER")]
    filter: Vec<String>,
    /// The file to write, such as housing.zip
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// Bring what a bundle holds into the ledger, checking every digest before anything is placed
///
/// What is here already is left alone, so that importing again adds nothing. Tags and notes are merged. A spec that is here
/// stays as it is; commands that come along wait for approval.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// The bundle
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Read and check everything, place nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Export {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let made = ledger.export_bundle(&self.filter, &self.output)?;
        for left_out in &made.left_out {
            note(format!("left out: {left_out}"));
        }
        let versions = match made.versions {
            0 => String::new(),
            some => format!(" with {}", counted(some, "version of registered models")),
        };
        line(format!(
            "{} in {}{versions}, {}: {}",
            count(made.runs, "run"),
            count(made.attempts, "attempt"),
            count(made.files, "file"),
            made.path.display()
        ));
        Ok(if made.damaged { Exit::Damage } else { Exit::Done })
    }
}

impl Import {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let brought =
            with_bar(|progress| ledger.import_bundle(&self.file, self.dry_run, progress))?;
        if self.json {
            output::json(&brought);
        } else {
            self.print(&brought);
        }
        Ok(Exit::Done)
    }

    fn print(&self, brought: &BroughtBundle) {
        let what = if self.dry_run { "would be brought" } else { "brought" };
        let held = match brought.held {
            0 => String::new(),
            held => format!("; {} held already", count(held, "attempt")),
        };
        line(format!("{} {what}{held}", count(brought.attempts, "attempt")));
        let numbers = [
            (brought.annotations, "annotation"),
            (brought.versions, "version"),
            (brought.events, "event of models"),
            (brought.files.len(), "file"),
        ];
        let numbers = numbers.into_iter().filter(|(number, _)| *number > 0);
        let numbers: Vec<String> = numbers.map(|(number, noun)| counted(number, noun)).collect();
        if !numbers.is_empty() {
            line(numbers.join(", "));
        }
        let all = |sign: &str, lines: &[String]| {
            for what in lines {
                line(format!("{sign}: {what}"));
            }
        };
        all("no longer absent", &brought.filled);
        for (there, here) in &brought.renamed {
            line(format!("renamed: {there} is {here} here, where another file has its name"));
        }
        all("kept as it is here", &brought.kept);
        all("alias", &brought.aliases);
        for spec in &brought.pending {
            line(format!("pending: {spec}; fairledger approve {spec} shows what it would execute"));
        }
        if brought.is_nothing() {
            line("nothing new");
        } else if !self.dry_run {
            line("next: fairledger list, or fairledger report --open");
        }
    }
}

/// A number of things whose name may go on after its noun.
fn counted(number: usize, noun: &str) -> String {
    match noun.split_once(' ') {
        Some((noun, rest)) => format!("{} {rest}", count(number, noun)),
        None => count(number, noun),
    }
}
