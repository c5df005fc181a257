//! Percent signs: bytes within addresses and names of folders (RFC 3986, section 2.1).

use std::fmt::Write as _;

/// Bytes of which all but letters and digits of ASCII and those in `plain` are `%` and two hex digits.
pub fn encoded(bytes: &[u8], plain: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || plain.contains(byte) {
            text.push(char::from(*byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// A text without its percent signs; `None` where what follows one is no hex digits, or what comes out no text.
pub fn decoded(text: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, tail @ ..] = rest {
        rest = tail;
        if let (b'%', [high, low, tail @ ..]) = (first, tail) {
            let digits = [*high, *low];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
            rest = tail;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_plain_has_percent_signs() {
        assert_eq!(encoded("a b/größe=1".as_bytes(), b"/"), "a%20b/gr%C3%B6%C3%9Fe%3D1");
        assert_eq!(decoded("a%20b").as_deref(), Some("a b"));
        assert_eq!(decoded("%C3"), None);
        assert_eq!(decoded("%zz"), None);
    }

    proptest! {
        #[test]
        fn a_text_comes_back(text in ".{0,30}") {
            prop_assert_eq!(decoded(&encoded(text.as_bytes(), b"-._~")), Some(text));
        }
    }
}
