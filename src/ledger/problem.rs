//! A mistake in a file of the user's: where it stands, what is wrong, how to mend it.

use std::fmt;
use std::ops::Range;

use serde::Serialize;

/// A mistake in a file, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file's path in the ledger, with forward slashes.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The bytes the caret points at.
    #[serde(skip)]
    pub span: Range<usize>,
    /// What is wrong, in one sentence without a final stop.
    pub message: String,
    /// How to mend it, if that can be said.
    pub hint: Option<String>,
}

impl Problem {
    /// Places a mistake at some bytes of a file's text; a span outside the text is moved to its end.
    pub fn at(file: &str, text: &str, span: Range<usize>, message: impl Into<String>) -> Self {
        let mut start = span.start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            span: start..span.end.clamp(start, text.len()),
            message: message.into(),
            hint: None,
        }
    }

    /// Adds how to mend it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds a did-you-mean, if something is near.
    #[must_use]
    pub fn suggest(self, near: Option<String>) -> Self {
        match near {
            Some(near) => self.hint(format!("did you mean {near}?")),
            None => self,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, " ({hint})"))
    }
}

/// The candidate nearest to what was written, for a did-you-mean; `None` when nothing is near.
pub fn nearest<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let limit = (written.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| {
            let distance =
                strsim::damerau_levenshtein(&written.to_lowercase(), &candidate.to_lowercase());
            (distance, candidate)
        })
        .filter(|(distance, _)| *distance <= limit && *distance < written.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters() {
        let text = "a = 1\nß = \"é\" x\n";
        let at = text.find('x').unwrap();
        let problem = Problem::at("s.toml", text, at..at + 1, "wrong");
        assert_eq!((problem.line, problem.column), (2, 9));
        assert_eq!(Problem::at("s.toml", "ab", 9..12, "end").column, 3);
    }

    #[test]
    fn only_near_names_are_suggested() {
        assert_eq!(nearest("n_estimator", ["n_estimators", "max_depth"]), Some("n_estimators"));
        assert_eq!(nearest("Max_dpeth", ["n_estimators", "max_depth"]), Some("max_depth"));
        assert_eq!(nearest("colour", ["n_estimators", "max_depth"]), None);
    }
}
