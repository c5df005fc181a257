//! Filters: what is printed of one is read as the same, and finds the same.

use std::borrow::Cow;

use fairledger::ledger::filter::{Attribute, Filter, Key, Moment, Subject, Value};
use fairledger::ledger::time::Timestamp;

use super::{Outcome, Target, same};
use crate::draws::Draws;
use crate::vary;

pub(super) const TARGET: Target = Target { name: "filter", seeds, vary, check };

const WORDS: [&str; 46] = [
    "metrics.",
    "params.",
    "tags.",
    "attributes.",
    "dataset.",
    "metric.`",
    "tags.\"",
    "r2",
    "max_depth",
    "`a b`",
    "status",
    "star",
    "starred",
    "started",
    "duration",
    "run_id",
    "name",
    "mlflow.runName",
    "and",
    "or",
    "not",
    "in",
    "like",
    "ilike",
    "is",
    "null",
    "order by",
    "asc",
    "desc",
    "true",
    "false",
    "7d",
    "-2.5h",
    "1e9w",
    "30min",
    "(",
    ")",
    ",",
    "=",
    "!=",
    "<>",
    "<=",
    ">",
    "'x'",
    "'%a_%'",
    "2026-11-16",
];

fn seeds() -> Vec<Vec<u8>> {
    let table: serde_json::Value =
        serde_json::from_str(include_str!("../../it/filters.json")).unwrap();
    let lists = ["cases", "orders", "errors"].map(|name| table[name].as_array().unwrap().clone());
    let texts = lists.into_iter().flatten().map(|case| case["filter"].as_str().unwrap().to_owned());
    texts.map(String::into_bytes).collect()
}

fn vary(draws: &mut Draws, corpus: &[Vec<u8>]) -> Vec<u8> {
    if draws.once_in(8) {
        // Nothing but words of the language.
        let words = (0..=draws.below(12)).map(|_| *draws.one(&WORDS));
        return words.collect::<Vec<_>>().join(" ").into_bytes();
    }
    let from = draws.one::<Vec<u8>>(corpus).clone();
    if draws.once_in(4) {
        let other = String::from_utf8_lossy(draws.one::<Vec<u8>>(corpus)).into_owned();
        let word = *draws.one(&["and", "or", "and not", ""]);
        return format!("({}) {word} ({other})", String::from_utf8_lossy(&from)).into_bytes();
    }
    vary::text(draws, &from, &WORDS, corpus)
}

fn check(input: &[u8]) -> Result<Outcome, String> {
    let text = String::from_utf8_lossy(input);
    let filter = match Filter::parse(&text) {
        Ok(filter) => filter,
        Err(error) => {
            if text.get(error.span.clone()).is_none() {
                return Err(format!("its place {:?} is none of the text", error.span));
            }
            let _ = error.to_string();
            return Ok(Outcome { read: false, kind: error.message });
        }
    };
    let printed = filter.to_string();
    let again = Filter::parse(&printed)
        .map_err(|error| format!("{printed:?} was printed and cannot be read: {error}"))?;
    same(&format!("read again from {printed:?}"), &filter, &again)?;
    let moment = Moment {
        now: Timestamp::from_microseconds(1_795_000_000_000_000),
        time_zone: "Europe/Berlin".to_owned(),
    };
    for subject in [Pretended(0), Pretended(1), Pretended(2), Pretended(3)] {
        same("found", &filter.matches(&subject, &moment), &again.matches(&subject, &moment))?;
        let _ = filter.compare(&subject, &Pretended(1));
    }
    let _ = filter.needs();
    Ok(Outcome { read: true, kind: shape(&printed) })
}

/// The words of a filter without its names and values.
fn shape(printed: &str) -> String {
    printed.split(' ').take(12).collect::<Vec<_>>().join(" ")
}

/// Something with a value of each kind, by the length of the name.
struct Pretended(usize);

impl Subject for Pretended {
    fn value(&self, key: &Key) -> Option<Value<'_>> {
        let name = match key {
            Key::Metric(name) | Key::Param(name) | Key::Tag(name) | Key::Any(name) => name.as_str(),
            Key::Attribute(Attribute::Started | Attribute::Ended) => {
                return Some(Value::Time(Timestamp::from_microseconds(self.0 as i64 * 1_000_000)));
            }
            Key::Attribute(attribute) => attribute.name(),
        };
        Some(match (name.len() + self.0) % 8 {
            0 => return None,
            1 => Value::Number(0.5),
            2 => Value::Number(f64::NAN),
            3 => Value::Text(Cow::Borrowed("İstanbul ß 10")),
            4 => Value::Word(Cow::Borrowed("finished")),
            5 => Value::Prefix(Cow::Borrowed("0123abcd")),
            6 => Value::Several(vec![Cow::Borrowed("a"), Cow::Borrowed("")]),
            _ => Value::Boolean(true),
        })
    }

    fn mentions(&self, word: &str) -> bool {
        "a forest of 10 trees".contains(word)
    }
}
