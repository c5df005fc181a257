//! Tables of runs: those that several pages share.

use crate::ledger::attempt::Status;
use crate::ledger::metric;
use crate::ledger::view::{GoalView, RunView};

use super::table::{Cell, Table};
use super::{path, standing, text};

/// The cell that names a run: its label and its id, one link.
pub(super) fn name(run: &RunView, root: &str) -> Cell {
    let label = if run.label.is_empty() { "run" } else { &run.label };
    Cell::text(label).link(root, &path::run(&run.id)).note(run.short.clone())
}

/// The cell of a status: always the word, with a colour for trouble.
pub(super) fn status(status: Status) -> Cell {
    let cell = Cell::text(status.word());
    if status.is_bad() { cell.class("bad") } else { cell }
}

/// The cell of a metric for people.
pub(super) fn metric(run: &RunView, name: &str) -> Cell {
    metric::for_people(&run.metrics, name).map_or_else(missing, Cell::number)
}

/// The cell of a param for people.
pub(super) fn param(run: &RunView, name: &str) -> Cell {
    run.params.get(name).map_or_else(missing, |value| Cell::number(text::param(value)))
}

/// The cell of a metric, exact.
pub(super) fn exact_metric(run: &RunView, name: &str) -> Cell {
    run.metrics.get(name).map_or_else(missing, |value| Cell::number(text::exact_number(*value)))
}

/// The cell of a param, exact.
pub(super) fn exact_param(run: &RunView, name: &str) -> Cell {
    run.params.get(name).map_or_else(missing, |value| Cell::number(text::exact(value)))
}

/// The cell of what was never recorded.
pub(super) fn missing() -> Cell {
    Cell::number(text::MISSING)
}

/// How far a run's goal is from the best one's, coloured when it is behind.
pub(super) fn behind(goal: &GoalView, run: &RunView, best: Option<&RunView>) -> Cell {
    let value = |run| standing::goal_value(goal, run);
    let is_best = best.is_some_and(|best| best.id == run.id);
    distance(goal, value(run), best.and_then(value), is_best)
}

/// How far a value of the goal is from the best one, coloured when it is behind.
pub(super) fn distance(
    goal: &GoalView,
    own: Option<f64>,
    best: Option<f64>,
    is_best: bool,
) -> Cell {
    match (own, best) {
        _ if is_best => Cell::number("best").class("good"),
        (Some(own), _) if own.is_nan() => missing(),
        (Some(own), Some(best)) if goal.direction.better(best, own) => {
            Cell::number(text::signed(own - best)).class("bad")
        }
        (Some(own), Some(best)) => Cell::number(text::signed(own - best)),
        _ => missing(),
    }
}

/// Every param and metric of some runs with the exact numbers, one run a row.
pub(super) fn exact<'a>(label: &str, runs: &[&'a RunView], root: &str) -> Table {
    let names = |of: &dyn Fn(&'a RunView) -> Vec<&'a str>| {
        let mut names: Vec<_> = runs.iter().flat_map(|run| of(run)).collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let params = names(&|run| run.params.keys().map(String::as_str).collect());
    let metrics = names(&|run| run.metrics.keys().map(String::as_str).collect());
    let mut table = Table::new(label)
        .class("exact")
        .text("run")
        .text("status")
        .text("trainer")
        .number("seed", "");
    for name in params.iter().chain(&metrics) {
        table = table.number(*name, "");
    }
    for run in runs {
        let param = |name: &&str| exact_param(run, name);
        let metric = |name: &&str| exact_metric(run, name);
        let first =
            [status(run.status), Cell::text(&run.trainer), Cell::number(run.seed.to_string())];
        let cells = first
            .into_iter()
            .chain(params.iter().map(param))
            .chain(metrics.iter().map(metric))
            .collect();
        table.row(name(run, root), cells);
    }
    table
}
