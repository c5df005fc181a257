//! The classification forest: the mean of the class probabilities of trees.

use linfa::ParamGuard;

use super::super::super::error::TrainError;
use super::super::super::estimator::{Answer, Estimator, Fitted, Predictor, Work};
use super::super::super::onnx::{Graph, Outputs, Tensor};
use super::super::declare::{
    BOOTSTRAP, CLASS_WEIGHT, CRITERION, MAX_BINS, MAX_DEPTH, MAX_FEATURES, MIN_IMPURITY_DECREASE,
    MIN_SAMPLES_LEAF, MIN_SAMPLES_SPLIT, N_ESTIMATORS, OOB_SCORE, TREE_METHOD,
};
use super::super::ensemble::{Ensemble, Grove, grow_classes};
use super::super::{Trained, classes, fitted, narrow, onnx};
use super::{ForestClassifierParams, ForestClassifierValidParams, classifier_file, out_of_bag};
use crate::ledger::model::{Default, Model, Parameter, Task};
use crate::ledger::outcome::Reporter;

/// The declaration of the classification forest.
pub(in crate::train) const RANDOM_FOREST_CLASSIFIER: Model = Model {
    name: "random-forest-classifier",
    version: 1,
    task: Task::Classification,
    summary: "The mean of the class shares in the leaves of trees, each grown on a bootstrap sample (Breiman, 2001)",
    parameters: &[
        N_ESTIMATORS,
        CRITERION,
        MAX_DEPTH,
        MIN_SAMPLES_SPLIT,
        MIN_SAMPLES_LEAF,
        Parameter { default: Default::Word("sqrt"), ..MAX_FEATURES },
        MIN_IMPURITY_DECREASE,
        BOOTSTRAP,
        CLASS_WEIGHT,
        TREE_METHOD,
        MAX_BINS,
        OOB_SCORE,
    ],
};

/// A trained classification forest.
#[derive(Clone, Debug, PartialEq)]
pub struct ForestClassifier(pub(super) Ensemble);

impl ForestClassifier {
    /// Number of nodes of all trees, leaves included.
    pub fn node_count(&self) -> usize {
        self.0.nodes()
    }

    /// Number of trees.
    pub fn tree_count(&self) -> usize {
        self.0.trees.len()
    }

    /// The class of some rows.
    pub(in crate::train::trees) fn classes(
        &self,
        rows: usize,
        cell: impl Fn(usize, usize) -> f32 + Sync,
    ) -> Vec<f64> {
        self.0.class_of(&self.0.average(rows, cell)).values
    }

    /// Number of classes.
    pub fn class_count(&self) -> usize {
        self.0.outputs
    }
}

impl ForestClassifierValidParams {
    /// Trains on finite columns and as many classes, each below `classes`.
    pub(in crate::train::trees) fn classification(
        &self,
        features: &[Vec<f32>],
        (class, classes): (&[u32], usize),
        reporter: &dyn Reporter,
    ) -> Result<Trained<ForestClassifier>, TrainError> {
        let plan = self.forest.plan();
        let rule = (self.criterion, self.class_weight);
        let Grove { ensemble, importance } =
            grow_classes(features, (class, classes), rule, plan, reporter)?;
        Ok(Trained { model: ForestClassifier(ensemble), importance })
    }
}

impl Predictor for ForestClassifier {
    fn predict(&self, features: &[Vec<f64>]) -> Answer {
        self.0.class(features)
    }

    fn kind(&self) -> &'static str {
        classifier_file::KIND
    }

    fn nodes(&self) -> Option<u64> {
        Some(self.node_count() as u64)
    }

    fn body(&self) -> Result<Vec<u8>, TrainError> {
        classifier_file::write(&self.0)
    }

    fn onnx(&self, graph: &mut Graph, features: Tensor) -> Option<Outputs> {
        Some(onnx::class(&self.0, graph, features))
    }
}

/// The classification forest as a built-in model.
pub(in crate::train) struct RandomForestClassifier;

impl Estimator for RandomForestClassifier {
    fn declaration(&self) -> &'static Model {
        const { &RANDOM_FOREST_CLASSIFIER }
    }

    fn fit(&self, work: &Work<'_>) -> Result<Fitted, TrainError> {
        let params = ForestClassifierParams::of(work.params, work.seed).check()?;
        let judged = out_of_bag::asked(work.params)?;
        let columns = narrow(work.names, work.sample)?;
        let class = classes(work.sample);
        let trained = params.classification(&columns, (&class, work.classes), work.reporter)?;
        if judged {
            let forest = &trained.model.0;
            out_of_bag::report(work, "accuracy", (forest, &columns), |means| {
                forest.class_of(&means)
            });
        }
        Ok(fitted(trained, |model| model.0.trees.iter().collect()))
    }
}
