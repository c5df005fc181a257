//! Judging a saved model on new rows, as a run is judged on its test rows.

use crate::ledger::drift::ColumnDrift;
use crate::ledger::model::Task;
use crate::ledger::outcome::NewArtifact;

use super::artifacts;
use super::error::{TrainError, listing, shorten};
use super::estimator::Answer;
use super::metrics::{Judged, Undefined, default_metrics, metrics, score};
use super::model_file::SavedModel;
use super::table::Table;

/// What new rows say of a model.
#[derive(Debug)]
pub struct Assessment {
    /// The value of each metric that has one, in the order they are reported.
    pub metrics: Vec<(&'static str, f64)>,
    /// Why the others have none, a sentence each.
    pub without: Vec<String>,
    /// `predictions.csv`.
    pub predictions: NewArtifact,
}

impl SavedModel {
    /// What it does; `None` for what has no target.
    pub fn task(&self) -> Option<Task> {
        match (self.target().is_empty(), self.classes().is_empty()) {
            (true, _) => None,
            (false, true) => Some(Task::Regression),
            (false, false) => Some(Task::Classification),
        }
    }

    /// The metrics to judge it by, sorted: those asked for, or the usual ones of its task.
    ///
    /// # Errors
    /// When one that is asked for is none of its task.
    pub fn metrics_to_judge(&self, asked: Option<&[String]>) -> Result<Vec<String>, TrainError> {
        let Some(task) = self.task() else { return Ok(Vec::new()) };
        let known = metrics(task);
        let mut names: Vec<String> = match asked {
            Some(asked) => asked.to_vec(),
            None => default_metrics(task).iter().map(|name| (*name).to_owned()).collect(),
        };
        if let Some(name) = names.iter().find(|name| !known.contains(&name.as_str())) {
            let present = listing(known.iter().copied());
            return Err(TrainError::NoMetric { name: name.clone(), present });
        }
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }
}

/// Judges a model by every row of a table, which has its features and its target; rows that the model's
/// preparation drops, and those without a target, do not count.
///
/// # Errors
/// When a cell cannot be taken, no row is left, or there is a class the model does not know.
pub fn assess(
    model: &SavedModel,
    table: &Table,
    asked: &[String],
) -> Result<Assessment, TrainError> {
    let classes = model.classes();
    let target = actual(model, table)?;
    let answer = model.predict(table)?;
    let is_judged = |row: &usize| !(target[*row].is_nan() || answer.values[*row].is_nan());
    let rows: Vec<usize> = (0..table.rows()).filter(is_judged).collect();
    if rows.is_empty() {
        return Err(TrainError::EmptyPart { part: "test" });
    }
    let actual: Vec<f64> = rows.iter().map(|row| target[*row]).collect();
    let answer = answer.of_rows(&rows);
    let judged = Judged { actual: &actual, answer: &answer, classes: classes.len() };
    let (mut values, mut without) = (Vec::new(), Vec::new());
    let known = model.task().map_or(&[][..], metrics);
    for name in known.iter().filter(|name| asked.iter().any(|asked| asked == *name)) {
        match score(name, &judged) {
            Ok(value) => values.push((*name, value)),
            Err(Undefined(reason)) => without.push(format!("no {name}: {reason}")),
        }
    }
    let predictions = if classes.is_empty() {
        artifacts::predictions(&rows, &actual, &answer.values)?
    } else {
        artifacts::class_predictions(&rows, &actual, &answer, classes)?
    };
    Ok(Assessment { metrics: values, without, predictions })
}

/// The target of each row, NaN where it is empty: the number, or the number of the class.
fn actual(model: &SavedModel, table: &Table) -> Result<Vec<f64>, TrainError> {
    let classes = model.classes();
    if classes.is_empty() {
        return Ok(table.numbers_or_nan(model.target())?.to_vec());
    }
    let labels = table.labels(model.target())?;
    let place = |word: &String| classes.iter().position(|class| class == word);
    let places: Vec<Option<usize>> = labels.words.iter().map(place).collect();
    let number = |(row, code): (usize, &u32)| {
        let (word, place) = (&labels.words[*code as usize], places[*code as usize]);
        match place {
            Some(place) => Ok(place as f64),
            None if word.is_empty() => Ok(f64::NAN),
            None => Err(TrainError::UnknownCategory {
                row: row as u64 + 1,
                column: model.target().to_owned(),
                text: shorten(word),
                present: listing(classes.iter().map(String::as_str)),
            }),
        }
    };
    labels.codes.iter().enumerate().map(number).collect()
}

impl Answer {
    /// The answer for some of its rows.
    fn of_rows(&self, rows: &[usize]) -> Self {
        let some = |values: &Vec<f64>| rows.iter().map(|row| values[*row]).collect();
        let scores = self.scores.as_ref().map(|scores| super::estimator::Scores {
            by_class: scores.by_class.iter().map(some).collect(),
            probabilities: scores.probabilities,
        });
        Self { values: some(&self.values), scores }
    }
}

/// `drift.csv`: every measure of every column; what cannot be measured is empty.
pub fn drift_table(columns: &[ColumnDrift]) -> Result<NewArtifact, TrainError> {
    let header =
        ["column", "role", "psi", "ks", "ks_p", "chi2", "chi2_p", "missing", "missing_in_training"];
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:?}"));
    let line = |column: &ColumnDrift| {
        let role = match column.role {
            crate::ledger::drift::Role::Feature => "feature",
            crate::ledger::drift::Role::Target => "target",
        };
        let (ks, chi2) = (column.ks, column.chi2);
        let mut line = vec![column.name.clone(), role.to_owned(), number(column.psi)];
        for test in [ks, chi2] {
            line.push(number(test.map(|test| test.statistic)));
            line.push(number(test.map(|test| test.p)));
        }
        line.extend([number(Some(column.missing)), number(Some(column.missing_in_training))]);
        line
    };
    artifacts::csv("drift.csv", &header, columns.iter().map(line))
}
