//! The pictures of a run, drawn from its CSV artifacts and its metric points.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::ledger::metric::MetricPoint;
use crate::ledger::number;
use crate::ledger::view::{GoalView, RunFiles, RunView};

use super::chart::{self, Axis, Bar, Layer, MARKS, Plot};
use super::picture::{Drawn, Picture, left};
use super::{ReportError, class_pictures, cluster_pictures, csv, evaluation_pictures, text};

/// How many features and how many curves are shown.
const FEATURES: usize = 20;
const CURVES: usize = 12;

/// Every picture the files of a run allow, or the reason why one they call for is missing.
pub(super) fn all(
    goal: &GoalView,
    run: &RunView,
    files: &RunFiles,
) -> Result<Vec<Drawn>, ReportError> {
    let mut drawn = curves(files)?;
    drawn.extend(class_pictures::all(run, files)?);
    let of_classes = files.texts.contains_key("confusion_matrix.csv");
    if let Some(table) = files.texts.get("predictions.csv").filter(|_| !of_classes) {
        drawn.extend(predictions(run, table)?);
    }
    if let Some(table) = files.texts.get("clusters.csv") {
        drawn.push(cluster_pictures::sizes(table)?);
    }
    if let Some(table) = files.texts.get("feature_importance.csv") {
        drawn.push(importance(table)?);
    }
    drawn.extend(evaluation_pictures::all(goal, files)?);
    Ok(drawn)
}

/// The rows of two columns as numbers; `None` when one is missing or no number.
fn pairs(table: &str) -> Option<Vec<(f64, f64)>> {
    let number = |cell: &str| cell.trim().parse::<f64>().ok().filter(|value| value.is_finite());
    csv::columns(table, ["actual", "predicted"])?
        .iter()
        .map(|[actual, predicted]| number(actual).zip(number(predicted)))
        .collect()
}

/// Predictions against the truth, and what is left between them.
fn predictions(run: &RunView, table: &str) -> Result<Vec<Drawn>, ReportError> {
    let Some(points) = pairs(table).filter(|points| !points.is_empty()) else {
        return Ok(vec![left("predictions", "predictions.csv")]);
    };
    let both = points.iter().flat_map(|(actual, predicted)| [*actual, *predicted]);
    let residuals: Vec<_> = points.iter().map(|(actual, it)| (*it, actual - it)).collect();
    let heights = residuals.iter().map(|(_, residual)| *residual).chain([0.0]);
    let along = residuals.iter().map(|(predicted, _)| *predicted);
    let axes = (Axis::over(both, 5), Axis::over(along, 5), Axis::over(heights, 5));
    let (Some(both), Some(along), Some(heights)) = axes else {
        return Ok(vec![left("predictions", "predictions.csv")]);
    };
    let left_over = residual_table(table, &residuals);
    let rows = text::count(points.len(), "row");
    let target = run.target.as_str();
    let diagonal =
        Layer::Guide([(both.value(0.0), both.value(0.0)), (both.value(1.0), both.value(1.0))]);
    let zero = Layer::Guide([(along.value(0.0), 0.0), (along.value(1.0), 0.0)]);
    let svg = Plot {
        title: "Predicted and actual",
        x: both.clone(),
        y: both,
        x_name: &format!("actual {target}"),
        y_name: &format!("predicted {target}"),
        series: &[],
        layers: vec![diagonal, cloud(points)],
    }
    .svg()?;
    let first = Picture::new(
        "predicted-actual",
        "Predicted and actual",
        format!("{rows}; on the line a prediction is right."),
        svg,
    );
    let svg = Plot {
        title: "Residuals",
        x: along,
        y: heights,
        x_name: &format!("predicted {target}"),
        y_name: "actual − predicted",
        series: &[],
        layers: vec![zero, cloud(residuals)],
    }
    .svg()?;
    let second = Picture::new(
        "residuals",
        "Residuals",
        format!("{rows}; above the line the prediction is too low."),
        svg,
    )
    .with_table(left_over);
    Ok(vec![Drawn::Picture(first), Drawn::Picture(second)])
}

/// The residuals as CSV, with the number of the row where the predictions have it.
fn residual_table(predictions: &str, residuals: &[(f64, f64)]) -> String {
    let number = |[cell]: &[String; 1]| cell.trim().parse::<u64>().ok();
    let rows: Option<Vec<u64>> =
        csv::columns(predictions, ["row"]).and_then(|rows| rows.iter().map(number).collect());
    let mut table = String::from(if rows.is_some() { "row," } else { "" });
    table += "predicted,residual\n";
    for (at, (predicted, residual)) in residuals.iter().enumerate() {
        if let Some(row) = rows.as_ref().and_then(|rows| rows.get(at)) {
            let _ = write!(table, "{row},");
        }
        let _ = writeln!(table, "{predicted:?},{residual:?}");
    }
    table
}

/// Points as marks, or as shades when they are many.
fn cloud(points: Vec<(f64, f64)>) -> Layer {
    if points.len() > MARKS { Layer::Density(points) } else { Layer::Marks { series: 0, points } }
}

/// How much each feature counts, the most important first.
fn importance(table: &str) -> Result<Drawn, ReportError> {
    let read = |[feature, value]: &[String; 2]| Some((feature.clone(), value.trim().parse().ok()?));
    let rows: Option<Vec<(String, f64)>> = csv::columns(table, ["feature", "importance"])
        .and_then(|rows| rows.iter().map(read).collect());
    let Some(mut rows) = rows.filter(|rows| !rows.is_empty()) else {
        return Ok(left("feature importance", "feature_importance.csv"));
    };
    rows.sort_by(|a, b| b.1.total_cmp(&a.1));
    let total = rows.len();
    let caption = if total > FEATURES {
        format!("The first {FEATURES} of {total} features.")
    } else {
        text::count(total, "feature") + "."
    };
    let bar = |(label, value): (String, f64)| Bar {
        label,
        value,
        text: number::for_people((value * 1e4).round() / 1e4),
        spread: 0.0,
        strong: true,
    };
    let bars: Vec<_> = rows.into_iter().take(FEATURES).map(bar).collect();
    Ok(Drawn::Picture(Picture::new(
        "feature-importance",
        "Feature importance",
        caption,
        chart::bars("Feature importance", &bars)?,
    )))
}

/// Points by step of a metric and of its twin on training rows, by name.
type Lines<'a> = BTreeMap<&'a str, Vec<(f64, f64)>>;

/// A curve for each metric that was logged at two steps or more, the one on training rows beside it.
fn curves(files: &RunFiles) -> Result<Vec<Drawn>, ReportError> {
    let mut by_metric: BTreeMap<&str, Lines<'_>> = BTreeMap::new();
    let by_step = files.points.iter().filter(|point| !point.name.starts_with("fold_"));
    for MetricPoint { name, value, step, .. } in by_step {
        let base = name.strip_prefix("train_").unwrap_or(name);
        by_metric.entry(base).or_default().entry(name).or_default().push((*step as f64, *value));
    }
    let mut drawn = Vec::new();
    for (metric, mut lines) in by_metric {
        for points in lines.values_mut() {
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        let stepped =
            |points: &Vec<(f64, f64)>| points.first().map(|p| p.0) != points.last().map(|p| p.0);
        if lines.values().any(stepped) && drawn.len() < CURVES {
            drawn.extend(curve(metric, &lines)?);
        }
    }
    Ok(drawn)
}

fn curve(metric: &str, lines: &Lines<'_>) -> Result<Option<Drawn>, ReportError> {
    let all = || lines.values().flatten();
    let axes = Axis::whole(all().map(|p| p.0), 6).zip(Axis::over(all().map(|p| p.1), 5));
    let Some((x, y)) = axes else {
        let sentence = format!("No curve of {metric}: it has no finite value.");
        return Ok(Some(Drawn::Left(sentence)));
    };
    let mut caption = Vec::new();
    let mut layers = Vec::new();
    for (series, (name, points)) in lines.iter().enumerate() {
        let finite: Vec<_> = points.iter().copied().filter(|point| point.1.is_finite()).collect();
        let kept = chart::envelope(&finite, MARKS);
        if kept.len() < finite.len() {
            caption.push(format!(
                "{name}: {} of {} points, lowest and highest kept",
                kept.len(),
                finite.len()
            ));
        } else {
            caption.push(format!("{name}: {}", text::count(finite.len(), "point")));
        }
        if finite.len() < points.len() {
            caption.push(format!("{} not finite", points.len() - finite.len()));
        }
        layers.push(Layer::Line { series, points: kept });
    }
    let names: Vec<_> = lines.keys().map(|name| (*name).to_owned()).collect();
    let svg = Plot {
        title: &format!("{metric} by step"),
        x,
        y,
        x_name: "step",
        y_name: metric,
        series: &names,
        layers,
    }
    .svg()?;
    Ok(Some(Drawn::Picture(Picture::new(
        format!("curve-{metric}"),
        format!("{metric} by step"),
        caption.join("; ") + ".",
        svg,
    ))))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::super::picture::divide;
    use super::super::sample;
    use super::*;

    fn drawn(files: &RunFiles) -> (Vec<String>, Vec<String>) {
        let experiment = sample::experiment();
        let (pictures, left) = divide(all(&experiment.goal, &experiment.runs[0], files).unwrap());
        assert!(pictures.iter().all(|picture| picture.svg.as_str().len() < 40_000));
        (pictures.into_iter().map(|picture| picture.stem).collect(), left)
    }

    #[test]
    fn the_files_of_a_forest_give_three_pictures() {
        let (stems, left) = drawn(&sample::files());
        assert_eq!(stems, ["predicted-actual", "residuals", "feature-importance"]);
        assert!(left.is_empty());
    }

    #[test]
    fn residuals_come_as_a_table_too() {
        let table = |predictions: &str| {
            let texts = [("predictions.csv".into(), predictions.into())].into();
            let files = RunFiles { texts, ..RunFiles::default() };
            let (goal, run) = (&sample::experiment().goal, &sample::experiment().runs[0]);
            let (pictures, _) = divide(all(goal, run, &files).unwrap());
            let tables = pictures.into_iter().filter_map(|picture| picture.table("x"));
            tables
                .map(|page| (page.path, String::from_utf8(page.bytes).unwrap()))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            table("row,actual,predicted\n3,1,0.5\n9,2,2.25\n"),
            [(
                "x/residuals.csv".into(),
                "row,predicted,residual\n3,0.5,0.5\n9,2.25,-0.25\n".into()
            )]
        );
        let unnumbered = table("actual,predicted\n1,0.5\n");
        assert_eq!(unnumbered[0].1, "predicted,residual\n0.5,0.5\n");
    }

    #[test]
    fn malformed_files_leave_a_sentence() {
        let mut files = sample::files();
        for name in ["predictions.csv", "feature_importance.csv"] {
            files.texts.insert(name.into(), "a,b\n1\n\"".into());
        }
        let (stems, left) = drawn(&files);
        assert!(stems.is_empty());
        assert_eq!(left.len(), 2);
    }

    #[test]
    fn long_curves_are_reduced_and_say_so() {
        let mut files = RunFiles::default();
        for step in 0..10_000_u32 {
            files.points.push(sample::point("loss", 1.0 / f64::from(step + 1), u64::from(step)));
        }
        files.points.push(sample::point("loss", f64::NAN, 10_001));
        files.points.push(sample::point("r2", 0.5, 0));
        let (pictures, _) =
            divide(all(&sample::experiment().goal, &sample::experiment().runs[0], &files).unwrap());
        assert_eq!(pictures.len(), 1);
        assert!(pictures[0].caption.contains("of 10000 points"), "{}", pictures[0].caption);
        assert!(pictures[0].caption.ends_with("1 not finite."));
    }

    #[test]
    fn many_predictions_become_shades() {
        let mut table = String::from("row,actual,predicted\n");
        for row in 0..5000 {
            let _ = writeln!(table, "{row},{row},{}", row + row % 100);
        }
        let files =
            RunFiles { texts: [("predictions.csv".into(), table)].into(), ..RunFiles::default() };
        assert_eq!(drawn(&files).0, ["predicted-actual", "residuals"]);
    }
}
