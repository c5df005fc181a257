//! `fairledger status`

use clap::Args;

use crate::engine::{
    AskedRun, Error, Ledger, Running, SnapshotStatus, SpecProgress, StatusReport, count,
};
use crate::ledger::estimate::{Basis, Estimate};
use crate::ledger::metric;
use crate::ledger::number;

use super::exit::Exit;
use super::output::{self, line};
use super::show::seconds;

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

/// How far a run under way is, some of its metrics, and what it still takes.
fn so_far(run: &Running) -> String {
    const SHOWN: usize = 4;
    let mut words = Vec::new();
    if let (Some(done), Some(total)) = (run.done, run.total) {
        words.push(format!("{done} of {total} done"));
    }
    let listed = run.metrics.iter().filter(|(name, _)| metric::is_listed(name));
    words.extend(
        listed.take(SHOWN).map(|(name, value)| format!("{name} {}", number::for_people(*value))),
    );
    words.extend(run.step.filter(|step| *step > 0).map(|step| format!("step {step}")));
    words.extend(run.estimate.map(estimated));
    words.into_iter().fold(String::new(), |all, word| all + ", " + &word)
}

/// An estimate, and what it goes by.
fn estimated(estimate: Estimate) -> String {
    let left = seconds(estimate.seconds);
    match estimate.by {
        Basis::Pace => format!("about {left} left at this pace"),
        Basis::Earlier { runs } if estimate.seconds > 0.0 => {
            format!("about {left} left by {}", count(runs, "earlier run"))
        }
        Basis::Earlier { runs } => format!("longer than {} took", count(runs, "earlier run")),
    }
}

/// How far a spec is whose runs are under way.
fn so_far_of_spec(spec: &SpecProgress) -> String {
    let mut words = vec![format!("{} of {} done", spec.done, spec.total)];
    for (number, what) in
        [(spec.failed, "failed"), (spec.running, "running"), (spec.queued, "queued")]
    {
        words.extend((number > 0).then(|| format!("{number} {what}")));
    }
    if spec.following > 0 {
        words.push(format!("up to {} may follow", spec.following));
    }
    words.extend(spec.estimate.map(estimated));
    words.join(", ")
}

/// Some of the runs of one kind, a line each, and how many more there are.
fn listed<T>(kind: &str, runs: &[T], words: impl Fn(&T) -> String) {
    const SHOWN: usize = 20;
    for run in runs.iter().take(SHOWN) {
        line(format!("{kind}: {}", words(run)));
    }
    if runs.len() > SHOWN {
        line(format!("{kind}: and {} more; --json names them all", runs.len() - SHOWN));
    }
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
        let (since, so_far) = (run.started.minute(), so_far(run));
        line(format!("running: {} ({}) since {since}{so_far}", run.label, run.run));
    }
    for spec in status.progress.iter().filter(|spec| spec.total > 1) {
        line(format!("  {}: {}", spec.spec, so_far_of_spec(spec)));
    }
    let asked = |run: &AskedRun| format!("{} ({}) of {}", run.label, run.run, run.spec);
    listed("queued", &status.queued, asked);
    listed("missing", &status.missing, asked);
    listed("failed", &status.failures, |run| {
        format!("{} ({}) of {}: {}", run.label, run.run, run.spec, run.cause)
    });
    listed("deleted", &status.deleted, asked);
    super::run::deleted(status.deleted.len());
    super::run::pending(&status.waiting);
    alerts(status);
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
    line(if !status.faults.is_empty() {
        "next: fairledger verify".to_owned()
    } else if !status.missing.is_empty() {
        "next: fairledger run".to_owned()
    } else if let Some(failed) = status.failures.first() {
        format!("next: fairledger log {}", failed.run)
    } else {
        "next: fairledger list".to_owned()
    });
}

/// Alerts that nobody was told of: their command waits to be approved, or did not take them.
fn alerts(status: &StatusReport) {
    for monitor in &status.unapproved {
        let alerts = count(monitor.alerts, "alert");
        line(format!("pending: {}, {alerts} to tell: {}", monitor.path, monitor.doubt));
        line(format!("  fairledger approve {}", monitor.path));
    }
    for alert in &status.untold {
        line(format!("not told: {} of monitor {}: {}", alert.alert, alert.monitor, alert.cause));
    }
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
