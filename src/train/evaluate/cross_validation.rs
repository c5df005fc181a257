//! Cross-validation on the training part.

use rayon::prelude::*;

use crate::ledger::evaluate::RequestFolds;
use crate::ledger::outcome::Reporter;

use super::super::error::TrainError;
use super::super::job::{Job, Values};
use super::super::metrics::Undefined;
use super::folds::{Fold, divide};
use super::progress::Progress;

/// Trains and judges on each fold of some rows, folds at the same time, and reports what came out.
///
/// First each metric of each fold as `fold_…`, its step the number of the fold from 1; then of each
/// metric the mean over the folds as `cv_…` and the population standard deviation as `cv_…_std`, as
/// scikit-learn's `GridSearchCV` reports them.
pub(super) fn cross_validate(
    job: &Job<'_>,
    asked: &RequestFolds,
    rows: &[usize],
    reporter: &dyn Reporter,
    progress: &Progress<'_>,
) -> Result<(), TrainError> {
    let folds = divide(asked, rows, job.table, &job.target.values)?;
    let done: Vec<_> = folds.par_iter().map(|fold| judge(job, fold, progress)).collect();
    let mut values = Vec::with_capacity(folds.len());
    for (at, done) in done.into_iter().enumerate() {
        let (of_fold, lines) = done.map_err(|error| error.in_fold(at + 1, folds.len()))?;
        for line in lines {
            reporter.line(&format!("fold {}: {line}", at + 1));
        }
        report_fold(job, at + 1, &of_fold, reporter);
        values.push(of_fold);
    }
    report_all(job, &values, reporter);
    Ok(())
}

/// Trains on a fold and judges by its validation rows; gives what was logged too.
fn judge(
    job: &Job<'_>,
    fold: &Fold,
    progress: &Progress<'_>,
) -> Result<(Values, Vec<String>), TrainError> {
    let piece = progress.piece();
    let trained = job.fit(&fold.train, &piece)?;
    let scores = job.judge(&trained, &fold.validation)?;
    Ok((scores, piece.end()))
}

fn report_fold(job: &Job<'_>, fold: usize, values: &Values, reporter: &dyn Reporter) {
    for (name, value) in job.metrics().zip(values) {
        match value {
            Ok(value) => reporter.metric(&format!("fold_{name}"), *value, fold as u64),
            Err(Undefined(why)) => reporter.line(&format!("fold {fold}: no {name}: {why}")),
        }
    }
}

fn report_all(job: &Job<'_>, values: &[Values], reporter: &dyn Reporter) {
    for (at, name) in job.metrics().enumerate() {
        let of_folds: Result<Vec<f64>, Undefined> = values.iter().map(|fold| fold[at]).collect();
        match of_folds {
            Ok(of_folds) => {
                let (mean, deviation) = mean_and_deviation(&of_folds);
                reporter.metric(&format!("cv_{name}"), mean, 0);
                reporter.metric(&format!("cv_{name}_std"), deviation, 0);
            }
            Err(_) => reporter.line(&format!("no cv_{name}: it is not defined in every fold")),
        }
    }
}

/// The mean of some values and their population standard deviation, as numpy computes them.
pub(super) fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
    (mean, (squares / count).sqrt())
}
