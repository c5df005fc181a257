//! The filter language: MLflow's search language as it is, and more.
//!
//! ```text
//! filter     = [ either ] [ "order" "by" key [ "asc" | "desc" ] { "," key [ "asc" | "desc" ] } ]
//! either     = both { "or" both }
//! both       = one { [ "and" ] one }
//! one        = "not" one | "(" either ")" | comparison | word
//! comparison = key ( "=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">=" ) value
//!            | key [ "not" ] ( "like" | "ilike" ) text | key [ "not" ] "in" "(" value { "," value } ")"
//!            | key "is" [ "not" ] "null"
//! key        = [ ( "metrics" | "params" | "tags" | "attributes" | "dataset" ) "." ] name
//! value      = number | text | "true" | "false" | age such as 7d | date such as 2026-11-16
//! ```
//!
//! Keywords have no case. Names may stand in backticks or double quotes, texts in single or double ones. A
//! name alone, or a text alone, is a word to search for. Comparing with what a run does not have is neither
//! true nor false, as in SQL; a run matches when the whole is true.

mod compare;
mod key;
mod narrow;
mod parse;
mod print;
mod run;
mod token;

use std::fmt;
use std::ops::Range;

pub use compare::Value;
pub(in crate::ledger) use compare::like_pattern;
pub use key::{Attribute, Key, metric_alias};
pub use narrow::{Need, metric_names};

use super::time::Timestamp;

/// A parsed filter.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    condition: Option<Condition>,
    /// What to order by, the most important first.
    pub order: Vec<Order>,
}

/// One key to order by.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// The key.
    pub key: Key,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// A condition on a run.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Compare(Key, Operator, Literal),
    Like { key: Key, pattern: String, any_case: bool },
    In(Key, Vec<Literal>),
    Null(Key),
    Word(String),
}

impl Condition {
    fn keys<'c>(&'c self, keys: &mut Vec<&'c Key>) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.keys(keys)),
            Self::Not(inner) => inner.keys(keys),
            Self::Compare(key, ..)
            | Self::Like { key, .. }
            | Self::In(key, _)
            | Self::Null(key) => {
                keys.push(key);
            }
            Self::Word(_) => {}
        }
    }
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

/// A value written in a filter.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Number(f64),
    Text(String),
    Boolean(bool),
    /// A span of time in microseconds.
    Age(i64),
}

/// What a filter is asked about.
pub trait Subject {
    /// The value of a key, `None` when there is none.
    fn value(&self, key: &Key) -> Option<Value<'_>>;

    /// Whether a word, in lower case, occurs in what people wrote about it.
    fn mentions(&self, word: &str) -> bool;
}

/// What the meaning of a filter depends on beside the run.
#[derive(Clone, Debug)]
pub struct Moment {
    /// The time that ages are counted back from.
    pub now: Timestamp,
    /// The IANA time zone in which dates begin.
    pub time_zone: String,
}

/// A filter that cannot be read: the text, where, why, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    /// The filter as it was written.
    pub text: String,
    /// The bytes the caret points at.
    pub span: Range<usize>,
    /// What is wrong, in one sentence without a final stop.
    pub message: String,
    /// How to mend it, if that can be said.
    pub hint: Option<String>,
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = self.text.get(..self.span.start).unwrap_or(&self.text).chars().count();
        let under = self.text.get(self.span.clone()).unwrap_or("").chars().count().max(1);
        let line = self.text.replace(['\n', '\r', '\t'], " ");
        write!(f, "{}\n  {line}\n  {}{}", self.message, " ".repeat(before), "^".repeat(under))?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "\n{hint}"))
    }
}

impl std::error::Error for FilterError {}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// The first mistake, with its place and a suggestion.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        parse::filter(text)
    }

    /// No condition, only an order.
    pub fn ordered(order: Vec<Order>) -> Self {
        Self { condition: None, order }
    }

    /// Whether it asks for anything beside an order.
    pub fn has_condition(&self) -> bool {
        self.condition.is_some()
    }

    /// The keys that it asks for, those of its order last.
    pub fn keys(&self) -> Vec<&Key> {
        let mut keys = Vec::new();
        if let Some(condition) = &self.condition {
            condition.keys(&mut keys);
        }
        keys.extend(self.order.iter().map(|order| &order.key));
        keys
    }

    /// Whether a subject meets the condition; without one everything does.
    pub fn matches(&self, subject: &dyn Subject, moment: &Moment) -> bool {
        let met = self.condition.as_ref().map(|it| compare::holds(it, subject, moment));
        met.unwrap_or(Some(true)) == Some(true)
    }

    /// The order of two subjects; those without a value come last either way.
    pub fn compare(&self, a: &dyn Subject, b: &dyn Subject) -> std::cmp::Ordering {
        let by = |order: &Order| {
            compare::order(a.value(&order.key), b.value(&order.key), order.descending)
        };
        self.order.iter().map(by).find(|it| it.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_deep_nest_is_refused_not_overflown() {
        for text in ["(".repeat(100_000), "not ".repeat(100_000)] {
            let error = Filter::parse(&text).unwrap_err();
            assert_eq!(error.message, "this is nested too deep");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = Filter::parse(&text).map_err(|error| error.to_string());
        }

        #[test]
        fn no_pieces_panic(pieces in proptest::collection::vec(
            prop_oneof![
                Just("metrics.r2"), Just("params.`a"), Just("`"), Just("'x'"), Just("\""), Just(">="),
                Just("("), Just(")"), Just(","), Just("in"), Just("not"), Just("like"), Just("is"),
                Just("null"), Just("order by"), Just("or"), Just("-5e"), Just("7d"), Just("é"),
            ],
            0..12,
        )) {
            let text = pieces.join(" ");
            if let Err(error) = Filter::parse(&text) {
                prop_assert!(error.span.end <= text.len(), "{error:?}");
                let _ = error.to_string();
            }
        }
    }
}
