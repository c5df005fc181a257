//! Many trees as one model: grown side by side, their values averaged.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use rayon::prelude::*;
use toml::Value;

use super::super::error::TrainError;
use super::super::estimator::{Answer, Scores};
use super::super::random::Random;
use super::criterion::{Classes, Entropy, Gini, Tally, balanced, even};
use super::ground::Ground;
use super::importance;
use super::params::{ClassWeight, Growth, Impurity};
use super::tree::Tree;
use super::trunk::{Draw, Grown};
use crate::ledger::outcome::Reporter;

/// Rows predicted at a time: a block stays in the cache while all trees see it.
const BLOCK: usize = 256;

/// Most values that the leaves of a model may hold; 2 GiB of them.
pub(super) const MOST_VALUES: usize = 1 << 28;

/// Trained trees whose mean is the prediction.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ensemble {
    pub(super) features: usize,
    /// Values of a row: 1, or the number of classes.
    pub(super) outputs: usize,
    pub(super) trees: Vec<Tree>,
}

/// How trees are grown.
#[derive(Clone, Copy)]
pub(super) struct Plan {
    /// What the random numbers are for; one stream a tree.
    pub(super) purpose: &'static str,
    pub(super) seed: i64,
    pub(super) trees: usize,
    pub(super) bootstrap: bool,
    pub(super) growth: Growth,
}

/// A trained ensemble with the importance of each feature.
pub(super) struct Grove {
    pub(super) ensemble: Ensemble,
    pub(super) importance: Vec<f64>,
}

/// Grows trees on finite columns of equal length; the number of threads does not matter.
pub(super) fn grow<C: Tally>(
    features: &[Vec<f32>],
    criterion: &C,
    plan: Plan,
    reporter: &dyn Reporter,
) -> Result<Grove, TrainError> {
    let rows = features.first().map_or(0, Vec::len);
    if u32::try_from(rows).is_err() {
        return Err(TrainError::TooManyRows(rows));
    }
    let ground = Ground::new(features, criterion.stride(), &plan.growth);
    let draw = if plan.bootstrap { Draw::Bootstrap } else { Draw::Every };
    let total = plan.trees as u64;
    let (done, values) = (AtomicU64::new(0), AtomicUsize::new(0));
    let grown: Result<Vec<Grown>, TrainError> = (0..total)
        .into_par_iter()
        .map_init(
            || ground.grower(plan.trees == 1),
            |grower, index| {
                if reporter.cancelled() {
                    return Err(TrainError::Cancelled);
                }
                let mut random = Random::stream(plan.purpose, plan.seed, index);
                let grown = grower.grow(criterion, &mut random, draw, reporter)?;
                let own = grown.0.values.len();
                if values.fetch_add(own, Ordering::Relaxed) + own > MOST_VALUES {
                    return Err(TrainError::TooManyLeaves { classes: criterion.outputs() });
                }
                reporter.progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
                Ok(grown)
            },
        )
        .collect();
    let (trees, decreases): (Vec<Tree>, Vec<_>) = grown?.into_iter().unzip();
    let importance = importance::average(&decreases, features.len());
    let (features, outputs) = (features.len(), criterion.outputs());
    Ok(Grove { ensemble: Ensemble { features, outputs, trees }, importance })
}

impl Ensemble {
    /// Number of nodes of all trees, leaves included.
    pub(super) fn nodes(&self) -> usize {
        self.trees.iter().map(|tree| tree.nodes.len()).sum()
    }

    /// The mean values of the trees, row by row; each row's sums run over the trees in order.
    pub(super) fn average(
        &self,
        rows: usize,
        cell: impl Fn(usize, usize) -> f32 + Sync,
    ) -> Vec<f64> {
        let mut means = vec![0.0; rows * self.outputs];
        means.par_chunks_mut(BLOCK * self.outputs).enumerate().for_each(|(at, sums)| {
            let rows = at * BLOCK..at * BLOCK + sums.len() / self.outputs;
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

    /// Answers with the mean as a number.
    pub(super) fn number(&self, features: &[Vec<f64>]) -> Answer {
        Answer::plain(self.means(features))
    }

    /// Answers with the mean as the probabilities of the classes.
    pub(super) fn class(&self, features: &[Vec<f64>]) -> Answer {
        self.class_of(&self.means(features))
    }

    /// Answers with mean values as the probabilities of the classes.
    pub(super) fn class_of(&self, means: &[f64]) -> Answer {
        let class = |class| means.iter().skip(class).step_by(self.outputs).copied().collect();
        let by_class = (0..self.outputs).map(class).collect();
        Answer::of_scores(Scores { by_class, probabilities: true })
    }

    fn means(&self, features: &[Vec<f64>]) -> Vec<f64> {
        let rows = features.first().map_or(0, Vec::len);
        self.average(rows, |row, feature| features[feature][row] as f32)
    }
}

/// Plain facts about some trees.
pub(super) fn facts(trees: &[&Tree]) -> BTreeMap<String, Value> {
    let nodes: usize = trees.iter().map(|tree| tree.nodes.len()).sum();
    let depth = trees.iter().map(|tree| tree.depth()).max().unwrap_or(0);
    BTreeMap::from([
        ("trees".into(), Value::Integer(trees.len() as i64)),
        ("nodes".into(), Value::Integer(nodes as i64)),
        ("depth".into(), Value::Integer(depth as i64)),
    ])
}

/// Grows trees on finite columns and as many classes, each below the number of classes.
pub(super) fn grow_classes(
    features: &[Vec<f32>],
    (class, classes): (&[u32], usize),
    (impurity, weight): (Impurity, ClassWeight),
    plan: Plan,
    reporter: &dyn Reporter,
) -> Result<Grove, TrainError> {
    let weights = match weight {
        ClassWeight::Even => even(classes),
        ClassWeight::Balanced => balanced(class, classes),
    };
    match impurity {
        Impurity::Gini => grow(features, &Classes::new(Gini, class, weights), plan, reporter),
        Impurity::Entropy => {
            let entropy = Entropy::new(class.len(), weight == ClassWeight::Even);
            grow(features, &Classes::new(entropy, class, weights), plan, reporter)
        }
    }
}
