//! The only place that writes to the terminal.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use comfy_table::{Cell, CellAlignment, Table, presets};
use serde::Serialize;

use crate::engine::{Mistakes, count};
use crate::ledger::problem::Problem;

use super::terminal::{self, Tone};

/// Writes a line to standard output. A reader that went away is no error of ours.
pub(super) fn line(text: impl AsRef<str>) {
    drop(writeln!(io::stdout().lock(), "{}", visible(text.as_ref())));
}

/// Text as a terminal may show it. Characters that steer a terminal or turn the direction of writing
/// become their escapes: a label may come from somebody else's ledger.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    let steers = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(steers) {
        return text.into();
    }
    let mut shown = String::new();
    for c in text.chars() {
        if steers(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown.into()
}

/// Writes text as it is, which must be fit for a terminal.
pub(super) fn text(text: &str) {
    drop(write!(io::stdout().lock(), "{text}"));
}

/// Writes bytes as they are to standard output.
pub(super) fn bytes(bytes: &[u8]) {
    let mut out = io::stdout().lock();
    drop(out.write_all(bytes).and_then(|()| out.flush()));
}

/// Writes a line to standard error.
pub(super) fn note(text: impl AsRef<str>) {
    styled(&visible(text.as_ref()));
}

/// Writes text that may be coloured to standard error.
fn styled(text: &str) {
    drop(writeln!(io::stderr().lock(), "{text}"));
}

/// Writes a value as indented JSON to standard output.
pub(super) fn json<T: Serialize>(value: &T) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => drop(writeln!(io::stdout().lock(), "{text}")),
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
    text(&render(columns, rows, Vec::new()));
}

/// A table without borders, as wide as its content or as the terminal; on a terminal rows are coloured by
/// their tones.
pub(super) fn render(
    columns: &[(&str, Align)],
    mut rows: Vec<Vec<String>>,
    tones: Vec<Tone>,
) -> String {
    // A label may be the name of a column.
    let names = columns.iter().map(|(name, align)| (visible(name), *align));
    let names: Vec<(Cow<'_, str>, Align)> = names.collect();
    let mut columns: Vec<(&str, Align)> =
        names.iter().map(|(name, align)| (&**name, *align)).collect();
    for cell in rows.iter_mut().flatten() {
        // A line break in a label would look like another row.
        *cell = visible(cell).replace('\n', "\\n");
    }
    let width = terminal::width();
    let hidden = width.map(|width| terminal::fit(&mut columns, &mut rows, width));
    let mut text = String::new();
    let tones = std::iter::once(Tone::Plain).chain(tones).chain(std::iter::repeat(Tone::Plain));
    for (line, tone) in lines(&columns, &rows).lines().zip(tones) {
        text.push_str(&if width.is_some() { tone.paint(line) } else { line.to_owned() });
        text.push('\n');
    }
    if let Some(hidden) = hidden.filter(|hidden| !hidden.is_empty()) {
        text.push_str("not shown, for they do not fit: ");
        text.push_str(&hidden.join(", "));
        text.push('\n');
    }
    text
}

/// The lines of a table, the first with the names of its columns.
fn lines(columns: &[(&str, Align)], rows: &[Vec<String>]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(columns.iter().map(|(name, _)| *name));
    for row in rows {
        table.add_row(row.iter().map(Cell::new));
    }
    for (at, (_, align)) in columns.iter().enumerate() {
        if let Some(column) = table.column_mut(at) {
            column.set_padding((0, 2));
            if *align == Align::Right {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    table.trim_fmt()
}

/// Mistakes that are shown at once; nobody mends more before looking again.
const MISTAKES: usize = 50;

/// Writes the mistakes in the user's files to standard error, each with its place and a caret; of very
/// many the first ones and the number of the others.
pub(super) fn mistakes(mistakes: &Mistakes) {
    for problem in mistakes.problems.iter().take(MISTAKES) {
        let text = mistakes.texts.get(&problem.file).map_or("", String::as_str);
        styled(&snippet(problem, text));
    }
    let more = mistakes.problems.len().saturating_sub(MISTAKES);
    if more > 0 {
        note(format!(
            "and {}; `fairledger plan --json` lists all of them",
            count(more, "more mistake")
        ));
    }
}

fn snippet(problem: &Problem, text: &str) -> String {
    let renderer = if is_terminal() { Renderer::styled() } else { Renderer::plain() };
    let place = format!("{}:{}:{}", problem.file, problem.line, problem.column);
    let title = format!("{place}: {}", problem.message);
    let title = visible(&title);
    let title = Level::ERROR.primary_title(&*title);
    let mut group = annotate_snippets::Group::with_title(title);
    if !text.is_empty() && !problem.span.is_empty() {
        let annotation = AnnotationKind::Primary.span(problem.span.clone());
        group = group.element(Snippet::source(text).path(&problem.file).annotation(annotation));
    }
    if let Some(hint) = &problem.hint {
        group = group.element(Level::HELP.message(visible(hint)));
    }
    format!("{}\n", renderer.render(&[group]))
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn what_steers_a_terminal_is_escaped_and_the_rest_stays() {
        assert_eq!(visible("rf-10 é → ∞\n\tx"), "rf-10 é → ∞\n\tx");
        assert_eq!(visible("a\u{1b}[31mb\r\u{7}\u{9b}"), "a\\u{1b}[31mb\\r\\u{7}\\u{9b}");
        assert_eq!(visible("user\u{202e}txt"), "user\\u{202e}txt");
    }
}
