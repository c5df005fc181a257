//! Random forests: own trees behind linfa's traits.
//!
//! The trees are scikit-learn's (CART on 32-bit features, distinct rows counted for the smallest
//! nodes); the random numbers are not, so a forest equals scikit-learn's in distribution only.

mod bag;
mod criterion;
mod file;
mod grow;
pub(super) mod importance;
mod interface;
mod onnx;
mod params;
mod split;
mod tree;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use linfa::ParamGuard;
use rayon::prelude::*;
use toml::Value;

use crate::ledger::model::Model;
use crate::ledger::outcome::Reporter;

use super::error::TrainError;
use super::estimator::{Answer, Estimator, Fitted, Predictor, Work};
use super::onnx::{Graph, Outputs, Tensor};
use super::random::Random;
use bag::Presorted;
use grow::{Grower, Grown};
use tree::Tree;

pub(super) use file::{FORMAT, KIND, open};
pub(super) use params::MODEL;
pub use params::{Amount, ForestParams, ForestValidParams, MaxFeatures};

/// Rows predicted at a time: a block stays in the cache while all trees see it.
const BLOCK: usize = 256;

/// A trained regression forest.
#[derive(Clone, Debug, PartialEq)]
pub struct Forest {
    features: usize,
    trees: Vec<Tree>,
}

/// A trained forest with the importance of each feature.
pub(super) struct Grove {
    pub(super) forest: Forest,
    pub(super) importance: Vec<f64>,
}

/// Grows a forest on finite columns of equal length; the number of threads does not matter.
pub(super) fn grow(
    features: &[Vec<f32>],
    target: &[f64],
    params: &ForestValidParams,
    reporter: &dyn Reporter,
) -> Result<Grove, TrainError> {
    if u32::try_from(target.len()).is_err() {
        return Err(TrainError::TooManyRows(target.len()));
    }
    let table = Presorted::new(features, target);
    let limits = params.limits(target.len(), features.len());
    let total = params.n_estimators as u64;
    let done = AtomicU64::new(0);
    let grown: Result<Vec<Grown>, TrainError> = (0..total)
        .into_par_iter()
        .map_init(
            || Grower::new(&table, limits),
            |grower, index| {
                if reporter.cancelled() {
                    return Err(TrainError::Cancelled);
                }
                let mut random = Random::stream("fairledger forest v1", params.seed, index);
                let grown = grower.grow(&mut random, params.bootstrap, reporter)?;
                reporter.progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
                Ok(grown)
            },
        )
        .collect();
    let (trees, decreases): (Vec<Tree>, Vec<_>) = grown?.into_iter().unzip();
    let importance = importance::average(&decreases, features.len());
    Ok(Grove { forest: Forest { features: features.len(), trees }, importance })
}

impl Forest {
    /// Number of nodes of all trees, leaves included.
    pub fn node_count(&self) -> usize {
        self.trees.iter().map(|tree| tree.nodes.len()).sum()
    }

    /// Number of trees.
    pub fn tree_count(&self) -> usize {
        self.trees.len()
    }

    /// The mean prediction of the trees; each row's sum runs over the trees in order.
    fn average(&self, rows: usize, cell: impl Fn(usize, usize) -> f32 + Sync) -> Vec<f64> {
        let mut means = vec![0.0; rows];
        means.par_chunks_mut(BLOCK).enumerate().for_each(|(at, sums)| {
            let rows = at * BLOCK..at * BLOCK + sums.len();
            let cell = &cell;
            let block: Vec<f32> = rows
                .flat_map(|row| (0..self.features).map(move |feature| cell(row, feature)))
                .collect();
            for tree in &self.trees {
                tree.add_predictions(&block, self.features, sums);
            }
            for sum in sums {
                *sum /= self.trees.len() as f64;
            }
        });
        means
    }
}

impl Predictor for Forest {
    fn predict(&self, features: &[Vec<f64>]) -> Answer {
        let rows = features.first().map_or(0, Vec::len);
        Answer::plain(self.average(rows, |row, feature| features[feature][row] as f32))
    }

    fn kind(&self) -> &'static str {
        KIND
    }

    fn nodes(&self) -> Option<u64> {
        Some(self.node_count() as u64)
    }

    fn body(&self) -> Result<Vec<u8>, TrainError> {
        file::write(self)
    }

    fn onnx(&self, graph: &mut Graph, features: Tensor) -> Option<Outputs> {
        Some(onnx::write(self, graph, features))
    }
}

/// The regression forest as a built-in model.
pub(super) struct RandomForestRegressor;

impl Estimator for RandomForestRegressor {
    fn declaration(&self) -> &'static Model {
        const { &MODEL }
    }

    fn fit(&self, work: &Work<'_>) -> Result<Fitted, TrainError> {
        let params = ForestParams::of(work.params, work.seed).check()?;
        let mut columns = Vec::with_capacity(work.names.len());
        for (name, column) in work.names.iter().zip(&work.sample.features) {
            columns.push(narrow(name, column)?);
        }
        let Grove { forest, importance } =
            grow(&columns, &work.sample.target, &params, work.reporter)?;
        let depth = forest.trees.iter().map(Tree::depth).max().unwrap_or(0);
        let facts = BTreeMap::from([
            ("trees".into(), Value::Integer(forest.tree_count() as i64)),
            ("nodes".into(), Value::Integer(forest.node_count() as i64)),
            ("depth".into(), Value::Integer(depth as i64)),
        ]);
        Ok(Fitted {
            predictor: Box::new(forest),
            importance,
            coefficients: None,
            clusters: None,
            facts,
        })
    }
}

/// A column in 32 bits, in which trees compare.
fn narrow(name: &str, column: &[f64]) -> Result<Vec<f32>, TrainError> {
    let too_large = column.iter().find(|value| !(**value as f32).is_finite());
    match too_large {
        Some(&value) => Err(TrainError::OutOfRange { column: name.to_owned(), value }),
        None => Ok(column.iter().map(|value| *value as f32).collect()),
    }
}
