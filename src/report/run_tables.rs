//! The tables of a run's page.

use serde::Serialize;

use crate::ledger::exit::{CommandRecord, Exit};
use crate::ledger::fair::swhid::Swhids;
use crate::ledger::metric::{self, Direction};
use crate::ledger::view::{FileState, GoalView, RunView};
use crate::ledger::{monitor, number};

use super::table::{Cell, Table};
use super::{experiment, monitors, runs, standing, text};

/// A word that may lead somewhere.
#[derive(Serialize)]
pub(super) struct Fact {
    text: String,
    link: String,
}

impl Fact {
    /// A word that leads to a page.
    pub(super) fn link(text: &str, root: &str, page: &str) -> Self {
        Self { text: text.to_owned(), link: format!("{root}{page}") }
    }
}

/// The metrics, test and training rows side by side, the mean over folds, and the distance to the
/// best run before.
pub(super) fn metrics(goal: &GoalView, run: &RunView, best: Option<&RunView>) -> Table {
    let has_folds = run.metrics.keys().any(|name| name.starts_with("cv_"));
    let mut table = Table::new("Metrics").text("metric").number("test", "").number("train", "");
    if has_folds {
        table = table.number("folds", "mean ± deviation");
    }
    if best.is_some() {
        table = table.number("to the best before", "");
    }
    let mut bases: Vec<&str> = Vec::new();
    for name in standing::metrics(&goal.metric, &[run]) {
        let base = metric::base(name);
        if (metric::is_listed(name) || name.starts_with("train_")) && !bases.contains(&base) {
            bases.push(base);
        }
    }
    for base in bases {
        let direction = goal.direction_of(base);
        let head = Cell::text(base).note(text::direction(direction));
        let mut cells = vec![runs::metric(run, base), runs::metric(run, &format!("train_{base}"))];
        if has_folds {
            cells.push(runs::metric(run, &format!("cv_{base}")));
        }
        if let Some(best) = best {
            cells.push(to_best(run, best, base, direction));
        }
        table.row(head, cells);
    }
    table
}

/// How far a metric is from the best run's, coloured by which is better.
fn to_best(run: &RunView, best: &RunView, name: &str, direction: Option<Direction>) -> Cell {
    let both = run.metrics.get(name).zip(best.metrics.get(name));
    let both = both.filter(|(own, best)| !own.is_nan() && !best.is_nan());
    both.map_or_else(runs::missing, |(own, best)| {
        let cell = Cell::number(text::signed(own - best));
        match direction {
            Some(direction) if direction.better(*own, *best) => cell.class("good"),
            Some(direction) if direction.better(*best, *own) => cell.class("bad"),
            _ => cell,
        }
    })
}

/// The params, those that differ from the best run first; and how many these are.
pub(super) fn params(run: &RunView, best: Option<&RunView>) -> (String, Table) {
    let mut table = Table::new("Parameters").text("parameter").number("this run", "");
    let Some(best) = best else {
        for (name, value) in &run.params {
            table.row(Cell::text(name), vec![Cell::number(text::param(value))]);
        }
        return ("Parameters".into(), table);
    };
    table = table.number("best before", "");
    let mut names: Vec<_> = run.params.keys().chain(best.params.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let differs = |name: &str| run.params.get(name) != best.params.get(name);
    names.sort_by_key(|name| !differs(name));
    let mut differing = names.iter().filter(|name| differs(name)).count();
    let asked = |run: &RunView| [("trainer", run.trainer.clone()), ("seed", run.seed.to_string())];
    for ((name, own), (_, others)) in asked(run).into_iter().zip(asked(best)) {
        if own != others {
            differing += 1;
            let cells = vec![Cell::number(own).class("differs"), Cell::number(others)];
            table.row(Cell::text(name), cells);
        }
    }
    for name in names {
        let own = runs::param(run, name);
        let (own, others) = if differs(name) {
            (own.class("differs"), runs::param(best, name))
        } else {
            (own, Cell::number("same").class("quiet"))
        };
        table.row(Cell::text(name), vec![own, others]);
    }
    let differ = if differing == 1 { "1 differs" } else { &format!("{differing} differ") };
    (format!("Parameters: {differ} from the best run before"), table)
}

/// What is said where a run has no test rows.
const NO_SPLIT: &str = "none: all rows are training rows";

/// From the data over the run to the result, one step a row.
pub(super) fn provenance(run: &RunView, swhids: &Swhids) -> Table {
    let mut table = Table::new("Provenance").class("facts").text("what").text("value");
    let mut say = |name: &str, cell: Cell| table.row(Cell::text(name), vec![cell]);
    if let Some(data) = &run.data {
        let size = number::bytes_for_people(data.size);
        say("data", Cell::text(&data.path).note(format!("{} rows, {size}", data.rows)));
    }
    match (&run.command, &run.tracker) {
        (Some(record), _) => executed(run, record, &mut say),
        (None, Some(tracker)) => {
            let run = format!("run {} there", tracker.run);
            say("recorded by", Cell::text(&tracker.name).note(run));
        }
        (None, None) => built_in(run, &mut say),
    }
    say("run", Cell::code(&run.short));
    let result = run.result.map_or_else(|| text::MISSING.into(), |it| text::short(&it.to_string()));
    let agreed = if run.deterministic { "" } else { "attempts disagree: not deterministic" };
    say("result", Cell::code(result).note(agreed));
    for (name, value) in &run.model {
        say(&format!("model: {name}"), Cell::text(text::param(value)));
    }
    if run.tracker.is_none() {
        let cores = text::count(run.host.cores as usize, "core");
        say("host", Cell::text(&run.host.name).note(format!("{}, {cores}", run.host.target)));
    }
    if let Some(git) = &run.git {
        let state = if git.dirty { "with uncommitted changes" } else { "clean" };
        say("git commit", Cell::code(text::short(&git.commit)).note(state));
    }
    let versions: Vec<_> =
        run.versions.iter().map(|(name, version)| format!("{name} {version}")).collect();
    say("versions", Cell::text(versions.join(", ")));
    say("directory", Cell::code(&run.directory));
    if let Some(directory) = &swhids.directory {
        say("SWHID", Cell::code(directory).note("of the directory as git carries it"));
    }
    table
}

/// What a built-in model was trained on.
fn built_in(run: &RunView, say: &mut dyn FnMut(&str, Cell)) {
    let features = run.features.join(", ");
    let used =
        if run.target.is_empty() { features } else { format!("{features} → {}", run.target) };
    say("columns used", Cell::text(used));
    say("content of these columns", Cell::code(text::short(&run.data_digest.to_string())));
    say("split", Cell::text(if run.split.is_empty() { NO_SPLIT } else { &run.split }));
    let trainer = format!("version {}, seed {}", run.trainer_version, run.seed);
    say("trainer", Cell::text(&run.trainer).note(trainer));
}

/// What a command was, and how it ended.
fn executed(run: &RunView, record: &CommandRecord, say: &mut dyn FnMut(&str, Cell)) {
    say("command", Cell::code(record.line()).note(format!("seed {}", run.seed)));
    let exit = record.exit.as_ref().map_or_else(|| text::MISSING.into(), Exit::words);
    let good = record.exit.as_ref().is_some_and(Exit::is_good);
    let exit = Cell::text(exit);
    say("exit", if good { exit } else { exit.class("bad") });
    if let Some(bytes) = record.peak_memory {
        say("peak memory", Cell::text(number::bytes_for_people(bytes)));
    }
    if record.directory != "." {
        say("folder", Cell::code(&record.directory));
    }
    if !record.env_pass.is_empty() {
        say("variables passed, not recorded", Cell::text(record.env_pass.join(", ")));
    }
    if !record.changed.is_empty() {
        say("changed while it ran", Cell::text(record.changed.join(", ")).class("bad"));
    }
}

/// The tags.
pub(super) fn tags(run: &RunView) -> Table {
    let mut table = Table::new("Tags").class("facts").text("tag").text("value");
    for (name, value) in &run.tags {
        table.row(Cell::text(name), vec![Cell::text(value)]);
    }
    table
}

/// The files of the attempt and whether they are here.
pub(super) fn files(run: &RunView) -> Table {
    let mut table =
        Table::new("Files").text("file").number("size", "").text("state").text("BLAKE3");
    for file in &run.artifacts {
        let state = Cell::text(file.state.word());
        table.row(
            Cell::code(&file.path),
            vec![
                Cell::number(number::bytes_for_people(file.size)),
                if file.state == FileState::Damaged { state.class("bad") } else { state },
                Cell::code(text::short(&file.blake3.to_string())),
            ],
        );
    }
    table
}

/// How to get the files that are not here.
#[derive(Serialize)]
pub(super) struct Absent<'a> {
    directory: &'a str,
    host: &'a str,
    command: String,
}

/// Says how to get the files that are not here; `None` when all are.
pub(super) fn absent(run: &RunView) -> Option<Absent<'_>> {
    run.artifacts.iter().any(|file| file.state != FileState::Present).then(|| Absent {
        directory: &run.directory,
        host: &run.host.name,
        command: command(run),
    })
}

/// The command that trains the run once more.
pub(super) fn command(run: &RunView) -> String {
    if run.trainer == monitor::TRAINER {
        return monitors::command(run);
    }
    format!("fairledger run --force {}", experiment::spec_word(&run.experiment, &run.spec))
}

/// Every attempt of the run.
pub(super) fn attempts(run: &RunView) -> Table {
    let mut table = Table::new("Attempts")
        .text("attempt")
        .text("status")
        .text("started")
        .number("took", "")
        .text("result")
        .text("cause");
    for attempt in &run.attempts {
        let result =
            attempt.result.map_or_else(|| text::MISSING.into(), |it| text::short(&it.to_string()));
        let shown = run.attempts.len() > 1 && attempt.attempt == run.attempt;
        let shown = if shown { "shown here" } else { "" };
        table.row(
            Cell::code(attempt.attempt.to_string()).note(shown),
            vec![
                runs::status(attempt.status),
                Cell::text(attempt.started.minute()),
                Cell::number(text::duration(attempt.started, attempt.ended)),
                Cell::code(result),
                Cell::text(attempt.cause.as_deref().unwrap_or(text::MISSING)).class("wrap"),
            ],
        );
    }
    table
}

/// Seconds by phase.
pub(super) fn timings(run: &RunView) -> Table {
    let mut table = Table::new("Timings").text("phase").number("took", "");
    for (phase, seconds) in &run.timings {
        table.row(Cell::text(phase), vec![Cell::number(text::seconds(*seconds))]);
    }
    table
}
