//! One column of a chunk: the values of some rows, written in the shortest of four ways.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::text::name_of;

/// Whole numbers up to here are exact as the numbers of scripts.
const EXACT: u64 = 1 << 53;

/// The value of one row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Datum {
    /// A number.
    Number(f64),
    /// A whole number.
    Whole(i64),
    /// Anything else that JSON holds.
    Value(Value),
}

/// A named column; rows without a value are not in it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Column {
    /// Its name, such as `metrics.r2`.
    pub(super) name: String,
    cells: Vec<(usize, Datum)>,
}

impl From<&str> for Datum {
    fn from(text: &str) -> Self {
        Self::Value(text.into())
    }
}

impl From<&Value> for Datum {
    fn from(value: &Value) -> Self {
        match value {
            Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => Self::Whole(whole),
                (None, Some(number)) => Self::Number(number),
                (None, None) => Self::Value(value.clone()),
            },
            other => Self::Value(other.clone()),
        }
    }
}

impl Column {
    /// A column without values.
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), cells: Vec::new() }
    }

    /// Gives a row its value; rows come in order.
    pub(super) fn set(&mut self, row: usize, value: Datum) {
        self.cells.push((row, value));
    }

    /// Number of rows with a value.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether it is a param, a metric or a tag.
    pub(super) fn is_named(&self) -> bool {
        self.name.contains('.')
    }

    /// The value of every row, where all have one and it is the same.
    fn same(&self, rows: usize) -> Option<Value> {
        let (_, first) = self.cells.first()?;
        let all = self.cells.len() == rows && self.cells.iter().all(|(_, value)| value == first);
        all.then(|| plain(first)).flatten()
    }

    /// The column as JSON, for a chunk of `rows` rows.
    pub(super) fn to_json(&self, rows: usize) -> String {
        let mut column = Map::new();
        if let Some(value) = self.same(rows) {
            return json!({"name": self.name, "same": value}).to_string();
        }
        let sparse = self.cells.len() * 2 <= rows;
        let mut places: Vec<Option<&Datum>> = vec![None; if sparse { 0 } else { rows }];
        if sparse {
            column.insert("rows".into(), self.cells.iter().map(|(row, _)| *row).collect());
            places.extend(self.cells.iter().map(|(_, value)| Some(value)));
        } else {
            self.cells.iter().for_each(|(row, value)| places[*row] = Some(value));
        }
        if self.cells.iter().all(|(_, value)| !matches!(value, Datum::Value(_))) {
            numbers(&mut column, &places);
        } else {
            words(&mut column, &places);
        }
        // The name first, whatever the order of a map: a person may read this.
        let body = Value::Object(column).to_string();
        format!("{{\"name\":{},{}", json!(self.name), &body[1..])
    }
}

fn numbers(column: &mut Map<String, Value>, places: &[Option<&Datum>]) {
    let mut special = Map::new();
    let numbers = places.iter().enumerate().map(|(place, value)| match value {
        None | Some(Datum::Value(_)) => Value::Null,
        Some(Datum::Whole(whole)) if whole.unsigned_abs() <= EXACT => (*whole).into(),
        Some(Datum::Whole(whole)) => {
            special.insert(place.to_string(), whole.to_string().into());
            Value::Null
        }
        Some(Datum::Number(number)) => finite(*number).unwrap_or_else(|| {
            special.insert(place.to_string(), name_of(*number).into());
            Value::Null
        }),
    });
    let numbers: Vec<Value> = numbers.collect();
    column.insert("numbers".into(), numbers.into());
    if !special.is_empty() {
        column.insert("special".into(), special.into());
    }
}

/// A finite number, without the point that a whole one needs nowhere in a script.
pub(super) fn finite(number: f64) -> Option<Value> {
    if number.fract() == 0.0 && number.abs() < 1e15 && !(number == 0.0 && number.is_sign_negative())
    {
        return Some((number as i64).into());
    }
    serde_json::Number::from_f64(number).map(Value::Number)
}

/// A value as JSON; `None` for a number that a script would not read as the same one.
fn plain(datum: &Datum) -> Option<Value> {
    match datum {
        Datum::Value(value) => Some(value.clone()),
        Datum::Whole(whole) => (whole.unsigned_abs() <= EXACT).then(|| (*whole).into()),
        Datum::Number(number) => finite(*number),
    }
}

fn words(column: &mut Map<String, Value>, places: &[Option<&Datum>]) {
    let value = |datum: &Datum| match datum {
        Datum::Value(value) => value.clone(),
        Datum::Whole(whole) => (*whole).into(),
        Datum::Number(number) => finite(*number).unwrap_or_else(|| name_of(*number).into()),
    };
    let (mut found, mut known): (Vec<Value>, BTreeMap<String, usize>) = Default::default();
    let mut indices = Vec::with_capacity(places.len());
    for place in places {
        let Some(datum) = place else {
            indices.push(Value::Null);
            continue;
        };
        let value = value(datum);
        let index = *known.entry(value.to_string()).or_insert_with(|| {
            found.push(value);
            found.len() - 1
        });
        indices.push(index.into());
    }
    let filled = places.iter().filter(|place| place.is_some()).count();
    if found.len() * 2 > filled && found.iter().all(Value::is_string) {
        let text = |index: &Value| {
            let index = index.as_u64().and_then(|index| usize::try_from(index).ok());
            index.map_or(Value::Null, |index| found[index].clone())
        };
        column.insert("texts".into(), indices.iter().map(text).collect());
        return;
    }
    column.insert("words".into(), found.into());
    column.insert("values".into(), indices.into());
}
