//! Columns as words: distinct values, and which of them each row has.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::ledger::facts::ColumnKind;

use super::super::source::{Cell, number_text};

/// A column as words: the distinct ones, and which of them each row has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::train) struct Labels {
    pub(in crate::train) words: Vec<String>,
    pub(in crate::train) codes: Vec<u32>,
}

/// The distinct texts of a column as they are written, in order of first appearance.
#[derive(Clone, Debug)]
pub(super) struct Words {
    words: Vec<Box<str>>,
    codes: Vec<u32>,
}

impl Words {
    /// Takes the codes by word and the codes by row; codes count from 0 without a gap.
    pub(super) fn new(by_word: BTreeMap<Box<str>, u32>, codes: Vec<u32>) -> Self {
        let mut words: Vec<(u32, Box<str>)> =
            by_word.into_iter().map(|(word, code)| (code, word)).collect();
        words.sort_unstable_by_key(|(code, _)| *code);
        Self { words: words.into_iter().map(|(_, word)| word).collect(), codes }
    }

    /// The cell of each row.
    pub(super) fn cells(&self) -> impl Iterator<Item = &str> {
        self.codes.iter().map(|code| &*self.words[*code as usize])
    }

    /// The words as they are.
    pub(super) fn as_written(&self) -> Labels {
        let words = self.words.iter().map(|word| String::from(&**word)).collect();
        Labels { words, codes: self.codes.clone() }
    }

    /// Words that are the same value become one; codes grow with the values.
    pub(super) fn in_order(&self, kind: ColumnKind) -> Labels {
        let words = self.words.iter().zip(0..);
        let mut words: Vec<(Value, u32)> =
            words.map(|(text, code)| (Value::read(text, kind), code)).collect();
        words.sort_by(|(a, _), (b, _)| a.compare(b));
        let mut places = vec![0; words.len()];
        let mut distinct: Vec<String> = Vec::new();
        for (value, code) in words {
            if distinct.last() != Some(&value.text) {
                distinct.push(value.text);
            }
            places[code as usize] = distinct.len() as u32 - 1;
        }
        let codes = self.codes.iter().map(|code| places[*code as usize]).collect();
        Labels { words: distinct, codes }
    }
}

impl Labels {
    /// Numbers as words in their order; NaN is the empty word, the last.
    pub(super) fn of_numbers(numbers: &[f64]) -> Self {
        let (values, codes) = ranked(numbers);
        let mut words: Vec<String> = values.iter().copied().map(number_text).collect();
        if values.len() < numbers.len() && numbers.iter().any(|number| number.is_nan()) {
            words.push(String::new());
        }
        Self { words, codes }
    }
}

/// The distinct ones of some numbers in their order, and the place of each number among them; that of
/// NaN is after the last.
pub(super) fn ranked(numbers: &[f64]) -> (Vec<f64>, Vec<u32>) {
    // Adding 0 makes the two zeros one.
    let mut values: Vec<f64> =
        numbers.iter().map(|number| number + 0.0).filter(|number| !number.is_nan()).collect();
    values.sort_unstable_by(f64::total_cmp);
    values.dedup_by(|a, b| a.total_cmp(b).is_eq());
    let place = |number: &f64| {
        let place = values.partition_point(|value| value.total_cmp(&(number + 0.0)).is_lt());
        if number.is_nan() { values.len() as u32 } else { place as u32 }
    };
    let places = numbers.iter().map(place).collect();
    (values, places)
}

/// A distinct value of a column on its way into order.
struct Value {
    text: String,
    number: f64,
}

impl Value {
    fn read(text: &str, kind: ColumnKind) -> Self {
        let plain = |text: &str| Self { text: text.to_owned(), number: 0.0 };
        if kind == ColumnKind::Text {
            return plain(text);
        }
        match Cell::read(text) {
            // Whole numbers beyond 2^53 are told apart although their floats may be equal.
            Cell::Integer(number) => match text.parse::<i64>() {
                Ok(whole) => Self { text: whole.to_string(), number },
                Err(_) => Self { text: number_text(number), number },
            },
            Cell::Float(number) => Self { text: number_text(number), number: number + 0.0 },
            Cell::Boolean(truth) => plain(if truth { "true" } else { "false" }),
            Cell::Missing | Cell::Text => plain(text),
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        let empty = self.text.is_empty().cmp(&other.text.is_empty());
        let number = || self.number.total_cmp(&other.number);
        empty.then_with(number).then_with(|| self.text.cmp(&other.text))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Table;
    use super::*;

    proptest! {
        #[test]
        fn numbers_have_the_labels_of_their_texts(
            numbers in proptest::collection::vec(
                prop_oneof![Just(0.0), Just(-0.0), Just(f64::NAN), -3.0..3.0, Just(2.0), Just(1e30)],
                1..20,
            )
        ) {
            let cell = |number: &f64| {
                if number.is_nan() { "\"\"\n".into() } else { format!("{number:?}\n") }
            };
            let text = numbers.iter().fold(String::from("a\n"), |text, number| text + &cell(number));
            let table = Table::read(text.as_bytes(), &["a"]).unwrap();
            prop_assert_eq!(Labels::of_numbers(&numbers), table.labels("a").unwrap());
        }
    }
}
