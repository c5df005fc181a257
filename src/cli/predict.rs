//! `fairledger predict`

use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::engine::{
    self, Error, InputFormat, OutputFormat, Predict as How, Predicted, SavedModel, count,
};

use super::exit::Exit;
use super::output::{self, line, note};

const EXAMPLES: &str = "\
Examples:
  fairledger predict rf-100-10 --input new.csv > predicted.csv
  fairledger predict rf-100-10 area=2000 bedrooms=3 bathrooms=2 age=5 distance_to_city=8";

/// Predict new rows with the model of a run, a registered model or a model file
///
/// The model's columns are found by name. Every column of the input comes out again, followed by
/// `prediction`; a classifier adds `probability_CLASS` for each class, or `score_CLASS` where it
/// only ranks them. In JSON these are the objects `probabilities` and `scores`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Predict {
    /// A run, a registered model such as house@champion, or the path of a model file
    #[arg(value_name = "RUN|MODEL|FILE")]
    model: String,
    /// One row: a value for each of the model's columns
    #[arg(value_name = "NAME=VALUE", value_parser = value, conflicts_with = "input")]
    values: Vec<(String, String)>,
    /// The rows: a CSV or Parquet file, or a JSON file of objects; `-` is standard input
    #[arg(short, long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Write the predictions into this file instead of printing them
    #[arg(short, long, value_name = "FILE", conflicts_with = "values")]
    output: Option<PathBuf>,
    /// The format of the input; default: told by its name or its first bytes
    #[arg(long, conflicts_with = "values")]
    format: Option<Format>,
    /// Leave the columns of the input out
    #[arg(long, conflicts_with = "values")]
    only: bool,
    /// Write JSON
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Write CSV, also into a file called .json
    #[arg(long, conflicts_with = "values")]
    csv: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Comma-separated values with a header
    Csv,
    /// An array of objects, or one object after the other
    Json,
    /// Apache Parquet
    Parquet,
}

fn value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.to_owned()))
        }
        _ => Err("write NAME=VALUE".into()),
    }
}

impl Predict {
    pub(super) fn execute(&self, here: &Path) -> Result<Exit, Error> {
        let model = engine::open_model(here, &self.model)?;
        match &self.input {
            None if self.values.is_empty() => Ok(self.nothing_given(&model)),
            None => self.one(&model),
            Some(input) => self.rows(&model, input),
        }
    }

    fn nothing_given(&self, model: &SavedModel) -> Exit {
        note("error: there is nothing to predict");
        let values: Vec<String> =
            model.features().iter().map(|name| format!("{}=…", quoted(name))).collect();
        note(format!("  hint: fairledger predict {} {}", quoted(&self.model), values.join(" ")));
        note(format!("  hint: fairledger predict {} --input FILE", quoted(&self.model)));
        Exit::Usage
    }

    fn one(&self, model: &SavedModel) -> Result<Exit, Error> {
        let answer = engine::predict_values(model, &self.values)?;
        let prediction = &answer["prediction"];
        match prediction {
            _ if self.json => output::json(&answer),
            serde_json::Value::Null => line(""),
            prediction => line(super::show::text(prediction)),
        }
        tell(Predicted { rows: 1, without: u64::from(prediction.is_null()) });
        Ok(Exit::Done)
    }

    fn rows(&self, model: &SavedModel, input: &Path) -> Result<Exit, Error> {
        let is_json = |path: &PathBuf| {
            InputFormat::of_name(&path.to_string_lossy()) == Some(InputFormat::Json)
        };
        let json = self.json || (!self.csv && self.output.as_ref().is_some_and(is_json));
        let how = How {
            input: self.format.map(|format| match format {
                Format::Csv => InputFormat::Csv,
                Format::Json => InputFormat::Json,
                Format::Parquet => InputFormat::Parquet,
            }),
            output: if json { OutputFormat::Json } else { OutputFormat::Csv },
            only_predictions: self.only,
        };
        let predict = |output: &mut dyn io::Write| {
            if input == Path::new("-") {
                engine::predict_rows(model, "standard input", &mut io::stdin().lock(), how, output)
            } else {
                engine::predict_file(model, input, how, output)
            }
        };
        match &self.output {
            None => tell(predict(&mut BufWriter::new(io::stdout().lock()))?),
            Some(path) => {
                let mut done = Predicted::default();
                crate::store::write_file(path, |output| {
                    done = predict(output)?;
                    Ok::<_, Error>(())
                })?;
                tell(done);
                let number = (done.rows - done.without) as usize;
                line(format!("{} in {}", count(number, "prediction"), path.display()));
            }
        }
        Ok(Exit::Done)
    }
}

/// Says how many rows have no prediction, and why.
fn tell(Predicted { rows, without }: Predicted) {
    if without > 0 {
        note(format!(
            "{without} of {} without a prediction: the model drops rows with an empty cell",
            count(rows as usize, "row")
        ));
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./:".contains(c);
    if word.chars().all(is_plain) { word.to_owned() } else { format!("'{word}'") }
}
