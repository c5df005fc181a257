//! Conditions of alerts: filters in which a number may be one of the training, times a factor.
//!
//! The language of filters stays as it is. Before a filter is read, each `training.NAME`, and a factor
//! before or behind it (`0.95 * training.r2`), becomes the number it stands for: the metric that the
//! model's version pins.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use crate::ledger::filter::{Filter, FilterError, metric_alias};

/// What stands before the name of a metric of the training.
const TRAINING: &str = "training.";

/// A condition of an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    text: String,
    parts: Vec<Part>,
}

/// A place in the text that stands for a number of the training.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Part {
    span: Range<usize>,
    metric: String,
    factor: String,
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// The first mistake.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let condition = Self { text: text.to_owned(), parts: parts(text) };
        let filter = Filter::parse(&condition.filled(|_| Some(1.0)))?;
        if filter.has_condition() {
            return Ok(condition);
        }
        Err(FilterError {
            text: text.to_owned(),
            span: 0..text.len(),
            message: "a condition is missing here".into(),
            hint: Some("such as r2 < 0.95 * training.r2".into()),
        })
    }

    /// The metrics of the training that it needs.
    pub fn needs(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|part| part.metric.as_str())
    }

    fn filled(&self, value: impl Fn(&str) -> Option<f64>) -> String {
        let (mut text, mut at) = (String::new(), 0);
        for part in &self.parts {
            text.push_str(&self.text[at..part.span.start]);
            let factor = part.factor.parse::<f64>().unwrap_or(1.0);
            let number = value(&part.metric).unwrap_or(f64::NAN) * factor;
            let _ = write!(text, "{number}");
            at = part.span.end;
        }
        text + &self.text[at..]
    }
}

/// The filter that a condition is for a training's metrics; `None` when one that it needs is not there
/// or no finite number, so that it says nothing.
pub fn resolve(condition: &Condition, training: &BTreeMap<String, f64>) -> Option<Filter> {
    let known = |name: &str| {
        let own = training.get(name).or_else(|| training.get(metric_alias(name)?));
        own.copied().filter(|value| value.is_finite())
    };
    if condition.needs().any(|name| known(name).is_none()) {
        return None;
    }
    Filter::parse(&condition.filled(known)).ok()
}

/// The places of numbers of the training, factors included, outside of quotes.
fn parts(text: &str) -> Vec<Part> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut found: Vec<Part> = Vec::new();
    let mut quote: Option<char> = None;
    let mut skip = 0;
    for (at, c) in text.char_indices() {
        if at < skip {
            continue;
        }
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => continue,
            None if matches!(c, '\'' | '"' | '`') => quote = Some(c),
            None => {}
        }
        let before = text[..at].chars().next_back();
        let starts = !before.is_some_and(|c| is_name(c) || c == '.');
        let Some(rest) = text[at..].strip_prefix(TRAINING).filter(|_| starts && quote.is_none())
        else {
            continue;
        };
        let length = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        if length == 0 {
            continue;
        }
        let end = at + TRAINING.len() + length;
        let least = found.last().map_or(0, |part| part.span.end);
        let (start, mut factor) = factor_before(&text[least..at])
            .map_or((at, String::new()), |(start, factor)| (least + start, factor));
        let mut last = end;
        if factor.is_empty()
            && let Some((taken, behind)) = factor_behind(&text[end..])
        {
            (last, factor) = (end + taken, behind);
        }
        found.push(Part { span: start..last, metric: rest[..length].to_owned(), factor });
        skip = last;
    }
    found
}

/// The number before a `*` at the end of a text, and where it begins.
fn factor_before(text: &str) -> Option<(usize, String)> {
    let number = text.trim_end().strip_suffix('*')?.trim_end();
    let start = number
        .rfind(|c: char| !is_of_number(c))
        .map_or(0, |at| at + number[at..].chars().next().map_or(1, char::len_utf8));
    number[start..].parse::<f64>().ok()?;
    Some((start, number[start..].to_owned()))
}

/// The number behind a `*` at the beginning of a text, and where it ends.
fn factor_behind(text: &str) -> Option<(usize, String)> {
    let rest = text.trim_start().strip_prefix('*')?.trim_start();
    let length = rest.find(|c: char| !is_of_number(c)).unwrap_or(rest.len());
    rest[..length].parse::<f64>().ok()?;
    Some((text.len() - rest.len() + length, rest[..length].to_owned()))
}

fn is_of_number(c: char) -> bool {
    c.is_ascii_digit() || c == '.'
}
