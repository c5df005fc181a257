//! Judging a job beyond scores: by curves, and by folds of its training rows.

mod cross_validation;
mod curves;
mod folds;
mod learning_curve;
mod permutation;
mod progress;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Instant;

use crate::ledger::evaluate::RequestEvaluate;
use crate::ledger::outcome::{NewArtifact, Reporter};

use super::error::TrainError;
use super::job::{Job, Trained};
use super::split::Rows;
use permutation::Shuffles;

pub(super) use curves::curves;
pub(super) use progress::Progress;

/// What judging beyond the test rows gave.
#[derive(Debug, Default)]
pub(super) struct Judgement {
    /// Files.
    pub(super) artifacts: Vec<NewArtifact>,
    /// Seconds by phase.
    pub(super) timings: BTreeMap<String, f64>,
}

/// How many pieces of work a run is that is to be judged like this, the fit of its model included.
fn pieces(asked: &RequestEvaluate) -> usize {
    let folds = asked.cv.as_ref().map_or(0, |cv| usize::try_from(cv.folds).unwrap_or(0));
    let curve = if asked.learning_curve { learning_curve::fits(asked) } else { 0 };
    1 + folds + curve + usize::from(asked.permutation.is_some())
}

/// The progress of a run that is judged as a request asks.
pub(super) fn progress<'a>(asked: &RequestEvaluate, reporter: &'a dyn Reporter) -> Progress<'a> {
    Progress::of(reporter, pieces(asked))
}

/// Fits the model that the run is about.
pub(super) fn fit(
    job: &Job<'_>,
    rows: &[usize],
    reporter: &dyn Reporter,
    progress: &Progress<'_>,
) -> Result<Trained, TrainError> {
    if pieces(&job.request.evaluate) == 1 {
        return job.fit(rows, reporter);
    }
    let main = progress.main();
    let trained = job.fit(rows, &main)?;
    main.end();
    Ok(trained)
}

/// Does what a request asks for beyond the scores of the test and training rows.
pub(super) fn judge(
    job: &Job<'_>,
    rows: &Rows,
    trained: &Trained,
    reporter: &dyn Reporter,
    progress: &Progress<'_>,
) -> Result<Judgement, TrainError> {
    let (mut judgement, asked) = (Judgement::default(), &job.request.evaluate);
    let mut timed = |phase: &str, start: Instant| {
        judgement.timings.insert(phase.to_owned(), start.elapsed().as_secs_f64());
    };
    if let Some(cv) = &asked.cv {
        let start = Instant::now();
        cross_validation::cross_validate(job, cv, &rows.train, reporter, progress)?;
        timed("cross_validation", start);
    }
    if asked.learning_curve {
        let start = Instant::now();
        let file = learning_curve::learning_curve(job, &rows.train, reporter, progress)?;
        judgement.artifacts.push(file);
        timed("learning_curve", start);
    }
    if let Some(repeats) = asked.permutation {
        let start = Instant::now();
        let repeats = usize::try_from(repeats).unwrap_or(1).max(1);
        let shuffles = Shuffles { job, trained, rows: &rows.test, repeats };
        judgement.artifacts.extend(shuffles.importance(reporter, progress)?);
        timed("permutation", start);
    }
    Ok(judgement)
}
