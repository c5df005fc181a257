//! What a person's terminal asks for: tables as wide as it is, colours, and a pager for what is longer
//! than it is high.

use std::io::{IsTerminal, Write};
use std::process::{Command, Stdio};

use console::{Style, Term, measure_text_width, truncate_str};

use super::output::{self, Align};

/// Words are cut to no fewer characters than these.
const NARROWEST: usize = 12;

/// Columns that are never left out: they say which run a line is about.
const KEPT: usize = 3;

/// How a line stands out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tone {
    /// It does not.
    #[default]
    Plain,
    /// The best.
    Good,
    /// Something went wrong.
    Bad,
}

impl Tone {
    /// A line in its colour, where standard output shows colours.
    pub(super) fn paint(self, line: &str) -> String {
        match self {
            Self::Plain => line.to_owned(),
            Self::Good => Style::new().green().apply_to(line).to_string(),
            Self::Bad => Style::new().red().apply_to(line).to_string(),
        }
    }
}

/// How many characters fit on a line; `None` where no person looks.
pub(super) fn width() -> Option<usize> {
    let term = Term::stdout();
    term.is_term().then(|| usize::from(term.size().1))
}

/// Cuts words, the longest first, then leaves out columns from the right, until a table fits into a
/// width. Gives the names of the columns that were left out.
pub(super) fn fit<'c>(
    columns: &mut Vec<(&'c str, Align)>,
    rows: &mut [Vec<String>],
    width: usize,
) -> Vec<&'c str> {
    let mut widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(at, (name, _))| {
            let cells = rows.iter().map(|row| measure_text_width(&row[at]));
            cells.max().unwrap_or(0).max(measure_text_width(name))
        })
        .collect();
    // Two spaces stand between columns.
    let total = |widths: &[usize]| widths.iter().map(|width| width + 2).sum::<usize>();
    let fits = |widths: &[usize]| total(widths).saturating_sub(2) <= width;
    while !fits(&widths) {
        let words = (0..columns.len()).filter(|at| columns[*at].1 == Align::Left);
        let least = |at: usize| NARROWEST.max(measure_text_width(columns[at].0));
        let widest = words.filter(|at| widths[*at] > least(*at)).max_by_key(|at| widths[*at]);
        let Some(at) = widest else { break };
        let over = total(&widths) - 2 - width;
        widths[at] = widths[at].saturating_sub(over).max(least(at));
    }
    let mut hidden = Vec::new();
    while !fits(&widths) && columns.len() > KEPT {
        widths.pop();
        hidden.extend(columns.pop().map(|(name, _)| name));
    }
    hidden.reverse();
    for row in rows {
        row.truncate(columns.len());
        for (cell, width) in row.iter_mut().zip(&widths) {
            if measure_text_width(cell) > *width {
                *cell = truncate_str(cell, *width, "…").into_owned();
            }
        }
    }
    hidden
}

/// Shows text: through a pager when it is longer than the terminal is high, else as it is.
pub(super) fn page(text: &str, wanted: bool) {
    let term = Term::stdout();
    let long = text.lines().count() >= usize::from(term.size().0);
    if !(wanted && long && term.is_term() && std::io::stdin().is_terminal() && through(text)) {
        output::text(text);
    }
}

/// Gives text to the pager; false when there is none.
fn through(text: &str) -> bool {
    let asked = std::env::var("FAIRLEDGER_PAGER").or_else(|_| std::env::var("PAGER"));
    let usual = if cfg!(windows) { "more" } else { "less" };
    let asked = asked.unwrap_or_else(|_| usual.to_owned());
    let mut words = asked.split_whitespace();
    let Some(program) = words.next().filter(|program| *program != "cat") else { return false };
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        // As git does: end when it fits, keep colours, leave the text on the screen.
        command.env("LESS", "FRX");
    }
    let Ok(mut child) = command.spawn() else { return false };
    if let Some(mut input) = child.stdin.take() {
        // Whoever leaves the pager early has seen enough.
        drop(input.write_all(text.as_bytes()));
    }
    drop(child.wait());
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> (Vec<(&'static str, Align)>, Vec<Vec<String>>) {
        let columns = vec![
            ("run", Align::Left),
            ("label", Align::Left),
            ("r2", Align::Right),
            ("files", Align::Left),
        ];
        let row = ["0123456789", "a-label-of-thirty-characters-ok", "0.745634", "present"];
        (columns, vec![row.map(str::to_owned).into()])
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        let ((mut columns, mut rows), (same, wanted)) = (table(), table());
        assert_eq!(fit(&mut columns, &mut rows, 62), [""; 0]);
        assert_eq!((columns.len(), rows), (same.len(), wanted));
    }

    #[test]
    fn words_are_cut_before_columns_are_left_out() {
        let (mut columns, mut rows) = table();
        assert_eq!(fit(&mut columns, &mut rows, 50), [""; 0]);
        assert_eq!(rows[0][1], "a-label-of-thirty-…");
        let (mut columns, mut rows) = table();
        assert_eq!(fit(&mut columns, &mut rows, 38), ["files"]);
        assert_eq!(rows[0], ["0123456789", "a-label-of-…", "0.745634"]);
        let (mut columns, mut rows) = table();
        assert_eq!(fit(&mut columns, &mut rows, 5).len(), 1, "which run it is stays");
    }

    #[test]
    fn wide_characters_count_twice() {
        let mut columns = vec![("label", Align::Left)];
        let mut rows = vec![vec!["実験実験実験実験実験".to_owned()]];
        fit(&mut columns, &mut rows, 13);
        assert_eq!(rows[0][0], "実験実験実験…");
    }
}
