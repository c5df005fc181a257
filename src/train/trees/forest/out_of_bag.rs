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
mod tests {
    use super::super::super::super::estimator::Silent;
    use super::super::super::tree::Tree;
    use super::super::{ForestParams, ForestValidParams};
    use super::*;
    use linfa::ParamGuard;

    fn forest(trees: usize, columns: &[Vec<f32>], target: &[f64]) -> Ensemble {
        let params: ForestValidParams =
            ForestParams::default().n_estimators(trees).seed(5).check().unwrap();
        params.regression(columns, target, &Silent).unwrap().model.0
    }

    /// A full tree repeats the rows it was grown on, so the others are those out of its bag.
    #[test]
    fn a_row_is_judged_by_the_trees_that_were_not_grown_on_it() {
        let columns = [(0_u16..50).map(f32::from).collect::<Vec<_>>()];
        let target: Vec<f64> = (0..50).map(|row| f64::from(row * row % 17) + 0.5).collect();
        let forest = forest(40, &columns, &target);
        let says = |tree: &Tree| {
            let mut values = vec![0.0; 50];
            tree.add_predictions(&columns[0], 1, &mut values);
            values
        };
        for (index, tree) in (0..).zip(&forest.trees) {
            let grown = drawn(50, 5, index);
            let repeats = |row: usize| (says(tree)[row] - target[row]).abs() < 1e-12;
            assert!((0..50).all(|row| repeats(row) || !grown[row]));
            assert!(!(0..50).all(repeats));
        }
        let (rows, means) = means(&forest, &columns, 5);
        assert_eq!(rows.len(), 50);
        for (row, mean) in rows.into_iter().zip(means) {
            let judges = (0..).zip(&forest.trees).filter(|(index, _)| !drawn(50, 5, *index)[row]);
            let said: Vec<f64> = judges.map(|(_, tree)| says(tree)[row]).collect();
            assert!((said.iter().sum::<f64>() / said.len() as f64 - mean).abs() < 1e-12);
        }
    }

    #[test]
    fn a_row_that_every_tree_was_grown_on_is_left_out() {
        let columns = [(0_u8..20).map(f32::from).collect::<Vec<_>>()];
        let target: Vec<f64> = (0_u8..20).map(f64::from).collect();
        let (rows, means) = means(&forest(1, &columns, &target), &columns, 5);
        let left: Vec<usize> = (0..20).filter(|row| !drawn(20, 5, 0)[*row]).collect();
        assert_eq!((&rows, rows.len()), (&left, means.len()));
        assert!((1..20).contains(&rows.len()));
    }
}
