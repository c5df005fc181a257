//! Profiles of columns: how the training rows are distributed, and other rows beside them.

use std::collections::BTreeMap;

use crate::ledger::drift::{
    Categories, ColumnProfile, Distribution, Numbers, Profile, Role, point_limit,
};
use crate::ledger::facts::ColumnKind;
use crate::ledger::request::BuiltIn;

use super::error::TrainError;
use super::prepare::kept;
use super::split::divide;
use super::table::Table;
use super::wanted::{Wanted, wanted};

/// The profile of the features and of the target of a request over its training rows, those that are
/// dropped for an empty cell left out. The table has the columns that the request reads.
pub fn training_profile(request: &BuiltIn, table: &Table) -> Result<Profile, TrainError> {
    let data = &request.data;
    let rows = divide(data.split.as_ref(), table)?.train;
    let rows = kept(&request.prepare, &data.features, table, rows)?;
    let as_words: Vec<Wanted> = wanted(request);
    let is_words = |name: &str| as_words.iter().any(|column| column.name == name && column.words);
    let target = Some(&data.target).filter(|target| !target.is_empty());
    let columns = data.features.iter().map(|name| (name, Role::Feature));
    let columns: Vec<_> = columns.chain(target.map(|name| (name, Role::Target))).collect();
    let limit = point_limit(columns.len());
    let mut profile = Profile { rows: rows.len() as u64, columns: Vec::new() };
    for (name, role) in columns {
        let text = table.describe(name)?.0 == ColumnKind::Text;
        profile.columns.push(column(table, (name, role), text || is_words(name), &rows, limit)?);
    }
    Ok(profile)
}

/// The profile of all rows of a table in the columns of another profile that it has, each taken for
/// what it is there where its cells allow it. Every distinct number is kept.
pub fn profile_like(training: &Profile, table: &Table) -> Result<Profile, TrainError> {
    let rows: Vec<usize> = (0..table.rows()).collect();
    let mut profile = Profile { rows: rows.len() as u64, columns: Vec::new() };
    for known in &training.columns {
        let Ok((kind, _)) = table.describe(&known.name) else { continue };
        let categories = matches!(known.distribution, Distribution::Categories(_));
        let words = categories || kind == ColumnKind::Text;
        let named = (known.name.as_str(), known.role);
        profile.columns.push(column(table, named, words, &rows, usize::MAX)?);
    }
    Ok(profile)
}

/// The columns of a profile as they are to be read from another file.
pub fn wanted_like(training: &Profile) -> Vec<Wanted> {
    let columns = training.columns.iter().map(|column| Wanted {
        name: column.name.clone(),
        words: matches!(column.distribution, Distribution::Categories(_)),
    });
    columns.collect()
}

fn column(
    table: &Table,
    (name, role): (&str, Role),
    words: bool,
    rows: &[usize],
    limit: usize,
) -> Result<ColumnProfile, TrainError> {
    let gaps = table.gaps(name)?;
    let full: Vec<usize> = rows.iter().copied().filter(|row| !gaps[*row]).collect();
    let distribution = if words {
        let labels = table.labels(name)?;
        let mut counts = BTreeMap::new();
        for row in &full {
            *counts.entry(labels.words[labels.codes[*row] as usize].clone()).or_insert(0) += 1;
        }
        Distribution::Categories(Categories { counts })
    } else {
        let numbers = table.numbers_or_nan(name)?;
        let numbers: Vec<f64> = full.iter().map(|row| numbers[*row]).collect();
        Distribution::Numbers(Numbers::of(&numbers, limit))
    };
    let missing = (rows.len() - full.len()) as u64;
    Ok(ColumnProfile { name: name.to_owned(), role, missing, distribution })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_words_and_gaps_are_told_apart() {
        let table = Table::read(b"a,b\n1,x\n,y\n2,x\n2,\n", &["a", "b"]).unwrap();
        let all: Vec<usize> = (0..4).collect();
        let a = column(&table, ("a", Role::Feature), false, &all, 9).unwrap();
        let Distribution::Numbers(numbers) = &a.distribution else { panic!("{a:?}") };
        assert_eq!(
            (a.missing, &numbers.values[..], &numbers.at_most[..]),
            (1, &[1.0, 2.0][..], &[1, 3][..])
        );
        let b = column(&table, ("b", Role::Target), true, &all, 9).unwrap();
        let Distribution::Categories(words) = &b.distribution else { panic!("{b:?}") };
        assert_eq!(words.counts, BTreeMap::from([("x".into(), 2), ("y".into(), 1)]));
        let profile = Profile { rows: 4, columns: vec![a, b] };
        assert_eq!(profile_like(&profile, &table).unwrap(), profile);
        let other = Table::read(b"a\nx\n1\n", &["a"]).unwrap();
        let other = profile_like(&profile, &other).unwrap();
        assert!(matches!(
            other.columns[..],
            [ColumnProfile { distribution: Distribution::Categories(_), .. }]
        ));
    }
}
