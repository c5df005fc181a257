//! Frames as text: CSV for programs, Markdown for people.

use super::{Column, Frame, Values};
use crate::ledger::number;

impl Frame {
    /// The frame as CSV (RFC 4180, but lines end in a line feed): a header, then a line a row. Numbers
    /// read back to the last bit; a missing value is empty.
    pub fn to_csv(&self) -> String {
        let mut text = String::new();
        let mut line = |cells: &mut dyn Iterator<Item = String>| {
            for (at, cell) in cells.enumerate() {
                if at > 0 {
                    text.push(',');
                }
                text.push_str(&quoted(&cell));
            }
            text.push('\n');
        };
        line(&mut self.columns.iter().map(|column| column.name.clone()));
        for row in 0..self.rows() {
            line(&mut self.columns.iter().map(|column| column.exact(row)));
        }
        text
    }

    /// The frame as a Markdown table, numbers to six digits and on the right.
    pub fn to_markdown(&self) -> String {
        let cell = |text: &str| text.replace('|', "\\|").replace(['\n', '\r'], " ");
        let names = self.columns.iter().map(|column| cell(&column.name));
        let rules = self.columns.iter().map(|column| match column.values {
            Values::Number(_) | Values::Integer(_) => "---:".to_owned(),
            _ => "---".to_owned(),
        });
        let mut lines = vec![row(names), row(rules)];
        for at in 0..self.rows() {
            lines.push(row(self.columns.iter().map(|column| cell(&column.for_people(at)))));
        }
        lines.join("")
    }
}

fn row(cells: impl Iterator<Item = String>) -> String {
    format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
}

/// A cell of CSV, in quotes where it needs them.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) || cell.starts_with(' ') || cell.ends_with(' ') {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

impl Column {
    /// A value for programs; a missing one is empty.
    fn exact(&self, row: usize) -> String {
        match &self.values {
            Values::Number(values) => values.get(row).copied().flatten().map(exact_number),
            Values::Time(values) => values.get(row).copied().flatten().map(|it| it.to_string()),
            _ => return self.for_people(row),
        }
        .unwrap_or_default()
    }

    /// A value for people; a missing one is empty.
    pub fn for_people(&self, row: usize) -> String {
        match &self.values {
            Values::Text(values) => values.get(row).cloned().flatten(),
            Values::Number(values) => values.get(row).copied().flatten().map(number::for_people),
            Values::Integer(values) => values.get(row).copied().flatten().map(|it| it.to_string()),
            Values::Boolean(values) => values.get(row).copied().flatten().map(|it| it.to_string()),
            Values::Time(values) => values.get(row).copied().flatten().map(|it| it.minute()),
        }
        .unwrap_or_default()
    }
}

/// The shortest text that reads back as the number.
fn exact_number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() || (1e-5..1e16).contains(&value.abs()) {
        value.to_string()
    } else {
        format!("{value:e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Frame {
        let mut frame = Frame::default();
        let texts = ["plain", "with, comma", "a \"quote\"\nand | more"];
        frame.push("text", Values::Text(texts.map(|it| Some(it.into())).into()));
        frame.push("number", Values::Number(vec![Some(0.1 + 0.2), None, Some(f64::NAN)]));
        frame.push("count, all", Values::Integer(vec![Some(1), Some(-2), None]));
        frame
    }

    #[test]
    fn csv_keeps_every_digit_and_every_character() {
        assert_eq!(
            frame().to_csv(),
            "text,number,\"count, all\"\nplain,0.30000000000000004,1\n\"with, comma\",,-2\n\
             \"a \"\"quote\"\"\nand | more\",NaN,\n"
        );
        for value in [1e300, -1e-300, 5e-324, 1.0 / 3.0, 1e15, f64::INFINITY] {
            let read = exact_number(value).parse::<f64>().unwrap();
            assert_eq!(read.to_bits(), value.to_bits());
        }
    }

    #[test]
    fn markdown_has_a_line_a_row() {
        assert_eq!(
            frame().to_markdown(),
            "| text | number | count, all |\n| --- | ---: | ---: |\n| plain | 0.3 | 1 |\n\
             | with, comma |  | -2 |\n| a \"quote\" and \\| more | NaN |  |\n"
        );
    }
}
