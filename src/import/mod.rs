//! Floor 2: what other trackers left behind, read and never written.
//!
//! A store is opened by [`Mlflow::open`]; its runs are read one at a time, so that memory does not grow with their number.

mod artifacts;
mod database;
mod error;
mod files;
mod mlflow;
mod python;
mod record;

pub use error::ImportError;
pub use mlflow::Mlflow;
pub use python::number;
pub use record::{Artifact, Experiment, Model, Point, Run, RunKey, Version};
