//! One raw column as numbers: its empty cells, then its categories.

use serde::{Deserialize, Serialize};

use crate::ledger::prepare::{
    Categories, Fill, Missing, MissingConstant, MissingPolicy, Treatment, Unknown,
};

use super::super::error::TrainError;
use super::super::table::{Table, missing};
use super::super::wanted::Wanted;
use super::categories::{Coding, category_name};
use super::statistics;

/// How one raw column becomes one feature or several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Column {
    name: String,
    /// What becomes of its empty cells.
    pub(super) empty: Empty,
    /// How its categories become numbers; absent where its cells are numbers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) coding: Option<Coding>,
}

/// What becomes of an empty cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Empty {
    /// It is a mistake.
    Error,
    /// Its row has no features.
    Drop,
    /// It is as if this stood there.
    Fill(Fill),
}

impl Column {
    /// A column of numbers without empty cells.
    pub(super) fn plain(name: &str) -> Self {
        Self { name: name.to_owned(), empty: Empty::Error, coding: None }
    }

    /// Learns from some rows of a table.
    pub(super) fn fit(
        name: &str,
        treatment: &Treatment,
        unknown: Unknown,
        table: &Table,
        rows: &[usize],
    ) -> Result<Self, TrainError> {
        let coding = treatment.categories.map(|how| Coding::fit(name, how, unknown, table, rows));
        let coding = coding.transpose()?;
        let empty = match &treatment.missing {
            Missing::Policy(MissingPolicy::Error) => Empty::Error,
            Missing::Policy(MissingPolicy::Drop) => Empty::Drop,
            Missing::Policy(policy) => Empty::Fill(match &coding {
                Some(coding) => coding.most_frequent(name, table, rows)?,
                None => Fill::Number(statistic(name, *policy, table, rows)?),
            }),
            Missing::Constant(MissingConstant { constant }) => Empty::Fill(constant.clone()),
        };
        // The value that fills is a category too, whether or not a training row has it.
        let coding = match (coding, &empty) {
            (Some(coding), Empty::Fill(fill)) => Some(coding.with(fill)),
            (coding, _) => coding,
        };
        Ok(Self { name: name.to_owned(), empty, coding })
    }

    /// The raw column.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The raw column in the form in which it is needed.
    pub(super) fn wanted(&self) -> Wanted {
        let words = self.coding.as_ref().is_some_and(Coding::is_of_texts);
        Wanted { name: self.name.clone(), words }
    }

    /// Whether its numbers are taken as they are.
    pub(super) fn is_plain(&self) -> bool {
        self.coding.is_none() && self.empty == Empty::Error
    }

    /// Whether an empty cell leaves its row without features.
    pub(super) fn drops(&self) -> bool {
        self.empty == Empty::Drop
    }

    /// The number of features it makes.
    pub(super) fn width(&self) -> usize {
        self.coding.as_ref().map_or(1, Coding::width)
    }

    /// The names of the features it makes: that of the column, or one a category.
    pub(super) fn names(&self) -> Vec<String> {
        match &self.coding {
            Some(coding) if coding.how == Categories::OneHot => {
                coding.words().map(|word| category_name(&self.name, &word)).collect()
            }
            _ => vec![self.name.clone()],
        }
    }

    /// Whether what a model file says of it can be used.
    pub(super) fn is_usable(&self) -> bool {
        let is_finite = |fill: &Fill| !matches!(fill, Fill::Number(number) if !number.is_finite());
        self.coding.as_ref().is_none_or(Coding::is_usable)
            && match &self.empty {
                Empty::Fill(fill @ Fill::Text(_)) => self.coding.is_some() && is_finite(fill),
                Empty::Fill(fill) => is_finite(fill),
                Empty::Error | Empty::Drop => true,
            }
    }

    /// Adds the features of some rows, each with a value a row.
    pub(super) fn apply(
        &self,
        table: &Table,
        rows: &[usize],
        features: &mut Vec<Vec<f64>>,
    ) -> Result<(), TrainError> {
        let fill = match &self.empty {
            Empty::Fill(fill) => Some(fill),
            Empty::Error | Empty::Drop => None,
        };
        if let Some(coding) = &self.coding {
            return coding.apply(&self.name, fill, table, rows, features);
        }
        let numbers = table.numbers_or_nan(&self.name)?;
        let fill = match fill {
            Some(Fill::Number(number)) => *number,
            _ => f64::NAN,
        };
        let value = |row: &usize| {
            let number = if numbers[*row].is_nan() { fill } else { numbers[*row] };
            if number.is_nan() { Err(missing(*row, &self.name)) } else { Ok(number) }
        };
        features.push(rows.iter().map(value).collect::<Result<_, _>>()?);
        Ok(())
    }
}

/// The number that fills the empty cells of a number column.
fn statistic(
    name: &str,
    policy: MissingPolicy,
    table: &Table,
    rows: &[usize],
) -> Result<f64, TrainError> {
    let numbers = table.numbers_or_nan(name)?;
    let present: Vec<f64> =
        rows.iter().map(|row| numbers[*row]).filter(|number| !number.is_nan()).collect();
    if present.is_empty() {
        return Err(TrainError::NothingToFillWith { column: name.to_owned() });
    }
    let number = match policy {
        MissingPolicy::Median => statistics::median(present),
        MissingPolicy::MostFrequent => statistics::most_frequent(present),
        _ => statistics::mean(&present),
    };
    if number.is_finite() {
        Ok(number)
    } else {
        Err(TrainError::TooLarge { feature: name.to_owned() })
    }
}
