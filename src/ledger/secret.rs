//! Secrets, told by the name of a setting and by the shape of a text, so that none is ever stored.

use std::borrow::Cow;

/// Words in the name of a setting that stand for a secret.
const NAMES: [&str; 9] = [
    "token",
    "secret",
    "password",
    "passwd",
    "passphrase",
    "apikey",
    "credential",
    "credentials",
    "privatekey",
];
/// Two words in a row that do.
const PAIRS: [[&str; 2]; 4] =
    [["api", "key"], ["private", "key"], ["access", "key"], ["auth", "key"]];
/// How tokens of well-known services begin, and how many signs follow at least.
const SHAPES: [(&str, usize); 16] = [
    ("ghp_", 30),
    ("gho_", 30),
    ("ghs_", 30),
    ("ghu_", 30),
    ("github_pat_", 30),
    ("glpat-", 16),
    ("hf_", 24),
    ("sk-", 24),
    ("sk_live_", 16),
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 30),
    ("xoxb-", 16),
    ("xoxp-", 16),
    ("pypi-", 40),
    ("npm_", 30),
];
/// What stands in the place of a secret.
const REDACTED: &str = "[secret]";
/// A shorter value is no secret worth the name, and `1` is in every log.
const SHORTEST: usize = 8;

/// Whether a name is one that secrets have: `hf_token`, `apiKey`, but not `tokenizer`.
pub fn is_name(name: &str) -> bool {
    let words = words(name);
    let pairs = words.windows(2).any(|two| PAIRS.iter().any(|pair| two == pair));
    pairs || words.iter().any(|word| NAMES.contains(&word.as_str()))
}

/// Whether a setting of this name and value is a secret; `pad_token = "<pad>"` is none.
pub fn is_secret(name: &str, value: &str) -> bool {
    let plain = value.len() < SHORTEST || value.starts_with(['<', '[', '{']);
    has_shape(value) || (is_name(name) && !plain)
}

/// Whether a text holds something of the shape of a secret.
pub fn has_shape(text: &str) -> bool {
    matches!(redacted(text), Cow::Owned(_))
}

/// The text with everything of the shape of a secret left out.
pub fn redacted(text: &str) -> Cow<'_, str> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let mut at = 0;
    for piece in text.split(|c| !part(c)) {
        if is_token(piece) {
            found.push((at, at + piece.len()));
        }
        // Every sign that divides takes as many bytes as it has.
        at += piece.len();
        at += text[at..].chars().next().map_or(0, char::len_utf8);
    }
    let addresses = text.match_indices("://").map(|(at, sign)| at + sign.len());
    found.extend(addresses.filter_map(|start| password_in_address(text, start)));
    if text.contains("PRIVATE KEY-----") {
        return Cow::Owned(REDACTED.to_owned());
    }
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    found.sort_unstable();
    let (mut shown, mut end) = (String::new(), 0);
    for (start, stop) in found.into_iter().filter(|(start, stop)| start < stop) {
        if start >= end {
            shown.push_str(&text[end..start]);
            shown.push_str(REDACTED);
        }
        // A token may be the beginning of a password.
        end = end.max(stop);
    }
    Cow::Owned(shown + &text[end..])
}

/// The text with some values left out, each replaced by its name in brackets.
pub fn without<'a>(text: &'a str, values: &[(String, String)]) -> Cow<'a, str> {
    let mut shown = redacted(text);
    for (name, value) in values {
        if value.len() >= SHORTEST && shown.contains(value.as_str()) {
            shown = Cow::Owned(shown.replace(value.as_str(), &format!("[{name}]")));
        }
    }
    shown
}

fn is_token(piece: &str) -> bool {
    let known = SHAPES.iter().any(|(start, least)| {
        let rest = piece.strip_prefix(start);
        rest.is_some_and(|rest| rest.len() >= *least && rest.chars().any(|c| c.is_ascii_digit()))
    });
    known || is_web_token(piece)
}

/// A JSON web token (RFC 7519): three parts in base64url, the first of which begins with `{"`.
fn is_web_token(piece: &str) -> bool {
    let parts: Vec<&str> = piece.split('.').collect();
    matches!(parts[..], [head, body, _] if head.starts_with("eyJ") && body.len() >= 16)
}

/// Where the password stands in an address such as `https://ada:secret@example.org`, whose user's
/// name begins at `start`.
fn password_in_address(text: &str, start: usize) -> Option<(usize, usize)> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'');
    let end = text[start..].find(ends).map_or(text.len(), |end| start + end);
    let at = start + text[start..end].rfind('@')?;
    let colon = start + text[start..at].find(':')? + 1;
    (colon < at).then_some((colon, at))
}

/// The words of a name in lower case: `apiKey` and `API_KEY` are `api` and `key`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && small) {
            words.push(String::new());
        }
        small = c.is_lowercase() || c.is_numeric();
        if let (Some(word), true) = (words.last_mut(), c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_told_by_whole_words() {
        for name in ["HF_TOKEN", "api-key", "apiKey", "dbPassword", "aws_secret_access_key"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["tokenizer", "max_tokens", "n_keys", "learning_rate", "key", "passes"] {
            assert!(!is_name(name), "{name}");
        }
        assert!(is_secret("hf_token", "correct horse"));
        assert!(!is_secret("pad_token", "<|endoftext|>"));
        assert!(!is_secret("token", "short"));
    }

    #[test]
    fn shapes_are_left_out_and_the_rest_stays() {
        let token = format!("hf_{}1", "a".repeat(30));
        assert_eq!(redacted(&format!("é use {token}, please")), "é use [secret], please");
        assert_eq!(
            redacted("https://ada:s3cret@example.org/x"),
            "https://ada:[secret]@example.org/x"
        );
        assert_eq!(
            redacted("from http://example.org/ to s3://eve:pass@x/y\thttp://a:b@c"),
            "from http://example.org/ to s3://eve:[secret]@x/y\thttp://a:[secret]@c"
        );
        let both = format!("http://ada:{token}:more@example.org");
        assert_eq!(redacted(&both), "http://ada:[secret]@example.org");
        assert!(has_shape("-----BEGIN RSA PRIVATE KEY-----"));
        assert!(has_shape("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl"));
        for plain in ["sk-learn", "hf_hub", "a sentence. And more", "0.123456789", ""] {
            assert_eq!(redacted(plain), plain);
        }
        let values = [("KEY".to_owned(), "0123456789".to_owned()), ("GPU".into(), "0".into())];
        assert_eq!(without("key 0123456789 on 0", &values), "key [KEY] on 0");
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in "\\PC{0,60}|[a-z:/@. ]{0,40}") {
            let _ = redacted(&text);
            let _ = is_name(&text);
        }
    }
}
