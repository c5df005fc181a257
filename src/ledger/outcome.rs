//! What a trainer reports while it works, and what it returns.

use std::collections::BTreeMap;

use toml::Value;

use super::exit::CommandRecord;

/// Where a trainer reports to while it works. Implemented by the recorder of a run and by tests.
///
/// A trainer calls it from one thread at a time, or from several: every method takes `&self`.
pub trait Reporter: Sync {
    /// Records one metric point; the recorder writes it to disk before it returns.
    fn metric(&self, name: &str, value: f64, step: u64);

    /// Adds a line to the log.
    fn line(&self, text: &str);

    /// Says how far the work is, for display only.
    fn progress(&self, done: u64, total: u64);

    /// Whether the work should stop; a trainer asks at least every 100 ms or so.
    fn cancelled(&self) -> bool;
}

/// An artifact a trainer made: its path below `artifacts/` with forward slashes, and its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewArtifact {
    /// The path below `artifacts/`, such as `predictions.csv`.
    pub path: String,
    /// The content.
    pub bytes: Vec<u8>,
}

/// What a trainer returns when it ends well. Metrics went to the [`Reporter`].
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The artifacts, in any order.
    pub artifacts: Vec<NewArtifact>,
    /// Seconds spent, by phase: `fit`, `predict`. Never part of the result digest.
    pub timings: BTreeMap<String, f64>,
    /// Plain facts about the trained model, such as its number of nodes.
    pub facts: BTreeMap<String, Value>,
    /// What is recorded of a command.
    pub command: Option<CommandRecord>,
}
