//! Lists of runs as a person reads them.

use std::fmt::Write as _;

use crate::engine::{Error, Ledger, Listing};
use crate::ledger::attempt::Status;
use crate::ledger::cell::{Cell, cells};
use crate::ledger::frame::Values;
use crate::ledger::id::RunId;
use crate::ledger::view::{ExperimentView, RunView};
use crate::ledger::{goal, metric};

use super::list::List;
use super::list_columns::Columns;
use super::output::{self, Align, visible};
use super::terminal::Tone;

/// The whole text of a list.
pub(super) fn text(
    ledger: &Ledger,
    mut listing: Listing,
    columns: &Columns,
    list: &List,
) -> Result<String, Error> {
    let mut text = String::new();
    match &mut listing {
        Listing::ByExperiment(experiments) => {
            for experiment in experiments.iter_mut().filter(|it| !it.runs.is_empty()) {
                let title = format!("{} ({})", experiment.title, experiment.name);
                let _ = writeln!(text, "{}", visible(&title));
                if columns.are_usual() {
                    for run in &mut experiment.runs {
                        ledger.complete(run)?;
                    }
                    text.push_str(&by_cell(experiment, list.each()));
                } else {
                    let runs: Vec<&RunView> = experiment.runs.iter().collect();
                    text.push_str(&by_run(ledger, &runs, columns, experiment.best)?);
                }
                if let Some(words) = goal::without_value(experiment) {
                    let _ = writeln!(text, "no best: {}", visible(&words));
                }
                text.push('\n');
            }
        }
        Listing::InOrder(runs) if !runs.is_empty() => {
            let runs: Vec<&RunView> = runs.iter().collect();
            text.push_str(&by_run(ledger, &runs, columns, None)?);
            text.push('\n');
        }
        Listing::InOrder(_) => {}
    }
    let close = match listing.runs().first() {
        Some(run) => format!("next: fairledger show {}\n", run.short),
        None if list.is_chosen() => none(ledger, list.words())?,
        None => "No runs yet.\nnext: fairledger run\n".into(),
    };
    Ok(text + &close)
}

/// What is said when no run meets a filter: what it asks for that no run has, most often a misspelt name.
fn none(ledger: &Ledger, words: &[String]) -> Result<String, Error> {
    let mut text = "No run meets this filter.\n".to_owned();
    for unknown in unknown(ledger, words)? {
        let _ = writeln!(text, "{}", visible(&unknown));
    }
    Ok(text + "next: fairledger list\n")
}

/// A line for each metric and param that a filter asks for and no run has, with what was nearly meant.
pub(super) fn unknown(ledger: &Ledger, words: &[String]) -> Result<Vec<String>, Error> {
    let line = |(name, near): (String, Option<String>)| {
        let near = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        format!("no run has {name}{near}")
    };
    Ok(ledger.unknown_names(words)?.into_iter().map(line).collect())
}

/// A line a run, with the columns that were chosen.
fn by_run(
    ledger: &Ledger,
    runs: &[&RunView],
    columns: &Columns,
    best: Option<RunId>,
) -> Result<String, Error> {
    let frame = columns.frame(ledger, runs)?;
    let heads = frame.columns.iter().map(|column| {
        let right = matches!(column.values, Values::Number(_) | Values::Integer(_));
        (column.name.as_str(), if right { Align::Right } else { Align::Left })
    });
    let heads: Vec<(&str, Align)> = heads.collect();
    let rows = (0..runs.len()).map(|row| {
        let cell = |column: &crate::ledger::frame::Column| match column.name.as_str() {
            // People are shown the digits they need to type.
            "run" => runs[row].short.clone(),
            _ => Some(column.for_people(row)).filter(|it| !it.is_empty()).unwrap_or("—".into()),
        };
        frame.columns.iter().map(cell).collect()
    });
    let tones = runs.iter().map(|run| tone([*run], best)).collect();
    Ok(output::render(&heads, rows.collect(), tones))
}

/// How a line about some runs stands out.
fn tone<'r>(runs: impl IntoIterator<Item = &'r RunView> + Clone, best: Option<RunId>) -> Tone {
    if runs.clone().into_iter().any(|run| Some(run.id) == best) {
        return Tone::Good;
    }
    let bad = runs.into_iter().all(|run| run.status != Status::Finished);
    if bad { Tone::Bad } else { Tone::Plain }
}

/// A line a cell, or a run, of one experiment.
fn by_cell(experiment: &ExperimentView, each: bool) -> String {
    let lines: Vec<Cell<'_>> = if each {
        experiment.runs.iter().map(Cell::alone).collect()
    } else {
        cells(&experiment.runs)
    };
    let seeds = experiment.runs.iter().any(|run| run.replicates.is_some());
    let metrics = metrics(experiment);
    let mut columns: Vec<(&str, Align)> = ["", "run", "label", "status", "started"]
        .into_iter()
        .map(|name| (name, Align::Left))
        .collect();
    if seeds {
        columns.push((if each { "seed" } else { "seeds" }, Align::Right));
    }
    columns.extend(metrics.iter().map(|name| (*name, Align::Right)));
    columns.push(("files", Align::Left));
    let rows = lines.iter().map(|cell| {
        let run = standing(cell, experiment.best);
        let mark = if experiment.best == Some(run.id) { "*" } else { "" };
        let label = if each { &run.label } else { cell.label() };
        let mut row = vec![mark.to_owned(), run.short.clone(), label.to_owned(), status(cell)];
        row.push(run.started.minute());
        if seeds {
            row.push(if each { run.seed.to_string() } else { cell.runs.len().to_string() });
        }
        for name in &metrics {
            row.push(measured(cell, name));
        }
        row.push(super::show::files_in_words(run));
        row
    });
    let tones = lines.iter().map(|cell| tone(cell.runs.iter().copied(), experiment.best));
    output::render(&columns, rows.collect(), tones.collect())
}

/// The metrics of an experiment on test rows, the goal first.
fn metrics(experiment: &ExperimentView) -> Vec<&str> {
    let mut metrics: Vec<&str> = vec![&experiment.goal.metric];
    let names = experiment.runs.iter().flat_map(|run| run.metrics.keys());
    for name in names.map(String::as_str).filter(|name| metric::is_listed(name)) {
        if !metrics.contains(&name) {
            metrics.push(name);
        }
    }
    metrics
}

/// The run that stands for a line: the best one of the experiment, else the first finished, else the first.
fn standing<'r>(cell: &Cell<'r>, best: Option<RunId>) -> &'r RunView {
    let own = cell.runs.iter().copied().find(|run| Some(run.id) == best);
    own.or_else(|| cell.finished().next()).unwrap_or(cell.runs[0])
}

/// What the runs of a line measured; a run by itself is shown however it ended.
fn measured(cell: &Cell<'_>, name: &str) -> String {
    let value = match cell.runs.as_slice() {
        [run] => metric::for_people(&run.metrics, name),
        _ => cell.summary(name).map(|summary| summary.for_people()),
    };
    value.unwrap_or("—".into())
}

/// How the runs of a line ended: one word when it is the same for all.
fn status(cell: &Cell<'_>) -> String {
    let first = cell.runs[0].status;
    if cell.runs.iter().all(|run| run.status == first) {
        return first.word().to_owned();
    }
    format!("{} of {} finished", cell.finished().count(), cell.runs.len())
}
