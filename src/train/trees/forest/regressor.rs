//! The regression forest: the mean of trees that lower the squared error.

use linfa::ParamGuard;

use super::super::super::error::TrainError;
use super::super::super::estimator::{Answer, Estimator, Fitted, Predictor, Work};
use super::super::super::onnx::{Graph, Outputs, Tensor};
use super::super::criterion::Variance;
use super::super::declare::{
    BOOTSTRAP, MAX_BINS, MAX_DEPTH, MAX_FEATURES, MIN_IMPURITY_DECREASE, MIN_SAMPLES_LEAF,
    MIN_SAMPLES_SPLIT, N_ESTIMATORS, OOB_SCORE, SQUARED_ERROR, TREE_METHOD,
};
use super::super::ensemble::{Ensemble, Grove, grow};
use super::super::{Trained, fitted, narrow, onnx};
use super::{ForestParams, ForestValidParams, file, out_of_bag};
use crate::ledger::model::{Default, Model, Parameter, Task};
use crate::ledger::outcome::Reporter;

/// The declaration of the regression forest.
pub(in crate::train) const RANDOM_FOREST_REGRESSOR: Model = Model {
    name: "random-forest-regressor",
    version: 1,
    task: Task::Regression,
    summary: "The mean of regression trees, each grown on a bootstrap sample (Breiman, 2001)",
    parameters: &[
        N_ESTIMATORS,
        MAX_DEPTH,
        MIN_SAMPLES_SPLIT,
        MIN_SAMPLES_LEAF,
        Parameter { default: Default::Float(1.0), ..MAX_FEATURES },
        MIN_IMPURITY_DECREASE,
        BOOTSTRAP,
        Parameter { added_later: true, ..SQUARED_ERROR },
        TREE_METHOD,
        MAX_BINS,
        OOB_SCORE,
    ],
};

/// A trained regression forest.
#[derive(Clone, Debug, PartialEq)]
pub struct Forest(pub(in crate::train::trees) Ensemble);

impl Forest {
    /// Number of nodes of all trees, leaves included.
    pub fn node_count(&self) -> usize {
        self.0.nodes()
    }

    /// Number of trees.
    pub fn tree_count(&self) -> usize {
        self.0.trees.len()
    }

    /// The prediction for some rows.
    pub(in crate::train::trees) fn numbers(
        &self,
        rows: usize,
        cell: impl Fn(usize, usize) -> f32 + Sync,
    ) -> Vec<f64> {
        self.0.average(rows, cell)
    }
}

impl ForestValidParams {
    /// Trains on finite columns and targets of equal length.
    pub(in crate::train::trees) fn regression(
        &self,
        features: &[Vec<f32>],
        target: &[f64],
        reporter: &dyn Reporter,
    ) -> Result<Trained<Forest>, TrainError> {
        let plan = self.plan();
        let Grove { ensemble, importance } =
            grow(features, &Variance::new(target.to_vec()), plan, reporter)?;
        Ok(Trained { model: Forest(ensemble), importance })
    }
}

impl Predictor for Forest {
    fn predict(&self, features: &[Vec<f64>]) -> Answer {
        self.0.number(features)
    }

    fn kind(&self) -> &'static str {
        file::KIND
    }

    fn nodes(&self) -> Option<u64> {
        Some(self.node_count() as u64)
    }

    fn body(&self) -> Result<Vec<u8>, TrainError> {
        file::write(&self.0)
    }

    fn onnx(&self, graph: &mut Graph, features: Tensor) -> Option<Outputs> {
        Some(onnx::number(&self.0, graph, features))
    }
}

/// The regression forest as a built-in model.
pub(in crate::train) struct RandomForestRegressor;

impl Estimator for RandomForestRegressor {
    fn declaration(&self) -> &'static Model {
        const { &RANDOM_FOREST_REGRESSOR }
    }

    fn fit(&self, work: &Work<'_>) -> Result<Fitted, TrainError> {
        let params = ForestParams::of(work.params, work.seed).check()?;
        let judged = out_of_bag::asked(work.params)?;
        let columns = narrow(work.names, work.sample)?;
        let trained = params.regression(&columns, &work.sample.target, work.reporter)?;
        if judged {
            let forest = &trained.model.0;
            out_of_bag::report(work, "r2", (forest, &columns), Answer::plain);
        }
        Ok(fitted(trained, |model| model.0.trees.iter().collect()))
    }
}
