//! The words and signs of a filter.

use std::ops::Range;

use super::FilterError;

/// A word or sign and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A name: its parts in quotes are taken as they are. `plain` when no part was quoted.
    Name { text: String, plain: bool },
    /// A text in single or double quotes.
    Text(String),
    /// Something that begins with a digit: a number, an age, a date, or part of a word.
    Number(String),
    /// A sign of comparison, a parenthesis or a comma.
    Sign(&'static str),
}

const SIGNS: [&str; 12] = ["==", "!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", ",", ";"];

/// Divides a filter into its tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, FilterError> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (kind, end) = one(text, at, first)?;
        found.push(Token { kind, span: at..end });
        at = end;
    }
    Ok(found)
}

fn one(text: &str, at: usize, first: char) -> Result<(Kind, usize), FilterError> {
    let rest = &text[at..];
    if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        return Ok((Kind::Sign(sign), at + sign.len()));
    }
    let signed = first == '-' && rest[1..].starts_with(|c: char| c.is_ascii_digit() || c == '.');
    if first.is_ascii_digit() || signed || (first == '.' && starts_with_digit(&rest[1..])) {
        let inside = |c: char| c.is_alphanumeric() || "_.:+-".contains(c);
        let length = rest[1..].find(|c| !inside(c)).map_or(rest.len(), |end| end + 1);
        return Ok((Kind::Number(rest[..length].to_owned()), at + length));
    }
    if first == '\'' || first == '"' {
        let (inner, end) = quoted(text, at, first)?;
        // `"Run name" = 'x'` is a name, which the parser sees by what follows.
        return Ok((Kind::Text(inner), end));
    }
    if first == '`' || is_word(first) {
        return name(text, at);
    }
    Err(FilterError {
        text: text.to_owned(),
        span: at..at + first.len_utf8(),
        message: format!("`{first}` means nothing here"),
        hint: Some("put texts in quotes, such as tags.team = 'a&b'".into()),
    })
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A name with its parts: `params.max_depth`, ``metrics.`a b` ``, `tags."x"`.
fn name(text: &str, start: usize) -> Result<(Kind, usize), FilterError> {
    let (mut found, mut plain, mut at) = (String::new(), true, start);
    while let Some(c) = text[at..].chars().next() {
        let opens = c == '`' || (c == '"' && found.ends_with('.'));
        if opens {
            let (inner, end) = quoted(text, at, c)?;
            found.push_str(&inner);
            plain = false;
            at = end;
            continue;
        }
        let next = text[at + c.len_utf8()..].chars().next();
        // A hyphen or slash inside a word belongs to it.
        let joins = "-/".contains(c) && at > start && next.is_some_and(is_word);
        if !(is_word(c) || c == '.' || joins) {
            break;
        }
        found.push(c);
        at += c.len_utf8();
    }
    Ok((Kind::Name { text: found, plain }, at))
}

/// The inside of quotes; a doubled quote is one.
fn quoted(text: &str, start: usize, quote: char) -> Result<(String, usize), FilterError> {
    let (mut inner, mut at) = (String::new(), start + 1);
    loop {
        let Some(length) = text[at..].find(quote) else {
            return Err(FilterError {
                text: text.to_owned(),
                span: start..text.len(),
                message: format!("this {quote} is never closed"),
                hint: None,
            });
        };
        inner.push_str(&text[at..at + length]);
        at += length + 1;
        if !text[at..].starts_with(quote) {
            return Ok((inner, at));
        }
        inner.push(quote);
        at += 1;
    }
}
