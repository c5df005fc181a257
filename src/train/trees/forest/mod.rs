//! Random forests (Breiman, 2001).

mod classifier;
pub(in crate::train) mod classifier_file;
pub(in crate::train) mod file;
pub(super) mod out_of_bag;
mod params;
mod regressor;

pub use classifier::ForestClassifier;
pub(in crate::train) use classifier::{RANDOM_FOREST_CLASSIFIER, RandomForestClassifier};
pub use params::{
    ForestClassifierParams, ForestClassifierValidParams, ForestParams, ForestValidParams,
};
pub use regressor::Forest;
pub(in crate::train) use regressor::{RANDOM_FOREST_REGRESSOR, RandomForestRegressor};

use super::ensemble::Plan;

/// The random numbers of a forest.
const PURPOSE: &str = "fairledger forest v1";

impl ForestValidParams {
    /// How the trees grow.
    fn plan(&self) -> Plan {
        Plan {
            purpose: PURPOSE,
            seed: self.seed,
            trees: self.n_estimators,
            bootstrap: self.bootstrap,
            growth: self.growth,
        }
    }
}
