//! Cells: what a text says, and the text of a number.

use std::fmt::Write as _;

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::train) enum Cell {
    /// Nothing but blanks.
    Missing,
    /// A whole number that fits 64 bits.
    Integer(f64),
    /// Another finite number.
    Float(f64),
    /// `true` or `false`, also written `True` or `TRUE`.
    Boolean(bool),
    /// Anything else, `NaN` and `inf` included.
    Text,
}

impl Cell {
    /// Reads a cell; blanks around it do not count.
    pub(in crate::train) fn read(text: &str) -> Self {
        let text = text.trim_ascii();
        if text.is_empty() {
            return Self::Missing;
        }
        if let Ok(number) = text.parse::<i64>() {
            return Self::Integer(number as f64);
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Self::Float(number),
            Ok(_) => Self::Text,
            Err(_) => match text {
                "true" | "True" | "TRUE" => Self::Boolean(true),
                "false" | "False" | "FALSE" => Self::Boolean(false),
                _ => Self::Text,
            },
        }
    }
}

/// A number as the text of a category: whole ones without a point, others as [`float_text`].
pub(in crate::train) fn number_text(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        (number as i64).to_string()
    } else {
        let mut text = String::new();
        float_text(number, &mut text);
        text
    }
}

/// Appends the shortest text that reads back as a number, in the spelling of Python, pandas and
/// pyarrow: `0.1`, `2.0`, `1e-05`, `1e+16`.
pub(super) fn float_text(number: impl std::fmt::Debug, text: &mut String) {
    let start = text.len();
    // Writing to a string cannot fail.
    let _ = write!(text, "{number:?}");
    let Some(exponent) = text[start..].find('e').map(|at| start + at + 1) else { return };
    let is_negative = text[exponent..].starts_with('-');
    if !is_negative {
        text.insert(exponent, '+');
    }
    if text.len() - exponent == 2 {
        text.insert(exponent + 1, '0');
    }
}

#[cfg(test)]
mod tests;
