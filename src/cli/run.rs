//! `fairledger run`

use std::collections::BTreeSet;

use clap::Args;

use crate::engine::{
    Cancel, Done, Error, Execute, Ledger, Pass, PassOptions, Pending, RunResult, Shown, count,
};
use crate::ledger::attempt::Status;
use crate::ledger::exit::quoted;
use crate::ledger::goal;
use crate::ledger::id::RunId;
use crate::ledger::metric;

use super::exit::Exit;
use super::output::{self, Align, line};
use super::progress::Progress;
use super::push::in_words;

/// So many runs of an experiment have a line of their own; a sweep may ask for thousands.
const SHOWN: usize = 40;

/// Train what the specs ask for and the ledger does not hold
///
/// Then bring the site along and commit what is new. A second `run` trains nothing.
#[derive(Debug, Args)]
pub(super) struct Run {
    /// Specs or experiments; all when none is named
    #[arg(value_name = "SPEC")]
    specs: Vec<String>,
    /// Train again what the ledger holds
    #[arg(long)]
    force: bool,
    /// Train what only others trained, too
    #[arg(long)]
    own: bool,
    /// Runs at a time; default: the processors
    #[arg(short, long, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Run {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let cancel = Cancel::default();
        cancel.on_signals()?;
        let specs = ledger.select(&self.specs)?;
        let jobs = self.jobs.map(usize::from);
        let execute = Execute { own: self.own, ..Execute::new(jobs, self.force) };
        let named = ledger.named(&self.specs)?;
        let options = PassOptions { named, ..PassOptions::asked(execute) };
        let progress = Progress::new();
        let pass = ledger.pass(&specs, &options, &cancel, &|news| progress.tell(news))?;
        let seen = ledger.show_all()?;
        progress.finish();
        if self.json {
            output::json(&json(&pass, &seen, ledger));
        } else {
            show(&pass, &seen, ledger)?;
        }
        output::mistakes(&pass.mistakes);
        match &seen.site {
            Ok(site) => site.refused.iter().for_each(|it| output::note(format!("not used: {it}"))),
            Err(error) => drop(super::exit::show(error)),
        }
        let exit = match exit(&pass) {
            _ if cancel.is_cancelled() => Exit::Cancelled,
            Exit::Done if seen.site.is_err() => Exit::Error,
            exit => exit,
        };
        // The process ends here; to free the views of ten thousand runs one by one would take a while.
        std::mem::forget(seen);
        Ok(exit)
    }
}

/// The exit code of a pass that came to its end.
pub(super) fn exit(pass: &Pass) -> Exit {
    if !pass.mistakes.problems.is_empty() {
        Exit::Mistakes
    } else if pass.runs.iter().any(|done| !done.result.is_good()) {
        Exit::RunFailed
    } else {
        Exit::Done
    }
}

fn show(pass: &Pass, seen: &Shown, ledger: &Ledger) -> Result<(), Error> {
    if pass.runs.is_empty() {
        if pass.pending.is_empty() {
            line("No spec asks for a run.");
            line(
                "next: write experiments/<name>/<spec>.toml; `fairledger init DIR` has an example",
            );
        } else {
            pending(&pass.pending);
        }
        return Ok(());
    }
    let mut experiments: Vec<&str> =
        pass.runs.iter().map(|done| done.planned.experiment.as_str()).collect();
    experiments.dedup();
    let mut first: Option<String> = None;
    for name in experiments {
        let own: Vec<&Done> =
            pass.runs.iter().filter(|done| done.planned.experiment == name).collect();
        let experiment = crate::engine::find_experiment(&seen.view, name)?;
        let best = experiment.best;
        line(format!("{name}: {}, {}", count(own.len(), "run"), tally(&own)));
        let shown = shown(&own, best);
        table(&shown, best, ledger);
        if shown.len() < own.len() {
            line(format!("and {} more: fairledger list {name}", own.len() - shown.len()));
        }
        if let Some(run) = experiment.runs.iter().find(|run| Some(run.id) == best) {
            let goal = &experiment.goal;
            line(format!(
                "best: {} ({}), {} {} ({} is better)",
                run.label,
                run.short,
                goal.metric,
                super::show::measured(run, &goal.metric),
                super::show::better(goal.direction),
            ));
            first.get_or_insert(run.short.clone());
        }
        if let Some(words) = goal::without_value(experiment) {
            line(format!("no best: {words}"));
        }
        line("");
    }
    deleted(number(&pass.runs.iter().collect::<Vec<_>>(), is_deleted));
    pending(&pass.pending);
    if let Ok(site) = &seen.site {
        line(format!("site: {}", site.index.display()));
    }
    if let Some(words) = in_words(&seen.snapshot) {
        line(words);
    }
    match first {
        Some(run) => line(format!("next: fairledger report --open, or fairledger show {run}")),
        None => line("next: fairledger status"),
    }
    Ok(())
}

/// The specs whose commands wait to be approved, a line each with its cure.
pub(super) fn pending(pending: &[Pending]) {
    for Pending { spec, doubt, runs } in pending {
        let what = runs.map_or("its runs".to_owned(), |number| count(number, "run"));
        line(format!("pending: {}, {what}: {doubt}", spec.path()));
        line(format!("  look at it and let it run: fairledger approve {}", quoted(&spec.path())));
    }
}

/// What to do about runs that specs ask for and that are in the trash.
pub(super) fn deleted(runs: usize) {
    if runs > 0 {
        line(format!("in the trash: {} that specs ask for", count(runs, "run")));
        line("  fairledger restore brings back what was deleted, run --force trains it again");
    }
}

fn is_deleted(result: &RunResult) -> bool {
    matches!(result, RunResult::Deleted(_))
}

fn number(runs: &[&Done], of: impl Fn(&RunResult) -> bool) -> usize {
    runs.iter().filter(|done| of(&done.result)).count()
}

/// How many runs were trained, were held, are in the trash, and did not end as they should.
pub(super) fn tally(runs: &[&Done]) -> String {
    let number = |of: fn(&RunResult) -> bool| number(runs, of);
    let trained = number(|result| matches!(result, RunResult::Executed(_)) && result.is_good());
    let hits = number(|result| matches!(result, RunResult::Hit(_)));
    let deleted = number(is_deleted);
    let failed =
        number(|result| result.entry().is_some_and(|entry| entry.attempt.status == Status::Failed));
    let rest = runs.len() - trained - hits - deleted - failed;
    let mut words = vec![format!("{trained} trained, {hits} already in the ledger")];
    for (number, word) in [(deleted, "deleted"), (failed, "failed"), (rest, "not finished")] {
        if number > 0 {
            words.push(format!("{number} {word}"));
        }
    }
    words.join(", ")
}

/// The runs whose lines are printed: the first ones, the best, and as many that did not end well.
fn shown<'a>(runs: &[&'a Done], best: Option<RunId>) -> Vec<&'a Done> {
    let mut bad = 0;
    let tells = |(at, done): &(usize, &&Done)| {
        bad += usize::from(!done.result.is_good());
        let fails = !done.result.is_good() && bad <= SHOWN;
        *at < SHOWN || fails || best == Some(done.planned.request.id())
    };
    runs.iter().enumerate().filter(tells).map(|(_, done)| *done).collect()
}

fn table(runs: &[&Done], best: Option<RunId>, ledger: &Ledger) {
    let mut metrics: Vec<String> = Vec::new();
    for entry in runs.iter().filter_map(|done| done.result.entry()) {
        let own = entry.attempt.metrics.keys().filter(|name| metric::is_listed(name));
        metrics.extend(own.cloned());
    }
    let later = |name: &str| (!matches!(name, "r2" | "accuracy"), name.starts_with("cv_"));
    metrics.sort_by_key(|name| (later(name), name.clone()));
    metrics.dedup();
    let mut columns = vec![("", Align::Left), ("label", Align::Left), ("run", Align::Left)];
    // Replicates share a label, so their seeds tell them apart.
    let labels: BTreeSet<&str> = runs.iter().map(|done| done.planned.label.as_str()).collect();
    let seeds = labels.len() < runs.len();
    if seeds {
        columns.push(("seed", Align::Right));
    }
    columns.push(("result", Align::Left));
    columns.extend(metrics.iter().map(|name| (name.as_str(), Align::Right)));
    columns.push(("fit", Align::Right));
    let rows = runs.iter().map(|done| {
        let run = done.planned.request.id();
        let mark = if best == Some(run) { "*" } else { "" };
        let mut row = vec![mark.to_owned(), done.planned.label.clone(), run.short()];
        if seeds {
            let seed = done.planned.request.parts().get("seed");
            row.push(seed.map_or("—".into(), ToString::to_string));
        }
        row.push(result(&done.result, ledger));
        let attempt = done.result.entry().map(|entry| &entry.attempt);
        for name in &metrics {
            let value = attempt.and_then(|attempt| metric::for_people(&attempt.metrics, name));
            row.push(value.unwrap_or("—".into()));
        }
        let timings = attempt.map(|attempt| &attempt.timings);
        let fit = timings.and_then(|it| it.get("fit").or_else(|| it.get("command")));
        row.push(fit.map_or("—".into(), |fit| super::show::seconds(*fit)));
        row
    });
    output::table(&columns, rows.collect());
}

fn result(result: &RunResult, ledger: &Ledger) -> String {
    match result {
        RunResult::Hit(entry) if ledger.is_imported(&entry.attempt) => "hit, imported".into(),
        RunResult::Hit(_) => "hit".into(),
        RunResult::Deleted(_) => "deleted".into(),
        RunResult::Executed(entry) if entry.attempt.status == Status::Finished => "trained".into(),
        RunResult::Executed(entry) => entry.attempt.status.word().into(),
        RunResult::FailedBefore(entry) => format!("{} before", entry.attempt.status.word()),
        RunResult::Cancelled => "cancelled".into(),
        RunResult::Edited => "its spec was edited".into(),
        RunResult::Refused(cause) => format!("not done: {cause}"),
    }
}

/// A spec whose command waits to be approved.
pub(super) fn pending_json(pending: &Pending) -> serde_json::Value {
    serde_json::json!({
        "spec": pending.spec.path(),
        "runs": pending.runs,
        "because": pending.doubt.to_string(),
    })
}

fn json(pass: &Pass, seen: &Shown, ledger: &Ledger) -> serde_json::Value {
    let runs: Vec<_> = pass
        .runs
        .iter()
        .map(|done| {
            let attempt = done.result.entry().map(|entry| &entry.attempt);
            serde_json::json!({
                "id": done.planned.request.id(),
                "label": done.planned.label,
                "experiment": done.planned.experiment,
                "spec": done.planned.spec,
                "result": result(&done.result, ledger),
                "status": attempt.map(|attempt| attempt.status),
                "cause": attempt.and_then(|attempt| attempt.cause.clone()),
                "metrics": attempt.map(|attempt| super::list::metrics_json(&attempt.metrics)),
            })
        })
        .collect();
    serde_json::json!({
        "runs": runs,
        "pending": pass.pending.iter().map(pending_json).collect::<Vec<_>>(),
        "mistakes": pass.mistakes.problems,
        "site": seen.site.as_ref().ok().map(|site| &site.index),
        "snapshot": in_words(&seen.snapshot),
    })
}
