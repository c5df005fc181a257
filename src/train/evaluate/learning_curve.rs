//! The learning curve: scores of models that are trained on growing shares of the training part.

use rayon::prelude::*;

use crate::ledger::evaluate::{FoldKind, RequestEvaluate, RequestFolds};
use crate::ledger::model::Task;
use crate::ledger::outcome::{NewArtifact, Reporter};

use super::super::artifacts::csv;
use super::super::error::TrainError;
use super::super::job::{Job, Values};
use super::super::metrics::Undefined;
use super::super::random::Random;
use super::cross_validation::mean_and_deviation;
use super::folds::{Fold, divide};
use super::progress::Progress;

/// Shares of the training rows of a fold; scikit-learn's `learning_curve` takes the same.
const SHARES: [f64; 5] = [0.1, 0.325, 0.55, 0.775, 1.0];

/// Folds of a request that does not cross-validate.
const FOLDS: i64 = 5;

const HEADER: [&str; 6] =
    ["metric", "rows", "train_mean", "train_deviation", "validation_mean", "validation_deviation"];

/// The scores by the rows that were trained on, and by the validation rows of the fold.
type Scores = (Values, Values);

/// How many models are trained for a learning curve.
pub(super) fn fits(asked: &RequestEvaluate) -> usize {
    let folds = asked.cv.as_ref().map_or(FOLDS, |cv| cv.folds);
    SHARES.len() * usize::try_from(folds).unwrap_or(0)
}

/// Trains on growing shares of each fold of some rows, and judges by the rows that were trained on and
/// by the validation rows of the fold. Gives `learning_curve.csv`: of each metric the means over the
/// folds and the population standard deviations.
///
/// Shares are nested and drawn by the seed of the run; by time they are the latest rows. A share that
/// some model cannot be trained on is left out.
pub(super) fn learning_curve(
    job: &Job<'_>,
    rows: &[usize],
    reporter: &dyn Reporter,
    progress: &Progress<'_>,
) -> Result<NewArtifact, TrainError> {
    let asked = folds_of(job);
    let folds = divide(&asked, rows, job.table, &job.target.values)?;
    let takes: Vec<Takes<'_>> =
        folds.iter().enumerate().map(|(at, fold)| Takes::of(job, asked.kind, at, fold)).collect();
    let most = folds.iter().map(|fold| fold.train.len()).min().unwrap_or(0);
    let mut sizes = SHARES.map(|share| ((share * most as f64) as usize).max(1)).to_vec();
    sizes.dedup();
    let fits: Vec<(usize, &Takes<'_>)> =
        sizes.iter().flat_map(|size| takes.iter().map(move |takes| (*size, takes))).collect();
    let scores: Vec<Result<Scores, TrainError>> =
        fits.par_iter().map(|(size, takes)| judge(job, takes, *size, progress)).collect();
    let mut scores = scores.into_iter();
    let mut lines = Vec::new();
    for size in sizes {
        let of_size: Vec<_> = scores.by_ref().take(folds.len()).collect();
        let of_size: Result<Vec<Scores>, TrainError> = (1..)
            .zip(of_size)
            .map(|(fold, scores)| scores.map_err(|error| error.in_fold(fold, folds.len())))
            .collect();
        match of_size {
            Ok(of_size) => lines.extend(points(job, size, &of_size)),
            Err(TrainError::Cancelled) => return Err(TrainError::Cancelled),
            Err(error) => reporter.line(&format!("learning curve: not with {size} rows: {error}")),
        }
    }
    lines.sort_by_key(|(metric, _)| *metric);
    csv("learning_curve.csv", &HEADER, lines.into_iter().map(|(_, line)| line))
}

/// The folds of the cross-validation, or five of the usual kind.
fn folds_of(job: &Job<'_>) -> RequestFolds {
    let kind = match job.estimator.declaration().task {
        Task::Classification => FoldKind::Stratified,
        _ => FoldKind::Plain,
    };
    let usual = RequestFolds { folds: FOLDS, kind, seed: None, column: None };
    job.request.evaluate.cv.clone().unwrap_or(usual)
}

/// How the shares of a fold are taken.
struct Takes<'a> {
    fold: &'a Fold,
    /// The training rows in the order in which a share takes them; by time, from the latest on.
    order: Vec<usize>,
    by_time: bool,
}

impl<'a> Takes<'a> {
    fn of(job: &Job<'_>, kind: FoldKind, at: usize, fold: &'a Fold) -> Self {
        let (mut order, by_time) = (fold.train.clone(), kind == FoldKind::Time);
        if by_time {
            order.reverse();
        } else {
            let purpose = "fairledger learning curve v1";
            Random::stream(purpose, job.request.seed, at as u64).shuffle(&mut order);
        }
        Self { fold, order, by_time }
    }

    /// So many training rows, in the order in which the whole fold is trained on.
    fn rows(&self, size: usize) -> Vec<usize> {
        let mut rows: Vec<usize> = self.order.iter().take(size).copied().collect();
        if self.by_time {
            rows.reverse();
        } else {
            rows.sort_unstable();
        }
        rows
    }
}

fn judge(
    job: &Job<'_>,
    takes: &Takes<'_>,
    size: usize,
    progress: &Progress<'_>,
) -> Result<Scores, TrainError> {
    let piece = progress.piece();
    let train = takes.rows(size);
    let trained = job.fit(&train, &piece);
    piece.end();
    let trained = trained?;
    Ok((job.judge(&trained, &train)?, job.judge(&trained, &takes.fold.validation)?))
}

/// A line for each metric that is defined in all folds, with the place of the metric.
fn points(job: &Job<'_>, size: usize, folds: &[Scores]) -> Vec<(usize, Vec<String>)> {
    let point = |(at, name): (usize, &str)| {
        let part = |of: fn(&Scores) -> &Values| {
            let values: Result<Vec<f64>, Undefined> = folds.iter().map(|it| of(it)[at]).collect();
            Some(mean_and_deviation(&values.ok()?))
        };
        let (train, validation) = part(|scores| &scores.0).zip(part(|scores| &scores.1))?;
        let numbers = [train.0, train.1, validation.0, validation.1];
        let mut line = vec![name.to_owned(), size.to_string()];
        line.extend(numbers.map(|number| format!("{number:?}")));
        Some((at, line))
    };
    job.metrics().enumerate().filter_map(point).collect()
}
