//! A TOML file's text with the place of every key and value, so that a mistake can be pointed at.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use toml::Table;
use toml::de::{DeTable, DeValue};

use super::problem::Problem;

/// A parsed TOML file that remembers where everything stands.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file's path in the ledger, with forward slashes.
    pub file: String,
    /// The text.
    pub text: String,
    /// The values.
    pub table: Table,
    places: BTreeMap<Vec<Step>, Place>,
}

/// Where a key and its value stand, in bytes.
type Place = (Range<usize>, Range<usize>);

/// One step of a path into a file: a key or the place in a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// A key of a table.
    Key(String),
    /// An item of a list, from 0.
    Item(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(item: usize) -> Self {
        Self::Item(item)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => f.write_str(key),
            Self::Item(item) => write!(f, "{item}"),
        }
    }
}

/// Builds a path from keys and item numbers.
#[macro_export]
#[doc(hidden)]
macro_rules! path {
    ($($step:expr),* $(,)?) => { &[$($crate::ledger::source::Step::from($step)),*] };
}

impl Source {
    /// Parses a file's text.
    ///
    /// # Errors
    /// Every syntax error of the text, each with its place.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let (places, errors) = DeTable::parse_recoverable(text);
        let mut problems: Vec<Problem> = errors
            .iter()
            .map(|error| Problem::at(file, text, error.span().unwrap_or(0..0), error.message()))
            .collect();
        let table = match text.parse::<Table>() {
            Ok(table) => table,
            Err(error) => {
                if problems.is_empty() {
                    let span = error.span().unwrap_or(0..0);
                    problems.push(Problem::at(file, text, span, error.message()));
                }
                Table::new()
            }
        };
        if !problems.is_empty() {
            problems.sort_by_key(|problem| problem.span.start);
            return Err(problems);
        }
        let mut found = BTreeMap::new();
        walk_table(places.get_ref(), &mut Vec::new(), &mut found);
        Ok(Self { file: file.to_owned(), text: text.to_owned(), table, places: found })
    }

    /// A mistake at the value of a path, or at the nearest thing above it that exists.
    pub fn at_value(&self, path: &[Step], message: impl Into<String>) -> Problem {
        Problem::at(&self.file, &self.text, self.find(path).1, message)
    }

    /// A mistake at the key of a path, or at the nearest thing above it that exists.
    pub fn at_key(&self, path: &[Step], message: impl Into<String>) -> Problem {
        Problem::at(&self.file, &self.text, self.find(path).0, message)
    }

    /// The places of a path's key and value, or those of the nearest thing above it.
    fn find(&self, path: &[Step]) -> Place {
        (1..=path.len())
            .rev()
            .find_map(|length| self.places.get(&path[..length]))
            .cloned()
            .unwrap_or((0..0, 0..0))
    }
}

fn walk_table(table: &DeTable<'_>, path: &mut Vec<Step>, places: &mut BTreeMap<Vec<Step>, Place>) {
    for (key, value) in table {
        path.push(Step::Key(key.get_ref().clone().into_owned()));
        places.insert(path.clone(), (key.span(), value.span()));
        walk_value(value.get_ref(), path, places);
        path.pop();
    }
}

fn walk_value(value: &DeValue<'_>, path: &mut Vec<Step>, places: &mut BTreeMap<Vec<Step>, Place>) {
    match value {
        DeValue::Table(table) => walk_table(table, path, places),
        DeValue::Array(items) => {
            for (item, value) in items.iter().enumerate() {
                path.push(Step::Item(item));
                places.insert(path.clone(), (value.span(), value.span()));
                walk_value(value.get_ref(), path, places);
                path.pop();
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_values_are_found() {
        let source = Source::parse("s.toml", "[a]\nb = [1, 22]\n").unwrap();
        let value = source.at_value(path!["a", "b", 1], "x");
        assert_eq!((value.line, value.column), (2, 9));
        let key = source.at_key(path!["a", "b"], "x");
        assert_eq!((key.line, key.column), (2, 1));
        let above = source.at_key(path!["a", "missing"], "x");
        assert_eq!(above.line, 1);
    }

    #[test]
    fn every_syntax_error_is_reported() {
        let problems = Source::parse("s.toml", "a = \nb = 1\nc = 1 2\n").unwrap_err();
        assert!(problems.len() >= 2, "{problems:?}");
        assert_eq!(problems[0].line, 1);
    }
}
