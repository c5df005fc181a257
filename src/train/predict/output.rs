//! Predictions as CSV or JSON.

use std::borrow::Cow;
use std::io::{self, Write};

use serde_json::Value;

use super::super::error::TrainError;
use super::super::estimator::{Answer, Scores};
use super::super::model_file::SavedModel;
use super::field::{Field, Row};

/// How predictions are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputFormat {
    /// Comma-separated values with a header.
    Csv,
    /// An array of objects, a line each.
    Json,
}

/// Writes rows with their predictions.
pub(super) struct Writer<'a> {
    format: Format<'a>,
    only_predictions: bool,
    model: &'a SavedModel,
}

enum Format<'a> {
    Csv(Box<csv::Writer<&'a mut dyn Write>>),
    Json { output: &'a mut dyn Write, is_first: bool },
}

/// The column of predictions.
const PREDICTION: &str = "prediction";

impl<'a> Writer<'a> {
    pub(super) fn new(
        output: &'a mut dyn Write,
        format: OutputFormat,
        only_predictions: bool,
        model: &'a SavedModel,
    ) -> Self {
        let format = match format {
            OutputFormat::Csv => Format::Csv(Box::new(csv::Writer::from_writer(output))),
            OutputFormat::Json => Format::Json { output, is_first: true },
        };
        Self { format, only_predictions, model }
    }

    /// Writes what comes before the first row. `scores` are those of some answer of the model.
    pub(super) fn begin(
        &mut self,
        columns: &[String],
        scores: Option<&Scores>,
    ) -> Result<(), TrainError> {
        let columns = if self.only_predictions { &[] } else { columns };
        let mut own = vec![PREDICTION.to_owned()];
        if let (Some(scores), Format::Csv(_)) = (scores, &self.format) {
            let word = if scores.probabilities { "probability" } else { "score" };
            own.extend(self.model.classes().iter().map(|class| format!("{word}_{class}")));
        }
        if let Some(name) = own.iter().find(|name| columns.contains(name)) {
            return Err(TrainError::TakenColumn { name: name.clone() });
        }
        if let Format::Csv(csv) = &mut self.format {
            csv.write_record(columns.iter().chain(&own)).map_err(unwritten)?;
        }
        Ok(())
    }

    /// Writes a row with its answer, which is at a place among some answers. NaN is no answer.
    pub(super) fn row(
        &mut self,
        columns: &[String],
        row: &Row,
        answer: &Answer,
        at: usize,
    ) -> Result<(), TrainError> {
        let value = prediction(self.model, answer.values[at]);
        let score = |scores: &Vec<f64>| number(scores[at]);
        let scores = answer.scores.as_ref();
        let classes = self.model.classes().iter();
        match &mut self.format {
            Format::Csv(csv) => {
                let cells: &[Field] = if self.only_predictions { &[] } else { &row.cells };
                let mut record: Vec<Cow<'_, str>> =
                    cells.iter().map(|cell| Cow::Borrowed(cell.text())).collect();
                record.push(text(&value).into());
                let scores = scores.iter().flat_map(|scores| &scores.by_class);
                record.extend(scores.map(|it| Cow::Owned(text(&score(it)))));
                csv.write_record(record.iter().map(|cell| cell.as_bytes())).map_err(unwritten)
            }
            Format::Json { output, is_first } => {
                let mut fields = Vec::new();
                if !self.only_predictions {
                    let cells = columns.iter().zip(&row.cells);
                    let more = row.more.iter().map(|(name, field)| (name, field));
                    fields.extend(cells.chain(more).map(|(name, field)| (&**name, field.json())));
                }
                fields.push((PREDICTION, value.to_string()));
                if let Some(Scores { by_class, probabilities }) = scores {
                    let word = if *probabilities { "probabilities" } else { "scores" };
                    let pairs = classes.zip(by_class);
                    fields.push((
                        word,
                        object(pairs.map(|(class, it)| (&**class, score(it).to_string()))),
                    ));
                }
                let before = if *is_first { "[\n" } else { ",\n" };
                *is_first = false;
                write!(output, "{before}{}", object(fields)).map_err(TrainError::Write)
            }
        }
    }

    /// Writes what comes after the last row.
    pub(super) fn end(&mut self) -> Result<(), TrainError> {
        match &mut self.format {
            Format::Csv(csv) => csv.flush(),
            Format::Json { output, is_first } => {
                let end: &[u8] = if *is_first { b"[]\n" } else { b"\n]\n" };
                output.write_all(end).and_then(|()| output.flush())
            }
        }
        .map_err(TrainError::Write)
    }
}

/// A prediction as JSON: a number, a class, or the number of a cluster.
fn prediction(model: &SavedModel, value: f64) -> Value {
    let classes = model.classes();
    if value.is_nan() {
        Value::Null
    } else if !classes.is_empty() {
        classes.get(value as usize).map_or(Value::Null, |class| class.as_str().into())
    } else if model.target().is_empty() {
        (value as i64).into()
    } else {
        number(value)
    }
}

/// A number as JSON; infinity, which JSON cannot hold, becomes its name, and NaN null.
fn number(value: f64) -> Value {
    match serde_json::Number::from_f64(value) {
        Some(number) => Value::Number(number),
        None if value.is_nan() => Value::Null,
        None if value > 0.0 => "Infinity".into(),
        None => "-Infinity".into(),
    }
}

/// A value in a cell.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A JSON object of some fields, in their order.
fn object<'n>(fields: impl IntoIterator<Item = (&'n str, String)>) -> String {
    let fields = fields.into_iter().map(|(name, value)| format!("{}:{value}", Value::from(name)));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

fn unwritten(error: csv::Error) -> TrainError {
    TrainError::Write(match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    })
}
