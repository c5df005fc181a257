//! The page of a run: how good it is, what it was asked, what came out, and the whole record.

use serde::Serialize;

use crate::ledger::attempt::Status;
use crate::ledger::metric_summary::summarize;
use crate::ledger::number;
use crate::ledger::view::{ExperimentView, GoalView, LedgerView, RunFiles, RunView};

use super::artifacts::Artifacts;
use super::picture::{Picture, divide};
use super::run_tables::{self as tables, Absent, Fact};
use super::table::{Cell, Table};
use super::template::Templates;
use super::trusted::Trusted;
use super::{
    Page, ReportError, Standings, artifacts, data, described, path, record, replicates,
    run_pictures, standing, text,
};

/// How many lines of the log are shown.
const LOG_LINES: usize = 200;

/// What the template prints.
#[derive(Serialize)]
struct Content<'a> {
    described: Trusted,
    run: &'a RunView,
    experiment: &'a str,
    experiment_link: String,
    others: Vec<Fact>,
    status: &'static str,
    bad: bool,
    started: String,
    took: String,
    verdict: Verdict,
    /// Where the run stands now.
    now: String,
    metrics: Table,
    params_title: String,
    params: Table,
    replicates_title: String,
    replicates: Table,
    pictures: Vec<Picture>,
    left: Vec<String>,
    artifacts: Option<Artifacts>,
    provenance: Table,
    tags: Table,
    notes: Vec<Note<'a>>,
    files: Table,
    absent: Option<Absent<'a>>,
    attempts: Table,
    timings: Table,
    log: Log,
    commands: Vec<String>,
    record: Table,
}

/// The one line to read.
#[derive(Serialize)]
struct Verdict {
    value: String,
    words: String,
    best: Option<Fact>,
}

#[derive(Serialize)]
struct Note<'a> {
    time: String,
    text: &'a str,
}

#[derive(Serialize)]
struct Log {
    title: String,
    text: String,
}

/// Renders `r/<aa>/<id>/index.html`, and its pictures as SVG files beside it.
pub(super) fn page(
    templates: &Templates,
    ledger: &LedgerView,
    (experiment, standings): (&ExperimentView, &Standings<'_>),
    run: &RunView,
    files: &RunFiles,
) -> Result<Vec<Page>, ReportError> {
    let path = path::run(&run.id);
    let root = path::root(&path);
    // Nothing here goes by later runs, for then each of them would rewrite every page.
    let other = standings.before(run.id);
    let (mut pictures, left) = divide(run_pictures::all(&experiment.goal, run, files)?);
    let (params_title, params) = tables::params(run, other);
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut pages = beside(folder, &mut pictures, run, files);
    let (artifacts, media) = artifacts::of(folder, run, files);
    pages.extend(media);
    let content = Content {
        described: described::run(ledger, experiment, run, &files.swhids, &pages),
        run,
        experiment: &experiment.title,
        experiment_link: format!("{root}{}", path::experiment(&experiment.name)),
        others: other_experiments(ledger, experiment, run, &root),
        status: run.status.word(),
        bad: run.status.is_bad(),
        started: run.started.minute(),
        took: text::duration(run.started, run.ended),
        verdict: verdict(&experiment.goal, standings, run, &root),
        now: format!("{root}{}#{}", path::LEADERBOARD, path::slug(&experiment.name)),
        metrics: tables::metrics(&experiment.goal, run, other),
        params_title,
        params,
        replicates_title: replicates::title(run),
        replicates: replicates::table(&experiment.goal, run),
        pictures,
        left,
        artifacts: (!artifacts.is_empty()).then_some(artifacts),
        provenance: tables::provenance(run, &files.swhids),
        tags: tables::tags(run),
        notes: run.notes.iter().map(note).collect(),
        files: tables::files(run),
        absent: tables::absent(run),
        attempts: tables::attempts(run),
        timings: tables::timings(run),
        log: log(&files.log),
        commands: commands(run),
        record: whole(&experiment.goal, run, files)?,
    };
    let title = format!("{} · {}", run.label, experiment.title);
    pages.insert(0, templates.page("run.html", path, &title, ledger, &content)?);
    Ok(pages)
}

/// The files beside the page: its pictures, which get the names of theirs, and the curves for scripts.
fn beside(folder: &str, pictures: &mut [Picture], run: &RunView, files: &RunFiles) -> Vec<Page> {
    let mut pages = Vec::with_capacity(2 + pictures.len());
    for picture in pictures {
        picture.name_files();
        pages.push(picture.file(folder));
        pages.extend(picture.table(folder));
    }
    let series = data::series::of(&run.id, &files.points);
    pages.extend(
        series.map(|text| Page { path: format!("{folder}/series.js"), bytes: text.into_bytes() }),
    );
    pages
}

fn other_experiments(
    ledger: &LedgerView,
    shown: &ExperimentView,
    run: &RunView,
    root: &str,
) -> Vec<Fact> {
    let others = run.experiments.iter().filter(|name| **name != shown.name);
    others
        .filter_map(|name| ledger.experiments.iter().find(|other| other.name == *name))
        .map(|other| Fact::link(&other.title, root, &path::experiment(&other.name)))
        .collect()
}

fn verdict(goal: &GoalView, standings: &Standings<'_>, run: &RunView, root: &str) -> Verdict {
    let value = standing::goal_value(goal, run);
    let shown =
        value.map_or_else(String::new, |it| format!("{} {}", goal.metric, number::for_people(it)));
    let plain = |words: String| Verdict { value: shown.clone(), words, best: None };
    let Some(own) = value else {
        return plain(match (&run.cause, run.status) {
            (Some(cause), _) => cause.clone(),
            (None, Status::Finished) => format!("{} was not logged", goal.metric),
            (None, status) => format!("{}, no cause recorded", status.word()),
        });
    };
    let Some((rank, of)) = standings.place(run.id) else {
        return plain("diverged: not a number".into());
    };
    let finished = text::count(of, "finished run");
    let Some(before) = standings.before(run.id) else {
        return plain("the first finished run".into());
    };
    let to = standing::goal_value(goal, before).map_or(f64::NAN, |before| own - before);
    let rank = if rank == 1 { "the best".to_owned() } else { format!("rank {rank}") };
    Verdict {
        value: shown,
        words: format!("{rank} of {finished} by then, {} to the best before,", text::signed(to)),
        best: Some(Fact::link(&before.label, root, &path::run(&before.id))),
    }
}

fn note(note: &crate::ledger::view::NoteView) -> Note<'_> {
    Note { time: note.time.minute(), text: &note.text }
}

fn log(log: &str) -> Log {
    let total = log.lines().count();
    let kept: Vec<_> = log.lines().skip(total.saturating_sub(LOG_LINES)).collect();
    let title = if total > LOG_LINES {
        format!("Log, last {LOG_LINES} of {total} lines")
    } else {
        "Log".to_owned()
    };
    Log { title, text: kept.join("\n") }
}

fn commands(run: &RunView) -> Vec<String> {
    vec![format!("fairledger show {}", run.short), tables::command(run)]
}

/// The whole record, from the JSON that `show --json` prints.
fn whole(goal: &GoalView, run: &RunView, files: &RunFiles) -> Result<Table, ReportError> {
    let failed = |reason| ReportError::Record { run: run.short.clone(), reason };
    let mut value = serde_json::to_value(run).map_err(failed)?;
    value["swhid"] = serde_json::to_value(&files.swhids).map_err(failed)?;
    for (name, summary) in summarize(&files.points) {
        let mut sums = serde_json::to_value(summary).map_err(failed)?;
        sums["best_step"] =
            goal.direction_of(&name).map(|direction| summary.best_step(direction)).into();
        value["summaries"][name] = sums;
    }
    let mut table = Table::new("Record").class("record").text("field").text("value");
    for (field, value) in record::flatten(&value) {
        table.row(Cell::text(field), vec![Cell::text(value)]);
    }
    Ok(table)
}
