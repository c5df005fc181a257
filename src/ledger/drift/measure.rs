//! Every measure of every column.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::profile::{Categories, ColumnProfile, Distribution, Profile, Role};
use super::{Test, chi_square, kolmogorov_smirnov, population_stability};

/// How far a column has moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnDrift {
    /// The column.
    pub name: String,
    /// What the model has it for.
    pub role: Role,
    /// The population stability index.
    pub psi: Option<f64>,
    /// The test of Kolmogorov and Smirnov, of numbers.
    pub ks: Option<Test>,
    /// The chi-square test, of categories.
    pub chi2: Option<Test>,
    /// The share of empty cells.
    pub missing: f64,
    /// The share of empty cells in the training data.
    pub missing_in_training: f64,
    /// Whether its cells are of another kind than in training, so that nothing can be compared.
    pub other_kind: bool,
}

/// Compares the columns of data with those of the training data of the same name.
pub fn drift(training: &Profile, data: &Profile) -> Vec<ColumnDrift> {
    let of = |column: &ColumnProfile| {
        let found = data.columns.iter().find(|other| other.name == column.name)?;
        Some(one(column, training.rows, found, data.rows))
    };
    training.columns.iter().filter_map(of).collect()
}

fn one(training: &ColumnProfile, rows: u64, data: &ColumnProfile, data_rows: u64) -> ColumnDrift {
    let share =
        |missing: u64, rows: u64| if rows == 0 { 0.0 } else { missing as f64 / rows as f64 };
    let (mut psi, mut ks, mut chi2, mut other_kind) = (None, None, None, false);
    match (&training.distribution, &data.distribution) {
        (Distribution::Numbers(a), Distribution::Numbers(b)) => {
            psi = population_stability(&a.counts, &b.counts_between(&a.edges));
            ks = kolmogorov_smirnov(a, b);
        }
        (Distribution::Categories(a), Distribution::Categories(b)) => {
            let (a, b) = side_by_side(a, b);
            psi = population_stability(&a, &b);
            chi2 = chi_square(&a, &b);
        }
        _ => other_kind = true,
    }
    ColumnDrift {
        name: training.name.clone(),
        role: training.role,
        psi,
        ks,
        chi2,
        missing: share(data.missing, data_rows),
        missing_in_training: share(training.missing, rows),
        other_kind,
    }
}

/// The counts of both in the order of all categories that either has.
fn side_by_side(a: &Categories, b: &Categories) -> (Vec<u64>, Vec<u64>) {
    let names: BTreeSet<&String> = a.counts.keys().chain(b.counts.keys()).collect();
    let of = |all: &Categories, name: &String| all.counts.get(name).copied().unwrap_or(0);
    names.into_iter().map(|name| (of(a, name), of(b, name))).unzip()
}
