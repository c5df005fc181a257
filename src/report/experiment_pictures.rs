//! The pictures of an experiment: metrics side by side, params against the goal, the best so far.

use std::collections::BTreeMap;

use crate::ledger::cell::Cell;
use crate::ledger::metric::{self, Direction};
use crate::ledger::statistics::Summary;
use crate::ledger::threads;
use crate::ledger::view::{ExperimentView, RunView};

use super::chart::{self, Axis, Bar, Layer, MARKS, Plot};
use super::picture::Picture;
use super::{ReportError, standing, text};

/// How many bars a comparison shows.
const BARS: usize = 24;

/// How many metrics and how many params get a picture of their own.
const EACH: usize = 6;

/// The pictures of an experiment.
pub(super) struct Pictures {
    /// The metrics of the finished runs as bars.
    pub(super) comparisons: Vec<Picture>,
    /// Params against the goal.
    pub(super) params: Vec<Picture>,
    /// The best so far.
    pub(super) best_so_far: Vec<Picture>,
}

/// Draws some pictures of an experiment, of which the runs with a value of the goal are given, best first.
type Draw = fn(&ExperimentView, &[&RunView]) -> Result<Vec<Picture>, ReportError>;

impl Pictures {
    /// Draws all of them.
    pub(super) fn of(experiment: &ExperimentView) -> Result<Self, ReportError> {
        let runs = ranked(experiment);
        let kinds: [Draw; 3] = [compared, params, best_so_far];
        let drawn = threads::each(&kinds, |draw| draw(experiment, &runs));
        let drawn: Vec<_> = drawn.into_iter().collect::<Result<_, _>>()?;
        let [comparisons, params, best_so_far] = drawn.try_into().unwrap_or_default();
        Ok(Self { comparisons, params, best_so_far })
    }
}

/// The metrics of the finished runs as bars: the goal, then the other metrics on test rows.
pub(super) fn comparisons(experiment: &ExperimentView) -> Result<Vec<Picture>, ReportError> {
    compared(experiment, &ranked(experiment))
}

fn compared(experiment: &ExperimentView, runs: &[&RunView]) -> Result<Vec<Picture>, ReportError> {
    let mut lines = standing::lines(experiment);
    lines.retain(|line| standing::goal_mean(&experiment.goal, line).is_some());
    let metrics = standing::metrics(&experiment.goal.metric, runs);
    // The squared error orders runs as its root does, so one picture serves both.
    let told_twice = |name: &str| metric::base(name) == "mse" && metrics.contains(&"rmse");
    let compared = metrics.iter().filter(|name| metric::is_listed(name) && !told_twice(name));
    let mut labels: BTreeMap<&str, usize> = BTreeMap::new();
    for line in &lines {
        *labels.entry(line.label()).or_default() += 1;
    }
    compared.take(EACH).map(|metric| comparison(experiment, (&lines, &labels), metric)).collect()
}

/// The runs with a value of the goal, best first.
fn ranked(experiment: &ExperimentView) -> Vec<&RunView> {
    let mut runs = standing::ordered(experiment);
    runs.retain(|run| standing::goal_value(&experiment.goal, run).is_some());
    runs
}

/// One metric of lines, of which many may be called the same.
fn comparison(
    experiment: &ExperimentView,
    (lines, labels): (&[Cell<'_>], &BTreeMap<&str, usize>),
    metric: &str,
) -> Result<Picture, ReportError> {
    let has = |line: &&Cell<'_>| line.finished().any(|run| run.metrics.contains_key(metric));
    let logged: Vec<_> = lines.iter().filter(has).collect();
    let bar = |(line, summary): (&Cell<'_>, Summary)| {
        let (label, first) = (line.label(), &line.runs[0].short);
        Bar {
            label: if labels.get(label).is_some_and(|count| *count > 1) {
                format!("{} {}", chart::label(label, 18), &first[..first.len().min(5)])
            } else {
                label.to_owned()
            },
            value: summary.mean,
            text: summary.for_people(),
            spread: summary.high.map_or(0.0, |high| high - summary.mean),
            strong: line.runs.iter().any(|run| Some(run.id) == experiment.best),
        }
    };
    let first = logged.iter().take(BARS);
    let bars: Vec<_> = first.filter_map(|line| Some(bar((line, line.summary(metric)?)))).collect();
    let better = text::direction(experiment.goal.direction_of(metric));
    let shown = if logged.len() > BARS {
        format!("The best {BARS} of {} by {}.", logged.len(), experiment.goal.metric)
    } else {
        format!("Ordered by {}, the best in full colour.", experiment.goal.metric)
    };
    let intervals = bars.iter().any(|bar| bar.spread > 0.0);
    let lines = if intervals { " Lines: the 95 % interval of the mean." } else { "" };
    Ok(Picture::new(
        format!("compare-{metric}"),
        if better.is_empty() { metric.to_owned() } else { format!("{metric}, {better}") },
        shown + lines,
        chart::bars(&format!("{metric} of the runs of {}", experiment.title), &bars)?,
    ))
}

/// Each numeric param that varies, against the goal metric; trainers apart by colour and shape.
fn params(experiment: &ExperimentView, runs: &[&RunView]) -> Result<Vec<Picture>, ReportError> {
    let names = standing::varying(runs);
    let drawn = names.into_iter().filter_map(|name| scatter(experiment, runs, name).transpose());
    drawn.take(EACH).collect()
}

fn scatter(
    experiment: &ExperimentView,
    runs: &[&RunView],
    param: &str,
) -> Result<Option<Picture>, ReportError> {
    let mut by_trainer: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    for run in runs {
        let x = run.params.get(param).and_then(serde_json::Value::as_f64);
        let y = standing::goal_value(&experiment.goal, run).filter(|value| value.is_finite());
        if let Some(point) = x.zip(y) {
            by_trainer.entry(&run.trainer).or_default().push(point);
        }
    }
    let all: Vec<_> = by_trainer.values().flatten().copied().collect();
    let values: Vec<_> = all.iter().map(|(x, _)| *x).collect();
    let distinct = values.iter().any(|value| Some(value) != values.first());
    let axes = Axis::for_param(&values, 6).zip(Axis::over(all.iter().map(|(_, y)| *y), 5));
    let Some((x, y)) = axes.filter(|_| distinct) else { return Ok(None) };
    let series: Vec<_> = by_trainer.keys().map(|name| (*name).to_owned()).collect();
    let count = all.len();
    let (layers, series) = if count > MARKS {
        (vec![Layer::Density(all)], Vec::new())
    } else {
        let marks = |(series, points)| Layer::Marks { series, points };
        (by_trainer.into_values().enumerate().map(marks).collect(), series)
    };
    let title = format!("{param} and {}", experiment.goal.metric);
    let svg = Plot {
        title: &title,
        x,
        y,
        x_name: param,
        y_name: &goal_name(experiment),
        series: &series,
        layers,
    }
    .svg()?;
    let note = if count > MARKS { ", darker where more" } else { "" };
    let caption = format!("{count} of {} have it{note}.", text::count(runs.len(), "finished run"));
    Ok(Some(Picture::new(format!("param-{param}"), title, caption, svg)))
}

fn goal_name(experiment: &ExperimentView) -> String {
    let goal = &experiment.goal;
    format!("{} ({})", goal.metric, text::direction(Some(goal.direction)))
}

/// The goal metric of each run in the order they started, and the best so far; from two runs on.
fn best_so_far(
    experiment: &ExperimentView,
    ranked: &[&RunView],
) -> Result<Vec<Picture>, ReportError> {
    let goal = &experiment.goal;
    let mut runs = ranked.to_vec();
    runs.sort_by_key(|run| (run.started, run.id));
    let values = runs.iter().filter_map(|run| standing::goal_value(goal, run));
    let points: Vec<_> = values
        .enumerate()
        .map(|(index, value)| ((index + 1) as f64, value))
        .filter(|(_, value)| value.is_finite())
        .collect();
    let axes = Axis::whole(points.iter().map(|(x, _)| *x), 6)
        .zip(Axis::over(points.iter().map(|(_, y)| *y), 5));
    let Some((x, y)) = axes.filter(|_| points.len() > 1) else { return Ok(Vec::new()) };
    let line = Layer::Line { series: 0, points: steps(&points, goal.direction) };
    let marks = if points.len() > MARKS {
        Layer::Density(points.clone())
    } else {
        Layer::Marks { series: 0, points: points.clone() }
    };
    let title = format!("Best {} so far", goal.metric);
    let svg = Plot {
        title: &title,
        x,
        y,
        x_name: "runs in the order they started",
        y_name: &goal_name(experiment),
        series: &[],
        layers: vec![line, marks],
    }
    .svg()?;
    let caption = format!("{}; the line is the best so far.", text::count(points.len(), "run"));
    Ok(vec![Picture::new("best-so-far", title, caption, svg)])
}

/// A staircase through the best values so far, with a corner only where it changes.
pub(super) fn steps(points: &[(f64, f64)], direction: Direction) -> Vec<(f64, f64)> {
    let mut stairs: Vec<(f64, f64)> = Vec::new();
    for (x, y) in points {
        match stairs.last().copied() {
            None => stairs.push((*x, *y)),
            Some((_, best)) if direction.better(*y, best) => stairs.extend([(*x, best), (*x, *y)]),
            Some(_) => {}
        }
    }
    if let Some(((_, best), (last, _))) = stairs.last().copied().zip(points.last()) {
        stairs.push((*last, best));
    }
    // Corners are few in practice; thousands would be a picture of their own size.
    chart::envelope(&stairs, 2 * MARKS)
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn each_picture_is_small_and_there_are_those_that_say_something() {
        let experiment = sample::experiment();
        let Pictures { comparisons: mut pictures, params, best_so_far } =
            Pictures::of(&experiment).unwrap();
        assert_eq!(pictures[0].stem, "compare-r2");
        pictures.extend(params);
        pictures.extend(best_so_far);
        let stems: Vec<_> = pictures.iter().map(|picture| picture.stem.as_str()).collect();
        assert_eq!(
            stems,
            [
                "compare-r2",
                "compare-rmse",
                "compare-mae",
                "param-max_depth",
                "param-min_samples_split",
                "param-n_estimators",
                "best-so-far"
            ]
        );
        assert!(pictures.iter().all(|picture| picture.svg.as_str().len() < 40_000));
    }

    #[test]
    fn replicates_have_a_line_for_their_interval() {
        let pictures = comparisons(&sample::replicated()).unwrap();
        assert!(pictures[0].caption.ends_with("Lines: the 95 % interval of the mean."));
        let single = comparisons(&sample::experiment()).unwrap();
        let lines = |picture: &Picture| picture.svg.as_str().matches("<polyline").count();
        assert!(lines(&pictures[0]) > lines(&single[0]), "{}", pictures[0].svg.as_str());
        assert!(!single[0].caption.contains("interval"));
    }

    #[test]
    fn the_best_so_far_only_improves() {
        let points = [(1.0, 5.0), (2.0, 3.0), (3.0, 4.0)];
        assert_eq!(
            steps(&points, Direction::Minimize),
            [(1.0, 5.0), (2.0, 5.0), (2.0, 3.0), (3.0, 3.0)]
        );
    }

    #[test]
    fn ten_thousand_runs_still_fit() {
        let experiment = sample::many(10_000);
        let Pictures { comparisons: mut pictures, params, best_so_far } =
            Pictures::of(&experiment).unwrap();
        pictures.extend(params);
        pictures.extend(best_so_far);
        assert!(pictures.iter().all(|picture| picture.svg.as_str().len() < 40_000));
        assert!(pictures[0].caption.contains("of 10000"));
    }
}
