//! `fairledger status`

use clap::Args;

use crate::engine::{Error, Ledger, Running, SnapshotStatus, StatusReport, count};
use crate::ledger::metric;
use crate::ledger::number;

use super::exit::Exit;
use super::output::{self, line};

/// Show what runs, what is missing, and how the ledger stands
#[derive(Debug, Args)]
pub(super) struct Status {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Status {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let status = ledger.status()?;
        if self.json {
            output::json(&status);
            return Ok(Exit::Done);
        }
        show(&status);
        output::mistakes(&status.details);
        Ok(Exit::Done)
    }
}

/// The metrics of a run under way, some of many, and how far it is.
fn so_far(run: &Running) -> String {
    const SHOWN: usize = 4;
    let listed = run.metrics.iter().filter(|(name, _)| metric::is_listed(name));
    let mut words: Vec<String> = listed
        .take(SHOWN)
        .map(|(name, value)| format!("{name} {}", number::for_people(*value)))
        .collect();
    words.extend(run.step.filter(|step| *step > 0).map(|step| format!("step {step}")));
    if words.is_empty() { String::new() } else { format!(", {}", words.join(", ")) }
}

fn show(status: &StatusReport) {
    line(format!("{} in {}", status.title, status.folder));
    line(if status.watched { "a daemon watches it" } else { "no daemon watches it" });
    let trash =
        if status.trash > 0 { format!(", {} in the trash", status.trash) } else { String::new() };
    line(format!(
        "{}: {} finished, {} failed, {} interrupted{trash}",
        count(status.experiments, "experiment"),
        status.finished,
        status.failed,
        status.interrupted
    ));
    for run in &status.running {
        let so_far = so_far(run);
        line(format!(
            "running: {} ({}) since {}{so_far}",
            run.label,
            run.run,
            run.started.minute()
        ));
    }
    for run in &status.missing {
        line(format!("missing: {} ({}) of {}", run.label, run.run, run.spec));
    }
    for run in &status.deleted {
        line(format!("deleted: {} ({}) of {}", run.label, run.run, run.spec));
    }
    super::run::deleted(status.deleted.len());
    super::run::pending(&status.waiting);
    if status.following > 0 {
        line(format!("up to {} more may follow, chosen by the results", status.following));
    }
    for fault in &status.faults {
        line(format!("damaged: {fault}"));
    }
    line(snapshots(&status.snapshot));
    for obstacle in &status.snapshot.obstacles {
        line(format!("  to the ref instead of the branch: {obstacle}"));
    }
    if let Some(error) = &status.snapshot.error {
        line(format!("  {error}"));
    }
    if !status.mistakes.is_empty() {
        line(format!("{} in the specs:", count(status.mistakes.len(), "mistake")));
    }
    line(match (status.missing.is_empty(), status.faults.is_empty()) {
        (_, false) => "next: fairledger verify",
        (false, _) => "next: fairledger run",
        _ => "next: fairledger list",
    });
}

fn snapshots(snapshot: &SnapshotStatus) -> String {
    let last = match (&snapshot.place, &snapshot.commit) {
        (Some(place), Some(commit)) => {
            format!(", last on {place} as {}", &commit[..commit.len().min(10)])
        }
        _ => ", none yet".into(),
    };
    match snapshot.mode.as_str() {
        "undecided" => "snapshots: undecided; write mode = \"branch\", \"ref\" or \"off\" under \
                        [snapshot] in ledger.toml"
            .into(),
        "off" => "snapshots: off".into(),
        mode if !snapshot.repository => {
            format!("snapshots: {mode}, but there is no git repository")
        }
        mode => format!("snapshots: {mode}{last}"),
    }
}
