//! What happened in a period as one HTML file that needs no other.

use crate::ledger::number;
use crate::ledger::period::{Best, PeriodView};
use crate::ledger::view::{ExperimentView, LedgerView};

use super::analysis::Study;
use super::sections::Section;
use super::standalone::{Standalone, section};
use super::table::{Cell, Table};
use super::template::Templates;
use super::{Page, ReportError, analysis, runs, text};

/// Renders the file of a period. `ledger` holds the runs of the period only.
pub(super) fn page(
    templates: &Templates,
    ledger: &LedgerView,
    period: &PeriodView,
) -> Result<Page, ReportError> {
    let mut parts = Vec::new();
    if !period.alerts.is_empty() {
        let mut table = Table::new("Alerts").text("experiment").text("why");
        for alert in &period.alerts {
            table.row(Cell::text(&alert.experiment), vec![Cell::text(&alert.why).class("bad")]);
        }
        parts.push(Section::new("alerts", "Alerts").table(table));
    }
    if !period.experiments.is_empty() {
        parts.push(Section::new("experiments", "Experiments").table(experiments(period)));
    }
    if !period.failures.is_empty() {
        let mut table = Table::new("Not finished").text("run").text("experiment").text("cause");
        for failure in &period.failures {
            let cells = vec![Cell::text(&failure.experiment), Cell::text(&failure.cause)];
            table.row(Cell::text(&failure.label), cells);
        }
        parts.push(Section::new("failures", "Not finished").table(table));
    }
    for experiment in ledger.experiments.iter().filter(|it| !it.runs.is_empty()) {
        parts.extend(of_experiment(experiment)?);
    }
    let finished = format!("{}, {} finished.", text::count(period.runs, "run"), period.finished);
    let file = Standalone {
        title: format!("{}: {}", period.ledger, period.period),
        lead: if period.runs == 0 { "Nothing happened.".into() } else { finished },
        parts,
        about: String::new(),
    };
    file.page(templates, "digest.html", ledger)
}

fn experiments(period: &PeriodView) -> Table {
    let mut table = Table::new("Experiments")
        .text("experiment")
        .number("runs", "")
        .text("goal")
        .text("best")
        .number("value", "")
        .number("best before", "");
    for experiment in &period.experiments {
        let value = |best: &Option<Best>| {
            best.as_ref()
                .map_or_else(runs::missing, |best| Cell::number(number::for_people(best.value)))
        };
        let label = experiment.best.as_ref().map_or(text::MISSING, |best| best.label.as_str());
        let best = Cell::text(label);
        table.row(
            Cell::text(&experiment.title),
            vec![
                Cell::number(experiment.runs.to_string()),
                Cell::text(&experiment.metric),
                if experiment.is_record { best.note("new best") } else { best },
                value(&experiment.best),
                value(&experiment.before),
            ],
        );
    }
    table
}

/// Trends, distributions and the impact of params, a section each.
fn of_experiment(experiment: &ExperimentView) -> Result<Vec<Section>, ReportError> {
    let section = |word: &str, title: &str| section(experiment, word, title);
    let study = Study::of(experiment);
    Ok(vec![
        analysis::trends(&study, section("trends", "trends"))?,
        analysis::distributions(&study, section("distributions", "distributions"))?,
        analysis::impact(&study, section("impact", "impact of params"))?,
    ])
}
