//! What a condition says of a subject: true, false, or nothing where the subject lacks what is asked for.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::{Condition, Literal, Moment, Operator, Subject};
use crate::ledger::time::Timestamp;

/// A value of a subject.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// A number.
    Number(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// A text without case, such as a status.
    Word(Cow<'a, str>),
    /// The beginning of a longer text is enough, as of an id.
    Prefix(Cow<'a, str>),
    /// True or false.
    Boolean(bool),
    /// An instant.
    Time(Timestamp),
    /// Several texts without case; any of them will do.
    Several(Vec<Cow<'a, str>>),
}

/// What a condition says of a subject; `None` is SQL's null.
pub(super) fn holds(condition: &Condition, subject: &dyn Subject, moment: &Moment) -> Option<bool> {
    match condition {
        Condition::All(parts) => fold(parts.iter().map(|part| holds(part, subject, moment)), false),
        Condition::Any(parts) => fold(parts.iter().map(|part| holds(part, subject, moment)), true),
        Condition::Not(inner) => holds(inner, subject, moment).map(|it| !it),
        Condition::Compare(key, operator, literal) => {
            Some(compare(&subject.value(key)?, *operator, literal, moment))
        }
        Condition::Like { key, pattern, any_case } => {
            let value = subject.value(key)?;
            Some(texts(&value).iter().any(|text| like(text, pattern, *any_case)))
        }
        Condition::In(key, literals) => {
            let value = subject.value(key)?;
            let equals = |literal| compare(&value, Operator::Equal, literal, moment);
            Some(literals.iter().any(equals))
        }
        Condition::Null(key) => Some(subject.value(key).is_none()),
        Condition::Word(word) => Some(subject.mentions(word)),
    }
}

/// `and` and `or` with three values: `decisive` decides at once, null wins over the rest.
fn fold(parts: impl Iterator<Item = Option<bool>>, decisive: bool) -> Option<bool> {
    let mut result = Some(!decisive);
    for part in parts {
        match part {
            Some(it) if it == decisive => return Some(decisive),
            None => result = None,
            Some(_) => {}
        }
    }
    result
}

fn compare(value: &Value<'_>, operator: Operator, literal: &Literal, moment: &Moment) -> bool {
    let decide = |ordering: Option<Ordering>| ordering.is_some_and(|it| fits(operator, it));
    match (value, literal) {
        (Value::Several(all), Literal::Text(text)) => {
            let equal = all.iter().any(|one| one.to_lowercase() == text.to_lowercase());
            match operator {
                Operator::Equal => equal,
                Operator::Unequal => !equal,
                _ => false,
            }
        }
        (Value::Number(a), Literal::Number(b)) => decide(a.partial_cmp(b)),
        // A span of time and a number of seconds.
        (Value::Number(a), Literal::Age(b)) => decide(a.partial_cmp(&(*b as f64 / 1e6))),
        (Value::Number(a), Literal::Text(text)) => decide(Some(number_text(*a).as_str().cmp(text))),
        (Value::Boolean(a), Literal::Boolean(b)) => decide(Some(a.cmp(b))),
        (Value::Boolean(a), Literal::Text(text)) => {
            decide(Some(a.to_string().cmp(&text.to_lowercase())))
        }
        (Value::Word(a), Literal::Text(text)) => {
            decide(Some(a.to_lowercase().cmp(&text.to_lowercase())))
        }
        (Value::Prefix(a), Literal::Text(text)) => {
            let text = text.to_lowercase();
            let short = a.get(..text.len()).unwrap_or(a);
            decide(Some(if text.is_empty() { (**a).cmp(&text) } else { short.cmp(&text) }))
        }
        (Value::Text(a), Literal::Text(b)) => decide(Some((**a).cmp(b))),
        // A text that reads as a number is one to a number: MLflow knows params and tags as text only.
        (Value::Text(a), Literal::Number(b)) => {
            decide(a.trim().parse::<f64>().ok().and_then(|a| a.partial_cmp(b)))
        }
        (Value::Time(a), literal) => {
            instant(literal, moment).is_some_and(|b| decide(Some(a.microseconds().cmp(&b))))
        }
        _ => false,
    }
}

fn fits(operator: Operator, ordering: Ordering) -> bool {
    match operator {
        Operator::Equal => ordering.is_eq(),
        Operator::Unequal => ordering.is_ne(),
        Operator::Less => ordering.is_lt(),
        Operator::AtMost => ordering.is_le(),
        Operator::Greater => ordering.is_gt(),
        Operator::AtLeast => ordering.is_ge(),
    }
}

/// The instant a literal means, in microseconds since 1970: a date or date-time as text, milliseconds since
/// 1970 as MLflow counts, or an age back from now.
fn instant(literal: &Literal, moment: &Moment) -> Option<i64> {
    match literal {
        Literal::Text(text) => {
            Timestamp::of_date(text, &moment.time_zone).map(|time| time.microseconds())
        }
        Literal::Number(milliseconds) => Some((milliseconds * 1e3) as i64),
        Literal::Age(age) => Some(moment.now.microseconds().saturating_sub(*age)),
        Literal::Boolean(_) => None,
    }
}

/// A number as a param is written: whole ones without a point.
fn number_text(number: f64) -> String {
    number.to_string()
}

fn texts<'v>(value: &'v Value<'_>) -> Vec<Cow<'v, str>> {
    match value {
        Value::Text(text) | Value::Word(text) | Value::Prefix(text) => vec![Cow::Borrowed(text)],
        Value::Several(all) => all.iter().map(|text| Cow::Borrowed(&**text)).collect(),
        Value::Number(number) => vec![number_text(*number).into()],
        Value::Boolean(it) => vec![it.to_string().into()],
        Value::Time(time) => vec![time.to_string().into()],
    }
}

/// SQL's LIKE: `%` stands for any characters, `_` for one.
fn like(text: &str, pattern: &str, any_case: bool) -> bool {
    if any_case {
        like_pattern(&text.to_lowercase(), &pattern.to_lowercase(), ('%', '_'))
    } else {
        like_pattern(text, pattern, ('%', '_'))
    }
}

/// Whether a text fits a pattern in which one character stands for any others, and one for a single other.
pub(in crate::ledger) fn like_pattern(text: &str, pattern: &str, (any, one): (char, char)) -> bool {
    let text: Vec<char> = text.chars().collect();
    let pattern: Vec<char> = pattern.chars().collect();
    let (mut at, mut place) = (0, 0);
    // Where the last `any` stood, and how much of the text it has taken so far.
    let mut retry: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(place) {
            Some(c) if *c == any => {
                retry = Some((place, at));
                place += 1;
            }
            Some(c) if *c == one || *c == text[at] => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((last, taken)) = retry else { return false };
                retry = Some((last, taken + 1));
                place = last + 1;
                at = taken + 1;
            }
        }
    }
    pattern[place..].iter().all(|c| *c == any)
}

/// The order of two values; what is absent, or no number among numbers, comes last either way.
pub(super) fn order(a: Option<Value<'_>>, b: Option<Value<'_>>, descending: bool) -> Ordering {
    let known = |value: &Option<Value<'_>>| match value {
        None => false,
        Some(Value::Number(number)) => !number.is_nan(),
        Some(_) => true,
    };
    match (known(&a), known(&b)) {
        (true, true) => {
            let ordering = a.zip(b).map_or(Ordering::Equal, |(a, b)| rank(&a, &b));
            if descending { ordering.reverse() } else { ordering }
        }
        (a, b) => b.cmp(&a),
    }
}

/// Numbers before texts, each among their own.
fn rank(a: &Value<'_>, b: &Value<'_>) -> Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.total_cmp(b),
        (Value::Time(a), Value::Time(b)) => a.cmp(b),
        (Value::Boolean(a), Value::Boolean(b)) => a.cmp(b),
        (Value::Number(_), _) => Ordering::Less,
        (_, Value::Number(_)) => Ordering::Greater,
        (a, b) => texts(a).first().cmp(&texts(b).first()),
    }
}
