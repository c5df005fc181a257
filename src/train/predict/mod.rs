//! Predicting new rows with a saved model, block by block, so that memory does not grow with them.

mod field;
mod input;
mod json;
mod output;
mod parquet;
#[cfg(test)]
mod tests;

use std::io::{Read, Write};

use crate::ledger::encode::nfc;

use super::error::{TrainError, listing};
use super::estimator::Answer;
use super::model_file::SavedModel;
use super::table::Table;

use field::{Field, Row};
pub use input::InputFormat;
pub use output::OutputFormat;
use output::Writer;

/// Rows that are predicted at once.
const BLOCK: usize = 4096;

/// Where new rows come from and where their predictions go.
pub struct NewRows<'a> {
    /// The rows.
    pub input: &'a mut dyn Read,
    /// Their format; found out from the first bytes when `None`.
    pub input_format: Option<InputFormat>,
    /// Where the predictions are written.
    pub output: &'a mut dyn Write,
    /// Their format.
    pub output_format: OutputFormat,
    /// Whether the columns of the input are left out of the output.
    pub only_predictions: bool,
}

/// What became of the rows of an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Predicted {
    /// Number of rows.
    pub rows: u64,
    /// Number of those without a prediction: the model's preparation drops them for an empty cell.
    pub without: u64,
}

/// Predicts every row of an input.
///
/// The columns that the model needs are found by name, others are passed on. Row by row the output
/// has the columns of the input, then `prediction`, then for a classifier a column a class:
/// `probability_…`, or `score_…` where the model only ranks. In JSON they are the objects
/// `probabilities` and `scores`. A row that the model's preparation drops has an empty prediction.
///
/// # Errors
/// Every missing column at once; the row and column of a cell that the model cannot take. Rows of
/// earlier blocks are written by then.
pub fn predict(model: &SavedModel, rows: NewRows<'_>) -> Result<Predicted, TrainError> {
    let NewRows { input, input_format, output, output_format, only_predictions } = rows;
    let writer = Writer::new(output, output_format, only_predictions, model);
    let mut work = Work::new(model, writer);
    input::each_row(input, input_format, &mut work)?;
    work.finish()
}

/// Predicts one row of named values, each written as in a CSV file. The answer is the object that
/// [`predict`] writes in JSON, without the values.
pub fn predict_one(
    model: &SavedModel,
    values: &[(String, String)],
) -> Result<serde_json::Value, TrainError> {
    let mut text = Vec::new();
    let writer = Writer::new(&mut text, OutputFormat::Json, true, model);
    let mut work = Work::new(model, writer);
    let (names, cells): (Vec<&String>, Vec<Field>) =
        values.iter().map(|(name, text)| (name, Field::of_cell(text))).unzip();
    work.begin(names.into_iter().map(|name| nfc(name)).collect())?;
    work.push(Row { cells, more: Vec::new() })?;
    work.finish()?;
    let fault = |error: serde_json::Error| TrainError::Write(error.into());
    let [answer]: [serde_json::Value; 1] = serde_json::from_slice(&text).map_err(fault)?;
    Ok(answer)
}

/// The columns of an input, once they are known.
struct Columns {
    names: Vec<String>,
    /// The place of each of the model's features.
    features: Vec<usize>,
}

/// The rows that wait for their predictions, and where these go.
struct Work<'a> {
    model: &'a SavedModel,
    writer: Writer<'a>,
    columns: Option<Columns>,
    rows: Vec<Row>,
    /// Those that are written.
    done: Predicted,
}

impl<'a> Work<'a> {
    fn new(model: &'a SavedModel, writer: Writer<'a>) -> Self {
        Self { model, writer, columns: None, rows: Vec::new(), done: Predicted::default() }
    }

    /// Takes the names of the columns, before the first row.
    fn begin(&mut self, names: Vec<String>) -> Result<(), TrainError> {
        for (at, name) in names.iter().enumerate() {
            if names[..at].contains(name) {
                return Err(TrainError::DuplicateColumn { name: name.clone() });
            }
        }
        let place = |feature: &String| names.iter().position(|name| name == feature);
        let features: Vec<Option<usize>> = self.model.features().iter().map(place).collect();
        let missing = self.model.features().iter().zip(&features).filter(|(_, at)| at.is_none());
        let missing: Vec<&str> = missing.map(|(name, _)| name.as_str()).collect();
        if !missing.is_empty() {
            return Err(no_columns(&missing, &names));
        }
        let features = features.into_iter().flatten().collect();
        self.columns = Some(Columns { names, features });
        Ok(())
    }

    /// Takes a row, with a cell for each column.
    fn push(&mut self, row: Row) -> Result<(), TrainError> {
        self.rows.push(row);
        if self.rows.len() < BLOCK { Ok(()) } else { self.flush() }
    }

    /// Predicts and writes the rows that wait.
    fn flush(&mut self) -> Result<(), TrainError> {
        let answer = if self.rows.is_empty() {
            Answer::default()
        } else {
            let answer = self.table().and_then(|table| self.model.predict(&table));
            answer.map_err(|error| error.after(self.done.rows))?
        };
        let names: &[String] = self.columns.as_ref().map_or(&[], |columns| &columns.names);
        if self.done.rows == 0 {
            self.writer.begin(names, answer.scores.as_ref())?;
        }
        for (at, row) in self.rows.iter().enumerate() {
            self.writer.row(names, row, &answer, at)?;
        }
        self.done.rows += self.rows.len() as u64;
        self.done.without += answer.values.iter().filter(|value| value.is_nan()).count() as u64;
        self.rows.clear();
        Ok(())
    }

    /// The features of the rows that wait, as the table a data file of them would be.
    fn table(&self) -> Result<Table, TrainError> {
        let mut csv = csv::Writer::from_writer(Vec::new());
        let features = self.model.features();
        csv.write_record(features)?;
        let places = self.columns.iter().flat_map(|columns| &columns.features);
        let places: Vec<usize> = places.copied().collect();
        for row in &self.rows {
            csv.write_record(places.iter().map(|at| row.cells[*at].text()))?;
        }
        let bytes = csv.into_inner().map_err(|error| TrainError::Read(error.into_error()))?;
        Table::read(&bytes, &features.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Writes what is left.
    fn finish(mut self) -> Result<Predicted, TrainError> {
        if self.done.rows == 0 || !self.rows.is_empty() {
            self.flush()?;
        }
        self.writer.end()?;
        Ok(self.done)
    }
}

fn no_columns(missing: &[&str], present: &[String]) -> TrainError {
    TrainError::NoColumns {
        names: listing(missing.iter().copied()),
        present: listing(present.iter().map(String::as_str)),
    }
}
