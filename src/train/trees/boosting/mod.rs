//! Gradient boosting (Friedman, 2001), as scikit-learn's `GradientBoostingRegressor` and
//! `GradientBoostingClassifier`.

mod classifier;
pub(in crate::train) mod file;
mod fit;
mod held;
mod loss;
mod params;
mod regressor;
mod stages;

pub use classifier::BoostingClassifier;
pub(in crate::train) use classifier::{GRADIENT_BOOSTING_CLASSIFIER, GradientBoostingClassifier};
pub use params::{
    BoostingClassifierParams, BoostingClassifierValidParams, BoostingParams, BoostingValidParams,
};
pub use regressor::Boosting;
pub(in crate::train) use regressor::{GRADIENT_BOOSTING_REGRESSOR, GradientBoostingRegressor};
