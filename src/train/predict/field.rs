//! A cell of an input row, kept so that it can be written again as it came.

use serde_json::Value;

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Field {
    /// Nothing.
    Empty,
    /// Text.
    Text(String),
    /// A number, or what else is no text, in the words of JSON.
    Literal(String),
}

/// A row: a cell for each column, and what JSON has beside them.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub(super) cells: Vec<Field>,
    pub(super) more: Vec<(String, Field)>,
}

impl Field {
    /// A cell of a CSV file. What JSON would call a number is one; `007` is text.
    pub(super) fn of_cell(text: &str) -> Self {
        if text.is_empty() {
            return Self::Empty;
        }
        match serde_json::from_str::<serde_json::Number>(text) {
            Ok(_) if text.trim_ascii() == text => Self::Literal(text.to_owned()),
            _ => Self::Text(text.to_owned()),
        }
    }

    /// A value of JSON.
    pub(super) fn of_json(value: Value) -> Self {
        match value {
            Value::Null => Self::Empty,
            Value::String(text) => Self::Text(text),
            other => Self::Literal(other.to_string()),
        }
    }

    /// The cell in a CSV file.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Empty => "",
            Self::Text(text) | Self::Literal(text) => text,
        }
    }

    /// The value in JSON.
    pub(super) fn json(&self) -> String {
        match self {
            Self::Empty => "null".into(),
            Self::Text(text) => Value::from(text.as_str()).to_string(),
            Self::Literal(text) => text.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_comes_back_as_it_was() {
        for (text, json) in [
            ("", "null"),
            ("12", "12"),
            ("-1.50", "-1.50"),
            ("1e3", "1e3"),
            ("007", "\"007\""),
            (" 5", "\" 5\""),
            ("1.", "\"1.\""),
            ("NaN", "\"NaN\""),
            ("true", "\"true\""),
            ("say \"x\"", "\"say \\\"x\\\"\""),
        ] {
            let field = Field::of_cell(text);
            assert_eq!((field.text(), field.json().as_str()), (text, json));
        }
        for (json, text) in [("null", ""), ("\"1\"", "1"), ("1.0", "1.0"), ("[1,{}]", "[1,{}]")] {
            let field = Field::of_json(serde_json::from_str(json).unwrap());
            assert_eq!((field.json().as_str(), field.text()), (json, text));
        }
    }
}
