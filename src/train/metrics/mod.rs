//! How well answers meet what was observed.
//!
//! Names and definitions are scikit-learn's (1.9, `sklearn.metrics`), without the sign that turns its
//! losses into scores; sums run in the order of the rows, then of the classes.

mod classification;
pub(super) mod clustering;
mod ranking;
mod regression;

use crate::ledger::model::Task;

use super::estimator::Answer;

pub(super) use ranking::{Step, steps};

/// The metrics of a task by name, in the order they are reported.
pub fn metrics(task: Task) -> &'static [&'static str] {
    match task {
        Task::Regression => regression::NAMES,
        Task::Classification => classification::NAMES,
        Task::Clustering => clustering::NAMES,
    }
}

/// The metrics a spec that names none gets.
pub fn default_metrics(task: Task) -> &'static [&'static str] {
    match task {
        // These four are part of the identity of every run whose spec names no metrics.
        Task::Regression => &["r2", "rmse", "mse", "mae"],
        Task::Classification => {
            &["accuracy", "balanced_accuracy", "f1_macro", "log_loss", "roc_auc_ovr"]
        }
        Task::Clustering => clustering::NAMES,
    }
}

/// Some rows: what was observed, and what a model says of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judged<'a> {
    /// A value a row, as in [`super::target::Target::values`].
    pub(super) actual: &'a [f64],
    /// What the model says.
    pub(super) answer: &'a Answer,
    /// Number of classes of the whole data set, 0 unless the task is classification.
    pub(super) classes: usize,
}

/// Why a metric has no value, such as `the model gives no probabilities`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Undefined(pub(super) &'static str);

/// A metric of [`metrics`]. NaN only where the predictions are no numbers.
pub(super) fn score(name: &str, judged: &Judged<'_>) -> Result<f64, Undefined> {
    if judged.actual.is_empty() {
        return Err(Undefined("there is no row to judge by"));
    }
    let known = if judged.classes > 0 {
        classification::score(name, judged)
    } else {
        regression::score(name, judged.actual, &judged.answer.values)
    };
    known.unwrap_or(Err(Undefined("the task has no such metric")))
}

fn pairs<'a>(a: &'a [f64], b: &'a [f64]) -> impl Iterator<Item = (f64, f64)> + 'a {
    a.iter().copied().zip(b.iter().copied())
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}

#[cfg(test)]
mod tests {
    use super::super::estimator::Scores;
    use super::*;

    const TASKS: [Task; 3] = [Task::Regression, Task::Classification, Task::Clustering];

    #[test]
    fn defaults_are_known_and_in_the_order_of_reports() {
        for task in TASKS {
            let mut known = metrics(task).iter();
            assert!(default_metrics(task).iter().all(|name| known.any(|other| other == name)));
        }
    }

    #[test]
    fn every_name_has_a_score() {
        let scores =
            Scores { by_class: vec![vec![0.75, 0.25], vec![0.25, 0.75]], probabilities: true };
        let answer = Answer::of_scores(scores);
        for (task, classes) in [(Task::Regression, 0), (Task::Classification, 2)] {
            let judged = Judged { actual: &[0.0, 1.0], answer: &answer, classes };
            for name in metrics(task) {
                assert!(score(name, &judged).is_ok_and(f64::is_finite), "{name}");
            }
            assert!(score("loss", &judged).is_err());
            assert!(score("r2", &Judged { actual: &[], ..judged }).is_err());
        }
    }
}
