//! What params have to do with the goal, as bars and numbers.

use crate::ledger::impact::impacts;
use crate::ledger::number;
use crate::ledger::view::{ExperimentView, RunView};

use super::super::chart::{self, Bar};
use super::super::sections::Section;
use super::super::table::{Cell, Table};
use super::super::{ReportError, runs};
use super::{picture, too_little};

/// How many params are shown.
const PARAMS: usize = 20;

/// Adds the impact of an experiment's params.
pub(in crate::report) fn tell(
    experiment: &ExperimentView,
    mut section: Section,
) -> Result<Section, ReportError> {
    let all: Vec<&RunView> = experiment.runs.iter().collect();
    let metric = &experiment.goal.metric;
    let found = impacts(&all, metric);
    if found.is_empty() {
        return Ok(too_little(section, "a param needs two values and more runs than values"));
    }
    let shown = &found[..found.len().min(PARAMS)];
    let bar = |impact: &crate::ledger::impact::Impact| Bar {
        label: impact.param.clone(),
        value: impact.share,
        text: number::deviation_for_people(impact.share),
        spread: 0.0,
        strong: impact.param == found[0].param,
    };
    let bars: Vec<_> = shown.iter().map(bar).collect();
    let title = format!("Share of the variance of {metric}");
    let svg = chart::bars(&format!("{title} in {}", experiment.title), &bars)?;
    let caption = if shown.len() < found.len() {
        format!("The first {PARAMS} of {} params.", found.len())
    } else {
        "Every param with two or more values.".to_owned()
    };
    section.pictures.push(picture(title, caption, svg));
    let mut table = Table::new(format!("Impact of the params of {}", experiment.title))
        .text("param")
        .number("share of variance", "")
        .number("correlation", "")
        .number("runs", "")
        .number("groups", "");
    for impact in shown {
        let signed = |it: f64| number::deviation_for_people(it).replace('-', "−");
        let correlation = impact.correlation.map(signed);
        table.row(
            Cell::text(&impact.param),
            vec![
                Cell::number(number::deviation_for_people(impact.share)),
                correlation.map_or_else(runs::missing, Cell::number),
                Cell::number(impact.runs.to_string()),
                Cell::number(impact.groups.to_string()),
            ],
        );
    }
    Ok(section.table(table))
}
