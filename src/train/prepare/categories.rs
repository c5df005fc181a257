//! Categories as numbers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ledger::facts::ColumnKind;
use crate::ledger::prepare::{Categories, Fill, MAX_ONE_HOT, Unknown};

use super::super::error::{TrainError, listing, shorten};
use super::super::source::{Cell, number_text};
use super::super::table::{Table, missing};
use super::statistics;

/// The categories of a column, and how they become numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Coding {
    pub(super) how: Categories,
    /// What becomes of a category that is not among them.
    pub(super) unknown: Unknown,
    /// In their order.
    pub(super) categories: Sorted,
}

/// Distinct categories in their order: numbers of a number column, else texts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Sorted {
    Numbers(Vec<f64>),
    Texts(Vec<String>),
}

/// The name of the one-hot feature of a category.
pub(super) fn category_name(column: &str, word: &str) -> String {
    format!("{column}={word}")
}

impl Coding {
    /// Learns the categories of a column from some rows; empty cells are none.
    pub(super) fn fit(
        name: &str,
        how: Categories,
        unknown: Unknown,
        table: &Table,
        rows: &[usize],
    ) -> Result<Self, TrainError> {
        let categories = if table.describe(name)?.0.is_number() {
            let numbers = table.numbers_or_nan(name)?;
            // Adding 0 makes the two zeros one.
            let present = rows.iter().map(|row| numbers[*row] + 0.0);
            let mut present: Vec<f64> = present.filter(|number| !number.is_nan()).collect();
            present.sort_unstable_by(f64::total_cmp);
            present.dedup_by(|a, b| a.total_cmp(b).is_eq());
            Sorted::Numbers(present)
        } else {
            Sorted::Texts(counted(table, name, rows)?.into_keys().collect())
        };
        let coding = Self { how, unknown, categories };
        if how == Categories::OneHot && coding.width() > MAX_ONE_HOT {
            let (column, count) = (name.to_owned(), coding.width());
            return Err(TrainError::TooManyCategories { column, count });
        }
        Ok(coding)
    }

    /// With the value that fills empty cells among the categories.
    pub(super) fn with(mut self, fill: &Fill) -> Self {
        match (&mut self.categories, fill) {
            (Sorted::Numbers(numbers), Fill::Number(number)) => {
                let number = number + 0.0;
                if let Err(at) = numbers.binary_search_by(|other| other.total_cmp(&number)) {
                    numbers.insert(at, number);
                }
            }
            (Sorted::Texts(texts), Fill::Text(text)) => {
                if let Err(at) = texts.binary_search(text) {
                    texts.insert(at, text.clone());
                }
            }
            _ => {}
        }
        self
    }

    /// The category that most of some rows have, the first of equally frequent ones.
    pub(super) fn most_frequent(
        &self,
        name: &str,
        table: &Table,
        rows: &[usize],
    ) -> Result<Fill, TrainError> {
        let nothing = || TrainError::NothingToFillWith { column: name.to_owned() };
        match &self.categories {
            Sorted::Numbers(numbers) if numbers.is_empty() => Err(nothing()),
            Sorted::Numbers(_) => {
                let numbers = table.numbers_or_nan(name)?;
                let present = rows.iter().map(|row| numbers[*row] + 0.0);
                let present = present.filter(|number| !number.is_nan()).collect();
                Ok(Fill::Number(statistics::most_frequent(present)))
            }
            Sorted::Texts(_) => {
                let counts = counted(table, name, rows)?.into_iter();
                let best = counts.max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)));
                best.map(|(text, _)| Fill::Text(text)).ok_or_else(nothing)
            }
        }
    }

    /// Whether its categories are texts, also where a column's cells all look like numbers.
    pub(super) fn is_of_texts(&self) -> bool {
        matches!(self.categories, Sorted::Texts(_))
    }

    /// The number of features.
    pub(super) fn width(&self) -> usize {
        match (self.how, &self.categories) {
            (Categories::Ordinal, _) => 1,
            (Categories::OneHot, Sorted::Numbers(numbers)) => numbers.len(),
            (Categories::OneHot, Sorted::Texts(texts)) => texts.len(),
        }
    }

    /// The categories as words, in their order.
    pub(super) fn words(&self) -> Box<dyn Iterator<Item = String> + '_> {
        match &self.categories {
            Sorted::Numbers(numbers) => Box::new(numbers.iter().copied().map(number_text)),
            Sorted::Texts(texts) => Box::new(texts.iter().cloned()),
        }
    }

    /// Whether what a model file says can be used: categories must be distinct and in order.
    pub(super) fn is_usable(&self) -> bool {
        match &self.categories {
            Sorted::Numbers(numbers) => {
                numbers.iter().all(|number| number.is_finite())
                    && numbers.is_sorted_by(|a, b| a.total_cmp(b).is_lt())
            }
            Sorted::Texts(texts) => texts.is_sorted_by(|a, b| a < b),
        }
    }

    /// Adds the features of some rows: a column of 0 and 1 a category, or one of places.
    pub(super) fn apply(
        &self,
        name: &str,
        fill: Option<&Fill>,
        table: &Table,
        rows: &[usize],
        features: &mut Vec<Vec<f64>>,
    ) -> Result<(), TrainError> {
        let places = self.places(name, fill, table, rows)?;
        match self.how {
            Categories::Ordinal => features.push(
                places.into_iter().map(|place| place.map_or(-1.0, |place| place as f64)).collect(),
            ),
            Categories::OneHot => {
                let first = features.len();
                features.resize(first + self.width(), vec![0.0; rows.len()]);
                for (at, place) in places.into_iter().enumerate() {
                    if let Some(place) = place {
                        features[first + place][at] = 1.0;
                    }
                }
            }
        }
        Ok(())
    }

    /// The place of the category of each of some rows, `None` for unknown ones.
    fn places(
        &self,
        name: &str,
        fill: Option<&Fill>,
        table: &Table,
        rows: &[usize],
    ) -> Result<Vec<Option<usize>>, TrainError> {
        match &self.categories {
            Sorted::Numbers(categories) => {
                let numbers = table.numbers_or_nan(name)?;
                let fill = match fill {
                    Some(Fill::Number(number)) => Some(*number),
                    _ => None,
                };
                let place = |row: &usize| {
                    let number = Some(numbers[*row]).filter(|number| !number.is_nan()).or(fill);
                    let number = number.ok_or_else(|| missing(*row, name))? + 0.0;
                    let place = categories.binary_search_by(|other| other.total_cmp(&number)).ok();
                    self.known(place, *row, name, || number_text(number))
                };
                rows.iter().map(place).collect()
            }
            Sorted::Texts(categories) => {
                let texts = table.texts(name)?;
                let fill = match fill {
                    Some(Fill::Text(text)) => text.as_str(),
                    _ => "",
                };
                let filled =
                    texts.words.iter().map(|word| if word.is_empty() { fill } else { word });
                let filled: Vec<&str> = filled.collect();
                let at =
                    |word: &str| categories.binary_search_by(|other| other.as_str().cmp(word)).ok();
                // Truth is kept in one spelling.
                let find = |word: &&str| {
                    at(word).or_else(|| match Cell::read(word) {
                        Cell::Boolean(truth) => at(if truth { "true" } else { "false" }),
                        _ => None,
                    })
                };
                let by_code: Vec<Option<usize>> = filled.iter().map(find).collect();
                let place = |row: &usize| {
                    let code = texts.codes[*row] as usize;
                    if filled[code].is_empty() {
                        return Err(missing(*row, name));
                    }
                    self.known(by_code[code], *row, name, || filled[code].to_owned())
                };
                rows.iter().map(place).collect()
            }
        }
    }

    /// A place, or what becomes of an unknown category.
    fn known(
        &self,
        place: Option<usize>,
        row: usize,
        name: &str,
        text: impl Fn() -> String,
    ) -> Result<Option<usize>, TrainError> {
        if place.is_some() || self.unknown == Unknown::Ignore {
            return Ok(place);
        }
        let words: Vec<String> = self.words().collect();
        Err(TrainError::UnknownCategory {
            row: row as u64 + 1,
            column: name.to_owned(),
            text: shorten(&text()),
            present: listing(words.iter().map(String::as_str)),
        })
    }
}

/// How many of some rows have each text; empty cells do not count.
fn counted(
    table: &Table,
    name: &str,
    rows: &[usize],
) -> Result<BTreeMap<String, usize>, TrainError> {
    let is_boolean = table.describe(name)?.0 == ColumnKind::Boolean;
    // Truth is kept in one spelling.
    let texts = if is_boolean { table.labels(name)? } else { table.texts(name)? };
    let mut counts = vec![0; texts.words.len()];
    for row in rows {
        counts[texts.codes[*row] as usize] += 1;
    }
    let counted = texts.words.into_iter().zip(counts);
    Ok(counted.filter(|(word, count)| *count > 0 && !word.is_empty()).collect())
}
