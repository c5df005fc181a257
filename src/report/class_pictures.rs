//! The pictures of a classification: its curves, and which classes are taken for which.

use std::collections::BTreeMap;

use crate::ledger::number;
use crate::ledger::view::{RunFiles, RunView};

use super::chart::{self, Axis, Layer, Plot};
use super::picture::{Drawn, Picture, left};
use super::{ReportError, csv, text};

/// How many classes a picture of curves shows, and how many points it has.
const CLASSES: usize = 6;
const POINTS: usize = 900;

/// How many classes a picture of the confusion matrix shows.
const MATRIX: usize = 12;

/// The pictures of the files of a classification.
pub(super) fn all(run: &RunView, files: &RunFiles) -> Result<Vec<Drawn>, ReportError> {
    let mut drawn = Vec::new();
    let file = |name: &str| files.texts.get(name).map(String::as_str);
    if let Some(table) = file("confusion_matrix.csv") {
        drawn.push(confusion(table)?);
    }
    if let Some(table) = file("roc.csv") {
        drawn.push(roc(run, table)?);
    }
    if let Some(table) = file("precision_recall.csv") {
        drawn.push(precision_recall(run, table)?);
    }
    if let Some(table) = file("calibration.csv") {
        drawn.push(calibration(table)?);
    }
    Ok(drawn)
}

/// Points of a curve, in the order of the file.
type Points = Vec<(f64, f64)>;

/// The curves of a file by class, in the order of the file; `None` when it holds none.
fn curves(table: &str, x: &str, y: &str) -> Option<Vec<(String, Points)>> {
    let mut curves: Vec<(String, Points)> = Vec::new();
    for [class, x, y] in csv::columns(table, ["class", x, y])? {
        let (x, y): (f64, f64) = (x.trim().parse().ok()?, y.trim().parse().ok()?);
        if !(0.0..=1.0).contains(&x) || !(0.0..=1.0).contains(&y) {
            return None;
        }
        match curves.last_mut() {
            Some((last, points)) if *last == class => points.push((x, y)),
            _ => curves.push((class, vec![(x, y)])),
        }
    }
    (!curves.is_empty()).then_some(curves)
}

/// The curves that are shown: those with the smallest figure where they are too many; and in words
/// which they are.
fn shown(
    mut curves: Vec<(String, Points)>,
    figure: fn(&Points) -> f64,
    smallest: &str,
) -> (Vec<(String, Points)>, String) {
    let all = curves.len();
    if all <= CLASSES {
        let words = match curves.as_slice() {
            [(class, _)] => format!("{class} against the other class"),
            _ => "Each class against all others".into(),
        };
        return (curves, words);
    }
    curves.sort_by(|a, b| figure(&a.1).total_cmp(&figure(&b.1)));
    curves.truncate(CLASSES);
    let words = format!("The {CLASSES} of {all} classes with {smallest}, each against all others");
    (curves, words)
}

/// A metric of the run in words, such as `; roc_auc 0.93`.
fn measured(run: &RunView, names: &[&str]) -> String {
    let found = names.iter().find_map(|name| Some((name, run.metrics.get(*name)?)));
    found.map_or_else(String::new, |(name, value)| {
        format!("; {name} {}", number::for_people(*value))
    })
}

/// Lines over two shares.
fn lines(
    title: &str,
    names: [&str; 2],
    guide: Option<[(f64, f64); 2]>,
    curves: Vec<(String, Points)>,
    marks: bool,
) -> Result<super::trusted::Trusted, ReportError> {
    let series: Vec<String> = curves.iter().map(|(class, _)| class.clone()).collect();
    let most = POINTS / curves.len().max(1);
    let mut layers: Vec<Layer> = guide.map(Layer::Guide).into_iter().collect();
    for (series, (_, points)) in curves.into_iter().enumerate() {
        if marks {
            layers.push(Layer::Marks { series, points: points.clone() });
        }
        layers.push(Layer::Line { series, points: chart::envelope(&points, most) });
    }
    let (x, y) = (Axis::share_axis(), Axis::share_axis());
    Plot { title, x, y, x_name: names[0], y_name: names[1], series: &series, layers }.svg()
}

fn roc(run: &RunView, table: &str) -> Result<Drawn, ReportError> {
    let Some(curves) = curves(table, "false_positive_rate", "true_positive_rate") else {
        return Ok(left("the ROC curve", "roc.csv"));
    };
    let (curves, words) = shown(curves, area, "the smallest area");
    let title = "ROC curve";
    let names = ["false positive rate", "true positive rate"];
    Ok(Drawn::Picture(Picture::new(
        "roc",
        title,
        format!(
            "{words}{}; on the thin line it is a guess.",
            measured(run, &["roc_auc", "roc_auc_ovr"])
        ),
        lines(title, names, Some([(0.0, 0.0), (1.0, 1.0)]), curves, false)?,
    )))
}

fn precision_recall(run: &RunView, table: &str) -> Result<Drawn, ReportError> {
    let Some(curves) = curves(table, "recall", "precision") else {
        return Ok(left("precision and recall", "precision_recall.csv"));
    };
    let (curves, words) = shown(curves, stairs_area, "the smallest area");
    // Whoever says yes to every row has the share of the class as precision.
    let share = match curves.as_slice() {
        [(_, points)] => points.last().map(|(_, precision)| *precision),
        _ => None,
    };
    let guide = share.map(|share| [(0.0, share), (1.0, share)]);
    let curves: Vec<_> =
        curves.into_iter().map(|(class, points)| (class, stairs(&points))).collect();
    let title = "Precision and recall";
    let note = if guide.is_some() { "; on the thin line it is a guess" } else { "" };
    Ok(Drawn::Picture(Picture::new(
        "precision-recall",
        title,
        format!("{words}{}{note}.", measured(run, &["average_precision"])),
        lines(title, ["recall", "precision"], guide, curves, false)?,
    )))
}

fn calibration(table: &str) -> Result<Drawn, ReportError> {
    let Some(curves) = curves(table, "predicted", "observed") else {
        return Ok(left("calibration", "calibration.csv"));
    };
    let (curves, words) = shown(curves, |points| -off(points), "probabilities furthest off");
    let title = "Calibration";
    let names = ["mean predicted probability", "share of rows of the class"];
    Ok(Drawn::Picture(Picture::new(
        "calibration",
        title,
        format!("{words}, in bins of 0.1; on the thin line probabilities are right."),
        lines(title, names, Some([(0.0, 0.0), (1.0, 1.0)]), curves, true)?,
    )))
}

/// The area under a curve, by trapezia.
fn area(points: &Points) -> f64 {
    points.windows(2).map(|pair| (pair[1].0 - pair[0].0) * (pair[0].1 + pair[1].1) / 2.0).sum()
}

/// The area under a curve each of whose points holds since the one before it.
fn stairs_area(points: &Points) -> f64 {
    points.windows(2).map(|pair| (pair[1].0 - pair[0].0) * pair[1].1).sum()
}

/// The mean distance of a calibration curve from the diagonal.
fn off(points: &Points) -> f64 {
    points.iter().map(|(x, y)| (x - y).abs()).sum::<f64>() / points.len() as f64
}

/// The corners of a curve each of whose points holds since the one before it.
fn stairs(points: &[(f64, f64)]) -> Points {
    let mut corners: Points = Vec::new();
    for point in chart::envelope(points, POINTS / CLASSES) {
        if let Some((x, y)) = corners.last().copied()
            && x < point.0
            && y.to_bits() != point.1.to_bits()
        {
            corners.push((x, point.1));
        }
        corners.push(point);
    }
    corners
}

/// Which classes are taken for which.
fn confusion(table: &str) -> Result<Drawn, ReportError> {
    let Some((names, counts)) = read_confusion(table) else {
        return Ok(left("the confusion matrix", "confusion_matrix.csv"));
    };
    if names.len() > MATRIX {
        let text = format!(
            "No picture of the confusion matrix: {} classes are too many; the \
                            counts are in confusion_matrix.csv.",
            names.len()
        );
        return Ok(Drawn::Left(text));
    }
    let all: u64 = counts.iter().flatten().sum();
    let right: u64 = (0..names.len()).map(|at| counts[at][at]).sum();
    let rows = text::count(usize::try_from(all).unwrap_or(0), "row");
    let pairs = (0..names.len()).flat_map(|row| (0..names.len()).map(move |column| (row, column)));
    let mut most: BTreeMap<u64, (usize, usize)> = BTreeMap::new();
    for (row, column) in pairs.filter(|(row, column)| row != column) {
        most.entry(counts[row][column]).or_insert((row, column));
    }
    let wrong = match most.pop_last() {
        Some((count, (row, column))) if count > 0 => {
            format!("; most often {} is taken for {} ({count})", names[row], names[column])
        }
        _ => String::new(),
    };
    let caption = format!("{right} of {rows} are right{wrong}.");
    let title = "Confusion matrix";
    Ok(Drawn::Picture(Picture::new(
        "confusion-matrix",
        title,
        caption,
        chart::matrix(title, &names, &counts)?,
    )))
}

/// The classes and, a row for each, the counts; `None` when the file is not square.
fn read_confusion(table: &str) -> Option<(Vec<String>, Vec<Vec<u64>>)> {
    let mut rows = csv::rows(table)?.into_iter();
    rows.next()?;
    let (mut names, mut counts) = (Vec::new(), Vec::new());
    for mut row in rows {
        let numbers: Option<Vec<u64>> = row.drain(1..).map(|cell| cell.parse().ok()).collect();
        names.push(row.pop()?);
        counts.push(numbers?);
    }
    let square = counts.iter().all(|row| row.len() == names.len());
    (square && !names.is_empty()).then_some((names, counts))
}

#[cfg(test)]
mod tests {
    use super::super::picture::divide;
    use super::super::sample;
    use super::*;

    fn drawn(files: &[(&str, String)]) -> (Vec<Picture>, Vec<String>) {
        let texts = files.iter().map(|(name, text)| ((*name).to_owned(), text.clone())).collect();
        let files = RunFiles { texts, ..RunFiles::default() };
        let mut run = sample::experiment().runs[0].clone();
        run.metrics.insert("roc_auc_ovr".into(), 0.875);
        divide(all(&run, &files).unwrap())
    }

    /// Curves of some classes with as many points each.
    fn table(header: &str, classes: usize, points: usize) -> String {
        let point = |class: usize, at: usize| {
            let x = at as f64 / (points - 1) as f64;
            format!("class {class},{x},{},0.5\n", x.powf(1.0 / (class + 1) as f64))
        };
        let lines = (0..classes).flat_map(|class| (0..points).map(move |at| point(class, at)));
        header.to_owned() + &lines.collect::<String>()
    }

    #[test]
    fn each_file_has_its_picture() {
        let (pictures, left) = drawn(&[
            ("confusion_matrix.csv", "actual,predicted_a,predicted_b\na,8,2\nb,3,7\n".into()),
            ("roc.csv", table("class,false_positive_rate,true_positive_rate,threshold\n", 1, 9)),
            ("precision_recall.csv", table("class,recall,precision,threshold\n", 1, 9)),
            ("calibration.csv", table("class,predicted,observed,rows\n", 1, 9)),
        ]);
        let stems: Vec<&str> = pictures.iter().map(|picture| picture.stem.as_str()).collect();
        assert_eq!(stems, ["confusion-matrix", "roc", "precision-recall", "calibration"]);
        assert!(left.is_empty());
        assert_eq!(
            pictures[0].caption,
            "15 of 20 rows are right; most often b is taken for a (3)."
        );
        assert_eq!(
            pictures[1].caption,
            "class 0 against the other class; roc_auc_ovr 0.875; on the thin line it is a guess."
        );
    }

    #[test]
    fn many_classes_and_points_stay_a_small_picture_of_the_worst() {
        for header in [
            "class,false_positive_rate,true_positive_rate,threshold\n",
            "class,recall,precision,threshold\n",
        ] {
            let file = if header.contains("recall") { "precision_recall.csv" } else { "roc.csv" };
            let (pictures, _) = drawn(&[(file, table(header, 20, 400))]);
            let svg = pictures[0].svg.as_str();
            assert!(svg.len() < 40_000, "{file}: {} bytes", svg.len());
            assert!(svg.contains("class 5") && !svg.contains("class 6"), "{file}");
            assert!(pictures[0].caption.starts_with("The 6 of 20 classes with the smallest area"));
        }
    }

    #[test]
    fn malformed_files_leave_a_sentence() {
        for (file, text) in [
            ("roc.csv", "class,false_positive_rate,true_positive_rate\na,2.0,0.5\n"),
            ("roc.csv", "class,false_positive_rate,true_positive_rate\n"),
            ("precision_recall.csv", "class,recall\na,1\n"),
            ("calibration.csv", "\""),
            ("confusion_matrix.csv", "actual,predicted_a\na,1\nb,2\n"),
            ("confusion_matrix.csv", "actual,predicted_a\na,-1\n"),
            ("confusion_matrix.csv", ""),
        ] {
            let (pictures, left) = drawn(&[(file, text.into())]);
            assert!(pictures.is_empty() && left.len() == 1, "{file}: {text}");
        }
    }

    #[test]
    fn a_stair_keeps_its_precision_until_the_next_point() {
        let corners = stairs(&[(0.0, 1.0), (0.5, 0.75), (0.5, 0.5), (1.0, 0.5)]);
        assert_eq!(corners, [(0.0, 1.0), (0.0, 0.75), (0.5, 0.75), (0.5, 0.5), (1.0, 0.5)]);
    }
}
