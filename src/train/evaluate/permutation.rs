//! Permutation importance: what a model loses when a column is told of other rows (Breiman, 2001).

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use crate::ledger::metric::Direction;
use crate::ledger::outcome::{NewArtifact, Reporter};

use super::super::artifacts::csv;
use super::super::error::TrainError;
use super::super::job::{Job, Trained};
use super::super::metrics::{Judged, Undefined, score};
use super::super::random::Random;
use super::cross_validation::mean_and_deviation;
use super::progress::Progress;

/// A trained model, the rows to judge it by, and how often each raw column of them is shuffled.
pub(super) struct Shuffles<'a> {
    pub(super) job: &'a Job<'a>,
    pub(super) trained: &'a Trained,
    pub(super) rows: &'a [usize],
    /// At least 1.
    pub(super) repeats: usize,
}

impl Shuffles<'_> {
    /// Shuffles each raw column before preparation, and measures by how much the first metric that is
    /// asked for gets worse. Gives `permutation_importance.csv`: of each column the mean over the
    /// repeats and the population standard deviation, the highest first. `None` where the metric is
    /// not defined.
    pub(super) fn importance(
        &self,
        reporter: &dyn Reporter,
        progress: &Progress<'_>,
    ) -> Result<Option<NewArtifact>, TrainError> {
        let piece = progress.piece();
        let Some((metric, direction)) = self.metric() else { return Ok(None) };
        let base = match self.score(metric, None)? {
            Ok(base) => base,
            Err(Undefined(why)) => {
                reporter.line(&format!("no permutation importance: no {metric}: {why}"));
                piece.end();
                return Ok(None);
            }
        };
        let columns = &self.job.request.data.features;
        let done = AtomicU64::new(0);
        let total = columns.len() * self.repeats;
        let losses: Result<Vec<f64>, TrainError> = (0..total)
            .into_par_iter()
            .map(|at| {
                if reporter.cancelled() {
                    return Err(TrainError::Cancelled);
                }
                let rows = self.shuffled(at);
                let score = self.score(metric, Some((&columns[at / self.repeats], &rows)))?;
                piece.progress(done.fetch_add(1, Ordering::Relaxed) + 1, total as u64);
                let score = score.unwrap_or(f64::NAN);
                Ok(if direction == Direction::Maximize { base - score } else { score - base })
            })
            .collect();
        let losses = losses?;
        piece.end();
        let of_columns = columns.iter().zip(losses.chunks(self.repeats));
        let made = of_columns.map(|(column, losses)| (column, mean_and_deviation(losses)));
        file(metric, made.collect()).map(Some)
    }

    /// The first metric of which it is known which way it is better.
    fn metric(&self) -> Option<(&'static str, Direction)> {
        self.job.metrics().find_map(|name| Some((name, Direction::of(name)?)))
    }

    /// The rows in the order of a shuffle; shuffles are counted over all columns.
    fn shuffled(&self, at: usize) -> Vec<usize> {
        let mut rows = self.rows.to_vec();
        let purpose = "fairledger permutation v1";
        Random::stream(purpose, self.job.request.seed, at as u64).shuffle(&mut rows);
        rows
    }

    /// A metric of the rows, one raw column told of other rows.
    fn score(
        &self,
        metric: &str,
        other: Option<(&str, &[usize])>,
    ) -> Result<Result<f64, Undefined>, TrainError> {
        let features = self.trained.preparation.apply_mixed(self.job.table, self.rows, other)?;
        let answer = self.trained.fitted.predictor.predict(&features);
        let actual = self.job.target.of(self.rows);
        let classes = self.job.target.classes.len();
        Ok(score(metric, &Judged { actual: &actual, answer: &answer, classes }))
    }
}

fn file(metric: &str, mut made: Vec<(&String, (f64, f64))>) -> Result<NewArtifact, TrainError> {
    made.sort_by(|(a, (left, _)), (b, (right, _))| right.total_cmp(left).then_with(|| a.cmp(b)));
    let lines = made.into_iter().map(|(column, (mean, deviation))| {
        vec![column.clone(), metric.to_owned(), format!("{mean:?}"), format!("{deviation:?}")]
    });
    csv("permutation_importance.csv", &["feature", "metric", "mean", "deviation"], lines)
}
