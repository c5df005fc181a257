//! What is in a data file, for a person: one streaming pass in bounded memory.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::ledger::data_view::{ColumnView, DataView, FrequentView, NumbersView};
use crate::ledger::facts::DataFacts;

use super::error::TrainError;
use super::profile::{Profile, facts_of};
use super::source::{Cell, Cells, DataFile, Source};

/// Distinct cells are counted up to so many a column, fewer where there are very many columns.
const MAX_DISTINCT: usize = 100_000;
/// Of all columns together, so many.
const MAX_DISTINCT_CELLS: usize = 4_000_000;
/// The most frequent cell is known where at most so many are distinct.
const MAX_COUNTED: usize = 10_000;
/// Of all columns together, so many.
const MAX_COUNTED_CELLS: usize = 1_000_000;

/// Reads a data file to its end; path and specs are left for the caller to fill in.
pub fn summary(file: Box<dyn DataFile>) -> Result<DataView, TrainError> {
    let mut source = Source::open(file, true)?;
    let format = source.format();
    let names = source.names();
    let limits = Limits {
        distinct: (MAX_DISTINCT_CELLS / names.len().max(1)).clamp(1, MAX_DISTINCT),
        counted: (MAX_COUNTED_CELLS / names.len().max(1)).clamp(1, MAX_COUNTED),
    };
    let mut columns: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(at, name)| (at, Column::new(name, names.len(), limits)))
        .collect();
    let rows = source.read(&mut columns)?;
    let digests = source.finish().ok_or(TrainError::Empty)?;
    let mut profiles = Vec::new();
    let mut statistics = Vec::new();
    for (_, column) in columns {
        profiles.push(column.profile);
        statistics.push(column.statistics);
    }
    let facts = facts_of(digests, rows, profiles);
    let columns = statistics.into_iter().enumerate().map(|(at, column)| column.view(&facts, at));
    Ok(DataView {
        path: String::new(),
        format,
        size: facts.size,
        rows,
        blake3: facts.blake3,
        content: facts
            .content(&facts.columns.iter().map(|it| it.name.as_str()).collect::<Vec<_>>()),
        specs: Vec::new(),
        columns: columns.collect(),
        sha256: facts.sha256.clone(),
    })
}

#[derive(Clone, Copy)]
struct Limits {
    distinct: usize,
    counted: usize,
}

/// A column while its cells go by.
struct Column {
    profile: Profile,
    statistics: Statistics,
}

struct Statistics {
    limits: Limits,
    distinct: BTreeSet<u64>,
    more_distinct: bool,
    /// `None` once too many cells are distinct.
    counted: Option<BTreeMap<Box<str>, u64>>,
    numbers: Moments,
}

/// Moments of numbers as they come (Welford, 1962).
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
    min: f64,
    max: f64,
}

impl Column {
    fn new(name: &str, columns: usize, limits: Limits) -> Self {
        let numbers = Moments {
            count: 0.0,
            mean: 0.0,
            squares: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        };
        let statistics = Statistics {
            limits,
            distinct: BTreeSet::new(),
            more_distinct: false,
            counted: Some(BTreeMap::new()),
            numbers,
        };
        Self { profile: Profile::new(name, columns, false), statistics }
    }
}

impl Cells for Column {
    fn add(&mut self, text: &str, row: u64) {
        self.profile.add(text, row);
        match Cell::read(text) {
            Cell::Missing => return,
            Cell::Integer(number) | Cell::Float(number) => self.statistics.numbers.add(number),
            Cell::Boolean(_) | Cell::Text => {}
        }
        self.statistics.count(text.trim_ascii());
    }
}

impl Statistics {
    fn count(&mut self, text: &str) {
        if let Some(counted) = &mut self.counted {
            if let Some(count) = counted.get_mut(text) {
                *count += 1;
                return;
            }
            if counted.len() < self.limits.counted {
                counted.insert(text.into(), 1);
                return;
            }
            self.distinct = counted.keys().map(|text| hash(text)).collect();
            self.counted = None;
        }
        if self.more_distinct {
            return;
        }
        let hash = hash(text);
        if self.distinct.len() < self.limits.distinct {
            self.distinct.insert(hash);
        } else if !self.distinct.contains(&hash) {
            self.more_distinct = true;
            self.distinct = BTreeSet::new();
        }
    }

    fn view(self, facts: &DataFacts, at: usize) -> ColumnView {
        let column = &facts.columns[at];
        let distinct = match (&self.counted, self.more_distinct) {
            (Some(counted), _) => counted.len(),
            (None, true) => self.limits.distinct,
            (None, false) => self.distinct.len(),
        };
        let by_count = |a: &(Box<str>, u64), b: &(Box<str>, u64)| a.1.cmp(&b.1).then(b.0.cmp(&a.0));
        let most_frequent = self.counted.into_iter().flatten().max_by(by_count);
        ColumnView {
            name: column.name.clone(),
            r#type: column.kind.word(),
            missing: column.missing,
            distinct: distinct as u64,
            more_distinct: self.more_distinct,
            numbers: self.numbers.view().filter(|_| column.kind.is_number()),
            most_frequent: most_frequent
                .map(|(value, count)| FrequentView { value: value.into(), count }),
            digest: column.digest,
        }
    }
}

impl Moments {
    fn add(&mut self, number: f64) {
        self.count += 1.0;
        let off = number - self.mean;
        self.mean += off / self.count;
        self.squares += off * (number - self.mean);
        self.min = self.min.min(number);
        self.max = self.max.max(number);
    }

    fn view(&self) -> Option<NumbersView> {
        (self.count > 0.0).then(|| NumbersView {
            min: self.min,
            mean: self.mean,
            max: self.max,
            deviation: (self.squares / (self.count - 1.0).max(1.0)).sqrt(),
        })
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::profile::profile;
    use super::*;

    fn view(text: &str) -> DataView {
        summary(Box::new(Cursor::new(text.to_owned()))).unwrap()
    }

    #[test]
    fn numbers_are_described_as_by_pandas() {
        let column = &view("a,b\n1.5,x\n,y\n3.25,y\n-7,x\n0.1,\n").columns[0];
        let numbers = column.numbers.as_ref().unwrap();
        assert_eq!((column.r#type, column.missing, column.distinct), ("float", 1, 4));
        // pandas 3: describe()
        for (value, expected) in [
            (numbers.min, -7.0),
            (numbers.mean, -0.5375),
            (numbers.max, 3.25),
            (numbers.deviation, 4.496_920_242_417_766),
        ] {
            assert!((value - expected).abs() < 1e-12, "{value}");
        }
    }

    #[test]
    fn texts_have_a_most_frequent_one() {
        let view = view("a,b,c,d\n1.5,x,true,\n2,y,,\n2,y,false,\n3,x ,false,\n");
        let frequent = |at: usize| {
            view.columns[at].most_frequent.as_ref().map(|it| (it.value.as_str(), it.count))
        };
        assert_eq!(frequent(0), Some(("2", 2)));
        assert_eq!(frequent(1), Some(("x", 2)), "the smaller of equals");
        assert_eq!(frequent(2), Some(("false", 2)));
        assert_eq!((frequent(3), view.columns[3].distinct), (None, 0));
        assert!(view.columns[3].numbers.is_none() && view.columns[1].numbers.is_none());
    }

    #[test]
    fn counting_ends_at_its_limits() {
        let lines: Vec<String> =
            (0..120_000).map(|row| format!("{row},{}\n", row % 20_000)).collect();
        let view = view(&(String::from("a,b\n") + &lines.concat()));
        let [a, b] = &view.columns[..] else { panic!("two columns") };
        assert_eq!((a.distinct, a.more_distinct), (100_000, true));
        assert_eq!((b.distinct, b.more_distinct), (20_000, false));
        assert_eq!(a.most_frequent, None);
    }

    #[test]
    fn digests_are_those_of_the_facts() {
        let text = "a,b\n1,x\n";
        let facts = profile(Box::new(Cursor::new(text.to_owned()))).unwrap();
        let view = view(text);
        assert_eq!((view.format, view.rows, view.size), ("csv", 1, 8));
        assert_eq!((view.blake3, &view.sha256), (facts.blake3, &facts.sha256));
        assert_eq!(view.content, facts.content(&["b", "a"]));
        assert_eq!(view.columns[1].digest, facts.columns[1].digest);
    }
}
