//! Single decision trees (Breiman et al., 1984).

pub(in crate::train) mod file;
mod reference;

pub(in crate::train) use reference::{LINFA_DECISION_TREE, LinfaDecisionTree};

use super::super::error::TrainError;
use super::super::estimator::{Answer, Estimator, Fitted, Predictor, Work};
use super::super::onnx::{Graph, Outputs, Tensor};
use super::criterion::Variance;
use super::declare::{
    CLASS_WEIGHT, CRITERION, MAX_DEPTH, MAX_FEATURES, MIN_IMPURITY_DECREASE, MIN_SAMPLES_LEAF,
    MIN_SAMPLES_SPLIT, SQUARED_ERROR,
};
use super::ensemble::{Ensemble, Grove, Plan, grow, grow_classes};
use super::params::{ClassWeight, Growth, Impurity};
use super::{Trained, classes, fitted, narrow, onnx};
use crate::ledger::model::{Model, Task};

/// The declaration of the regression tree.
pub(in crate::train) const DECISION_TREE_REGRESSOR: Model = Model {
    name: "decision-tree-regressor",
    version: 1,
    task: Task::Regression,
    summary: "A tree of splits that lower the squared error (CART; Breiman et al., 1984)",
    parameters: &[
        SQUARED_ERROR,
        MAX_DEPTH,
        MIN_SAMPLES_SPLIT,
        MIN_SAMPLES_LEAF,
        MAX_FEATURES,
        MIN_IMPURITY_DECREASE,
    ],
};

/// The declaration of the classification tree.
pub(in crate::train) const DECISION_TREE_CLASSIFIER: Model = Model {
    name: "decision-tree-classifier",
    version: 1,
    task: Task::Classification,
    summary: "A tree of splits that part the classes (CART; Breiman et al., 1984)",
    parameters: &[
        CRITERION,
        MAX_DEPTH,
        MIN_SAMPLES_SPLIT,
        MIN_SAMPLES_LEAF,
        MAX_FEATURES,
        MIN_IMPURITY_DECREASE,
        CLASS_WEIGHT,
    ],
};

/// A trained tree.
pub(super) struct DecisionTree {
    tree: Ensemble,
    task: Task,
}

impl Predictor for DecisionTree {
    fn predict(&self, features: &[Vec<f64>]) -> Answer {
        match self.task {
            Task::Classification => self.tree.class(features),
            Task::Regression | Task::Clustering => self.tree.number(features),
        }
    }

    fn kind(&self) -> &'static str {
        file::KIND
    }

    fn nodes(&self) -> Option<u64> {
        Some(self.tree.nodes() as u64)
    }

    fn body(&self) -> Result<Vec<u8>, TrainError> {
        file::write(self)
    }

    fn onnx(&self, graph: &mut Graph, features: Tensor) -> Option<Outputs> {
        Some(match self.task {
            Task::Classification => onnx::class(&self.tree, graph, features),
            Task::Regression | Task::Clustering => onnx::number(&self.tree, graph, features),
        })
    }
}

/// How the only tree grows: on every row once.
fn plan(work: &Work<'_>) -> Plan {
    Plan {
        purpose: "fairledger tree v1",
        seed: work.seed,
        trees: 1,
        bootstrap: false,
        growth: Growth::of(work.params),
    }
}

fn finish(grove: Grove, task: Task) -> Fitted {
    let Grove { ensemble, importance } = grove;
    let model = DecisionTree { tree: ensemble, task };
    fitted(Trained { model, importance }, |model| model.tree.trees.iter().collect())
}

/// The regression tree as a built-in model.
pub(in crate::train) struct DecisionTreeRegressor;

impl Estimator for DecisionTreeRegressor {
    fn declaration(&self) -> &'static Model {
        const { &DECISION_TREE_REGRESSOR }
    }

    fn fit(&self, work: &Work<'_>) -> Result<Fitted, TrainError> {
        let columns = narrow(work.names, work.sample)?;
        let criterion = Variance::new(work.sample.target.clone());
        let grove = grow(&columns, &criterion, plan(work), work.reporter)?;
        Ok(finish(grove, Task::Regression))
    }
}

/// The classification tree as a built-in model.
pub(in crate::train) struct DecisionTreeClassifier;

impl Estimator for DecisionTreeClassifier {
    fn declaration(&self) -> &'static Model {
        const { &DECISION_TREE_CLASSIFIER }
    }

    fn fit(&self, work: &Work<'_>) -> Result<Fitted, TrainError> {
        let columns = narrow(work.names, work.sample)?;
        let target = (&classes(work.sample)[..], work.classes);
        let rule = (Impurity::of(work.params), ClassWeight::of(work.params));
        let grove = grow_classes(&columns, target, rule, plan(work), work.reporter)?;
        Ok(finish(grove, Task::Classification))
    }
}
