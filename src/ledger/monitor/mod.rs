//! Monitors: a registered model judged on data that change, and what is said when it gets worse.
//!
//! An evaluation is a run: its request names the model file, the profile of its training data, the
//! content of the new data and the metrics. What raises an alert is no part of it: other limits judge
//! the same evaluation anew.

mod condition;
mod config;
mod judge;

#[cfg(test)]
mod tests;

pub use condition::{Condition, resolve};
pub use config::{Limits, MonitorConfig, Notify};
pub use judge::{Evaluation, drift_metrics, raised};

/// The trainer's name in the request of an evaluation.
pub const TRAINER: &str = "monitor";

/// Raised when the same request gives another evaluation.
pub const VERSION: i64 = 1;

/// The tag of a run that raises an alert; its value says why.
pub const ALERT: &str = "alert";

/// The tag of the run that a monitor's data and model last led to; its value is when they did.
pub const EVALUATED: &str = "evaluated";

/// The experiment that holds the evaluations of a monitor.
pub fn experiment(name: &str) -> String {
    format!("monitor-{name}")
}
