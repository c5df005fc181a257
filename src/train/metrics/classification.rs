//! Metrics of predicted classes.

use super::super::estimator::Scores;
use super::{Judged, Undefined, ranking};

/// The names, in the order they are reported.
pub(super) const NAMES: &[&str] = &[
    "accuracy",
    "balanced_accuracy",
    "precision",
    "recall",
    "f1",
    "precision_macro",
    "recall_macro",
    "f1_macro",
    "precision_micro",
    "recall_micro",
    "f1_micro",
    "precision_weighted",
    "recall_weighted",
    "f1_weighted",
    "log_loss",
    "roc_auc",
    "roc_auc_ovr",
    "average_precision",
    "matthews_corrcoef",
];

/// Computes a metric, `None` for an unknown name. There is at least one row.
///
/// `precision`, `recall`, `f1` and `roc_auc` are those of the second of two classes.
pub(super) fn score(name: &str, judged: &Judged<'_>) -> Option<Result<f64, Undefined>> {
    if !NAMES.contains(&name) {
        return None;
    }
    let scores = || {
        judged.answer.scores.as_ref().ok_or(Undefined("the model gives no scores of the classes"))
    };
    Some(match name {
        "log_loss" => scores().and_then(|scores| log_loss(judged.actual, scores)),
        "roc_auc" => two_classes(judged)
            .and_then(|()| scores())
            .and_then(|scores| ranking::roc_auc(judged.actual, 1, scores)),
        "roc_auc_ovr" => scores().and_then(|it| over_classes(judged, it, ranking::roc_auc)),
        "average_precision" => {
            scores().and_then(|it| over_classes(judged, it, ranking::average_precision))
        }
        _ => of_counts(name, judged),
    })
}

/// The share of right answers, and what else follows from counting classes.
fn of_counts(name: &str, judged: &Judged<'_>) -> Result<f64, Undefined> {
    let counts = Counts::of(judged);
    let (of, average) = name.split_once('_').unwrap_or((name, ""));
    let of = match of {
        "precision" => Counts::precision,
        "recall" => Counts::recall,
        "f1" => Counts::f1,
        "accuracy" => return Ok(counts.accuracy()),
        "balanced" => return Ok(counts.balanced_accuracy()),
        _ => return Ok(counts.matthews()),
    };
    Ok(match average {
        // Each row is one right or one wrong answer of both kinds, so the three are the same.
        "micro" => counts.accuracy(),
        "macro" => counts.macro_average(of),
        "weighted" => counts.weighted_average(of),
        _ => {
            two_classes(judged)?;
            of(&counts, 1)
        }
    })
}

fn two_classes(judged: &Judged<'_>) -> Result<(), Undefined> {
    if judged.classes == 2 {
        return Ok(());
    }
    Err(Undefined("it is for two classes; name an average over classes, such as f1_macro"))
}

/// −ln of the probability of the actual class on average, probabilities kept off 0 and 1 by the
/// smallest step of a float at 1.
fn log_loss(actual: &[f64], scores: &Scores) -> Result<f64, Undefined> {
    if !scores.probabilities {
        return Err(Undefined("the model gives no probabilities"));
    }
    let mut sum = 0.0;
    for (row, class) in actual.iter().enumerate() {
        let column = scores.by_class.get(*class as usize);
        let probability = column.and_then(|column| column.get(row)).copied().unwrap_or_default();
        sum -= probability.clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln();
    }
    Ok(sum / actual.len() as f64)
}

/// The metric of the second of two classes, or the mean over the classes, each against all others.
fn over_classes(
    judged: &Judged<'_>,
    scores: &Scores,
    metric: fn(&[f64], usize, &Scores) -> Result<f64, Undefined>,
) -> Result<f64, Undefined> {
    if judged.classes == 2 {
        return metric(judged.actual, 1, scores);
    }
    let mut sum = 0.0;
    for class in 0..judged.classes {
        sum += metric(judged.actual, class, scores)?;
    }
    Ok(sum / judged.classes as f64)
}

/// Rows by class.
struct Counts {
    rows: f64,
    /// By class, the rows that have it.
    actual: Vec<f64>,
    /// By class, the rows that are said to have it.
    predicted: Vec<f64>,
    /// By class, the rows that have it and are said to.
    hits: Vec<f64>,
}

impl Counts {
    fn of(judged: &Judged<'_>) -> Self {
        let none = || vec![0.0; judged.classes];
        let (mut actual, mut predicted, mut hits) = (none(), none(), none());
        let count = |counts: &mut Vec<f64>, class: f64| {
            if let Some(count) = counts.get_mut(class as usize) {
                *count += 1.0;
            }
        };
        for (is, said) in judged.actual.iter().zip(&judged.answer.values) {
            count(&mut actual, *is);
            count(&mut predicted, *said);
            if is.to_bits() == said.to_bits() {
                count(&mut hits, *is);
            }
        }
        Self { rows: judged.actual.len() as f64, actual, predicted, hits }
    }

    fn accuracy(&self) -> f64 {
        self.hits.iter().sum::<f64>() / self.rows
    }

    /// 0 where nothing is said to have the class.
    fn precision(&self, class: usize) -> f64 {
        share(self.hits[class], self.predicted[class])
    }

    /// 0 where nothing has the class.
    fn recall(&self, class: usize) -> f64 {
        share(self.hits[class], self.actual[class])
    }

    fn f1(&self, class: usize) -> f64 {
        share(2.0 * self.hits[class], self.actual[class] + self.predicted[class])
    }

    /// The mean recall of the classes that are there.
    fn balanced_accuracy(&self) -> f64 {
        let present = (0..self.actual.len()).filter(|class| self.actual[*class] > 0.0);
        super::mean(present.map(|class| self.recall(class)))
    }

    /// Over the classes that rows have or are said to have.
    fn macro_average(&self, of: fn(&Self, usize) -> f64) -> f64 {
        let seen = |class: &usize| self.actual[*class] + self.predicted[*class] > 0.0;
        super::mean((0..self.actual.len()).filter(seen).map(|class| of(self, class)))
    }

    /// Over the classes, each counted by the rows that have it.
    fn weighted_average(&self, of: fn(&Self, usize) -> f64) -> f64 {
        let classes = 0..self.actual.len();
        classes.map(|class| self.actual[class] * of(self, class)).sum::<f64>() / self.rows
    }

    /// Matthews' correlation of two partitions (Gorodkin, 2004); 0 where one of them is constant.
    fn matthews(&self) -> f64 {
        let square = |counts: &[f64]| counts.iter().map(|count| count * count).sum::<f64>();
        let products = self.actual.iter().zip(&self.predicted).map(|(a, p)| a * p);
        let both = self.hits.iter().sum::<f64>() * self.rows - products.sum::<f64>();
        let rows = self.rows * self.rows;
        let spread = (rows - square(&self.actual)) * (rows - square(&self.predicted));
        share(both, spread.sqrt())
    }
}

/// A quotient that is 0 where there is nothing to divide by.
fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::super::super::estimator::Answer;
    use super::*;

    fn near(name: &str, judged: &Judged<'_>, expected: f64) {
        let found = score(name, judged).unwrap().unwrap();
        assert!((found - expected).abs() < 1e-15, "{name}: {found} is not {expected}");
    }

    fn probabilities(by_class: Vec<Vec<f64>>) -> Answer {
        Answer::of_scores(Scores { by_class, probabilities: true })
    }

    /// Numbers of scikit-learn 1.9.1.
    #[test]
    fn three_classes() {
        let answer = probabilities(vec![
            vec![0.7, 0.1, 0.2, 0.5, 0.3, 0.4, 0.25, 0.1, 0.6, 0.0],
            vec![0.2, 0.6, 0.2, 0.25, 0.4, 0.5, 0.5, 0.2, 0.3, 0.6],
            vec![0.1, 0.3, 0.6, 0.25, 0.3, 0.1, 0.25, 0.7, 0.1, 0.4],
        ]);
        let actual = [0.0, 1.0, 2.0, 2.0, 1.0, 0.0, 1.0, 2.0, 0.0, 2.0];
        let judged = Judged { actual: &actual, answer: &answer, classes: 3 };
        for (name, expected) in [
            ("accuracy", 0.7),
            ("balanced_accuracy", 0.7222222222222222),
            ("precision_macro", 0.7555555555555555),
            ("recall_macro", 0.7222222222222222),
            ("f1_macro", 0.6944444444444443),
            ("precision_micro", 0.7),
            ("recall_micro", 0.7),
            ("f1_micro", 0.7),
            ("precision_weighted", 0.78),
            ("recall_weighted", 0.7),
            ("f1_weighted", 0.6916666666666667),
            ("log_loss", 0.7074140496477738),
            ("roc_auc_ovr", 0.8859126984126985),
            ("average_precision", 0.7809523809523808),
            ("matthews_corrcoef", 0.5940401295066863),
        ] {
            near(name, &judged, expected);
        }
        for name in ["precision", "recall", "f1", "roc_auc"] {
            let reason = score(name, &judged).unwrap().unwrap_err().0;
            assert!(reason.starts_with("it is for two classes"), "{reason}");
        }
    }

    /// Numbers of scikit-learn 1.9.1; the scores tie.
    #[test]
    fn two_classes() {
        let second = vec![0.1, 0.4, 0.35, 0.8, 0.8, 0.8, 0.9, 0.05];
        let first = second.iter().map(|score| 1.0 - score).collect();
        let answer = probabilities(vec![first, second]);
        let actual = [0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 0.0];
        let judged = Judged { actual: &actual, answer: &answer, classes: 2 };
        for (name, expected) in [
            ("precision", 0.75),
            ("recall", 0.75),
            ("f1", 0.75),
            ("roc_auc", 0.8125),
            ("roc_auc_ovr", 0.8125),
            ("average_precision", 0.7916666666666666),
            ("log_loss", 0.484798386128799),
            ("matthews_corrcoef", 0.5),
        ] {
            near(name, &judged, expected);
        }
    }

    /// Numbers of scikit-learn 1.9.1: no row has the first class, none is said to have the last.
    #[test]
    fn absent_classes() {
        let answer = Answer::plain(vec![0.0, 1.0, 1.0, 1.0, 1.0]);
        let actual = [1.0, 2.0, 2.0, 1.0, 1.0];
        let judged = Judged { actual: &actual, answer: &answer, classes: 3 };
        for (name, expected) in [
            ("accuracy", 0.4),
            ("balanced_accuracy", 0.3333333333333333),
            ("precision_macro", 0.16666666666666666),
            ("recall_macro", 0.2222222222222222),
            ("f1_macro", 0.19047619047619047),
            ("precision_weighted", 0.3),
            ("recall_weighted", 0.4),
            ("f1_weighted", 0.34285714285714286),
            ("matthews_corrcoef", -0.20412414523193154),
        ] {
            near(name, &judged, expected);
        }
        assert!(score("log_loss", &judged).unwrap().is_err());
        let constant = Answer::plain(vec![0.0; 3]);
        let judged = Judged { actual: &[0.0, 0.0, 1.0], answer: &constant, classes: 2 };
        for name in ["precision", "recall", "f1", "matthews_corrcoef"] {
            near(name, &judged, 0.0);
        }
    }

    #[test]
    fn a_certain_mistake_costs_much_but_not_everything() {
        let answer = probabilities(vec![vec![0.0, 0.0], vec![1.0, 1.0]]);
        let judged = Judged { actual: &[0.0, 1.0], answer: &answer, classes: 2 };
        near("log_loss", &judged, 18.021826694558577);
    }

    #[test]
    fn what_is_undefined_says_why() {
        let by_class = vec![vec![-1.0, -2.0], vec![1.0, 2.0]];
        let answer = Answer::of_scores(Scores { by_class, probabilities: false });
        let judged = Judged { actual: &[1.0, 1.0], answer: &answer, classes: 2 };
        let reason = |name| score(name, &judged).unwrap().unwrap_err().0;
        assert_eq!(reason("log_loss"), "the model gives no probabilities");
        assert_eq!(reason("roc_auc"), "the rows do not hold every class");
        assert_eq!(reason("average_precision"), "the rows do not hold every class");
    }
}
