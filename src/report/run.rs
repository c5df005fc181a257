//! The page of a run: how good it is, what it was asked, what came out, and the whole record.

use serde::Serialize;

use crate::ledger::attempt::Status;
use crate::ledger::number;
use crate::ledger::view::{ExperimentView, LedgerView, RunFiles, RunView};

use super::picture::{Picture, divide};
use super::run_tables::{self as tables, Absent, Fact};
use super::table::{Cell, Table};
use super::template::Templates;
use super::{Page, ReportError, data, path, record, replicates, run_pictures, standing, text};

/// How many lines of the log are shown.
const LOG_LINES: usize = 200;

/// What the template prints.
#[derive(Serialize)]
struct Content<'a> {
    run: &'a RunView,
    experiment: &'a str,
    experiment_link: String,
    others: Vec<Fact>,
    status: &'static str,
    bad: bool,
    started: String,
    took: String,
    verdict: Verdict,
    metrics: Table,
    params_title: String,
    params: Table,
    replicates_title: String,
    replicates: Table,
    pictures: Vec<Picture>,
    left: Vec<String>,
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
    experiment: &ExperimentView,
    run: &RunView,
    files: &RunFiles,
) -> Result<Vec<Page>, ReportError> {
    let path = path::run(&run.id);
    let root = path::root(&path);
    let best = standing::best(experiment);
    let other = best.filter(|best| best.id != run.id);
    let (mut pictures, left) = divide(run_pictures::all(&experiment.goal, run, files)?);
    let (params_title, params) = tables::params(run, other);
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let mut pages = Vec::with_capacity(1 + pictures.len());
    for picture in &mut pictures {
        picture.name_files();
        pages.push(picture.file(&folder));
        pages.extend(picture.table(&folder));
    }
    pages.extend(
        data::series::of(&run.id, &files.points).map(|(_, text)| Page {
            path: format!("{folder}/series.js"),
            bytes: text.into_bytes(),
        }),
    );
    let content = Content {
        run,
        experiment: &experiment.title,
        experiment_link: format!("{root}{}", path::experiment(&experiment.name)),
        others: other_experiments(ledger, experiment, run, &root),
        status: run.status.word(),
        bad: matches!(run.status, Status::Failed | Status::Interrupted),
        started: run.started.minute(),
        took: text::duration(run.started, run.ended),
        verdict: verdict(experiment, run, best, &root),
        metrics: tables::metrics(&experiment.goal, run, other),
        params_title,
        params,
        replicates_title: replicates::title(run),
        replicates: replicates::table(&experiment.goal, run),
        pictures,
        left,
        provenance: tables::provenance(run),
        tags: tables::tags(run),
        notes: run.notes.iter().map(note).collect(),
        files: tables::files(run),
        absent: tables::absent(run),
        attempts: tables::attempts(run),
        timings: tables::timings(run),
        log: log(&files.log),
        commands: commands(run),
        record: whole(run)?,
    };
    let title = format!("{} · {}", run.label, experiment.title);
    pages.insert(0, templates.page("run.html", path, &title, ledger, &content)?);
    Ok(pages)
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

fn verdict(
    experiment: &ExperimentView,
    run: &RunView,
    best: Option<&RunView>,
    root: &str,
) -> Verdict {
    let goal = &experiment.goal;
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
    let Some((rank, of)) = standing::rank(experiment, run) else {
        return plain("diverged: not a number".into());
    };
    let finished = text::count(of, "finished run");
    match best {
        Some(best) if best.id != run.id => {
            let to = standing::goal_value(goal, best).map_or(f64::NAN, |best| own - best);
            Verdict {
                words: format!("rank {rank} of {finished}, {} to the best,", text::signed(to)),
                value: shown,
                best: Some(Fact::link(&best.label, root, &path::run(&best.id))),
            }
        }
        _ if of == 1 => plain("the only finished run".into()),
        _ => plain(format!("best of {finished}")),
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
fn whole(run: &RunView) -> Result<Table, ReportError> {
    let value = serde_json::to_value(run)
        .map_err(|reason| ReportError::Record { run: run.short.clone(), reason })?;
    let mut table = Table::new("Record").class("record").text("field").text("value");
    for (field, value) in record::flatten(&value) {
        table.row(Cell::text(field), vec![Cell::text(value)]);
    }
    Ok(table)
}
