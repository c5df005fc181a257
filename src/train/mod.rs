//! Floor 2: built-in trainers.
//!
//! Bytes of a data file come in, metrics and artifacts go out. Nothing here knows paths, runs or
//! the disk. A model declares itself beside its implementation; [`models`] lists them all.

mod artifacts;
mod assess;
mod clusters;
mod dbscan;
mod distribution;
mod error;
mod estimator;
mod evaluate;
mod hyperplanes;
mod job;
mod k_means;
mod linear;
mod logistic;
mod metrics;
mod model_file;
mod moments;
mod naive_bayes;
mod neighbours;
mod onnx;
mod params;
mod predict;
mod prepare;
mod profile;
mod random;
mod run;
mod schema;
mod source;
mod split;
mod summary;
mod support_vectors;
mod table;
mod table_file;
mod target;
mod trees;
mod wanted;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod housing;
#[cfg(test)]
mod odd_tables;
#[cfg(test)]
mod trial;

pub use assess::{Assessment, assess, drift_table};
pub use distribution::{profile_like, training_profile, wanted_like};
pub use error::TrainError;
pub use estimator::models;
pub use metrics::{default_metrics, metrics};
pub use model_file::SavedModel;
pub use onnx::Provenance;
pub use predict::{InputFormat, NewRows, OutputFormat, Predicted, predict, predict_one};
pub use profile::profile;
pub use run::train;
pub use source::{DataFile, is_parquet};
pub use summary::summary;
pub use table::Table;
pub use table_file::to_parquet;
pub use trees::{
    Amount, Boosting, BoostingClassifier, BoostingClassifierParams, BoostingClassifierValidParams,
    BoostingParams, BoostingValidParams, ClassWeight, Forest, ForestClassifier,
    ForestClassifierParams, ForestClassifierValidParams, ForestParams, ForestValidParams, Impurity,
    MaxFeatures, Shares, variance_shares,
};
pub use wanted::{Wanted, wanted};
