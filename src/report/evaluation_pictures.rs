//! The pictures of what is judged beyond the test rows: folds, learning curve, shuffled columns.

use std::collections::BTreeMap;

use crate::ledger::view::{GoalView, RunFiles};
use crate::ledger::{metric, number};

use super::chart::{self, Axis, Bar, Layer, MARKS, Plot};
use super::picture::{Drawn, Picture, left};
use super::{ReportError, csv, text};

/// How many features are shown.
const FEATURES: usize = 20;

/// The pictures of a run's folds and of the files that are made when asked for.
pub(super) fn all(goal: &GoalView, files: &RunFiles) -> Result<Vec<Drawn>, ReportError> {
    let mut drawn: Vec<Drawn> = folds(goal, files)?.into_iter().map(Drawn::Picture).collect();
    if let Some(table) = files.texts.get("learning_curve.csv") {
        drawn.push(learning_curve(goal, table)?);
    }
    if let Some(table) = files.texts.get("permutation_importance.csv") {
        drawn.push(permutation(table)?);
    }
    Ok(drawn)
}

/// Of some metrics that of the goal, on whichever rows it is taken, else the first.
fn of_goal<'a>(goal: &GoalView, mut metrics: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = metric::base(&goal.metric);
    let first = metrics.next()?;
    Some(if first == wanted { first } else { metrics.find(|it| *it == wanted).unwrap_or(first) })
}

/// The goal's metric in each fold, with the mean and the standard deviation.
fn folds(goal: &GoalView, files: &RunFiles) -> Result<Option<Picture>, ReportError> {
    let metrics = files.points.iter().filter_map(|point| point.name.strip_prefix("fold_"));
    let Some(metric) = of_goal(goal, metrics) else { return Ok(None) };
    let points: Vec<(f64, f64)> = files
        .points
        .iter()
        .filter(|point| point.name.strip_prefix("fold_") == Some(metric) && point.value.is_finite())
        .map(|point| (point.step as f64, point.value))
        .collect();
    let value = |name: String| {
        let point = files.points.iter().find(|point| point.name == name)?;
        point.value.is_finite().then_some(point.value)
    };
    let both = value(format!("cv_{metric}")).zip(value(format!("cv_{metric}_std")));
    let Some((mean, deviation)) = both.filter(|_| points.len() <= MARKS) else { return Ok(None) };
    let ends = [mean - deviation, mean + deviation];
    let heights = points.iter().map(|point| point.1).chain(ends);
    let axes = Axis::whole(points.iter().map(|point| point.0), 6).zip(Axis::over(heights, 5));
    let Some((x, y)) = axes else { return Ok(None) };
    let (start, end) = (x.value(0.0), x.value(1.0));
    let title = format!("{metric} by fold");
    let svg = Plot {
        title: &title,
        x,
        y,
        x_name: "fold",
        y_name: metric,
        series: &[],
        layers: vec![
            Layer::Band {
                series: 0,
                edges: vec![(start, ends[0], ends[1]), (end, ends[0], ends[1])],
            },
            Layer::Guide([(start, mean), (end, mean)]),
            Layer::Marks { series: 0, points: points.clone() },
        ],
    }
    .svg()?;
    let caption = format!(
        "{}; the line is their mean {}, the band one standard deviation ({}) on each side.",
        text::count(points.len(), "fold"),
        number::for_people(mean),
        number::deviation_for_people(deviation)
    );
    Ok(Some(Picture::new("folds", title, caption, svg)))
}

/// A share of the training rows: how many, and mean and deviation on them and on validation rows.
type Share = [f64; 5];

fn learning_curve(goal: &GoalView, table: &str) -> Result<Drawn, ReportError> {
    let missing = || left("the learning curve", "learning_curve.csv");
    let Some(by_metric) = shares(table) else { return Ok(missing()) };
    let metrics = by_metric.keys().map(String::as_str);
    let Some(metric) = of_goal(goal, metrics) else { return Ok(missing()) };
    let shares = &by_metric[metric];
    let parts = [("training rows", 1), ("validation rows", 3)];
    let band =
        |at: usize| shares.iter().map(move |it| (it[0], it[at] - it[at + 1], it[at] + it[at + 1]));
    let heights = parts.iter().flat_map(|(_, at)| band(*at)).flat_map(|(_, low, high)| [low, high]);
    let axes = Axis::whole(shares.iter().map(|it| it[0]), 6).zip(Axis::over(heights, 5));
    let Some((x, y)) = axes else { return Ok(missing()) };
    let mut layers = Vec::new();
    for (series, (_, at)) in parts.iter().enumerate() {
        layers.push(Layer::Band { series, edges: band(*at).collect() });
    }
    for (series, (_, at)) in parts.iter().enumerate() {
        let points: Vec<(f64, f64)> = shares.iter().map(|it| (it[0], it[*at])).collect();
        layers.push(Layer::Line { series, points: points.clone() });
        layers.push(Layer::Marks { series, points });
    }
    let title = format!("Learning curve, {metric}");
    let svg = Plot {
        title: &title,
        x,
        y,
        x_name: "rows trained on",
        y_name: metric,
        series: &parts.map(|(name, _)| name.to_owned()),
        layers,
    }
    .svg()?;
    let caption = "Means over the folds; the bands are one standard deviation on each side.";
    Ok(Drawn::Picture(Picture::new("learning-curve", title, caption, svg)))
}

/// The shares of each metric, by growing number of rows; `None` when a cell is no number.
fn shares(table: &str) -> Option<BTreeMap<String, Vec<Share>>> {
    let columns = [
        "metric",
        "rows",
        "train_mean",
        "train_deviation",
        "validation_mean",
        "validation_deviation",
    ];
    let mut by_metric: BTreeMap<String, Vec<Share>> = BTreeMap::new();
    for [metric, numbers @ ..] in csv::columns(table, columns)? {
        let mut share = [0.0; 5];
        for (place, cell) in share.iter_mut().zip(&numbers) {
            *place = cell.trim().parse::<f64>().ok().filter(|number| number.is_finite())?;
        }
        by_metric.entry(metric).or_default().push(share);
    }
    Some(by_metric)
}

/// What shuffling each raw column costs.
fn permutation(table: &str) -> Result<Drawn, ReportError> {
    let read = |[feature, metric, mean, deviation]: &[String; 4]| {
        let number = |cell: &str| cell.trim().parse::<f64>().ok();
        Some((feature.clone(), metric.clone(), number(mean)?, number(deviation)?))
    };
    let rows: Option<Vec<_>> = csv::columns(table, ["feature", "metric", "mean", "deviation"])
        .and_then(|rows| rows.iter().map(read).collect());
    let Some(rows) = rows.filter(|rows| !rows.is_empty()) else {
        return Ok(left("permutation importance", "permutation_importance.csv"));
    };
    let (total, metric) = (rows.len(), rows[0].1.clone());
    // As many decimals as show three digits of the largest.
    let largest = rows.iter().map(|row| row.2.abs()).fold(f64::MIN_POSITIVE, f64::max);
    let unit = 10_f64.powf(2.0 - largest.log10().floor());
    let bar = |(label, _, mean, deviation): (String, String, f64, f64)| Bar {
        label,
        value: mean,
        text: number::for_people((mean * unit).round() / unit),
        spread: deviation,
        strong: true,
    };
    let bars: Vec<Bar> = rows.into_iter().take(FEATURES).map(bar).collect();
    let of = if total > FEATURES {
        format!("The first {FEATURES} of {total} columns")
    } else {
        text::count(total, "column")
    };
    let title = "Permutation importance";
    Ok(Drawn::Picture(Picture::new(
        "permutation-importance",
        title,
        format!(
            "{of}; how much worse {metric} gets when a column is shuffled, with one standard \
             deviation on each side."
        ),
        chart::bars(title, &bars)?,
    )))
}

#[cfg(test)]
mod tests {
    use super::super::picture::divide;
    use super::super::sample;
    use super::*;

    fn drawn(files: &RunFiles) -> (Vec<Picture>, Vec<String>) {
        divide(all(&sample::experiment().goal, files).unwrap())
    }

    fn with(file: &str, text: &str) -> RunFiles {
        RunFiles { texts: [(file.to_owned(), text.to_owned())].into(), ..RunFiles::default() }
    }

    #[test]
    fn the_goal_has_a_mark_in_each_fold() {
        let mut files = RunFiles::default();
        for fold in 1..=5 {
            for (metric, value) in [("fold_mae", 9.0), ("fold_r2", 0.5 + fold as f64 / 100.0)] {
                files.points.push(sample::point(metric, value, fold));
            }
        }
        assert!(drawn(&files).0.is_empty(), "the mean is missing");
        files.points.push(sample::point("cv_r2", 0.53, 0));
        files.points.push(sample::point("cv_r2_std", 0.0141421, 0));
        let (pictures, left) = drawn(&files);
        assert_eq!((pictures[0].title.as_str(), left.len()), ("r2 by fold", 0));
        assert_eq!(pictures[0].svg.as_str().matches("<circle").count(), 5);
        let caption = "5 folds; the line is their mean 0.53, the band one standard deviation \
                       (0.0141) on each side.";
        assert_eq!(pictures[0].caption, caption);
    }

    const CURVE: &str = "metric,rows,train_mean,train_deviation,validation_mean,\
                         validation_deviation\nmae,10,1,0.5,4,0.5\nr2,10,0.9,0.02,0.5,0.1\n\
                         r2,20,0.85,0.01,0.6,0.05\n";

    #[test]
    fn a_learning_curve_has_two_lines_with_bands() {
        let (pictures, _) = drawn(&with("learning_curve.csv", CURVE));
        assert_eq!(pictures[0].title, "Learning curve, r2");
        let svg = pictures[0].svg.as_str();
        assert_eq!(svg.matches("opacity=\"0.16\"").count(), 2, "{svg}");
        assert!(svg.contains("training rows") && svg.contains("validation rows"));
    }

    #[test]
    fn shuffled_columns_are_bars_with_their_deviation() {
        let text = "feature,metric,mean,deviation\nrooms,r2,0.4,0.05\nage,r2,-0.01,0.02\n";
        let (pictures, _) = drawn(&with("permutation_importance.csv", text));
        assert!(pictures[0].svg.as_str().contains(">-0.01</text>"));
        assert_eq!(
            pictures[0].caption,
            "2 columns; how much worse r2 gets when a column is shuffled, with one standard \
             deviation on each side."
        );
    }

    #[test]
    fn malformed_files_leave_a_sentence() {
        for (file, text) in [
            ("learning_curve.csv", "metric,rows\nr2,1\n"),
            ("learning_curve.csv", &CURVE.replace("0.85", "NaN")),
            ("permutation_importance.csv", "feature,metric,mean,deviation\n"),
            ("permutation_importance.csv", "feature,metric,mean,deviation\na,r2,x,1\n"),
        ] {
            let (pictures, left) = drawn(&with(file, text));
            assert!(pictures.is_empty() && left.len() == 1, "{file}: {text}");
        }
    }
}
