//! The content of a classification forest's model file.

use serde::{Deserialize, Serialize};

use super::super::super::error::TrainError;
use super::super::super::estimator::Predictor;
use super::super::super::model_file::{decode, encode};
use super::super::ensemble::Ensemble;
use super::super::file::{ClassTreeV1, ensemble};
use super::ForestClassifier;

/// The kind of model file, also its extension.
pub(in crate::train) const KIND: &str = "forest-classifier";
/// The newest format written and read.
pub(in crate::train) const FORMAT: u32 = 1;

/// Format 1. Never changed: a new format is a new type.
#[derive(Serialize, Deserialize)]
struct ForestClassifierV1 {
    features: u32,
    trees: Vec<ClassTreeV1>,
}

/// Writes the newest format.
pub(super) fn write(forest: &Ensemble) -> Result<Vec<u8>, TrainError> {
    let trees = forest.trees.iter().map(ClassTreeV1::of).collect();
    encode(&ForestClassifierV1 { features: forest.features as u32, trees })
}

/// Reads the body of a forest of so many features and classes.
pub(in crate::train) fn open(
    body: &[u8],
    features: usize,
    classes: usize,
) -> Result<Box<dyn Predictor>, TrainError> {
    let stored: ForestClassifierV1 = decode(body)?;
    let restore = |tree: ClassTreeV1, features| tree.restore(features, classes);
    let forest = ensemble((stored.features, stored.trees), (features, classes), restore)?;
    Ok(Box::new(ForestClassifier(forest)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One feature and two classes, one tree: x ≤ 0.5 → the second class, else half and half.
    const BYTES: &[u8] = &[
        1, 1, 3, 1, 0, 0, 1, 0, 0, 0, 63, 2, 1, 2, 3, 1, 0, 1, 3, 0, 0, 0, 0, 0, 0, 240, 63, 0, 0,
        0, 0, 0, 0, 224, 63, 0, 0, 0, 0, 0, 0, 224, 63,
    ];

    #[test]
    fn format_1_is_read_and_written() {
        let forest = open(BYTES, 1, 2).unwrap();
        let answer = forest.predict(&[vec![0.0, 1.0]]);
        assert_eq!(answer.values, [1.0, 0.0]);
        assert_eq!(answer.scores.unwrap().by_class, [[0.0, 0.5], [1.0, 0.5]]);
        assert_eq!(forest.body().unwrap(), BYTES);
        for (features, classes) in [(2, 2), (1, 1), (1, 0)] {
            assert!(open(BYTES, features, classes).is_err());
        }
    }

    proptest! {
        #[test]
        fn no_body_panics(bytes in proptest::collection::vec(0_u8..8, 0..80)) {
            if let Ok(forest) = open(&bytes, 2, 2) {
                forest.predict(&[vec![0.0, 9.0], vec![1.0, -9.0]]);
            }
        }
    }
}
