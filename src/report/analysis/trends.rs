//! The goal over time, and by day.

use std::collections::BTreeMap;

use crate::ledger::number;
use crate::ledger::statistics::Summary;
use crate::ledger::view::{ExperimentView, RunView};

use super::super::chart::{self, Axis, Layer, MARKS, Plot};
use super::super::experiment_pictures::steps;
use super::super::sections::Section;
use super::super::table::{Cell, Table};
use super::super::{ReportError, runs, standing, text};
use super::{Study, picture, too_little};

/// How many of the newest days with runs are listed.
const DAYS: usize = 30;

/// Adds the trend of an experiment.
pub(in crate::report) fn tell(
    study: &Study<'_>,
    mut section: Section,
) -> Result<Section, ReportError> {
    let experiment = study.experiment;
    let goal = &experiment.goal;
    let mut points: Vec<_> =
        study.measured.iter().map(|(run, value)| (run.ended, run.id, *value)).collect();
    points.sort_by_key(|(time, id, _)| (*time, *id));
    let points: Vec<_> =
        points.iter().map(|(time, _, value)| (time.microseconds() as f64, *value)).collect();
    let axes = Axis::time(points.iter().map(|(x, _)| *x))
        .zip(Axis::over(points.iter().map(|(_, y)| *y), 5));
    if let Some((x, y)) = axes.filter(|_| points.len() > 1) {
        let line = Layer::Line { series: 0, points: steps(&points, goal.direction) };
        let marks = if points.len() > MARKS {
            Layer::Density(points.clone())
        } else {
            Layer::Marks { series: 0, points: points.clone() }
        };
        let better = text::direction(Some(goal.direction));
        let title = format!("{} over time", goal.metric);
        let svg = Plot {
            title: &title,
            x,
            y,
            x_name: "end of the run (UTC)",
            y_name: &format!("{} ({better})", goal.metric),
            series: &[],
            layers: vec![line, marks],
        }
        .svg()?;
        let caption = text::count(points.len(), "finished run");
        section.pictures.push(picture(
            title,
            format!("{caption}; the line is the best so far."),
            svg,
        ));
    } else {
        section = too_little(section, "two finished runs with the goal make a trend");
    }
    section.pictures.extend(timeline(experiment)?);
    Ok(section.table(days(experiment)))
}

/// How long each of the newest runs took and when, as bars in the order they ended.
fn timeline(
    experiment: &ExperimentView,
) -> Result<Option<super::super::picture::Picture>, ReportError> {
    let newest: Vec<&RunView> = experiment.runs.iter().take(12).collect();
    let bars: Vec<_> = newest
        .iter()
        .map(|run| {
            let took = run.ended.microseconds().saturating_sub(run.started.microseconds());
            chart::Bar {
                label: if run.label.is_empty() { run.short.clone() } else { run.label.clone() },
                value: took as f64 / 1e6,
                text: text::duration(run.started, run.ended),
                spread: 0.0,
                strong: Some(run.id) == experiment.best,
            }
        })
        .collect();
    if bars.is_empty() {
        return Ok(None);
    }
    let title = "How long the newest runs took".to_owned();
    let svg = chart::bars(&format!("{title}: {}", experiment.title), &bars)?;
    let caption = format!("The {} that started last; the best in full colour.", bars.len());
    Ok(Some(picture(title, caption, svg)))
}

/// The runs of each day: how many, how many did not finish, best and mean.
fn days(experiment: &ExperimentView) -> Table {
    let goal = &experiment.goal;
    let mut by_day: BTreeMap<String, Vec<&RunView>> = BTreeMap::new();
    for run in &experiment.runs {
        by_day.entry(run.ended.minute()[..10].to_owned()).or_default().push(run);
    }
    let mut table = Table::new(format!("Days of {}", experiment.title))
        .text("day")
        .number("runs", "")
        .number("not finished", "")
        .number(format!("best {}", goal.metric), text::direction(Some(goal.direction)))
        .number("mean", "")
        .number("deviation", "");
    for (day, members) in by_day.into_iter().rev().take(DAYS) {
        let values: Vec<f64> = members
            .iter()
            .filter_map(|run| standing::goal_value(goal, run))
            .filter(|value| value.is_finite())
            .collect();
        let best = values
            .iter()
            .copied()
            .reduce(|best, value| if goal.direction.better(value, best) { value } else { best });
        let summary = Summary::of(&values);
        let bad = members.iter().filter(|run| run.status.is_bad()).count();
        let cell = |value: Option<String>| value.map_or_else(runs::missing, Cell::number);
        table.row(
            Cell::text(day),
            vec![
                Cell::number(members.len().to_string()),
                Cell::number(bad.to_string()).class(if bad > 0 { "bad" } else { "" }),
                cell(best.map(number::for_people)),
                cell(summary.map(|it| number::for_people(it.mean))),
                cell(summary.and_then(|it| it.deviation).map(number::deviation_for_people)),
            ],
        );
    }
    table
}
