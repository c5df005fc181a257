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
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One feature: 1 and one stage that adds 2 where x is above 0.5.
    const NUMBER: &[u8] = &[
        0, 1, 1, 0, 0, 0, 0, 0, 0, 240, 63, 1, 1, 3, 1, 0, 0, 1, 0, 0, 0, 63, 2, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 64,
    ];

    fn class(present: &[u32], outputs: usize) -> Vec<u8> {
        let stages = StagesV1 {
            features: 1,
            initial: vec![0.5; outputs],
            trees: (0..outputs).map(|_| Vec::new()).collect(),
        };
        encode(&BoostingV1::Classification { stages, present: present.to_vec() }).unwrap()
    }

    #[test]
    fn format_1_is_read_and_written() {
        let model = open(NUMBER, 1, 0).unwrap();
        assert_eq!(model.predict(&[vec![0.0, 1.0]]).values, [1.0, 3.0]);
        assert_eq!(model.body().unwrap(), NUMBER);
        assert!(open(NUMBER, 2, 0).is_err());
    }

    #[test]
    fn absent_classes_have_no_probability() {
        let of = |present: &[u32], outputs| {
            let answer = open(&class(present, outputs), 1, 4).unwrap().predict(&[vec![0.0]]);
            answer.scores.unwrap().by_class.concat()
        };
        assert_eq!(of(&[2], 0), [0.0, 0.0, 1.0, 0.0]);
        let half = 1.0 / (1.0 + (-0.5_f64).exp());
        assert_eq!(of(&[1, 3], 1), [0.0, 1.0 - half, 0.0, half]);
        assert_eq!(of(&[0, 1, 3], 3), [1.0 / 3.0, 1.0 / 3.0, 0.0, 1.0 / 3.0]);
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        for (present, outputs) in [
            (vec![], 0),
            (vec![4], 0),
            (vec![1, 1], 1),
            (vec![2, 1], 1),
            (vec![1, 2], 2),
            (vec![1], 1),
        ] {
            assert!(open(&class(&present, outputs), 1, 4).is_err(), "{present:?} {outputs}");
        }
    }

    proptest! {
        #[test]
        fn no_body_panics(bytes in proptest::collection::vec(0_u8..8, 0..80)) {
            if let Ok(model) = open(&bytes, 1, 2) {
                model.predict(&[vec![0.0, 9.0]]);
            }
        }
    }
}
