//! The content of a regression forest's model file.

use serde::{Deserialize, Serialize};

use super::super::super::error::TrainError;
use super::super::super::estimator::Predictor;
use super::super::super::model_file::{decode, encode};
use super::super::ensemble::Ensemble;
use super::super::file::{TreeV1, ensemble};
use super::Forest;

/// The kind of model file, also its extension.
pub(in crate::train) const KIND: &str = "forest";
/// The newest format written and read.
pub(in crate::train) const FORMAT: u32 = 1;

/// Format 1. Never changed: a new format is a new type.
#[derive(Serialize, Deserialize)]
struct ForestV1 {
    features: u32,
    trees: Vec<TreeV1>,
}

/// Writes the newest format.
pub(super) fn write(forest: &Ensemble) -> Result<Vec<u8>, TrainError> {
    let trees = forest.trees.iter().map(TreeV1::of).collect();
    encode(&ForestV1 { features: forest.features as u32, trees })
}

/// Reads the body of a forest of `features` features.
pub(in crate::train) fn open(
    body: &[u8],
    features: usize,
    _classes: usize,
) -> Result<Box<dyn Predictor>, TrainError> {
    let stored: ForestV1 = decode(body)?;
    let forest = ensemble((stored.features, stored.trees), (features, 1), TreeV1::restore)?;
    Ok(Box::new(Forest(forest)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Two features, one tree: x₀ ≤ 0.5 → 1; else x₁ ≤ 1.5 → 2, else 3. Bytes of the first release.
    const BYTES: &[u8] = &[
        2, 1, 5, 1, 0, 2, 0, 0, 2, 0, 0, 0, 63, 0, 0, 192, 63, 3, 0, 0, 0, 0, 0, 0, 240, 63, 0, 0,
        0, 0, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 8, 64,
    ];

    #[test]
    fn format_1_is_read_and_written() {
        let forest = open(BYTES, 2, 0).unwrap();
        let columns = [vec![0.0, 1.0, 1.0], vec![0.0, 1.0, 2.0]];
        assert_eq!(forest.predict(&columns).values, [1.0, 2.0, 3.0]);
        assert_eq!(forest.body().unwrap(), BYTES);
        assert!(open(BYTES, 3, 0).is_err());
        assert!(open(&[2, 0], 2, 0).is_err(), "a forest without a tree");
    }

    proptest! {
        #[test]
        fn no_body_panics(bytes in proptest::collection::vec(0_u8..8, 0..80)) {
            if let Ok(forest) = open(&bytes, 2, 0) {
                forest.predict(&[vec![0.0, 9.0], vec![1.0, -9.0]]);
            }
        }
    }
}
