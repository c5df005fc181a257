//! The data section of a spec against the facts of its data file.

use super::encode::nfc;
use super::evaluate::CrossValidation;
use super::facts::{ColumnFacts, DataFacts};
use super::model::Task;
use super::prepare::Prepare;
use super::problem::{Problem, nearest};
use super::source::{Source, Step};
use super::spec::{Data, Spec};
use super::split::{Split, SplitFraction};
use crate::path;

/// The data of a run, decided.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Chosen {
    /// Path of the file in the ledger.
    pub(super) path: String,
    /// The feature columns in order.
    pub(super) features: Vec<String>,
    /// The target column, empty where there is none.
    pub(super) target: String,
    /// How rows are divided.
    pub(super) split: Option<Split>,
}

/// Decides the data of a spec's runs, adding every mistake to `problems`.
pub(super) fn choose(
    spec: &Spec,
    source: &Source,
    task: Task,
    facts: Result<&DataFacts, &(String, Option<String>)>,
    problems: &mut Vec<Problem>,
) -> Option<Chosen> {
    let Some(data) = &spec.data else {
        if spec.train.is_some() {
            problems.push(
                source.at_value(&[], "a spec with [train] needs [data] with path and target"),
            );
        }
        return None;
    };
    let facts = match facts {
        Ok(facts) => facts,
        Err((message, hint)) => {
            let problem = source.at_value(path!["data", "path"], message.clone());
            problems.push(match hint {
                Some(hint) => problem.hint(hint.clone()),
                None => problem,
            });
            return None;
        }
    };
    let data = &in_nfc(data);
    let before = problems.len();
    let check = Columns { source, facts, path: &data.path };
    if facts.rows == 0 {
        let message = format!("{} has no rows", data.path);
        problems.push(source.at_value(path!["data", "path"], message));
    }
    check.target(data, task, problems);
    let split = data.split.clone().or_else(|| default_split(task));
    if let Some(split) = &split {
        check.split(split, problems);
    }
    let roles = roles(spec, data, split.as_ref());
    let features = check.features(&spec.prepare.shortest(), data, &roles, problems);
    check.prepare(&spec.prepare, &features, problems);
    if problems.len() > before {
        return None;
    }
    Some(Chosen { path: data.path.clone(), features, target: data.target.clone(), split })
}

/// What a spec gets that says nothing of the split.
fn default_split(task: Task) -> Option<Split> {
    task.has_target()
        .then(|| Split::Fraction(SplitFraction { test: 0.2, ..SplitFraction::default() }))
}

/// The columns that have another role than that of a feature, each with that role.
fn roles(spec: &Spec, data: &Data, split: Option<&Split>) -> Vec<(String, &'static str)> {
    let mut roles = vec![(data.target.clone(), "the target")];
    roles.retain(|(name, _)| !name.is_empty());
    let columns = split.into_iter().flat_map(Split::columns);
    // A stratified split may look at a feature.
    let stratify = match split {
        Some(Split::Fraction(split)) => split.stratify.as_deref(),
        _ => None,
    };
    roles.extend(
        columns
            .filter(|name| Some(*name) != stratify)
            .map(|name| (name.into(), "the split column")),
    );
    if let Some(CrossValidation::Folds(folds)) = &spec.evaluate.cv {
        let columns = folds.group.iter().chain(&folds.time);
        roles.extend(columns.map(|name| (nfc(name), "the column of the folds")));
    }
    roles
}

/// A number of rows in words.
pub(super) fn rows(count: u64) -> String {
    format!("{count} {}", if count == 1 { "row" } else { "rows" })
}

/// The section with its column names in Unicode NFC, the form in which a data file's are known.
fn in_nfc(data: &Data) -> Data {
    let all = |names: &Vec<String>| names.iter().map(|name| nfc(name)).collect();
    Data {
        path: data.path.clone(),
        target: nfc(&data.target),
        features: data.features.as_ref().map(all),
        exclude: data.exclude.as_ref().map(all),
        split: data.split.as_ref().map(Split::in_nfc),
    }
}

/// The columns of a data file, and where mistakes about them are to be shown.
pub(super) struct Columns<'a> {
    /// The spec.
    pub(super) source: &'a Source,
    /// The facts of the file.
    pub(super) facts: &'a DataFacts,
    /// The file's path in the ledger.
    pub(super) path: &'a str,
}

impl<'a> Columns<'a> {
    /// The column of a name, or a mistake with a did-you-mean.
    pub(super) fn find(
        &self,
        name: &str,
        place: &[Step],
        problems: &mut Vec<Problem>,
    ) -> Option<&'a ColumnFacts> {
        let column = self.facts.column(name);
        if column.is_none() {
            let names = || self.facts.columns.iter().map(|column| column.name.as_str());
            let message = format!("{} has no column `{name}`", self.path);
            let problem = self.source.at_value(place, message);
            problems.push(problem.hint(match nearest(name, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("its columns: {}", names().collect::<Vec<_>>().join(", ")),
            }));
        }
        column
    }

    /// A column that must hold a number in every row.
    fn number(&self, name: &str, place: &[Step], role: &str, problems: &mut Vec<Problem>) {
        let Some(column) = self.find(name, place, problems) else { return };
        if !column.kind.is_number() {
            let row =
                column.first_text_row.map_or(String::new(), |row| format!(" (first in row {row})"));
            let message = format!("{role} `{name}` is not a number in every row{row}");
            problems.push(self.source.at_value(place, message));
        } else if column.missing > 0 {
            let message = format!("{role} `{name}` is empty in {}", rows(column.missing));
            let hint = format!("fill or remove those rows in {}", self.path);
            problems.push(self.source.at_value(place, message).hint(hint));
        }
    }

    /// The target: numbers for regression, any classes for classification, known groups or none for clustering.
    fn target(&self, data: &Data, task: Task, problems: &mut Vec<Problem>) {
        let place = path!["data", "target"];
        match task {
            Task::Clustering if data.target.is_empty() => {}
            _ if data.target.is_empty() => {
                problems.push(self.source.at_key(path!["data"], "[data] needs the key `target`"));
            }
            Task::Regression => self.number(&data.target, place, "the target", problems),
            Task::Classification | Task::Clustering => {
                let Some(column) = self.find(&data.target, place, problems) else { return };
                if column.missing > 0 {
                    let message = format!(
                        "the target `{}` is empty in {}",
                        column.name,
                        rows(column.missing)
                    );
                    problems.push(self.source.at_value(place, message));
                }
            }
        }
    }

    fn features(
        &self,
        prepare: &Prepare,
        data: &Data,
        roles: &[(String, &'static str)],
        problems: &mut Vec<Problem>,
    ) -> Vec<String> {
        if let (Some(_), Some(_)) = (&data.features, &data.exclude) {
            let message = "name either `features` or `exclude`, not both";
            problems.push(self.source.at_key(path!["data", "exclude"], message));
        }
        let role = |name: &String| roles.iter().find(|(other, _)| other == name).map(|(_, it)| *it);
        if let Some(features) = &data.features {
            for (item, name) in features.iter().enumerate() {
                let place = path!["data", "features", item];
                self.feature(name, place, prepare, problems);
                let mistake = match role(name) {
                    Some(role) => format!("is {role}"),
                    None if features[..item].contains(name) => "stands twice".into(),
                    None => continue,
                };
                problems
                    .push(self.source.at_value(place, format!("the feature `{name}` {mistake}")));
            }
            return features.clone();
        }
        let excluded = data.exclude.as_deref().unwrap_or_default();
        for (item, name) in excluded.iter().enumerate() {
            self.find(name, path!["data", "exclude", item], problems);
        }
        let columns = self.facts.columns.iter().map(|column| &column.name);
        let features: Vec<String> = columns
            .filter(|name| role(name).is_none() && !excluded.contains(name))
            .cloned()
            .collect();
        for name in &features {
            self.feature(name, path!["data"], prepare, problems);
        }
        if features.is_empty() {
            problems.push(self.source.at_value(path!["data"], "no column is left as a feature"));
        }
        features
    }
}
