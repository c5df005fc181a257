//! What can go wrong between the bytes of a data file and a trained model.

use std::io;

/// A problem of the data, the request or a model file. Row numbers count data rows from 1.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The data could not be read.
    #[error("the data cannot be read: {0}")]
    Read(#[source] io::Error),
    /// The file is no longer the one whose facts are known.
    #[error("the data changed while it was read; run again")]
    Changed,
    /// There is not even a header.
    #[error("the file is empty; its first line must name the columns")]
    Empty,
    /// The bytes are no text.
    #[error("{} is not valid UTF-8; save the file as UTF-8", place(*.row))]
    NotUtf8 {
        /// The data row, 0 for the header.
        row: u64,
    },
    /// The name of a file promises another format.
    #[error("it is no Parquet file although its name says so")]
    NoParquet,
    /// A table cannot be written as Parquet.
    #[error("the table cannot be written as Parquet: {0}")]
    WriteParquet(String),
    /// The bytes of a Parquet file make no sense.
    #[error("the Parquet file cannot be read: {0}")]
    Parquet(String),
    /// A column whose cells are lists or structures.
    #[error("the column '{column}' is nested; write the file without it, or one column a value")]
    NestedColumn {
        /// The column.
        column: String,
    },
    /// A column of a type whose values are not read.
    #[error("the column '{column}' holds {what}, which is not read; write it as numbers or text")]
    NoTextForm {
        /// The column.
        column: String,
        /// The type as the file names it.
        what: String,
    },
    /// A value whose bytes are no text.
    #[error("row {row} has bytes for '{column}' that are no text; write them as UTF-8")]
    NoText {
        /// The data row.
        row: u64,
        /// The column.
        column: String,
    },
    /// Two columns have the same name.
    #[error("two columns are called '{name}'; rename one of them")]
    DuplicateColumn {
        /// The name they share, in Unicode NFC.
        name: String,
    },
    /// More columns than a table may have.
    #[error("the header has {found} columns, the limit is {limit}; keep only those you need")]
    TooManyColumns {
        /// Number of columns in the header.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// A row is shorter or longer than the header.
    #[error("row {row} has {found} cells and the header {expected}; is a comma not quoted?")]
    UnequalRow {
        /// The data row.
        row: u64,
        /// Its number of cells.
        found: usize,
        /// The header's number of cells.
        expected: usize,
    },
    /// A column that is asked for is not there.
    #[error("there is no column '{name}'; the columns are {present}")]
    NoColumn {
        /// The name asked for.
        name: String,
        /// The names there are, shortened.
        present: String,
    },
    /// Columns that a model needs are not there.
    #[error("the model needs the columns {names}, which are missing; the columns are {present}")]
    NoColumns {
        /// The names that are missing, shortened.
        names: String,
        /// The names there are, shortened.
        present: String,
    },
    /// A column that predictions are to be written into is there already.
    #[error("there is a column '{name}' already; rename it, or ask for the predictions only")]
    TakenColumn {
        /// The name.
        name: String,
    },
    /// Text that is no JSON, or JSON that is no row.
    #[error("the JSON cannot be read: {0}")]
    Json(#[source] serde_json::Error),
    /// A JSON object with two fields of one name.
    #[error("row {row} has two fields '{name}'; leave one out")]
    DuplicateField {
        /// The row.
        row: u64,
        /// The name.
        name: String,
    },
    /// A list or an object where a number or text belongs.
    #[error("row {row} has a list or an object for '{column}'; write a number or text")]
    Nested {
        /// The row.
        row: u64,
        /// The column.
        column: String,
    },
    /// An empty cell in a column that is used.
    #[error("row {row} has no value for '{column}'; fill the cell, or drop the row or the column")]
    MissingCell {
        /// The data row.
        row: u64,
        /// The column.
        column: String,
    },
    /// A cell of a feature or of the target that is no finite number.
    #[error("row {row} has {text:?} for '{column}', which is no number; correct or exclude it")]
    NotANumber {
        /// The data row.
        row: u64,
        /// The column.
        column: String,
        /// The cell, shortened.
        text: String,
    },
    /// A column whose empty cells are to be filled with what the training rows have, and they have
    /// nothing.
    #[error("no training row has a value for '{column}', so its empty cells cannot be filled")]
    NothingToFillWith {
        /// The column.
        column: String,
    },
    /// A category that no training row has, where that is declared a mistake.
    #[error("row {row} has {text:?} for '{column}', which is none of its categories: {present}")]
    UnknownCategory {
        /// The data row.
        row: u64,
        /// The column.
        column: String,
        /// The category, shortened.
        text: String,
        /// The known ones.
        present: String,
    },
    /// More categories than columns of 0 and 1 are made of.
    #[error(
        "'{column}' has {count} categories, too many for one-hot; make it ordinal or exclude it"
    )]
    TooManyCategories {
        /// The column.
        column: String,
        /// Their number.
        count: usize,
    },
    /// More products of number columns than are made.
    #[error("{0} number columns have too many products; lower the degree or exclude columns")]
    TooManyProducts(usize),
    /// Numbers whose sums or differences have no finite value.
    #[error("'{feature}' holds numbers too large to calculate with; rescale the column")]
    TooLarge {
        /// The feature.
        feature: String,
    },
    /// A prepared feature that is no finite number.
    #[error("row {row} makes '{feature}' too large for a number; rescale the columns")]
    Overflow {
        /// The data row.
        row: u64,
        /// The feature.
        feature: String,
    },
    /// A cell of the split column that says neither `train` nor `test`.
    #[error("row {row} has {text:?} for the split '{column}'; write \"train\" or \"test\"")]
    NotAPart {
        /// The data row.
        row: u64,
        /// The column.
        column: String,
        /// The cell, shortened.
        text: String,
    },
    /// The training or the test part has no row.
    #[error("the {part} part of the split has no row; change the split")]
    EmptyPart {
        /// `train` or `test`.
        part: &'static str,
    },
    /// The share of test rows is no share.
    #[error("the test share of the split is {0}; it must lie between 0 and 1")]
    NotAShare(f64),
    /// A split that would both keep groups together and keep the shares of values.
    #[error("a split keeps either `stratify` or `group`, not both")]
    StratifiedGroups,
    /// A value that cannot be in both parts.
    #[error(
        "'{column}' is '{value}' in one row only; a stratified split needs two rows of each value"
    )]
    LonelyValue {
        /// The column.
        column: String,
        /// The value, shortened.
        value: String,
    },
    /// A part in which some value would be missing.
    #[error(
        "the {part} part of the split has {rows} rows for {values} values of '{column}'; change the \
         share"
    )]
    FewerRowsThanValues {
        /// `train` or `test`.
        part: &'static str,
        /// Its number of rows.
        rows: usize,
        /// The number of distinct values.
        values: usize,
        /// The column.
        column: String,
    },
    /// The request names no feature, or the target among them.
    #[error("the features {0}")]
    Features(&'static str),
    /// A value beyond what the model can compare.
    #[error("'{column}' holds {value:?}, beyond the range of 32-bit floats; rescale the column")]
    OutOfRange {
        /// The column.
        column: String,
        /// The value.
        value: f64,
    },
    /// More rows than the model can number.
    #[error("the training part has {0} rows; this model takes at most 4294967295")]
    TooManyRows(usize),
    /// Trees with more leaves and classes than memory should hold.
    #[error(
        "the leaves of the trees hold too much for memory, a share for each of {classes} classes; \
         set max_depth or min_samples_leaf, or is the target no class?"
    )]
    TooManyLeaves {
        /// Number of classes.
        classes: usize,
    },
    /// Nobody here trains a model of this name.
    #[error("there is no model '{name}'; the models are {present}")]
    NoModel {
        /// The name asked for.
        name: String,
        /// The names there are.
        present: String,
    },
    /// The request is for another version of the model.
    #[error("'{name}' is asked for in version {asked}; this program trains version {here}")]
    OtherVersion {
        /// The model.
        name: String,
        /// The version of the request.
        asked: i64,
        /// The version of this program.
        here: i64,
    },
    /// A parameter the model does not have.
    #[error("'{model}' has no parameter '{name}'")]
    NoParameter {
        /// The model.
        model: &'static str,
        /// The name asked for.
        name: String,
    },
    /// A parameter with a value it does not take.
    #[error("'{name}' is {found}; it must be {expected}")]
    Parameter {
        /// The parameter.
        name: String,
        /// The value, as TOML.
        found: String,
        /// The values it takes, in words.
        expected: String,
    },
    /// A metric this room does not compute.
    #[error("there is no metric '{name}'; the metrics are {present}")]
    NoMetric {
        /// The name asked for.
        name: String,
        /// The names there are.
        present: String,
    },
    /// A feature in units so large that its numbers are next to constant.
    #[error("'{feature}' varies by less than a millionth; give it in smaller units")]
    TooFlat {
        /// The feature.
        feature: String,
    },
    /// The numeric library gave up.
    #[error("the model cannot be fitted: {0}")]
    Fit(String),
    /// More than linfa's tree can be given.
    #[error(
        "linfa-decision-tree takes at most {most} {what} and there are {found}; \
         use decision-tree-classifier"
    )]
    BeyondLinfa {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        most: usize,
        /// What there is.
        found: usize,
    },
    /// A parameter set of the linfa interface is out of range.
    #[error(transparent)]
    Linfa(#[from] linfa::Error),
    /// The file is no model file, or a damaged one.
    #[error("the model file cannot be used: {0}; train the run again")]
    ModelFile(String),
    /// The model file was written by a newer version of this program.
    #[error("the model file has format {found} of '{kind}'; this program reads up to {known}")]
    NewerModelFile {
        /// The kind of model.
        kind: String,
        /// The format of the file.
        found: u32,
        /// The newest format known here.
        known: u32,
    },
    /// The model does something that ONNX has no words for.
    #[error(
        "'{model}' cannot be written as ONNX: it has no rule for rows it was not trained on; \
         choose another model, or leave out onnx = true"
    )]
    NotInOnnx {
        /// The model.
        model: String,
    },
    /// Predictions could not be written.
    #[error("the predictions cannot be written: {0}")]
    Write(#[source] io::Error),
    /// More folds than there is to divide.
    #[error("{found} {what} are too few for {folds} folds; ask for fewer")]
    TooManyFolds {
        /// How many there are.
        found: usize,
        /// What is divided, in the plural.
        what: &'static str,
        /// The folds asked for.
        folds: usize,
    },
    /// A fold of the cross-validation could not be trained or judged.
    #[error("fold {fold} of {folds}: {error}")]
    Fold {
        /// The fold, from 1.
        fold: usize,
        /// Number of folds.
        folds: usize,
        /// What went wrong.
        #[source]
        error: Box<TrainError>,
    },
    /// Readers of protobuf take no more.
    #[error(
        "the model is larger than 2 GiB as ONNX, which no reader takes; leave out onnx = true, or \
         train fewer or smaller trees"
    )]
    TooLargeForOnnx,
    /// The reporter asked to stop.
    #[error("the training was cancelled")]
    Cancelled,
}

impl TrainError {
    /// The error of a table whose first row comes after some rows of the whole.
    #[must_use]
    pub(super) fn after(mut self, rows: u64) -> Self {
        match &mut self {
            Self::MissingCell { row, .. }
            | Self::NotANumber { row, .. }
            | Self::UnknownCategory { row, .. }
            | Self::Overflow { row, .. } => *row += rows,
            _ => {}
        }
        self
    }

    /// The same error as that of a fold, from 1; a cancellation stays one.
    pub(super) fn in_fold(self, fold: usize, folds: usize) -> Self {
        match self {
            Self::Cancelled => self,
            error => Self::Fold { fold, folds, error: Box::new(error) },
        }
    }
}

impl From<csv::Error> for TrainError {
    fn from(error: csv::Error) -> Self {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => Self::Read(error),
            other => Self::Read(io::Error::other(format!("{other:?}"))),
        }
    }
}

fn place(row: u64) -> String {
    if row == 0 { "the header".into() } else { format!("row {row}") }
}

/// The first few of some names, quoted, for a message of one line.
pub(super) fn listing<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 12;
    let names: Vec<&str> = names.into_iter().collect();
    let mut text: Vec<String> =
        names.iter().take(SHOWN).map(|name| format!("'{}'", shorten(name))).collect();
    if names.len() > SHOWN {
        text.push(format!("{} more", names.len() - SHOWN));
    }
    text.join(", ")
}

/// The start of a text, for a message of one line.
pub(super) fn shorten(text: &str) -> String {
    const SHOWN: usize = 40;
    if text.chars().nth(SHOWN).is_none() {
        return text.to_owned();
    }
    text.chars().take(SHOWN).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_row_and_stay_short() {
        assert_eq!(
            TrainError::NotUtf8 { row: 0 }.to_string(),
            "the header is not valid UTF-8; save the file as UTF-8"
        );
        assert_eq!(shorten(&"é".repeat(50)).chars().count(), 41);
        let names: Vec<String> = (0..14).map(|i| i.to_string()).collect();
        assert!(listing(names.iter().map(String::as_str)).ends_with("'11', 2 more"));
    }
}
