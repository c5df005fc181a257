//! Gradient boosting for regression: trees that lower the squared error stage by stage.

use linfa::ParamGuard;

use super::super::super::error::TrainError;
use super::super::super::estimator::{Answer, Estimator, Fitted, Predictor, Work};
use super::super::super::onnx::{Graph, Outputs, Tensor};
use super::super::declare::{
    MAX_BINS, MAX_FEATURES, MIN_IMPURITY_DECREASE, MIN_SAMPLES_LEAF, MIN_SAMPLES_SPLIT, TREE_METHOD,
};
use super::super::{Trained, fitted, narrow, onnx};
use super::fit::boost;
use super::held::{Parts, columns, pick};
use super::loss::Loss;
use super::params::{
    LEARNING_RATE, MAX_DEPTH, N_ESTIMATORS, N_ITER_NO_CHANGE, SQUARED_ERROR, SUBSAMPLE, TOL,
    VALIDATION_FRACTION,
};
use super::stages::Stages;
use super::{BoostingParams, BoostingValidParams, file};
use crate::ledger::model::{Model, Task};
use crate::ledger::outcome::Reporter;

/// The declaration of boosting for regression.
pub(in crate::train) const GRADIENT_BOOSTING_REGRESSOR: Model = Model {
    name: "gradient-boosting-regressor",
    version: 1,
    task: Task::Regression,
    summary: "A sum of small trees, each grown on what those before it leave (Friedman, 2001)",
    parameters: &[
        SQUARED_ERROR,
        LEARNING_RATE,
        N_ESTIMATORS,
        SUBSAMPLE,
        MIN_SAMPLES_SPLIT,
        MIN_SAMPLES_LEAF,
        MAX_DEPTH,
        MIN_IMPURITY_DECREASE,
        MAX_FEATURES,
        VALIDATION_FRACTION,
        N_ITER_NO_CHANGE,
        TOL,
        TREE_METHOD,
        MAX_BINS,
    ],
};

/// Boosting trained for regression.
#[derive(Clone, Debug, PartialEq)]
pub struct Boosting(pub(super) Stages);

impl Boosting {
    /// Number of stages.
    pub fn stage_count(&self) -> usize {
        self.0.trees[0].len()
    }

    /// The prediction for some rows.
    pub(in crate::train::trees) fn numbers(
        &self,
        rows: usize,
        cell: impl Fn(usize, usize) -> f32 + Sync,
    ) -> Vec<f64> {
        self.0.raw(rows, cell).swap_remove(0)
    }
}

impl BoostingValidParams {
    /// Trains on finite columns and targets of equal length.
    pub(in crate::train::trees) fn regression(
        &self,
        features: &[Vec<f32>],
        target: &[f64],
        reporter: &dyn Reporter,
    ) -> Result<Trained<Boosting>, TrainError> {
        let (stages, importance) = match Parts::draw(self, &vec![0; target.len()])? {
            None => boost(features, &Loss::Squared(target), None, self, reporter)?,
            Some(Parts { learnt, held }) => {
                let (own, other) = (pick(target, &learnt), pick(target, &held));
                let held = columns(features, &held);
                let held = (&held[..], Loss::Squared(&other));
                let features = columns(features, &learnt);
                boost(&features, &Loss::Squared(&own), Some(&held), self, reporter)?
            }
        };
        Ok(Trained { model: Boosting(stages), importance })
    }
}

impl Predictor for Boosting {
    fn predict(&self, features: &[Vec<f64>]) -> Answer {
        let rows = features.first().map_or(0, Vec::len);
        Answer::plain(self.numbers(rows, |row, feature| features[feature][row] as f32))
    }

    fn kind(&self) -> &'static str {
        file::KIND
    }

    fn nodes(&self) -> Option<u64> {
        Some(self.0.nodes() as u64)
    }

    fn body(&self) -> Result<Vec<u8>, TrainError> {
        file::write_number(&self.0)
    }

    fn onnx(&self, graph: &mut Graph, features: Tensor) -> Option<Outputs> {
        let raw = onnx::raw(&self.0.initial, &self.0.trees, graph, features);
        Some(Outputs::Numbers(graph.flat(raw)))
    }
}

/// Boosting for regression as a built-in model.
pub(in crate::train) struct GradientBoostingRegressor;

impl Estimator for GradientBoostingRegressor {
    fn declaration(&self) -> &'static Model {
        const { &GRADIENT_BOOSTING_REGRESSOR }
    }

    fn fit(&self, work: &Work<'_>) -> Result<Fitted, TrainError> {
        let params = BoostingParams::of(work.params, work.seed).check()?;
        let columns = narrow(work.names, work.sample)?;
        let trained = params.regression(&columns, &work.sample.target, work.reporter)?;
        Ok(fitted(trained, |model| model.0.all().collect()))
    }
}
