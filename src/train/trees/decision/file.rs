//! The content of a decision tree's model file.

use serde::{Deserialize, Serialize};

use super::super::super::error::TrainError;
use super::super::super::estimator::Predictor;
use super::super::super::model_file::{decode, encode};
use super::super::file::{ClassTreeV1, TreeV1, ensemble};
use super::DecisionTree;
use crate::ledger::model::Task;

/// The kind of model file, also its extension.
pub(in crate::train) const KIND: &str = "tree";
/// The newest format written and read.
pub(in crate::train) const FORMAT: u32 = 1;

/// Format 1. Never changed: a new format is a new type.
#[derive(Serialize, Deserialize)]
enum DecisionTreeV1 {
    Regression { features: u32, tree: TreeV1 },
    Classification { features: u32, tree: ClassTreeV1 },
}

/// Writes the newest format.
pub(super) fn write(model: &DecisionTree) -> Result<Vec<u8>, TrainError> {
    let (features, tree) = (model.tree.features as u32, &model.tree.trees[0]);
    encode(&match model.task {
        Task::Classification => {
            DecisionTreeV1::Classification { features, tree: ClassTreeV1::of(tree) }
        }
        Task::Regression | Task::Clustering => {
            DecisionTreeV1::Regression { features, tree: TreeV1::of(tree) }
        }
    })
}

/// Reads the body of a tree of so many features and classes.
pub(in crate::train) fn open(
    body: &[u8],
    features: usize,
    classes: usize,
) -> Result<Box<dyn Predictor>, TrainError> {
    let (tree, task) = match decode(body)? {
        DecisionTreeV1::Regression { features: count, tree } => {
            let tree = ensemble((count, vec![tree]), (features, 1), TreeV1::restore)?;
            (tree, Task::Regression)
        }
        DecisionTreeV1::Classification { features: count, tree } => {
            let restore = |tree: ClassTreeV1, features| tree.restore(features, classes);
            let tree = ensemble((count, vec![tree]), (features, classes), restore)?;
            (tree, Task::Classification)
        }
    };
    Ok(Box::new(DecisionTree { tree, task }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One feature, x ≤ 0.5: a number, and the shares of two classes.
    const NUMBER: &[u8] =
        &[0, 1, 3, 1, 0, 0, 1, 0, 0, 0, 63, 2, 0, 0, 0, 0, 0, 0, 240, 63, 0, 0, 0, 0, 0, 0, 0, 64];
    const CLASS: &[u8] = &[
        1, 1, 3, 1, 0, 0, 1, 0, 0, 0, 63, 2, 1, 1, 2, 1, 0, 2, 0, 0, 0, 0, 0, 0, 240, 63, 0, 0, 0,
        0, 0, 0, 240, 63,
    ];

    #[test]
    fn format_1_is_read_and_written() {
        let rows = [vec![0.0, 1.0]];
        let number = open(NUMBER, 1, 0).unwrap();
        assert_eq!(number.predict(&rows).values, [1.0, 2.0]);
        assert_eq!(number.body().unwrap(), NUMBER);
        let class = open(CLASS, 1, 2).unwrap();
        assert_eq!(class.predict(&rows).values, [1.0, 0.0]);
        assert_eq!(class.body().unwrap(), CLASS);
        assert!(open(CLASS, 1, 0).is_err());
    }

    proptest! {
        #[test]
        fn no_body_panics(bytes in proptest::collection::vec(0_u8..8, 0..60)) {
            if let Ok(tree) = open(&bytes, 1, 2) {
                tree.predict(&[vec![0.0, 9.0]]);
            }
        }
    }
}
