//! Where two contents differ, and whether they differ only in numbers that are close.

use serde::Serialize;

/// Where two contents differ first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ByteDifference {
    /// The byte, from 0.
    pub byte: usize,
    /// The line, from 1, and both lines, shortened; `None` for binary content.
    pub line: Option<LineDifference>,
}

/// A line that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LineDifference {
    /// The line, from 1.
    pub number: usize,
    /// As it was sealed; empty after its end.
    pub sealed: String,
    /// As it is now.
    pub now: String,
}

/// Whether two numbers are the same to the last bit, or close where that is enough.
pub(super) fn is_close(a: f64, b: f64, tolerance: f64) -> bool {
    let close = || (a - b).abs() <= tolerance * a.abs().max(b.abs());
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()) || (tolerance > 0.0 && close())
}

/// Both contents as text, if both are.
pub(super) fn texts<'a>(a: &'a [u8], b: &'a [u8]) -> Option<(&'a str, &'a str)> {
    let text =
        |bytes: &'a [u8]| std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
    Some((text(a)?, text(b)?))
}

/// Whether two texts differ only in numbers that are close.
pub(super) fn are_close(a: &str, b: &str, tolerance: f64) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-' | '_');
    let words = |text: &'_ str| -> Vec<String> {
        text.split_inclusive(|c| !is_part(c)).map(str::to_owned).collect()
    };
    let (a, b) = (words(a), words(b));
    let same = |(a, b): (&String, &String)| {
        let number = |word: &str| word.trim_end_matches(|c| !is_part(c)).parse::<f64>().ok();
        let end = |word: &str| word.chars().next_back().filter(|c| !is_part(*c));
        a == b
            || (end(a) == end(b)
                && number(a).zip(number(b)).is_some_and(|(a, b)| is_close(a, b, tolerance)))
    };
    a.len() == b.len() && a.iter().zip(&b).all(same)
}

/// Where two contents that are not the same differ first.
pub(super) fn difference(sealed: &[u8], now: &[u8]) -> ByteDifference {
    let shared = sealed.iter().zip(now).take_while(|(a, b)| a == b).count();
    let line = texts(sealed, now).map(|_| LineDifference {
        number: sealed[..shared].split(|byte| *byte == b'\n').count(),
        sealed: line_at(sealed, shared),
        now: line_at(now, shared),
    });
    ByteDifference { byte: shared, line }
}

/// The line around a byte, its start if it is long.
fn line_at(bytes: &[u8], at: usize) -> String {
    const SHOWN: usize = 80;
    let start = bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let line = bytes[start..].split(|byte| *byte == b'\n').next().unwrap_or_default();
    let text = String::from_utf8_lossy(line);
    if text.chars().nth(SHOWN).is_none() {
        return text.into_owned();
    }
    text.chars().take(SHOWN).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_and_the_line_that_differ_are_named() {
        let of = difference;
        let line = |number: usize, sealed: &str, now: &str| {
            Some(LineDifference { number, sealed: sealed.into(), now: now.into() })
        };
        let found = of(b"a,b\n1,2\n3,4\n", b"a,b\n1,2\n3,5\n");
        assert_eq!(found, ByteDifference { byte: 10, line: line(3, "3,4", "3,5") });
        let found = of(b"a\nb", b"a\nb\nc");
        assert_eq!(found, ByteDifference { byte: 3, line: line(2, "b", "b") });
        assert_eq!(of(b"x\0y", b"x\0z"), ByteDifference { byte: 2, line: None });
        assert_eq!(of("é".as_bytes(), "è".as_bytes()).line, line(1, "é", "è"));
        assert_eq!(of(b"", b"x").line, line(1, "", "x"));
        assert_eq!(of(&[b'x'; 99], b"y").line.unwrap().sealed.chars().count(), 81);
    }
}
