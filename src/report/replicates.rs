//! What the runs that differ in nothing but the seed tell together, on the page of each of them.

use crate::ledger::number;
use crate::ledger::view::{GoalView, RunView};

use super::table::{Cell, Table};
use super::{runs, standing};

/// The title of the section: how many there are.
pub(super) fn title(run: &RunView) -> String {
    let Some(replicates) = &run.replicates else { return String::new() };
    format!("Replicates: {} of {} finished", replicates.seeds.len(), replicates.runs)
}

/// Mean, spread and confidence of each listed metric; empty for a run without replicates.
pub(super) fn table(goal: &GoalView, run: &RunView) -> Table {
    let mut table = Table::new("Replicates")
        .text("metric")
        .number("mean", "")
        .number("deviation", "")
        .number("95 % from", "")
        .number("to", "");
    let Some(replicates) = &run.replicates else { return table };
    let listed = standing::metrics(&goal.metric, &[run]).into_iter();
    for name in listed.filter(|name| crate::ledger::metric::is_listed(name)) {
        let Some(summary) = replicates.metrics.get(name) else { continue };
        let optional = |value: Option<f64>| {
            value.map_or_else(runs::missing, |value| Cell::number(number::for_people(value)))
        };
        let mean = Cell::number(number::for_people(summary.mean));
        let rest = [summary.deviation, summary.low, summary.high].map(optional);
        table.row(Cell::text(name), [mean].into_iter().chain(rest).collect());
    }
    table
}
