//! The content of a boosting model's file.

use serde::{Deserialize, Serialize};

use super::super::super::error::TrainError;
use super::super::super::estimator::Predictor;
use super::super::super::model_file::{decode, encode};
use super::super::file::TreeV1;
use super::super::tree::Tree;
use super::classifier::outputs;
use super::stages::Stages;
use super::{Boosting, BoostingClassifier};

/// The kind of model file, also its extension.
pub(in crate::train) const KIND: &str = "boosting";
/// The newest format written and read.
pub(in crate::train) const FORMAT: u32 = 1;

/// Format 1. Never changed: a new format is a new type.
#[derive(Serialize, Deserialize)]
enum BoostingV1 {
    Regression(StagesV1),
    Classification {
        stages: StagesV1,
        /// The classes that were among the training rows, in order.
        present: Vec<u32>,
    },
}

/// The stages of format 1.
#[derive(Serialize, Deserialize)]
struct StagesV1 {
    features: u32,
    /// By raw score, its value before the first stage.
    initial: Vec<f64>,
    /// By raw score, the tree of each stage.
    trees: Vec<Vec<TreeV1>>,
}

impl StagesV1 {
    fn of(stages: &Stages) -> Self {
        let trees = stages.trees.iter().map(|trees| trees.iter().map(TreeV1::of).collect());
        Self {
            features: stages.features as u32,
            initial: stages.initial.clone(),
            trees: trees.collect(),
        }
    }

    /// The stages, checked to have so many features and outputs.
    fn restore(self, features: usize, outputs: usize) -> Result<Stages, TrainError> {
        let fault = |text: &str| TrainError::ModelFile(text.into());
        let fits = features > 0
            && self.features as usize == features
            && self.initial.len() == outputs
            && self.trees.len() == outputs;
        if !fits {
            return Err(fault("its trees do not belong to its features and classes"));
        }
        let restore = |trees: Vec<TreeV1>| -> Option<Vec<Tree>> {
            trees.into_iter().map(|tree| tree.restore(self.features)).collect()
        };
        let trees: Option<Vec<Vec<Tree>>> = self.trees.into_iter().map(restore).collect();
        let trees = trees.ok_or_else(|| fault("one of its trees is damaged"))?;
        Ok(Stages { features, initial: self.initial, trees })
    }
}

/// Writes the newest format of a regression model.
pub(super) fn write_number(stages: &Stages) -> Result<Vec<u8>, TrainError> {
    encode(&BoostingV1::Regression(StagesV1::of(stages)))
}

/// Writes the newest format of a classification model.
pub(super) fn write_class(model: &BoostingClassifier) -> Result<Vec<u8>, TrainError> {
    let present = model.present.iter().map(|class| *class as u32).collect();
    encode(&BoostingV1::Classification { stages: StagesV1::of(&model.stages), present })
}

/// Reads the body of a model of so many features and classes.
pub(in crate::train) fn open(
    body: &[u8],
    features: usize,
    classes: usize,
) -> Result<Box<dyn Predictor>, TrainError> {
    match decode(body)? {
        BoostingV1::Regression(stages) => Ok(Box::new(Boosting(stages.restore(features, 1)?))),
        BoostingV1::Classification { stages, present } => {
            let present: Vec<usize> = present.into_iter().map(|class| class as usize).collect();
            let known = present.iter().all(|class| *class < classes);
            if present.is_empty() || !known || !present.is_sorted_by(|a, b| a < b) {
                return Err(TrainError::ModelFile("its classes are not those it names".into()));
            }
            let stages = stages.restore(features, outputs(present.len()))?;
            Ok(Box::new(BoostingClassifier { stages, present, classes }))
        }
    }
}

#[cfg(test)]
mod tests;
