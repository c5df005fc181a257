//! Predicting with the model of a run, or with a model file.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use crate::train::{self, InputFormat, NewRows, OutputFormat, Predicted, SavedModel, TrainError};

use super::error::Error;
use super::model::FoundModel;

/// How new rows are read and their predictions written.
#[derive(Clone, Copy, Debug)]
pub struct Predict {
    /// The format of the rows; told by the file's name or by the first bytes when `None`.
    pub input: Option<InputFormat>,
    /// The format of the predictions.
    pub output: OutputFormat,
    /// Whether the columns of the input are left out.
    pub only_predictions: bool,
}

/// The model that is meant: a model file that exists, else that of a run of the ledger that a folder
/// belongs to. Its bytes are hashed and compared with their manifest, whatever was known of them.
///
/// # Errors
/// When there is no such run or file, when the run has no model, and when the file is damaged or absent.
pub fn open_model(here: &Path, what: &str) -> Result<SavedModel, Error> {
    FoundModel::named(here, what)?.open()
}

/// Predicts the rows of a file.
pub fn predict_file(
    model: &SavedModel,
    input: &Path,
    how: Predict,
    output: &mut dyn Write,
) -> Result<Predicted, Error> {
    let name = input.display().to_string();
    let how = Predict { input: how.input.or_else(|| InputFormat::of_name(&name)), ..how };
    match File::open(input) {
        Ok(mut file) => predict_rows(model, &name, &mut file, how, output),
        Err(source) => Err(Error::File { path: name, source }),
    }
}

/// Predicts rows as they come, from a source that errors call by a name.
pub fn predict_rows(
    model: &SavedModel,
    name: &str,
    input: &mut dyn Read,
    how: Predict,
    output: &mut dyn Write,
) -> Result<Predicted, Error> {
    let Predict { input: input_format, output: output_format, only_predictions } = how;
    let rows = NewRows { input, input_format, output, output_format, only_predictions };
    match train::predict(model, rows) {
        // A reader that has seen enough is no error.
        Err(TrainError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            Ok(Predicted::default())
        }
        done => done.map_err(|source| Error::Rows { name: name.to_owned(), source }),
    }
}

/// Predicts one row of named values.
pub fn predict_values(
    model: &SavedModel,
    values: &[(String, String)],
) -> Result<serde_json::Value, Error> {
    Ok(train::predict_one(model, values)?)
}
