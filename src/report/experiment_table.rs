//! The table of an experiment's runs, best first, a bar behind the goal.

use crate::ledger::attempt::Status;
use crate::ledger::cell;
use crate::ledger::metric::{self, Direction};
use crate::ledger::view::{ExperimentView, GoalView, RunView};

use super::table::{Cell, Table};
use super::{path, runs, standing, text};

/// The lines of an experiment as a table; a line stands for runs that differ in nothing but the seed.
pub(super) fn runs(experiment: &ExperimentView, lines: &[cell::Cell<'_>], root: &str) -> Table {
    let params = standing::varying(&listed(lines));
    with_params(experiment, lines, ("Runs, best first", &params), root)
}

fn listed<'r>(lines: &[cell::Cell<'r>]) -> Vec<&'r RunView> {
    lines.iter().flat_map(|line| line.runs.iter().copied()).collect()
}

/// The same with a name of the table and with chosen params.
pub(super) fn with_params(
    experiment: &ExperimentView,
    lines: &[cell::Cell<'_>],
    (label, params): (&str, &[&str]),
    root: &str,
) -> Table {
    let (goal, listed) = (&experiment.goal, listed(lines));
    let trainers = listed.iter().any(|run| run.trainer != listed[0].trainer);
    let seeds = lines.iter().any(|line| line.runs.len() > 1);
    let metrics: Vec<_> = standing::metrics(&goal.metric, &listed)
        .into_iter()
        .filter(|name| *name != goal.metric && is_shown(name, &goal.metric))
        .collect();
    let mut table = Table::new(label).class("sortable").text("run").text("status");
    if trainers {
        table = table.text("trainer");
    }
    if seeds {
        table = table.number("seeds", "");
    }
    table =
        table.number(&goal.metric, text::direction(Some(goal.direction))).number("to the best", "");
    for name in &metrics {
        table = table.number(*name, text::direction(goal.direction_of(name)));
    }
    for name in params {
        table = table.number(*name, "");
    }
    table = table.text("started").number("took", "");
    let scale = Scale::of(goal, lines);
    let best = lines.first().and_then(|line| standing::goal_mean(goal, line));
    for line in lines {
        let run = standing(line, experiment);
        let own = standing::goal_mean(goal, line);
        let is_best = line.runs.iter().any(|run| Some(run.id) == experiment.best);
        let mut cells = vec![status(line)];
        if trainers {
            cells.push(Cell::text(&run.trainer));
        }
        if seeds {
            cells.push(Cell::number(line.runs.len().to_string()));
        }
        cells.push(measured(line, &goal.metric).class(&scale.class(goal, own)));
        cells.push(runs::distance(goal, own, best, is_best));
        cells.extend(metrics.iter().map(|name| measured(line, name)));
        cells.extend(params.iter().map(|name| runs::param(run, name)));
        cells.push(Cell::text(run.started.minute()));
        cells.push(Cell::number(text::duration(run.started, run.ended)));
        table.row(name(line, run, root), cells);
    }
    table
}

/// The run that a line leads to, and whose params and times it shows: the best run of the experiment,
/// else the first that finished, else the first.
pub(super) fn standing<'r>(line: &cell::Cell<'r>, experiment: &ExperimentView) -> &'r RunView {
    let best = line.runs.iter().copied().find(|run| Some(run.id) == experiment.best);
    best.or_else(|| line.finished().next()).unwrap_or(line.runs[0])
}

/// The cell that names a line: its label and the id of a single run, one link.
fn name(line: &cell::Cell<'_>, run: &RunView, root: &str) -> Cell {
    if line.runs.len() == 1 {
        return runs::name(run, root);
    }
    Cell::text(line.label()).link(root, &path::run(&run.id)).note(run.short.clone())
}

/// How the runs of a line ended: a word where it is one for all.
fn status(line: &cell::Cell<'_>) -> Cell {
    let (finished, all) = (line.finished().count(), line.runs.len());
    let first = line.runs[0].status;
    if line.runs.iter().all(|run| run.status == first) {
        return runs::status(first);
    }
    Cell::text(format!("{finished} of {all} {}", Status::Finished.word())).class("bad")
}

/// The cell of a metric: of a run by itself, or the mean of several with half its interval.
fn measured(line: &cell::Cell<'_>, name: &str) -> Cell {
    match line.runs.as_slice() {
        [run] => runs::metric(run, name),
        _ => line.summary(name).map_or_else(runs::missing, |it| Cell::number(it.for_people())),
    }
}

/// Of the metrics on training rows only the goal's is in the table; the others are below.
fn is_shown(name: &str, goal: &str) -> bool {
    metric::is_listed(name) || name.strip_prefix("train_") == Some(goal)
}

/// The length of in-cell bars: the best line has the longest, the worst the shortest.
struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    fn of(goal: &GoalView, lines: &[cell::Cell<'_>]) -> Self {
        let values = || lines.iter().filter_map(|line| standing::goal_mean(goal, line));
        let finite = || values().filter(|value| value.is_finite());
        let (low, high) =
            (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
        Self { low, high }
    }

    fn class(&self, goal: &GoalView, value: Option<f64>) -> String {
        let Some(value) = value.filter(|value| value.is_finite()) else {
            return String::new();
        };
        let share = (value - self.low) / (self.high - self.low);
        let better = match goal.direction {
            Direction::Maximize => share,
            Direction::Minimize => 1.0 - share,
        };
        let better = if better.is_finite() { better } else { 1.0 };
        format!("bar w{}", (1.0 + 19.0 * better).round() as u8)
    }
}
