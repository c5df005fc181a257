//! What a command reports of its metrics and tags: lines of JSON, and what it prints for people.
//!
//! A line is `{"name": "rmse", "value": 0.31, "step": 0}`, or several metrics of one step at once:
//! `{"rmse": 0.31, "r2": 0.8, "step": 0}`. Without a step, values of a name are counted from 0.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A longer name is taken for prose.
const LONGEST: usize = 100;
/// The longest name of a metric in the file that is for metrics, in bytes; as MLflow has it.
const LONGEST_GIVEN: usize = 250;

/// A metric as a command reports it.
#[derive(Clone, Debug, PartialEq)]
pub struct Reported {
    /// The name.
    pub name: String,
    /// The value.
    pub value: f64,
    /// The step, if the command says it.
    pub step: Option<u64>,
}

/// The metrics of a line of JSON in the file that is for metrics; `None` when it is no such line.
/// Names are the program's own affair: spaces and signs are theirs.
pub fn json_line(line: &str) -> Option<Vec<Reported>> {
    read(line, is_given)
}

/// The metrics of a line of JSON whose every name is one for `name_fits`.
fn read(line: &str, name_fits: fn(&str) -> bool) -> Option<Vec<Reported>> {
    let Value::Object(fields) = serde_json::from_str(line).ok()? else { return None };
    let step = match fields.get("step") {
        None | Some(Value::Null) => None,
        Some(step) => Some(whole(step)?),
    };
    if let (Some(Value::String(name)), Some(value)) = (fields.get("name"), fields.get("value")) {
        let value = number(value)?;
        return name_fits(name).then(|| vec![Reported { name: name.clone(), value, step }]);
    }
    several(&fields, step, name_fits)
}

/// Every field but the step as a metric of its own.
fn several(
    fields: &Map<String, Value>,
    step: Option<u64>,
    name_fits: fn(&str) -> bool,
) -> Option<Vec<Reported>> {
    let own = fields.iter().filter(|(name, _)| !matches!(name.as_str(), "step" | "time"));
    let metrics = own.map(|(name, value)| {
        let value = number(value)?;
        name_fits(name).then(|| Reported { name: name.clone(), value, step })
    });
    metrics.collect::<Option<Vec<_>>>().filter(|metrics| !metrics.is_empty())
}

/// The metrics of a line printed for people: `name: value`, or a line of JSON; none in other lines.
pub fn printed_line(line: &str) -> Vec<Reported> {
    let line = line.trim();
    if line.starts_with('{') {
        return read(line, is_name).unwrap_or_default();
    }
    let pair = line.split_once(':').and_then(|(name, value)| {
        let (name, value) = (name.trim_end(), value.trim());
        let value = value.parse::<f64>().ok()?;
        is_name(name).then(|| Reported { name: name.to_owned(), value, step: None })
    });
    pair.into_iter().collect()
}

/// The tags of a line: a JSON object of texts, or `name=value`; `None` when it is neither.
pub fn tag_line(line: &str) -> Option<BTreeMap<String, String>> {
    let line = line.trim();
    if line.starts_with('{') {
        let Value::Object(fields) = serde_json::from_str(line).ok()? else { return None };
        let plain = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
            _ => None,
        };
        return fields.iter().map(|(name, value)| Some((name.clone(), plain(value)?))).collect();
    }
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    (!name.is_empty()).then(|| BTreeMap::from([(name.to_owned(), value.trim().to_owned())]))
}

/// The name of a metric that was given as one: printable, and not endless.
fn is_given(name: &str) -> bool {
    let blank = name.is_empty() || name.trim() != name;
    !blank && name.len() <= LONGEST_GIVEN && !name.chars().any(char::is_control)
}

/// The name of a metric among lines for people: no space, no sign that JSON or a shell reads, short.
fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    let first = letters.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    let sign = |c: char| matches!(c, '_' | '-' | '.' | '/' | '@' | '%');
    first && name.len() <= LONGEST && letters.all(|c| c.is_alphanumeric() || sign(c))
}

/// A number, or one of the words that stand for what JSON has no number for.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(word) => match word.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

fn whole(value: &Value) -> Option<u64> {
    let float = || value.as_f64().filter(|it| it.fract() == 0.0 && (0.0..1e15).contains(it));
    value.as_u64().or_else(|| float().map(|it| it as u64))
}

/// Numbers the values of each metric that come without a step.
#[derive(Debug, Default)]
pub struct Steps(BTreeMap<String, u64>);

impl Steps {
    /// The step of a metric: its own, else the one after the last.
    pub fn of(&mut self, reported: &Reported) -> u64 {
        let next = self.0.entry(reported.name.clone()).or_insert(0);
        let step = reported.step.unwrap_or(*next);
        *next = step.saturating_add(1);
        step
    }
}

#[cfg(test)]
mod tests;
