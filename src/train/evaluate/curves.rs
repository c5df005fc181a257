//! The curves and tables by which a classification is judged, as CSV files.
//!
//! With two classes they are those of the second one, else of each class against all others. A curve
//! of more points than [`POINTS`] is thinned: of each stretch of it the lowest and the highest point
//! stay, and so do its ends.

use crate::ledger::outcome::{NewArtifact, Reporter};

use super::super::artifacts::csv;
use super::super::error::TrainError;
use super::super::estimator::{Answer, Scores};
use super::super::metrics::{Step, Undefined, steps};
use super::super::target::Target;

/// Most points of a curve.
const POINTS: usize = 400;

/// Most points of all curves of a file together; each class has at least 20.
const POINTS_OF_ALL: usize = 8000;

/// Beyond so many classes there are no curves and no confusion matrix.
const CLASSES: usize = 100;

/// Bins of a calibration curve, equally wide.
const BINS: usize = 10;

/// The files of a classification of some rows: `confusion_matrix.csv`, and as far as the model gives
/// scores `roc.csv`, `precision_recall.csv` and `calibration.csv`.
pub(in super::super) fn curves(
    target: &Target,
    actual: &[f64],
    answer: &Answer,
    reporter: &dyn Reporter,
) -> Result<Vec<NewArtifact>, TrainError> {
    let classes = &target.classes;
    if actual.is_empty() || classes.len() < 2 {
        return Ok(Vec::new());
    }
    if classes.len() > CLASSES {
        reporter.line(&format!("no curves: {} classes, more than {CLASSES}", classes.len()));
        return Ok(Vec::new());
    }
    let mut made = vec![confusion_matrix(classes, actual, &answer.values)?];
    let Some(scores) = &answer.scores else { return Ok(made) };
    let most = (POINTS_OF_ALL / classes.len()).clamp(20, POINTS);
    let (mut roc, mut precision_recall, mut calibration) = (Vec::new(), Vec::new(), Vec::new());
    for class in judged_classes(classes.len()) {
        let name = &classes[class];
        match steps(actual, class, scores) {
            Ok(steps) => {
                roc.extend(named(name, thin(&rates(&steps), most)));
                precision_recall.extend(named(name, thin(&precisions(&steps), most)));
            }
            Err(Undefined(why)) => reporter.line(&format!("no curves of '{name}': {why}")),
        }
        if scores.probabilities {
            calibration.extend(named(name, calibrated(actual, class, scores)));
        }
    }
    for (path, header, lines) in [
        ("roc.csv", ["false_positive_rate", "true_positive_rate", "threshold"], roc),
        ("precision_recall.csv", ["recall", "precision", "threshold"], precision_recall),
        ("calibration.csv", ["predicted", "observed", "rows"], calibration),
    ] {
        if !lines.is_empty() {
            made.push(csv(path, &[&["class"][..], &header].concat(), lines.into_iter())?);
        }
    }
    Ok(made)
}

/// The classes that have curves.
fn judged_classes(classes: usize) -> std::ops::Range<usize> {
    if classes == 2 { 1..2 } else { 0..classes }
}

/// A point of a curve: where it lies, and the third column.
type Point = (f64, f64, f64);

fn named(class: &str, points: Vec<Point>) -> impl Iterator<Item = Vec<String>> {
    points.into_iter().map(move |(x, y, z)| {
        let numbers = [x, y, z].map(|number| format!("{number:?}"));
        std::iter::once(class.to_owned()).chain(numbers).collect()
    })
}

/// False and true positive rate by falling threshold, from the threshold that nothing reaches; only
/// points between which the curve is straight.
fn rates(steps: &[Step]) -> Vec<Point> {
    let none = Step { threshold: f64::INFINITY, hits: 0.0, misses: 0.0 };
    let steps: Vec<Step> = std::iter::once(none).chain(steps.iter().copied()).collect();
    let (all, others) = steps.last().map_or((1.0, 1.0), |last| (last.hits, last.misses));
    let is_corner = |at: usize| {
        let (Some(before), Some(after)) = (at.checked_sub(1), steps.get(at + 1)) else {
            return true;
        };
        let (before, step) = (steps[before], steps[at]);
        let come = (step.misses - before.misses) * (after.hits - step.hits);
        let go = (after.misses - step.misses) * (step.hits - before.hits);
        come.to_bits() != go.to_bits()
    };
    let rate = |step: &Step| (step.misses / others, step.hits / all, step.threshold);
    (0..steps.len()).filter(|at| is_corner(*at)).map(|at| rate(&steps[at])).collect()
}

/// Recall and precision by falling threshold, from the threshold that nothing reaches.
fn precisions(steps: &[Step]) -> Vec<Point> {
    let all = steps.last().map_or(1.0, |last| last.hits);
    let point =
        |step: &Step| (step.hits / all, step.hits / (step.hits + step.misses), step.threshold);
    std::iter::once((0.0, 1.0, f64::INFINITY)).chain(steps.iter().map(point)).collect()
}

/// At most `most` points of a curve, at least 8: its ends, and of each stretch the lowest and highest.
fn thin(points: &[Point], most: usize) -> Vec<Point> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Vec::new() };
    if points.len() <= most {
        return points.to_vec();
    }
    let inner = &points[1..points.len() - 1];
    let stretch = inner.len().div_ceil((most - 2) / 2);
    let mut kept = vec![*first];
    for part in inner.chunks(stretch) {
        let by_height = |a: &&Point, b: &&Point| a.1.total_cmp(&b.1);
        let ends = part.iter().min_by(by_height).zip(part.iter().max_by(by_height));
        kept.extend(part.iter().filter(|point| {
            ends.is_some_and(|(low, high)| std::ptr::eq(*point, low) || std::ptr::eq(*point, high))
        }));
    }
    kept.push(*last);
    kept
}

/// Mean predicted probability and share of the class in each bin of probabilities that has rows, as
/// scikit-learn's `calibration_curve`; and the number of these rows.
fn calibrated(actual: &[f64], class: usize, scores: &Scores) -> Vec<Point> {
    let mut bins = [(0.0, 0.0, 0.0); BINS];
    let probabilities = scores.by_class.get(class).map_or(&[][..], Vec::as_slice);
    for (probability, is) in probabilities.iter().zip(actual) {
        // A probability on an edge belongs to the bin below it.
        let at = (1..BINS).filter(|edge| *edge as f64 * 0.1 < *probability).count();
        let (predicted, observed, rows) = &mut bins[at];
        *predicted += probability;
        *observed += f64::from(u8::from(*is as usize == class));
        *rows += 1.0;
    }
    let filled = bins.into_iter().filter(|(.., rows)| *rows > 0.0);
    filled.map(|(predicted, observed, rows)| (predicted / rows, observed / rows, rows)).collect()
}

/// How many rows of each class (down) are said to have which class (across).
fn confusion_matrix(
    classes: &[String],
    actual: &[f64],
    predicted: &[f64],
) -> Result<NewArtifact, TrainError> {
    let mut counts = vec![vec![0_u64; classes.len()]; classes.len()];
    for (is, said) in actual.iter().zip(predicted) {
        let cell = counts.get_mut(*is as usize).and_then(|row| row.get_mut(*said as usize));
        if let Some(cell) = cell {
            *cell += 1;
        }
    }
    let columns: Vec<String> = classes.iter().map(|class| format!("predicted_{class}")).collect();
    let header: Vec<&str> =
        std::iter::once("actual").chain(columns.iter().map(String::as_str)).collect();
    let lines = classes.iter().zip(counts).map(|(class, counts)| {
        std::iter::once(class.clone()).chain(counts.iter().map(u64::to_string)).collect()
    });
    csv("confusion_matrix.csv", &header, lines)
}

#[cfg(test)]
mod tests {
    use super::super::super::estimator::Silent;
    use super::*;

    fn written(classes: &[&str], actual: &[f64], answer: &Answer, path: &str) -> Option<String> {
        let classes = classes.iter().map(|class| (*class).to_owned()).collect();
        let target = Target { values: Vec::new(), classes };
        let made = curves(&target, actual, answer, &Silent).unwrap();
        let file = made.into_iter().find(|file| file.path == path)?;
        Some(String::from_utf8(file.bytes).unwrap())
    }

    /// Eight rows of two classes, with ties.
    fn answer() -> (Vec<f64>, Answer) {
        let second = vec![0.1, 0.4, 0.35, 0.8, 0.8, 0.8, 0.9, 0.05];
        let by_class = vec![second.iter().map(|score| 1.0 - score).collect(), second];
        let actual = vec![0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 0.0];
        (actual, Answer::of_scores(Scores { by_class, probabilities: true }))
    }

    /// The curves of scikit-learn 1.9.1 (`roc_curve`, `precision_recall_curve`, `calibration_curve`).
    #[test]
    fn the_curves_of_two_classes_are_scikit_learns() {
        let (actual, answer) = answer();
        let file = |path| written(&["no", "yes"], &actual, &answer, path).unwrap();
        assert_eq!(
            file("roc.csv"),
            "class,false_positive_rate,true_positive_rate,threshold\nyes,0.0,0.0,inf\n\
             yes,0.0,0.25,0.9\nyes,0.25,0.75,0.8\nyes,0.5,0.75,0.4\nyes,0.5,1.0,0.35\n\
             yes,1.0,1.0,0.05\n"
        );
        assert_eq!(
            file("precision_recall.csv"),
            "class,recall,precision,threshold\nyes,0.0,1.0,inf\nyes,0.25,1.0,0.9\n\
             yes,0.75,0.75,0.8\nyes,0.75,0.6,0.4\nyes,1.0,0.6666666666666666,0.35\n\
             yes,1.0,0.5714285714285714,0.1\nyes,1.0,0.5,0.05\n"
        );
        assert_eq!(
            file("calibration.csv"),
            "class,predicted,observed,rows\nyes,0.07500000000000001,0.0,2.0\n\
             yes,0.375,0.5,2.0\nyes,0.8000000000000002,0.6666666666666666,3.0\nyes,0.9,1.0,1.0\n"
        );
        assert_eq!(
            file("confusion_matrix.csv"),
            "actual,predicted_no,predicted_yes\nno,3,1\nyes,1,3\n"
        );
    }

    #[test]
    fn each_of_several_classes_stands_against_the_others() {
        let by_class = vec![vec![2.0, 0.0, -1.0], vec![0.0, 1.0, 0.5], vec![-1.0, 0.0, 1.0]];
        let answer = Answer::of_scores(Scores { by_class, probabilities: false });
        let file = |path| written(&["a", "b", "c"], &[0.0, 1.0, 1.0], &answer, path);
        let roc = file("roc.csv").unwrap();
        let classes: Vec<&str> = roc.lines().skip(1).map(|line| &line[..1]).collect();
        // No row is a c, so that c has no curve.
        assert_eq!(classes, ["a", "a", "a", "b", "b", "b"]);
        assert!(file("calibration.csv").is_none(), "decision values are no probabilities");
        let plain = Answer::plain(vec![0.0, 1.0, 2.0]);
        assert!(written(&["a", "b", "c"], &[0.0, 1.0, 2.0], &plain, "roc.csv").is_none());
    }

    #[test]
    fn long_curves_are_thinned_and_keep_their_extremes() {
        let rows = 50_000;
        let score = |row: usize| ((row * 7919) % rows) as f64;
        let actual: Vec<f64> =
            (0..rows).map(|row| f64::from(u8::from((row * 31) % 97 < 40 + row % 20))).collect();
        let second: Vec<f64> = (0..rows).map(score).collect();
        let by_class = vec![second.iter().map(|score| -score).collect(), second];
        let scores = Scores { by_class, probabilities: false };
        let steps = steps(&actual, 1, &scores).unwrap();
        for points in [rates(&steps), precisions(&steps)] {
            let kept = thin(&points, POINTS);
            assert!(points.len() > 10_000 && kept.len() <= POINTS, "{}", kept.len());
            assert_eq!((kept.first(), kept.last()), (points.first(), points.last()));
            let highest = |points: &[Point]| points.iter().map(|point| point.1).fold(0.0, f64::max);
            assert!(highest(&kept) >= highest(&points));
            assert!(kept.windows(2).all(|pair| pair[0].0 <= pair[1].0));
        }
    }
}
