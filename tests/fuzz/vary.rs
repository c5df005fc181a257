//! Changes of texts: what editors, torn writes and people do to them.

use crate::draws::Draws;

/// What is put into texts: signs that formats give a meaning, and ends of ranges.
const ODD: [&str; 44] = [
    "\"",
    "'",
    "`",
    "\\",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "\0",
    "\u{feff}",
    "\u{301}",
    "\u{202e}",
    "é",
    "😀",
    "ß",
    "İ",
    "=",
    "==",
    "{",
    "}",
    "[",
    "]",
    "[[",
    "(",
    ")",
    ",",
    ".",
    "#",
    "://",
    "@",
    "-",
    "+",
    "0",
    "-0.0",
    "1e999",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "nan",
    "inf",
    "null",
    "true",
    "..",
    "2026-11-16T08:41:00Z",
];

/// A text changed in one to four places; words of its own language, and other texts of its kind, are put
/// into it.
pub(crate) fn text(draws: &mut Draws, from: &[u8], words: &[&str], others: &[Vec<u8>]) -> Vec<u8> {
    let mut text = String::from_utf8_lossy(from).into_owned();
    for _ in 0..=draws.below(3) {
        change(draws, &mut text, words, others);
    }
    let mut bytes = text.into_bytes();
    if draws.once_in(40) && !bytes.is_empty() {
        // No longer UTF-8, perhaps.
        let at = draws.below(bytes.len());
        bytes[at] = draws.number() as u8;
    }
    bytes.truncate(64 * 1024);
    bytes
}

fn change(draws: &mut Draws, text: &mut String, words: &[&str], others: &[Vec<u8>]) {
    let (start, end) = range(draws, text);
    match draws.below(10) {
        0 => text.replace_range(start..end, ""),
        1 => text.truncate(start),
        2 => {
            let again = text[start..end].to_owned();
            text.insert_str(start, &again.repeat(1 + draws.below(3)));
        }
        3 if !others.is_empty() => {
            let other = String::from_utf8_lossy(draws.one::<Vec<u8>>(others)).into_owned();
            let (from, to) = range(draws, &other);
            text.replace_range(start..end, &other[from..to]);
        }
        4 => {
            let lines: Vec<&str> = text.split_inclusive('\n').collect();
            let mut lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
            let (a, b) = (draws.below(lines.len()), draws.below(lines.len()));
            if !lines.is_empty() {
                lines.swap(a, b);
            }
            *text = lines.concat();
        }
        5 => *text = text.replace('\n', "\r\n"),
        6 | 7 if !words.is_empty() => {
            let word = *draws.one(words);
            text.insert_str(start, &format!(" {word} "));
        }
        8 => text.replace_range(start..end, draws.one::<&str>(&ODD)),
        _ => text.insert_str(start, draws.one::<&str>(&ODD)),
    }
}

/// A range of a text between whole characters, mostly a short one.
fn range(draws: &mut Draws, text: &str) -> (usize, usize) {
    let whole = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = whole(draws.below(text.len() + 1));
    let most = if draws.once_in(4) { text.len() - start } else { (text.len() - start).min(12) };
    (start, whole(start + draws.below(most + 1)))
}

/// A short odd text.
pub(crate) fn odd(draws: &mut Draws) -> String {
    let pieces = (0..draws.below(4)).map(|_| *draws.one(&ODD));
    let text: String = pieces.collect();
    if draws.once_in(60) { text.repeat(500) } else { text }
}
