//! The overview: what the ledger is, its experiments, its newest runs.

use serde::Serialize;

use crate::ledger::time::Timestamp;
use crate::ledger::view::{ExperimentView, LedgerView, RunView};

use super::table::{Cell, Table};
use super::template::{self, Templates};
use super::trusted::Trusted;
use super::week::{Told, Week};
use super::{Page, ReportError, described, monitors, path, runs, standing, text};

/// How many of the newest runs are listed.
const NEWEST: usize = 10;

/// What the template prints.
#[derive(Serialize)]
struct Overview<'a> {
    described: Trusted,
    title: &'a str,
    description: &'a str,
    authors: String,
    licence: &'a str,
    summary: String,
    week: Option<Told>,
    /// Where failures are told of.
    failures: &'static str,
    /// What monitors found; `None` when all is well.
    alerts: Option<Table>,
    experiments: Table,
    newest: Table,
    exact: Table,
}

/// Renders `index.html`.
pub(super) fn page(
    templates: &Templates,
    ledger: &LedgerView,
    as_of: Option<Timestamp>,
) -> Result<Page, ReportError> {
    let week = Week::of(ledger, as_of);
    let newest = newest(ledger);
    let runs: Vec<_> = newest.iter().map(|(_, run)| *run).collect();
    let content = Overview {
        described: described::ledger(ledger),
        title: template::name(ledger),
        description: &ledger.description,
        authors: ledger.authors.join(", "),
        licence: &ledger.licence,
        summary: summary(ledger),
        week: week.map(|week| week.told(ledger)),
        failures: path::FAILURES,
        alerts: monitors::alerts(ledger, ""),
        experiments: experiments(ledger, week),
        newest: newest_table(&newest),
        exact: runs::exact("Exact values of the newest runs", &runs, ""),
    };
    templates.page("overview.html", path::OVERVIEW.into(), content.title, ledger, &content)
}

fn failed(experiment: &ExperimentView) -> usize {
    experiment.runs.iter().filter(|run| run.status.is_bad()).count()
}

fn summary(ledger: &LedgerView) -> String {
    let runs = ledger.experiments.iter().map(|experiment| experiment.runs.len()).sum();
    let failed: usize = ledger.experiments.iter().map(failed).sum();
    let experiments = text::count(ledger.experiments.len(), "experiment");
    let trouble = if failed > 0 { format!(", {failed} not finished") } else { String::new() };
    format!("{experiments}, {}{trouble}", text::count(runs, "run"))
}

fn experiments(ledger: &LedgerView, week: Option<Week>) -> Table {
    let mut table = Table::new("Experiments")
        .text("experiment")
        .text("goal")
        .number("best", "")
        .number("in seven days", "")
        .text("trend, 30 days")
        .text("best run")
        .number("runs", "")
        .number("not finished", "")
        .text("last run");
    for experiment in &ledger.experiments {
        let goal = &experiment.goal;
        let best = standing::best(experiment);
        let failed = failed(experiment);
        let trouble = Cell::number(failed.to_string()).class(if failed > 0 { "bad" } else { "" });
        let last = experiment.runs.iter().map(|run| run.ended).max();
        table.row(
            Cell::text(&experiment.title).link("", &path::experiment(&experiment.name)),
            vec![
                Cell::text(&goal.metric).note(text::direction(Some(goal.direction))),
                best.and_then(|run| standing::measured(goal, run))
                    .map_or_else(runs::missing, Cell::number),
                week.and_then(|it| it.change(experiment)).map_or_else(runs::missing, |change| {
                    Cell::number(text::signed(change)).class("good")
                }),
                Cell::shape(
                    &week.map(|week| week.trend(experiment)).unwrap_or_default(),
                    format!("best {} so far", goal.metric),
                ),
                best.map_or_else(|| Cell::text(text::MISSING), |run| runs::name(run, "")),
                Cell::number(experiment.runs.len().to_string()),
                trouble,
                Cell::text(last.map_or_else(|| text::MISSING.into(), |time| time.minute())),
            ],
        );
    }
    table
}

/// The newest runs of all experiments, each once.
fn newest(ledger: &LedgerView) -> Vec<(&ExperimentView, &RunView)> {
    let mut all: Vec<_> = ledger
        .experiments
        .iter()
        .flat_map(|experiment| experiment.runs.iter().map(move |run| (experiment, run)))
        .collect();
    all.sort_by_key(|(_, run)| (std::cmp::Reverse(run.started), run.id));
    all.dedup_by_key(|(_, run)| run.id);
    all.truncate(NEWEST);
    all
}

fn newest_table(newest: &[(&ExperimentView, &RunView)]) -> Table {
    let mut table = Table::new("Newest runs")
        .text("run")
        .text("experiment")
        .text("status")
        .text("goal")
        .number("value", "")
        .number("to the best", "")
        .text("started")
        .number("took", "");
    for (experiment, run) in newest {
        let goal = &experiment.goal;
        table.row(
            runs::name(run, ""),
            vec![
                Cell::text(&experiment.title).link("", &path::experiment(&experiment.name)),
                runs::status(run.status),
                Cell::text(&goal.metric),
                runs::metric(run, &goal.metric),
                runs::behind(goal, run, standing::best(experiment)),
                Cell::text(run.started.minute()),
                Cell::number(text::duration(run.started, run.ended)),
            ],
        );
    }
    table
}
