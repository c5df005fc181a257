//! What a model learns: the target column as numbers, and the classes behind them.

use crate::ledger::model::Task;

use super::error::TrainError;
use super::table::Table;

/// The target of every row of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Target {
    /// A value a row: the number, or the class as a whole number from 0; empty for clustering.
    pub(super) values: Vec<f64>,
    /// The classes by number, as they are written in the data; empty unless the task is
    /// classification.
    pub(super) classes: Vec<String>,
}

impl Target {
    /// Reads the target of a task.
    ///
    /// Classes are numbered in the order of their numbers where all of them are numbers, else in the
    /// order of their text.
    pub(super) fn read(task: Task, table: &Table, column: &str) -> Result<Self, TrainError> {
        match task {
            Task::Regression => {
                Ok(Self { values: table.numbers(column)?.to_vec(), classes: Vec::new() })
            }
            Task::Classification => {
                let labels = table.labels(column)?;
                let values = labels.codes.iter().map(|code| f64::from(*code)).collect();
                Ok(Self { values, classes: labels.words })
            }
            Task::Clustering => Ok(Self::default()),
        }
    }

    /// The values of some rows.
    pub(super) fn of(&self, rows: &[usize]) -> Vec<f64> {
        rows.iter().filter_map(|row| self.values.get(*row).copied()).collect()
    }
}
