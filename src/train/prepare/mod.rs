//! Preparing features: learnt from training rows, applied to any rows, kept with the model.
//!
//! The order is fixed: empty cells, categories, products of numbers, scaling.

mod categories;
mod column;
mod onnx;
mod products;
mod scaling;
mod statistics;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::ledger::prepare::{Missing, MissingPolicy, Prepare, Scale, Treatment};

use super::error::TrainError;
use super::table::Table;
use super::wanted::Wanted;
use column::Column;
use scaling::Scaling;

/// How raw columns become the features of a model: first those of each column, then products.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Preparation {
    /// The raw columns it needs, in order.
    columns: Vec<Column>,
    /// Each product as the places of its factors among the features of the columns.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    products: Vec<Vec<usize>>,
    /// How features are scaled, by their place; those that are not there are left as they are.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    scaling: Vec<Scaling>,
    /// The names of the features it makes, in order.
    names: Vec<String>,
}

impl Preparation {
    /// Learns from some rows of a table.
    pub(super) fn fit(
        declared: &Prepare,
        columns: &[String],
        table: &Table,
        rows: &[usize],
    ) -> Result<Self, TrainError> {
        let treated = treatments(declared, columns, table)?;
        let mut made = Self::nothing(&[]);
        // By feature, whether it is a number and how it is scaled.
        let mut scales = Vec::new();
        let mut numbers = Vec::new();
        for (name, treatment) in &treated {
            let column = Column::fit(name, treatment, declared.unknown(), table, rows)?;
            let first = made.names.len();
            made.names.extend(column.names());
            if treatment.categories.is_none() {
                numbers.push(first);
            }
            scales.resize(made.names.len(), treatment.scale);
            made.columns.push(column);
        }
        if let Some(polynomial) = &declared.polynomial {
            made.products = products::of(polynomial, &numbers)?;
            let named = made.products.iter().map(|factors| products::name(factors, &made.names));
            let named: Vec<String> = named.collect();
            made.names.extend(named);
            scales.resize(made.names.len(), declared.scale.unwrap_or(Scale::None));
        }
        if scales.iter().any(|scale| *scale != Scale::None) {
            let features = made.unscaled(table, rows, None)?;
            for (place, (scale, values)) in scales.iter().zip(&features).enumerate() {
                made.scaling.extend(Scaling::fit(*scale, place, values, &made.names[place])?);
            }
        }
        Ok(made)
    }

    /// Takes numbers as they are.
    pub(super) fn nothing(columns: &[String]) -> Self {
        Self {
            columns: columns.iter().map(|name| Column::plain(name)).collect(),
            products: Vec::new(),
            scaling: Vec::new(),
            names: columns.to_vec(),
        }
    }

    /// Whether numbers are taken as they are.
    pub(super) fn is_nothing(&self) -> bool {
        self.products.is_empty()
            && self.scaling.is_empty()
            && self.columns.iter().all(Column::is_plain)
    }

    /// The features of some rows, column by column; every value is finite.
    pub(super) fn apply(&self, table: &Table, rows: &[usize]) -> Result<Vec<Vec<f64>>, TrainError> {
        self.apply_mixed(table, rows, None)
    }

    /// As [`Self::apply`], one raw column taken from other rows, as many as there are rows.
    pub(super) fn apply_mixed(
        &self,
        table: &Table,
        rows: &[usize],
        other: Option<(&str, &[usize])>,
    ) -> Result<Vec<Vec<f64>>, TrainError> {
        let mut features = self.unscaled(table, rows, other)?;
        for scaling in &self.scaling {
            if let Some(values) = features.get_mut(scaling.feature) {
                scaling.apply(values);
                self.check_finite(scaling.feature, values, rows)?;
            }
        }
        Ok(features)
    }

    /// The names of the features it makes.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Those of some rows for which there are features: where empty cells drop their row, the others
    /// have none.
    pub(super) fn complete(
        &self,
        table: &Table,
        rows: Vec<usize>,
    ) -> Result<Vec<usize>, TrainError> {
        let dropping = self.columns.iter().filter(|column| column.drops()).map(Column::name);
        without_gaps(table, dropping, rows)
    }

    /// The raw columns in the form in which it needs them.
    pub(super) fn wanted(&self) -> Vec<Wanted> {
        self.columns.iter().map(Column::wanted).collect()
    }

    /// Checks what was read from a model file, which may hold anything.
    pub(super) fn check(&self) -> Result<(), TrainError> {
        let of_columns: usize = self.columns.iter().map(Column::width).sum();
        let fits = self.names.len() == of_columns + self.products.len()
            && self.products.iter().flatten().all(|factor| *factor < of_columns)
            && self.scaling.iter().all(|scaling| scaling.is_usable(self.names.len()))
            && self.columns.iter().all(Column::is_usable);
        let fault = || TrainError::ModelFile("its preparation does not fit its features".into());
        if fits { Ok(()) } else { Err(fault()) }
    }

    /// The features before they are scaled.
    fn unscaled(
        &self,
        table: &Table,
        rows: &[usize],
        other: Option<(&str, &[usize])>,
    ) -> Result<Vec<Vec<f64>>, TrainError> {
        let mut features = Vec::with_capacity(self.names.len());
        for column in &self.columns {
            let rows = match other {
                Some((name, other)) if column.name() == name => other,
                _ => rows,
            };
            column.apply(table, rows, &mut features)?;
        }
        for factors in &self.products {
            let values = products::values(factors, &features, rows.len());
            self.check_finite(features.len(), &values, rows)?;
            features.push(values);
        }
        Ok(features)
    }

    fn check_finite(
        &self,
        feature: usize,
        values: &[f64],
        rows: &[usize],
    ) -> Result<(), TrainError> {
        match values.iter().position(|value| !value.is_finite()) {
            None => Ok(()),
            Some(at) => Err(TrainError::Overflow {
                row: rows[at] as u64 + 1,
                feature: self.names.get(feature).cloned().unwrap_or_default(),
            }),
        }
    }
}

/// The rows that remain where empty cells drop their row.
pub(super) fn kept(
    declared: &Prepare,
    columns: &[String],
    table: &Table,
    rows: Vec<usize>,
) -> Result<Vec<usize>, TrainError> {
    let treated = treatments(declared, columns, table)?;
    let drop = Missing::Policy(MissingPolicy::Drop);
    let dropping = treated.iter().filter(|(_, treatment)| treatment.missing == drop);
    without_gaps(table, dropping.map(|(name, _)| *name), rows)
}

/// What is done to each of some columns.
fn treatments<'a>(
    declared: &Prepare,
    columns: &'a [String],
    table: &Table,
) -> Result<Vec<(&'a str, Treatment)>, TrainError> {
    let treated = |name: &'a String| {
        let (kind, _) = table.describe(name)?;
        Ok((name.as_str(), declared.treatment(name, kind)))
    };
    columns.iter().map(treated).collect()
}

/// Those of some rows in which no cell of some columns is empty.
fn without_gaps<'a>(
    table: &Table,
    columns: impl Iterator<Item = &'a str>,
    mut rows: Vec<usize>,
) -> Result<Vec<usize>, TrainError> {
    for name in columns {
        if table.describe(name)?.1 > 0 {
            let gaps = table.gaps(name)?;
            rows.retain(|row| !gaps[*row]);
        }
    }
    Ok(rows)
}
