//! Boosting at work: each stage grows trees on the gradient of the loss and adds their steps.

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::super::super::error::TrainError;
use super::super::super::random::Random;
use super::super::criterion::Variance;
use super::super::ground::Ground;
use super::super::importance::normalise;
use super::super::tree::Tree;
use super::super::trunk::{Draw, Grow, Grown};
use super::BoostingValidParams;
use super::loss::{Curve, Loss};
use super::stages::Stages;
use crate::ledger::outcome::Reporter;

/// Rows of a block in which trees are walked side by side.
const BLOCK: usize = 4096;

/// Rows that are not learnt from: their columns and their loss.
pub(super) type Held<'a> = (&'a [Vec<f32>], Loss<'a>);

/// Grows the stages on finite columns; the number of threads does not matter. Returns the
/// importance of each feature too.
///
/// The mean loss after each stage is reported as `train_loss`, with the stage from 1 as its step.
pub(super) fn boost(
    features: &[Vec<f32>],
    loss: &Loss<'_>,
    held: Option<&Held<'_>>,
    params: &BoostingValidParams,
    reporter: &dyn Reporter,
) -> Result<(Stages, Vec<f64>), TrainError> {
    if u32::try_from(loss.rows()).is_err() {
        return Err(TrainError::TooManyRows(loss.rows()));
    }
    let ground = Ground::new(features, Variance::STRIDE, &params.growth);
    let initial = loss.initial();
    let rows = Rows::new(features, loss.rows(), &initial);
    let mut work = Work { loss, params, ground: &ground, rows, idle: Mutex::default() };
    let mut patience = held.map(|held| Patience::new(held, &initial, params));
    let mut trees: Vec<Vec<Tree>> = vec![Vec::new(); loss.outputs()];
    let mut importance = vec![0.0; features.len()];
    let total = if trees.is_empty() { 0 } else { params.n_estimators };
    for stage in 0..total {
        if reporter.cancelled() {
            return Err(TrainError::Cancelled);
        }
        let counts = draw(loss.rows(), params, stage);
        let grown = work.stage(stage, &counts, reporter)?;
        let mean = loss.mean(&work.rows.raw, &counts);
        if !mean.is_finite() {
            return Err(TrainError::Fit(format!(
                "the loss is no number after stage {}; lower the learning_rate",
                stage + 1
            )));
        }
        reporter.metric("train_loss", mean, stage as u64 + 1);
        reporter.progress(stage as u64 + 1, total as u64);
        let stop = patience.as_mut().is_some_and(|patience| patience.ends(stage, &grown));
        for (trees, (tree, decrease)) in trees.iter_mut().zip(grown) {
            trees.push(tree);
            let decrease = decrease.unwrap_or_default();
            importance.iter_mut().zip(decrease).for_each(|(sum, decrease)| *sum += decrease);
        }
        if stop {
            break;
        }
    }
    normalise(&mut importance);
    Ok((Stages { features: features.len(), initial, trees }, importance))
}

/// Rows with their raw scores so far.
struct Rows {
    /// The cells row by row.
    cells: Vec<f32>,
    width: usize,
    /// By output, a raw score a row.
    raw: Vec<Vec<f64>>,
}

impl Rows {
    fn new(features: &[Vec<f32>], rows: usize, initial: &[f64]) -> Self {
        let width = features.len();
        let mut cells = vec![0.0; rows * width];
        cells.par_chunks_mut(width).enumerate().for_each(|(row, cells)| {
            cells.iter_mut().zip(features).for_each(|(cell, column)| *cell = column[row]);
        });
        let raw = initial.iter().map(|initial| vec![*initial; rows]).collect();
        Self { cells, width, raw }
    }
}

/// The leaf of each row, by its number.
fn leaves(tree: &Tree, cells: &[f32], width: usize) -> Vec<u32> {
    let mut leaves = vec![0; cells.len() / width];
    leaves
        .par_chunks_mut(BLOCK)
        .zip(cells.par_chunks(BLOCK * width))
        .for_each(|(leaves, cells)| tree.leaves(cells, width, leaves));
    leaves
}

fn add(raw: &mut [f64], tree: &Tree, leaves: &[u32]) {
    for (raw, leaf) in raw.iter_mut().zip(leaves) {
        *raw += tree.values[*leaf as usize];
    }
}

struct Work<'a> {
    loss: &'a Loss<'a>,
    params: &'a BoostingValidParams,
    ground: &'a Ground,
    rows: Rows,
    /// Growers whose buffers are used again.
    idle: Mutex<Vec<Box<dyn Grow<Variance> + 'a>>>,
}

impl Work<'_> {
    /// Grows the trees of a stage, one an output, and adds their steps to the raw scores.
    fn stage(
        &mut self,
        stage: usize,
        counts: &[u32],
        reporter: &dyn Reporter,
    ) -> Result<Vec<Grown>, TrainError> {
        let mut raw = std::mem::take(&mut self.rows.raw);
        let gradient = self.loss.gradient(&raw);
        let grown = gradient
            .into_par_iter()
            .zip(&mut raw)
            .enumerate()
            .map(|(output, (gradient, raw))| {
                self.tree((stage, output), gradient, raw, counts, reporter)
            })
            .collect();
        self.rows.raw = raw;
        grown
    }

    fn tree(
        &self,
        (stage, output): (usize, usize),
        gradient: Vec<f64>,
        raw: &mut [f64],
        counts: &[u32],
        reporter: &dyn Reporter,
    ) -> Result<Grown, TrainError> {
        let index = stage * self.loss.outputs() + output;
        let mut random =
            Random::stream("fairledger boosting tree v1", self.params.seed, index as u64);
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = idle().pop();
        let mut grower = taken.unwrap_or_else(|| self.ground.grower(true));
        let criterion = Variance::new(gradient);
        let (mut tree, decrease) =
            grower.grow(&criterion, &mut random, Draw::Counts(counts), reporter)?;
        idle().push(grower);
        let leaves = leaves(&tree, &self.rows.cells, self.rows.width);
        if !matches!(self.loss, Loss::Squared(_)) {
            let mut sums = vec![Curve::default(); tree.values.len()];
            let rows = leaves.iter().zip(criterion.target()).zip(counts).enumerate();
            for (row, ((leaf, gradient), _)) in rows.filter(|(_, (_, count))| **count > 0) {
                sums[*leaf as usize] += self.loss.curve(output, row, *gradient);
            }
            let steps = tree.values.iter_mut().zip(sums);
            steps.for_each(|(value, sums)| *value = self.loss.step(sums));
        }
        tree.values.iter_mut().for_each(|value| *value *= self.params.learning_rate);
        add(raw, &tree, &leaves);
        Ok((tree, decrease))
    }
}

/// The rows a stage learns from: each once, or some drawn without replacement.
fn draw(rows: usize, params: &BoostingValidParams, stage: usize) -> Vec<u32> {
    let wanted = ((params.subsample * rows as f64) as usize).max(1);
    if wanted >= rows {
        return vec![1; rows];
    }
    let mut random = Random::stream("fairledger boosting v1", params.seed, stage as u64);
    let mut missing = wanted;
    // Each row is taken with the chance that is left for it (selection sampling, Knuth).
    let taken = (0..rows).map(|row| {
        let taken = random.below(rows - row) < missing;
        missing -= usize::from(taken);
        u32::from(taken)
    });
    taken.collect()
}

/// Watches the loss of rows that are not learnt from.
struct Patience<'a> {
    loss: &'a Loss<'a>,
    rows: Rows,
    tol: f64,
    /// The losses of the last stages that gained.
    recent: Vec<f64>,
    counts: Vec<u32>,
}

impl<'a> Patience<'a> {
    fn new((features, loss): &'a Held<'a>, initial: &[f64], params: &BoostingValidParams) -> Self {
        Self {
            loss,
            rows: Rows::new(features, loss.rows(), initial),
            tol: params.tol,
            recent: vec![f64::INFINITY; params.patience.unwrap_or(1)],
            counts: vec![1; loss.rows()],
        }
    }

    /// Whether a stage is the last: it gained nothing over any of the recent ones.
    fn ends(&mut self, stage: usize, grown: &[Grown]) -> bool {
        let Rows { cells, width, raw } = &mut self.rows;
        for (raw, (tree, _)) in raw.iter_mut().zip(grown) {
            add(raw, tree, &leaves(tree, cells, *width));
        }
        let loss = self.loss.mean(raw, &self.counts);
        let gained = self.recent.iter().any(|recent| loss + self.tol < *recent);
        if gained {
            let place = stage % self.recent.len();
            self.recent[place] = loss;
        }
        !gained
    }
}
