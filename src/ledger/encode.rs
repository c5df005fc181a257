//! The canonical encoding `enc`: equal meaning gives equal bytes, unequal meaning never does.
//!
//! A value is a tag byte followed by its content. Integers and floats are eight big-endian bytes,
//! strings and collections carry their length as eight big-endian bytes first.
//!
//! | tag | content |
//! |---|---|
//! | `b` | one byte, 0 or 1 |
//! | `i` | the integer |
//! | `f` | the bits of the float, `-0.0` as `0.0` |
//! | `s` | length in bytes, then UTF-8 in Unicode NFC |
//! | `u` | an offset date-time as nanoseconds since 1970 in UTC, sixteen bytes |
//! | `l` | a local date, time or date-time: length, then its text |
//! | `a` | number of items, then each item |
//! | `t` | number of keys, then key (as `s` without tag) and value, keys sorted by bytes |

use std::borrow::Cow;
use std::collections::BTreeMap;

use toml::{Value, value::Datetime};
use unicode_normalization::UnicodeNormalization;

use super::time::nanoseconds_of;

/// A value that has no canonical form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// NaN and the infinities are no parameters.
    #[error("{0} is not a finite number")]
    NotFinite(String),
    /// Two keys of a table are the same text in Unicode NFC.
    #[error("the key '{0}' stands twice, written with different Unicode characters")]
    SameKey(String),
    /// A date-time that does not exist, such as the 31st of February.
    #[error("{0} is no valid date-time")]
    Datetime(String),
    /// The parts cannot be written as a table.
    #[error("the request cannot be written as a table: {0}")]
    Shape(String),
}

/// Brings text into Unicode NFC, the form in which names are compared and digested.
pub fn nfc(text: &str) -> String {
    text.nfc().collect()
}

/// Encodes a value.
pub fn encode(value: &Value) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = Vec::new();
    write(value, &mut bytes)?;
    Ok(bytes)
}

/// Encodes the entries of a table as [`encode`] does the table that consists of them.
///
/// # Errors
/// As [`encode`].
pub fn encode_entries<'a>(
    entries: impl Iterator<Item = (&'a String, &'a Value)>,
) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = Vec::new();
    write_table(entries, &mut bytes)?;
    Ok(bytes)
}

fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    match value {
        Value::Boolean(value) => out.extend([b'b', u8::from(*value)]),
        Value::Integer(value) => {
            out.push(b'i');
            out.extend(value.to_be_bytes());
        }
        Value::Float(value) if value.is_finite() => {
            out.push(b'f');
            out.extend((value + 0.0).to_bits().to_be_bytes());
        }
        Value::Float(value) => return Err(EncodeError::NotFinite(value.to_string())),
        Value::String(value) => {
            out.push(b's');
            text(&normal(value), out);
        }
        Value::Datetime(value) => datetime(value, out)?,
        Value::Array(items) => {
            out.push(b'a');
            out.extend((items.len() as u64).to_be_bytes());
            items.iter().try_for_each(|item| write(item, out))?;
        }
        Value::Table(table) => write_table(table.iter(), out)?,
    }
    Ok(())
}

fn write_table<'a>(
    entries: impl Iterator<Item = (&'a String, &'a Value)>,
    out: &mut Vec<u8>,
) -> Result<(), EncodeError> {
    let mut keys = BTreeMap::new();
    for (key, value) in entries {
        let key = normal(key);
        if keys.contains_key(&key) {
            return Err(EncodeError::SameKey(key.into_owned()));
        }
        keys.insert(key, value);
    }
    out.push(b't');
    out.extend((keys.len() as u64).to_be_bytes());
    for (key, value) in keys {
        text(&key, out);
        write(value, out)?;
    }
    Ok(())
}

/// Text in Unicode NFC, which ASCII always is.
fn normal(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(nfc(text)) }
}

fn text(text: &str, out: &mut Vec<u8>) {
    out.extend((text.len() as u64).to_be_bytes());
    out.extend(text.as_bytes());
}

fn datetime(value: &Datetime, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    let written = value.to_string();
    if value.offset.is_some() {
        let nanoseconds = nanoseconds_of(&written).map_err(|_| EncodeError::Datetime(written))?;
        out.push(b'u');
        out.extend(nanoseconds.to_be_bytes());
    } else {
        out.push(b'l');
        text(&written, out);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enc(text: &str) -> Result<Vec<u8>, EncodeError> {
        encode(&Value::Table(text.parse().unwrap()))
    }

    #[test]
    fn notation_does_not_count() {
        for (a, b) in [
            ("x = 0.0", "x = -0.0"),
            ("x = 1_000", "x = 1000"),
            ("x = 1e-3", "x = 0.001"),
            ("a = 1\nb = 2", "b = 2 # second\na = 1"),
            ("x = 'é'", "x = 'e\u{301}'"),
            ("'é' = 1", "'e\u{301}' = 1"),
            ("t = 2026-01-01T00:00:00Z", "t = 2026-01-01 01:00:00.000+01:00"),
            ("[p]\nq = 1", "p = { q = 1 }"),
        ] {
            assert_eq!(enc(a).unwrap(), enc(b).unwrap(), "{a} and {b}");
        }
    }

    #[test]
    fn meaning_counts() {
        for (a, b) in [
            ("x = 1", "x = 1.0"),
            ("x = '1'", "x = 1"),
            ("x = [1, 2]", "x = [2, 1]"),
            ("x = ['ab']", "x = ['a', 'b']"),
            ("x = 9007199254740993", "x = 9007199254740992"),
            ("t = 2026-01-01T00:00:00Z", "t = 2026-01-01T00:00:00"),
            ("t = 2026-01-01", "t = '2026-01-01'"),
        ] {
            assert_ne!(enc(a).unwrap(), enc(b).unwrap(), "{a} and {b}");
        }
    }

    #[test]
    fn some_values_have_no_canonical_form() {
        assert_eq!(enc("x = nan"), Err(EncodeError::NotFinite("NaN".into())));
        assert_eq!(enc("'é' = 1\n'e\u{301}' = 2"), Err(EncodeError::SameKey("é".into())));
    }
}
