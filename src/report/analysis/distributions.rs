//! Histograms of metrics with their summary statistics.

use crate::ledger::attempt::Status;
use crate::ledger::metric;
use crate::ledger::number;
use crate::ledger::statistics::Summary;
use crate::ledger::view::{ExperimentView, RunView};

use super::super::chart::{Axis, Layer, Plot};
use super::super::picture::Picture;
use super::super::sections::Section;
use super::super::table::{Cell, Table};
use super::super::{ReportError, runs, standing, text};
use super::{Study, picture, too_little};

/// How many metrics have a picture, and how many have a line in the table.
const PICTURES: usize = 3;
const METRICS: usize = 12;

/// How many bars a histogram has.
const BARS: usize = 20;

/// Adds the distributions of an experiment.
pub(in crate::report) fn tell(
    study: &Study<'_>,
    mut section: Section,
) -> Result<Section, ReportError> {
    let experiment = study.experiment;
    let all: Vec<&RunView> =
        experiment.runs.iter().filter(|run| run.status == Status::Finished).collect();
    let names = standing::metrics(&experiment.goal.metric, &all);
    let listed: Vec<_> =
        names.into_iter().filter(|it| metric::is_listed(it)).take(METRICS).collect();
    if listed.is_empty() {
        return Ok(too_little(section, "no finished run has a metric"));
    }
    let mut table = Table::new(format!("Metrics of {}", experiment.title))
        .text("metric")
        .number("runs", "")
        .number("mean", "")
        .number("deviation", "")
        .number("least", "")
        .number("quarter", "")
        .number("median", "")
        .number("three quarters", "")
        .number("most", "")
        .number("not finite", "");
    for name in &listed {
        let logged: Vec<f64> =
            all.iter().filter_map(|run| run.metrics.get(*name).copied()).collect();
        let mut values: Vec<f64> =
            logged.iter().copied().filter(|value| value.is_finite()).collect();
        values.sort_by(f64::total_cmp);
        table.row(Cell::text(*name), statistics(&values, logged.len()));
        if section.pictures.len() < PICTURES {
            section.pictures.extend(histogram(experiment, name, &values)?);
        }
    }
    Ok(section.table(table))
}

fn statistics(values: &[f64], logged: usize) -> Vec<Cell> {
    let cell = |value: Option<String>| value.map_or_else(runs::missing, Cell::number);
    let summary = Summary::of(values);
    let at = |share: f64| cell(quantile(values, share).map(number::for_people));
    let odd = logged - values.len();
    vec![
        Cell::number(logged.to_string()),
        cell(summary.map(|it| number::for_people(it.mean))),
        cell(summary.and_then(|it| it.deviation).map(number::deviation_for_people)),
        at(0.0),
        at(0.25),
        at(0.5),
        at(0.75),
        at(1.0),
        Cell::number(odd.to_string()).class(if odd > 0 { "bad" } else { "" }),
    ]
}

/// A quantile of sorted values, linear between neighbours (type 7 of Hyndman and Fan 1996).
fn quantile(values: &[f64], share: f64) -> Option<f64> {
    let place = share * (values.len().checked_sub(1)?) as f64;
    let (low, high) = (values[place.floor() as usize], values[place.ceil() as usize]);
    Some(low + (high - low) * place.fract())
}

fn histogram(
    experiment: &ExperimentView,
    name: &str,
    values: &[f64],
) -> Result<Option<Picture>, ReportError> {
    let Some((low, high)) = values.first().copied().zip(values.last().copied()) else {
        return Ok(None);
    };
    let width = (high - low) / BARS as f64;
    if !(width > 0.0 && width.is_finite()) {
        return Ok(None);
    }
    let mut counts = [0_usize; BARS];
    for value in values {
        counts[(((value - low) / width) as usize).min(BARS - 1)] += 1;
    }
    let boxes =
        counts.iter().enumerate().filter(|(_, count)| **count > 0).map(|(at, count)| {
            (low + at as f64 * width, low + (at + 1) as f64 * width, *count as f64)
        });
    let boxes: Vec<_> = boxes.collect();
    let heights = counts.iter().map(|count| *count as f64).chain([0.0]);
    let axes = Axis::over([low, high], 5).zip(Axis::whole(heights, 4));
    let Some((x, y)) = axes else { return Ok(None) };
    let title = format!("Distribution of {name}");
    let better = text::direction(experiment.goal.direction_of(name));
    let x_name = if better.is_empty() { name.to_owned() } else { format!("{name} ({better})") };
    let layers = vec![Layer::Boxes { series: 0, boxes }];
    let svg =
        Plot { title: &title, x, y, x_name: &x_name, y_name: "runs", series: &[], layers }.svg()?;
    let caption = format!("{} in {BARS} equal steps.", text::count(values.len(), "finished run"));
    Ok(Some(picture(title, caption, svg)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_linear_between_neighbours() {
        let values = [1.0, 2.0, 3.0, 10.0];
        for (share, expected) in [(0.0, 1.0), (0.25, 1.75), (0.5, 2.5), (1.0, 10.0)] {
            assert_eq!(quantile(&values, share), Some(expected));
        }
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[4.0], 0.75), Some(4.0));
    }
}
