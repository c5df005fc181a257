//! `fairledger import`

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::engine::{Error, ImportWanted, Imported, Ledger, count};

use super::bar::with_bar;
use super::bundle;
use super::exit::Exit;
use super::output::{self, line, note};

/// Of many lines about what has no counterpart, so many are printed; --json prints all.
const LINES: usize = 20;

/// Bring what another ledger or another tracker recorded into this one
#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(subcommand)]
    source: Source,
}

#[derive(Debug, Subcommand)]
enum Source {
    Bundle(bundle::Import),
    Mlflow(Mlflow),
}

/// Read an MLflow store, a database or a folder of files: experiments, runs, params, every metric point, tags, notes,
/// artifacts and logged models
///
/// The store is only read. A run keeps its times, tags and the id MLflow gave it; what the ledger has no place for is kept
/// in its artifact mlflow.json. Importing again adds what is new.
#[derive(Debug, Args)]
struct Mlflow {
    /// mlflow.db, an mlruns folder, or the folder that holds one of them
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// Read everything, write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Import {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        match &self.source {
            Source::Bundle(bundle) => bundle.execute(ledger),
            Source::Mlflow(mlflow) => mlflow.execute(ledger),
        }
    }
}

impl Mlflow {
    fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let wanted = ImportWanted { dry_run: self.dry_run };
        let imported = with_bar(|progress| ledger.import_mlflow(&self.path, wanted, progress))?;
        for refused in &imported.refused {
            note(format!("not brought: {refused}"));
        }
        if self.json {
            output::json(&imported);
        } else {
            print(&imported, self.dry_run);
        }
        Ok(if imported.refused.is_empty() { Exit::Done } else { Exit::Error })
    }
}

fn print(imported: &Imported, dry_run: bool) {
    let Imported { runs, held, finished, failed, interrupted, deleted, .. } = imported;
    let what = if dry_run { "would be brought" } else { "brought" };
    line(format!(
        "{} in {} {what}: {finished} finished, {failed} failed, {interrupted} interrupted; {deleted} of them in the trash",
        count(*runs, "run"),
        count(imported.experiments, "experiment"),
    ));
    if *held > 0 {
        line(format!("{} held already", count(*held, "run")));
    }
    let numbers = [
        (imported.params, "param"),
        (imported.points, "metric point"),
        (imported.tags, "tag"),
        (imported.notes, "note"),
        (imported.artifacts, "artifact"),
        (imported.models, "registered model"),
        (imported.versions, "version"),
    ];
    line(numbers.map(|(number, noun)| count(number, noun)).join(", "));
    if !imported.left.is_empty() {
        line("without a counterpart here:");
        imported.left.iter().take(LINES).for_each(|left| line(format!("  {left}")));
        if let Some(more) = imported.left.len().checked_sub(LINES).filter(|more| *more > 0) {
            line(format!("  and {more} more; --json names all"));
        }
    }
    line("next: fairledger list, or fairledger report --open");
}
