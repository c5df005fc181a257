//! The score of a forest on its own training rows, each judged by the trees it was not drawn for
//! (Breiman, 1996, "Out-of-bag estimation").

use rayon::prelude::*;

use super::super::super::error::TrainError;
use super::super::super::estimator::{Answer, Work};
use super::super::super::metrics::{Judged, Undefined, score};
use super::super::super::params::Params;
use super::super::super::random::Random;
use super::super::ensemble::Ensemble;
use super::super::trunk::Draw;
use super::PURPOSE;

/// Trees whose draws are held at a time, each with a byte a row.
const HELD: usize = 16;

/// Rows predicted at a time.
const BLOCK: usize = 256;

/// Whether the score is asked for; refused where every tree is grown on every row.
pub(super) fn asked(params: &Params<'_>) -> Result<bool, TrainError> {
    let asked = params.boolean("oob_score");
    if asked && !params.boolean("bootstrap") {
        let text =
            "no row is out of bag without a bootstrap; leave out oob_score, or bootstrap = false";
        return Err(TrainError::Fit(text.into()));
    }
    Ok(asked)
}

/// Reports `oob_score`: by the metric of that name, over the rows that some tree was not grown on.
///
/// scikit-learn judges the other rows too, as if 0 or the first class had been predicted.
pub(super) fn report(
    work: &Work<'_>,
    metric: &str,
    (ensemble, columns): (&Ensemble, &[Vec<f32>]),
    answer: impl Fn(Vec<f64>) -> Answer,
) {
    let reporter = work.reporter;
    let target = &work.sample.target;
    let (rows, means) = means(ensemble, columns, work.seed);
    if rows.len() < target.len() {
        let left = target.len() - rows.len();
        reporter.line(&format!("oob_score leaves out {left} rows: every tree was grown on them"));
    }
    let actual: Vec<f64> = rows.iter().map(|row| target[*row]).collect();
    let judged = Judged { actual: &actual, answer: &answer(means), classes: work.classes };
    match score(metric, &judged) {
        Ok(value) => reporter.metric("oob_score", value, 0),
        Err(Undefined(why)) => reporter.line(&format!("no oob_score: {why}")),
    }
}

/// R² over the rows that some tree was not grown on; `None` where that means nothing.
pub(in crate::train::trees) fn r2(
    (ensemble, columns): (&Ensemble, &[Vec<f32>]),
    target: &[f64],
    seed: i64,
) -> Option<f64> {
    let (rows, means) = means(ensemble, columns, seed);
    let actual: Vec<f64> = rows.iter().map(|row| target[*row]).collect();
    let judged = Judged { actual: &actual, answer: &Answer::plain(means), classes: 0 };
    score("r2", &judged).ok()
}

/// The rows that some tree was not grown on, in order, and the mean values of those trees for each.
fn means(ensemble: &Ensemble, columns: &[Vec<f32>], seed: i64) -> (Vec<usize>, Vec<f64>) {
    let outputs = ensemble.outputs;
    let rows = columns.first().map_or(0, Vec::len);
    let (mut sums, mut trees) = (vec![0.0; rows * outputs], vec![0_u32; rows]);
    for (at, held) in ensemble.trees.chunks(HELD).enumerate() {
        let indices = at * HELD..at * HELD + held.len();
        let drawn: Vec<Vec<bool>> =
            indices.into_par_iter().map(|index| drawn(rows, seed, index as u64)).collect();
        let blocks = sums.par_chunks_mut(BLOCK * outputs).zip(trees.par_chunks_mut(BLOCK));
        blocks.enumerate().for_each(|(at, (sums, trees))| {
            let first = at * BLOCK;
            let row = |row: usize| columns.iter().map(move |column| column[row]);
            let cells: Vec<f32> = (first..first + trees.len()).flat_map(row).collect();
            let mut own = vec![0.0; sums.len()];
            for (tree, drawn) in held.iter().zip(&drawn) {
                own.fill(0.0);
                tree.add_predictions(&cells, columns.len(), &mut own);
                let pairs = sums.chunks_exact_mut(outputs).zip(own.chunks_exact(outputs));
                let rows = pairs.zip(trees.iter_mut()).zip(&drawn[first..]);
                for (((sums, own), trees), _) in rows.filter(|(_, drawn)| !**drawn) {
                    *trees += 1;
                    sums.iter_mut().zip(own).for_each(|(sum, value)| *sum += value);
                }
            }
        });
    }
    let seen: Vec<usize> = (0..rows).filter(|row| trees[*row] > 0).collect();
    let mean = |row: &usize| {
        let (row, count) = (*row, f64::from(trees[*row]));
        sums[row * outputs..][..outputs].iter().map(move |sum| sum / count)
    };
    let means = seen.iter().flat_map(mean).collect();
    (seen, means)
}

/// Which rows a tree was grown on: its random numbers begin with the draw.
fn drawn(rows: usize, seed: i64, index: u64) -> Vec<bool> {
    let mut counts = Vec::new();
    Draw::Bootstrap.counts(rows, &mut Random::stream(PURPOSE, seed, index), &mut counts);
    counts.into_iter().map(|count| count > 0).collect()
}

#[cfg(test)]
mod tests;
