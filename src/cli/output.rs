//! The only place that writes to the terminal.

use std::io::{self, IsTerminal, Write};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use comfy_table::{Cell, CellAlignment, Table, presets};
use serde::Serialize;

use crate::engine::Mistakes;
use crate::ledger::problem::Problem;

/// Writes a line to standard output. A reader that went away is no error of ours.
pub(super) fn line(text: impl AsRef<str>) {
    drop(writeln!(io::stdout().lock(), "{}", text.as_ref()));
}

/// Writes bytes as they are to standard output.
pub(super) fn bytes(bytes: &[u8]) {
    let mut out = io::stdout().lock();
    drop(out.write_all(bytes).and_then(|()| out.flush()));
}

/// Writes a line to standard error.
pub(super) fn note(text: impl AsRef<str>) {
    drop(writeln!(io::stderr().lock(), "{}", text.as_ref()));
}

/// Writes a value as indented JSON to standard output.
pub(super) fn json<T: Serialize>(value: &T) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => line(text),
        Err(error) => note(format!("error: cannot write JSON: {error}")),
    }
}

/// Whether a person looks at standard error.
pub(super) fn is_terminal() -> bool {
    io::stderr().is_terminal()
}

/// Where a column's text stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Writes a table without borders, as wide as its content.
pub(super) fn table(columns: &[(&str, Align)], rows: Vec<Vec<String>>) {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(columns.iter().map(|(name, _)| *name));
    for row in rows {
        table.add_row(row.into_iter().map(Cell::new));
    }
    for (at, (_, align)) in columns.iter().enumerate() {
        if let Some(column) = table.column_mut(at) {
            column.set_padding((0, 2));
            if *align == Align::Right {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    line(table.trim_fmt());
}

/// Writes the mistakes in the user's files to standard error, each with its place and a caret.
pub(super) fn mistakes(mistakes: &Mistakes) {
    for problem in &mistakes.problems {
        let text = mistakes.texts.get(&problem.file).map_or("", String::as_str);
        note(render(problem, text));
    }
}

fn render(problem: &Problem, text: &str) -> String {
    let renderer = if is_terminal() { Renderer::styled() } else { Renderer::plain() };
    let place = format!("{}:{}:{}", problem.file, problem.line, problem.column);
    let title = Level::ERROR.primary_title(format!("{place}: {}", problem.message));
    let mut group = annotate_snippets::Group::with_title(title);
    if !text.is_empty() && !problem.span.is_empty() {
        let annotation = AnnotationKind::Primary.span(problem.span.clone());
        group = group.element(Snippet::source(text).path(&problem.file).annotation(annotation));
    }
    if let Some(hint) = &problem.hint {
        group = group.element(Level::HELP.message(hint));
    }
    format!("{}\n", renderer.render(&[group]))
}
