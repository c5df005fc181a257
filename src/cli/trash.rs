//! `fairledger delete`, `restore`, `purge` and `gc`

use std::collections::BTreeMap;
use std::io::{IsTerminal, stdin};

use clap::Args;
use serde_json::json;

use crate::engine::{Error, Kept, Ledger, ListOf, Purged, count, find_among};
use crate::ledger::annotation::AnnotationKind;
use crate::ledger::number::bytes_for_people;
use crate::ledger::view::RunView;

use super::exit::Exit;
use super::output::{self, Align, line, note};

/// Move runs to the trash: they are hidden, and nothing is removed
#[derive(Debug, Args)]
pub(super) struct Delete {
    /// The runs
    #[arg(value_name = "RUN", required_unless_present = "filter")]
    runs: Vec<String>,
    /// The runs that meet a filter such as `status = failed and started < 30d`
    #[arg(long, value_name = "FILTER", conflicts_with = "runs")]
    filter: Option<String>,
    /// Only say which runs
    #[arg(long)]
    dry_run: bool,
}

impl Delete {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let (found, listing);
        let mut runs: Vec<&RunView> = match &self.filter {
            None => {
                let meant = self.runs.iter().map(|name| ledger.run_meant(name));
                found = ledger.find_runs(&meant.collect::<Result<Vec<_>, _>>()?)?;
                found.iter().collect()
            }
            Some(filter) => {
                let words = [filter.clone()];
                listing = ledger.list(ListOf { words: &words, ..ListOf::default() })?;
                listing.runs()
            }
        };
        runs.sort_by_key(|run| run.id);
        runs.dedup_by_key(|run| run.id);
        for run in &runs {
            line(format!("{} ({}) in {}", run.label, run.short, run.experiment));
        }
        if self.dry_run || runs.is_empty() {
            line(format!("{} would be deleted", count(runs.len(), "run")));
            return Ok(Exit::Done);
        }
        ledger.annotate_all(&runs, &AnnotationKind::Delete)?;
        line(format!(
            "deleted {}; the files stay until `fairledger purge`",
            count(runs.len(), "run")
        ));
        line(format!("next: fairledger restore {} undoes it", runs[0].short));
        Ok(Exit::Done)
    }
}

/// Take runs out of the trash; without names list what is in it
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The runs
    #[arg(value_name = "RUN")]
    runs: Vec<String>,
    /// Print what is in the trash as JSON
    #[arg(long, conflicts_with = "runs")]
    json: bool,
}

impl Restore {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let trash = ledger.trash()?;
        if self.runs.is_empty() {
            self.list(&trash);
            return Ok(Exit::Done);
        }
        let found = self.runs.iter().map(|name| find_among(&trash, &ledger.run_meant(name)?));
        let runs = found.collect::<Result<Vec<_>, _>>()?;
        ledger.annotate_all(&runs, &AnnotationKind::Restore)?;
        for run in &runs {
            line(format!("restored {} ({})", run.label, run.short));
        }
        line(format!("next: fairledger show {}", runs[0].short));
        Ok(Exit::Done)
    }

    fn list(&self, trash: &[RunView]) {
        if self.json {
            output::json(&trash.iter().map(super::list::row_json).collect::<Vec<_>>());
        } else if trash.is_empty() {
            line("The trash is empty.");
        } else {
            table(trash);
            line("next: fairledger restore RUN, or fairledger purge");
        }
    }
}

fn table(runs: &[RunView]) {
    let columns =
        ["run", "label", "experiment", "status", "started"].map(|name| (name, Align::Left));
    let row = |run: &RunView| {
        let (label, experiment) = (run.label.clone(), run.experiment.clone());
        let status = run.status.word().to_owned();
        vec![run.short.clone(), label, experiment, status, run.started.minute()]
    };
    output::table(&columns, runs.iter().map(row).collect());
}

/// Remove the runs in the trash from the disk, for good
#[derive(Debug, Args)]
pub(super) struct Purge {
    /// Only these runs of the trash
    #[arg(value_name = "RUN")]
    runs: Vec<String>,
    /// Only say what would be freed
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Purge {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let purged = ledger.purgeable(&self.runs)?;
        if purged.runs.is_empty() && !self.json {
            line("The trash is empty.");
            return Ok(Exit::Done);
        }
        if !self.json {
            table(&purged.runs);
        }
        if self.dry_run {
            self.tell(&purged, purged.bytes, "would be freed");
            return Ok(Exit::Done);
        }
        if !(self.yes || asked(purged.runs.len())) {
            note("nothing was removed");
            if !stdin().is_terminal() {
                note("  hint: --yes removes them without asking");
            }
            return Ok(Exit::Error);
        }
        let freed = ledger.purge(&purged)?;
        self.tell(&purged, freed, "freed");
        Ok(Exit::Done)
    }

    fn tell(&self, purged: &Purged, bytes: u64, how: &str) {
        let (files, history) = purged.in_history;
        if self.json {
            let runs: Vec<_> = purged.runs.iter().map(|run| run.id).collect();
            output::json(&json!({
                "runs": runs,
                "directories": purged.directories,
                "bytes": bytes,
                "removed": !self.dry_run,
                "history": { "files": files, "bytes": history },
            }));
            return;
        }
        let attempts = count(purged.directories.len(), "attempt");
        line(format!("{attempts}: {} {how}", bytes_for_people(bytes)));
        if files > 0 {
            let held = format!("{} of {}", bytes_for_people(history), count(files, "file"));
            line(format!("the git history still holds {held}, before compression"));
        }
    }
}

/// Asks a person whether to go on; nobody at a terminal means no.
fn asked(runs: usize) -> bool {
    if !stdin().is_terminal() {
        return false;
    }
    note(format!("Remove {} for good? Type yes:", count(runs, "run")));
    let mut answer = String::new();
    stdin().read_line(&mut answer).is_ok() && answer.trim() == "yes"
}

/// Explain why each thing in the ledger is kept, and what it takes; removes nothing
#[derive(Debug, Args)]
pub(super) struct Gc {
    /// Required, for nothing else is there: `fairledger purge` removes
    #[arg(long, required = true)]
    dry_run: bool,
    /// Give each attempt a line of its own
    #[arg(long)]
    each: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Gc {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let kept = ledger.kept()?;
        if self.json {
            output::json(&kept);
        } else if self.each {
            each(&kept);
        } else {
            sums(&kept);
        }
        Ok(Exit::Done)
    }
}

fn each(kept: &[Kept]) {
    let columns = [
        ("path", Align::Left),
        ("size", Align::Right),
        ("kept", Align::Left),
        ("why", Align::Left),
        ("detail", Align::Left),
    ];
    let row = |it: &Kept| {
        let (size, yes) = (bytes_for_people(it.bytes), if it.kept { "yes" } else { "no" });
        vec![it.path.clone(), size, yes.to_owned(), it.why.clone(), it.detail.clone()]
    };
    output::table(&columns, kept.iter().map(row).collect());
}

fn sums(kept: &[Kept]) {
    let mut sums: BTreeMap<(bool, &str), (usize, u64)> = BTreeMap::new();
    for it in kept {
        let sum = sums.entry((!it.kept, &it.why)).or_default();
        *sum = (sum.0 + 1, sum.1 + it.bytes);
    }
    let columns = [
        ("number", Align::Right),
        ("size", Align::Right),
        ("kept", Align::Left),
        ("why", Align::Left),
    ];
    let row = |((goes, why), (number, bytes)): (&(bool, &str), &(usize, u64))| {
        let yes = if *goes { "no" } else { "yes" };
        vec![number.to_string(), bytes_for_people(*bytes), yes.to_owned(), (*why).to_owned()]
    };
    output::table(&columns, sums.iter().map(row).collect());
    line("next: fairledger gc --dry-run --each, or fairledger purge --dry-run");
}
