//! The data section of a spec against the facts of its data file.

use super::digest::Digest;
use super::encode::nfc;
use super::facts::{ColumnFacts, ColumnKind, DataFacts};
use super::problem::{Problem, nearest};
use super::request::{Split, SplitColumn};
use super::source::{Source, Step};
use super::spec::{Data, Spec};
use crate::path;

/// The data of a run, decided.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Chosen {
    /// Path of the file in the ledger.
    pub(super) path: String,
    /// Digest of the columns used.
    pub(super) digest: Digest,
    /// The feature columns in order.
    pub(super) features: Vec<String>,
    /// The target column.
    pub(super) target: String,
    /// How rows are divided.
    pub(super) split: Split,
}

/// Decides the data of a spec's runs, adding every mistake to `problems`.
pub(super) fn choose(
    spec: &Spec,
    source: &Source,
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
    check.number(&data.target, path!["data", "target"], "the target", problems);
    let split_column = check.split(&data.split, problems);
    let features = check.features(data, split_column, problems);
    if problems.len() > before {
        return None;
    }
    let mut used: Vec<&str> = features.iter().map(String::as_str).collect();
    used.push(&data.target);
    used.extend(split_column);
    Some(Chosen {
        path: data.path.clone(),
        digest: facts.content(&used)?,
        target: data.target.clone(),
        split: data.split.clone(),
        features,
    })
}

/// The section with its column names in Unicode NFC, the form in which a data file's are known.
fn in_nfc(data: &Data) -> Data {
    let all = |names: &Vec<String>| names.iter().map(|name| nfc(name)).collect();
    let split = match &data.split {
        Split::Column(split) => Split::Column(SplitColumn { column: nfc(&split.column) }),
        fraction @ Split::Fraction(_) => fraction.clone(),
    };
    Data {
        path: data.path.clone(),
        target: nfc(&data.target),
        features: data.features.as_ref().map(all),
        exclude: data.exclude.as_ref().map(all),
        split,
    }
}

struct Columns<'a> {
    source: &'a Source,
    facts: &'a DataFacts,
    path: &'a str,
}

impl<'a> Columns<'a> {
    /// The column of a name, or a mistake with a did-you-mean.
    fn find(
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
        if column.kind == ColumnKind::Text {
            let row =
                column.first_text_row.map_or(String::new(), |row| format!(" (first in row {row})"));
            let message = format!("{role} `{name}` is not a number in every row{row}");
            problems.push(self.source.at_value(place, message));
        } else if column.missing > 0 {
            let message = format!("{role} `{name}` is empty in {} rows", column.missing);
            let hint = format!("fill or remove those rows in {}", self.path);
            problems.push(self.source.at_value(place, message).hint(hint));
        }
    }

    /// Checks the split; gives the name of its column if it has one.
    fn split<'s>(&self, split: &'s Split, problems: &mut Vec<Problem>) -> Option<&'s str> {
        match split {
            Split::Column(split) => {
                let place = path!["data", "split", "column"];
                let column = self.find(&split.column, place, problems)?;
                let mut words = column.words.clone();
                words.sort_unstable();
                if words != ["test", "train"] || column.missing > 0 {
                    let message = format!(
                        "the split column `{}` must say `train` or `test` in every row, and both",
                        split.column
                    );
                    problems.push(self.source.at_value(place, message));
                }
                Some(&split.column)
            }
            Split::Fraction(split) => {
                let test = (self.facts.rows as f64 * split.test).ceil() as u64;
                if self.facts.rows > 0 && (test == 0 || test >= self.facts.rows) {
                    let message = format!("{} rows leave none to train on", self.facts.rows);
                    problems.push(self.source.at_value(path!["data", "split", "test"], message));
                }
                None
            }
        }
    }

    fn features(
        &self,
        data: &Data,
        split: Option<&str>,
        problems: &mut Vec<Problem>,
    ) -> Vec<String> {
        if let (Some(_), Some(_)) = (&data.features, &data.exclude) {
            let message = "name either `features` or `exclude`, not both";
            problems.push(self.source.at_key(path!["data", "exclude"], message));
        }
        if let Some(features) = &data.features {
            for (item, name) in features.iter().enumerate() {
                let place = path!["data", "features", item];
                self.number(name, place, "the feature", problems);
                let mistake = if *name == data.target {
                    "is the target"
                } else if split == Some(name) {
                    "is the split column"
                } else if features[..item].contains(name) {
                    "stands twice"
                } else {
                    continue;
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
            .filter(|name| **name != data.target && split != Some(name) && !excluded.contains(name))
            .cloned()
            .collect();
        for name in &features {
            self.number(name, path!["data"], "the feature", problems);
        }
        if features.is_empty() {
            problems.push(self.source.at_value(path!["data"], "no column is left as a feature"));
        }
        features
    }
}
