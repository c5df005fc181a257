//! Params against the goal, coloured by the thirds of another.

use crate::ledger::view::{GoalView, RunView};

use super::super::chart::{Axis, Layer, MARKS, Plot};
use super::super::picture::Picture;
use super::super::sections::Section;
use super::super::{ReportError, standing, text};
use super::{Study, picture, too_little};

/// How many params have a picture.
const PICTURES: usize = 3;

/// Adds the pictures of an experiment.
pub(super) fn tell(study: &Study<'_>, mut section: Section) -> Result<Section, ReportError> {
    let Study { experiment, measured, impacts } = study;
    let numeric: Vec<_> =
        impacts.iter().filter(|it| it.correlation.is_some()).map(|it| it.param.as_str()).collect();
    for (place, param) in numeric.iter().take(PICTURES).enumerate() {
        // The strongest of the others tells most as a colour.
        let by = numeric.iter().enumerate().find(|(other, _)| *other != place).map(|(_, it)| *it);
        section.pictures.extend(scatter(&experiment.goal, measured, (param, by))?);
    }
    if section.pictures.is_empty() {
        return Ok(too_little(section, "no param is a number of two or more values"));
    }
    Ok(section)
}

/// One param against the goal, coloured by another: those with the most impact, or where too few runs tell
/// of any, the first that vary.
pub(in crate::report) fn leading(study: &Study<'_>) -> Result<Option<Picture>, ReportError> {
    let Study { experiment, measured, impacts } = study;
    let all: Vec<&RunView> = experiment.runs.iter().collect();
    let numeric = impacts.iter().filter(|it| it.correlation.is_some()).map(|it| it.param.as_str());
    let mut names: Vec<&str> = numeric.collect();
    let is_number = |name: &&str| {
        all.iter().filter_map(|run| run.params.get(*name)).all(serde_json::Value::is_number)
    };
    for name in standing::varying(&all).into_iter().filter(is_number) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let Some(param) = names.first() else { return Ok(None) };
    scatter(&experiment.goal, measured, (param, names.get(1).copied()))
}

fn scatter(
    goal: &GoalView,
    measured: &[(&RunView, f64)],
    (param, by): (&str, Option<&str>),
) -> Result<Option<Picture>, ReportError> {
    let number =
        |run: &RunView, name: &str| run.params.get(name).and_then(serde_json::Value::as_f64);
    let points: Vec<(f64, f64, Option<f64>)> = measured
        .iter()
        .filter_map(|(run, value)| {
            Some((number(run, param)?, *value, by.and_then(|by| number(run, by))))
        })
        .collect();
    let along: Vec<f64> = points.iter().map(|(x, ..)| *x).collect();
    let axes = Axis::for_param(&along, 6).zip(Axis::over(points.iter().map(|(_, y, _)| *y), 5));
    let Some((x, y)) = axes else { return Ok(None) };
    let (series, layers) = if points.len() > MARKS {
        (Vec::new(), vec![Layer::Density(points.iter().map(|(x, y, _)| (*x, *y)).collect())])
    } else {
        thirds(&points, by)
    };
    let title = format!("{param} and {}", goal.metric);
    let better = text::direction(Some(goal.direction));
    let svg = Plot {
        title: &title,
        x,
        y,
        x_name: param,
        y_name: &format!("{} ({better})", goal.metric),
        series: &series,
        layers,
    }
    .svg()?;
    let mut caption = text::count(points.len(), "finished run");
    if points.len() > MARKS {
        caption += ", darker where more";
    } else if let Some(by) = by.filter(|_| series.len() > 1) {
        caption = format!("{caption}, coloured by {by}");
    }
    Ok(Some(picture(title, caption + ".", svg)))
}

/// The points in series by the thirds of their third value.
fn thirds(points: &[(f64, f64, Option<f64>)], by: Option<&str>) -> (Vec<String>, Vec<Layer>) {
    let mut values: Vec<f64> = points.iter().filter_map(|(.., third)| *third).collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    let group = |third: Option<f64>| match third {
        None => 3,
        Some(third) => values.partition_point(|value| *value < third) * 3 / values.len(),
    };
    let name = |at: usize| {
        let by = by.unwrap_or_default();
        let own: Vec<f64> = values.iter().copied().filter(|it| group(Some(*it)) == at).collect();
        match (own.first(), own.last()) {
            (Some(low), Some(high)) if low.total_cmp(high).is_eq() => format!("{by} {low}"),
            (Some(low), Some(high)) => format!("{by} {low} to {high}"),
            _ => format!("without {by}"),
        }
    };
    let (mut names, mut layers) = (Vec::new(), Vec::new());
    for at in 0..4 {
        let own: Vec<_> = points
            .iter()
            .filter(|(.., third)| group(*third) == at)
            .map(|(x, y, _)| (*x, *y))
            .collect();
        if !own.is_empty() {
            layers.push(Layer::Marks { series: names.len(), points: own });
            names.push(name(at));
        }
    }
    (names, layers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirds_are_named_by_their_ends() {
        let points: Vec<_> = (0..9).map(|at| (1.0, 2.0, Some(f64::from(at % 6)))).collect();
        let (names, layers) = thirds(&points, Some("depth"));
        assert_eq!(names, ["depth 0 to 1", "depth 2 to 3", "depth 4 to 5"]);
        assert_eq!(layers.len(), 3);
        let (names, _) = thirds(&[(1.0, 1.0, None), (1.0, 1.0, Some(2.0))], Some("depth"));
        assert_eq!(names, ["depth 2", "without depth"]);
    }
}
