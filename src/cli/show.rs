//! `fairledger show` and `fairledger log`

use std::collections::BTreeSet;

use clap::Args;

use crate::engine::{Error, Ledger};
use crate::ledger::exit::{self, CommandRecord};
use crate::ledger::metric::{self, Direction};
use crate::ledger::number;
use crate::ledger::view::{FileState, RunView};

use super::exit::Exit;
use super::output::{self, Align, line};

/// Show everything about a run
#[derive(Debug, Args)]
pub(super) struct Show {
    /// The run
    run: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let mut run = ledger.find_run(&self.run)?;
        ledger.complete(&mut run)?;
        let run = &run;
        if self.json {
            let mut shown = serde_json::to_value(run).unwrap_or_default();
            shown["imported"] = ledger.has_imported(run)?.into();
            shown["summaries"] = summaries_json(ledger, run)?;
            shown["swhid"] = serde_json::to_value(ledger.swhids(run)?).unwrap_or_default();
            output::json(&shown);
            return Ok(Exit::Done);
        }
        head(run);
        if ledger.has_imported(run)? {
            line("imported: executed by somebody else; fairledger run --own trains it here");
        }
        metrics(run);
        over_steps(ledger, run)?;
        replicates(run);
        pairs("params", run.params.iter().map(|(name, value)| (name.clone(), text(value))));
        provenance(run);
        pairs("tags", run.tags.iter().map(|(name, value)| (name.clone(), value.clone())));
        pairs("notes", run.notes.iter().map(|note| (note.time.minute(), note.text.clone())));
        files(run);
        line(format!("\nnext: fairledger log {0}, or fairledger why {0}", run.short));
        Ok(Exit::Done)
    }
}

fn head(run: &RunView) {
    line(format!("{} / {} ({})", run.experiment, run.label, run.short));
    let cause = run.cause.as_ref().map(|cause| format!(": {cause}")).unwrap_or_default();
    line(format!("{}{cause}, {}", run.status.word(), run.started.minute()));
    if !run.deterministic {
        line("not deterministic: attempts on one target gave different results");
    }
    if run.experiments.len() > 1 {
        line(format!("also in: {}", run.experiments.join(", ")));
    }
}

fn metrics(run: &RunView) {
    if run.metrics.is_empty() {
        return;
    }
    line("");
    let value = |name: &str| metric::for_people(&run.metrics, name).unwrap_or("—".into());
    let has_folds = run.metrics.keys().any(|name| name.starts_with("cv_"));
    let names = run.metrics.keys().filter(|name| metric::is_listed(name));
    let names: BTreeSet<&str> = names.map(|name| metric::base(name)).collect();
    let rows = names
        .into_iter()
        .map(|name| {
            let mut row = vec![name.to_owned(), value(name), value(&format!("train_{name}"))];
            if has_folds {
                row.push(value(&format!("cv_{name}")));
            }
            row.push(Direction::of(name).map_or("", better).to_owned());
            row
        })
        .collect();
    let mut columns =
        vec![("metric", Align::Left), ("test", Align::Right), ("train", Align::Right)];
    if has_folds {
        columns.push(("mean of folds ± deviation", Align::Right));
    }
    columns.push(("better", Align::Left));
    output::table(&columns, rows);
}

/// What the points of each metric come to.
fn summaries_json(ledger: &Ledger, run: &RunView) -> Result<serde_json::Value, Error> {
    let mut found = serde_json::Map::new();
    for (name, summary) in ledger.metric_summaries(&[run])?.into_iter().flatten() {
        let best = ledger.better(&run.experiment, &name).map(|better| summary.best_step(better));
        let mut value = serde_json::to_value(summary).unwrap_or_default();
        value["best_step"] = best.into();
        found.insert(name, value);
    }
    Ok(found.into())
}

/// What the metrics that were taken more than once come to.
fn over_steps(ledger: &Ledger, run: &RunView) -> Result<(), Error> {
    let mut rows = Vec::new();
    for (name, summary) in ledger.metric_summaries(&[run])?.into_iter().flatten() {
        if summary.points > 1 {
            let better = ledger.better(&run.experiment, &name);
            let best = better.map(|better| summary.best_step(better).to_string());
            let mut row = vec![name, summary.points.to_string()];
            let values = [summary.last, summary.min, summary.max, summary.mean];
            row.extend(values.map(number::for_people));
            row.push(best.unwrap_or("—".into()));
            rows.push(row);
        }
    }
    if !rows.is_empty() {
        line("");
        let numbers = ["points", "last", "min", "max", "mean", "best step"];
        let mut columns = vec![("over its steps", Align::Left)];
        columns.extend(numbers.map(|name| (name, Align::Right)));
        output::table(&columns, rows);
    }
    Ok(())
}

/// What the runs that differ in nothing but the seed tell together.
fn replicates(run: &RunView) {
    let Some(replicates) = &run.replicates else { return };
    let seeds: Vec<String> = replicates.seeds.iter().map(ToString::to_string).collect();
    line(format!(
        "\nreplicates: {} of {} finished, seeds {}",
        replicates.seeds.len(),
        replicates.runs,
        seeds.join(", ")
    ));
    let optional = |value: Option<f64>| value.map_or("—".into(), number::for_people);
    let rows = replicates
        .metrics
        .iter()
        .map(|(name, summary)| {
            vec![
                name.clone(),
                number::for_people(summary.mean),
                optional(summary.deviation),
                optional(summary.low),
                optional(summary.high),
            ]
        })
        .collect();
    let columns = [
        ("metric", Align::Left),
        ("mean", Align::Right),
        ("deviation", Align::Right),
        ("95 % from", Align::Right),
        ("to", Align::Right),
    ];
    output::table(&columns, rows);
}

fn provenance(run: &RunView) {
    let data = run.data.as_ref().map_or("—".into(), |data| {
        format!("{}, {} rows, blake3 {}", data.path, data.rows, data.blake3)
    });
    let git = run.git.as_ref().map_or("—".into(), |git| {
        format!("{}{}", git.commit, if git.dirty { " with changes" } else { "" })
    });
    let timings: Vec<String> =
        run.timings.iter().map(|(name, value)| format!("{name} {}", seconds(*value))).collect();
    let mut entries = match (&run.command, &run.tracker) {
        (Some(record), _) => command(run, record),
        (None, Some(tracker)) => {
            vec![("recorded by", format!("{}, as run {}", tracker.name, tracker.run))]
        }
        (None, None) => vec![
            ("trainer", format!("{} version {}", run.trainer, run.trainer_version)),
            ("seed", run.seed.to_string()),
            ("data", data),
            ("features", run.features.join(", ")),
            ("target", named(&run.target, "none")),
            ("split", named(&run.split, "none: all rows are training rows")),
        ],
    };
    if run.tracker.is_none() {
        entries.extend([
            ("time", timings.join(", ")),
            ("host", format!("{}, {}, {} cores", run.host.name, run.host.target, run.host.cores)),
            ("spec", spec_path(run)),
        ]);
    }
    entries.extend([
        ("git commit", git),
        ("directory", run.directory.clone()),
        ("attempts", run.attempts.len().to_string()),
    ]);
    pairs("provenance", entries.into_iter().map(|(name, value)| (name.to_owned(), value)));
}

/// The file that asked for a run.
fn spec_path(run: &RunView) -> String {
    if run.trainer == crate::ledger::monitor::TRAINER {
        return format!("monitors/{}", run.spec);
    }
    format!("experiments/{}/{}", run.experiment, run.spec)
}

/// What a command was, and how it ended.
fn command(run: &RunView, record: &CommandRecord) -> Vec<(&'static str, String)> {
    let mut entries = vec![
        ("command", record.line()),
        ("exit", record.exit.as_ref().map_or("not known".into(), exit::Exit::words)),
        ("seed", run.seed.to_string()),
    ];
    if let Some(bytes) = record.peak_memory {
        entries.push(("peak memory", number::bytes_for_people(bytes)));
    }
    if record.directory != "." {
        entries.push(("folder", record.directory.clone()));
    }
    let versions = run.versions.iter().filter(|(name, _)| *name != "fairledger");
    let versions: Vec<String> = versions.map(|(_, version)| version.clone()).collect();
    for (name, words) in [
        ("version", versions),
        ("passed, not recorded", record.env_pass.clone()),
        ("changed while it ran", record.changed.clone()),
    ] {
        if !words.is_empty() {
            entries.push((name, words.join(", ")));
        }
    }
    entries
}

/// A text, or what is said where there is none.
fn named(text: &str, instead: &str) -> String {
    if text.is_empty() { instead } else { text }.to_owned()
}

fn files(run: &RunView) {
    line("\nfiles");
    let rows = run
        .artifacts
        .iter()
        .map(|file| {
            let size = number::bytes_for_people(file.size);
            vec![file.path.clone(), size, file.state.word().into(), file.blake3.to_string()]
        })
        .collect();
    let columns = [
        ("path", Align::Left),
        ("size", Align::Right),
        ("state", Align::Left),
        ("blake3", Align::Left),
    ];
    output::table(&columns, rows);
    if run.artifacts.iter().any(|file| file.state == FileState::Absent) {
        line("absent: larger than git carries; copy it from where it was trained, or run --force");
    }
    if run.artifacts.iter().any(|file| file.state == FileState::Damaged) {
        line("damaged: fairledger run trains it again");
    }
}

/// Writes names and values under a heading, nothing when there are none.
pub(super) fn pairs(heading: &str, entries: impl Iterator<Item = (String, String)>) {
    let entries: Vec<_> = entries.collect();
    let width = entries.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    if !entries.is_empty() {
        line(format!("\n{heading}"));
    }
    for (name, value) in entries {
        let value = value.replace('\n', &format!("\n{:width$}  ", ""));
        line(format!("  {name:width$}  {value}"));
    }
}

/// A metric of a run: the mean over its replicates with their interval where it has some.
pub(super) fn measured(run: &RunView, metric: &str) -> String {
    let replicates = run.replicates.as_ref().and_then(|it| it.metrics.get(metric));
    if let Some(summary) = replicates.filter(|summary| summary.count > 1) {
        return format!("{} over {} seeds", summary.for_people(), summary.count);
    }
    run.metrics.get(metric).map_or("—".into(), |value| number::for_people(*value))
}

/// A JSON value as people write it, text without quotes.
pub(super) fn text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Which direction is better, in one word.
pub(super) fn better(direction: Direction) -> &'static str {
    match direction {
        Direction::Maximize => "higher",
        Direction::Minimize => "lower",
    }
}

/// A duration for people: milliseconds, seconds, or minutes.
pub(super) fn seconds(seconds: f64) -> String {
    if seconds < 1.0 {
        format!("{:.1} ms", seconds * 1e3)
    } else if seconds < 120.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{:.1} min", seconds / 60.0)
    }
}

/// Whether the files of a run are all here, in a word or two.
pub(super) fn files_in_words(run: &RunView) -> String {
    let named = |state: FileState| {
        let paths = run.artifacts.iter().filter(move |file| file.state == state);
        paths.map(|file| file.path.rsplit('/').next().unwrap_or(&file.path)).collect::<Vec<_>>()
    };
    let (absent, damaged) = (named(FileState::Absent), named(FileState::Damaged));
    match (absent.is_empty(), damaged.is_empty()) {
        (true, true) => "present".into(),
        (false, true) => format!("absent: {}", absent.join(", ")),
        _ => format!("damaged: {}", damaged.join(", ")),
    }
}

/// Print what a run's trainer printed, of a run under way what it printed so far
#[derive(Debug, Args)]
pub(super) struct Log {
    /// The run
    run: String,
}

impl Log {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        if let Some(text) = ledger.running_log(&self.run)? {
            line(text.trim_end());
            return Ok(Exit::Done);
        }
        let run = ledger.find_run(&self.run)?;
        match ledger.log(&run)? {
            Some(text) => line(text.trim_end()),
            None => output::note(format!("{} printed nothing", run.label)),
        }
        Ok(Exit::Done)
    }
}
