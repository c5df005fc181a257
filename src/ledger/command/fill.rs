//! Placeholders in the words of a command, and its time limit.

use std::time::Duration;

use toml::{Table, Value};

use super::request::ByCommand;
use crate::ledger::label;

/// The program and its arguments with the values of params, `seed` and `data` in their places.
pub fn filled(request: &ByCommand, data: &str) -> Vec<String> {
    let mut names: Table = request.params.clone();
    names.insert("seed".into(), Value::Integer(request.seed));
    if !data.is_empty() {
        names.insert("data".into(), Value::String(data.to_owned()));
    }
    request.command.run.iter().map(|word| label::fill(word, &names)).collect()
}

/// The placeholders of a word that could name a param; other braces are the program's own.
pub(super) fn placeholders(word: &str) -> Vec<&str> {
    let sign = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let could = |name: &&str| {
        name.starts_with(|c: char| c.is_alphabetic() || c == '_') && name.chars().all(sign)
    };
    label::placeholders(word).into_iter().filter(could).collect()
}

/// A time limit such as `90s`, `30m`, `2h` or `1h 30m`; `None` when it is none of them.
pub fn time_limit(text: &str) -> Option<Duration> {
    let limit: jiff::SignedDuration = text.parse().ok()?;
    Duration::try_from(limit).ok().filter(|limit| !limit.is_zero())
}

/// A size such as `4 GiB`, `500MB` or `1024`; `None` when it is none.
pub fn bytes(text: &str) -> Option<u64> {
    let unit = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..unit].parse().ok()?;
    let factor: u64 = match text[unit..].trim() {
        "" | "B" => 1,
        "KB" | "kB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "TB" => 1_000_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        _ => return None,
    };
    let size = number * factor as f64;
    (size >= 1.0 && size < u64::MAX as f64).then_some(size as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_are_placeholders() {
        assert_eq!(placeholders("--lr={lr} {n_estimators}"), ["lr", "n_estimators"]);
        assert!(placeholders("{\"a\": 1} {} { x } {1}").is_empty());
    }

    #[test]
    fn sizes_are_read_as_people_write_them() {
        assert_eq!(bytes("4 GiB"), Some(4 << 30));
        assert_eq!(bytes("1.5MB"), Some(1_500_000));
        assert_eq!(bytes("1024"), Some(1024));
        for wrong in ["", "much", "4 GiBs", "-1 GB", "0", "1e9", "..", "9999999999 TB"] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn limits_are_read_as_people_write_them() {
        assert_eq!(time_limit("90s"), Some(Duration::from_secs(90)));
        assert_eq!(time_limit("1h 30m"), Some(Duration::from_mins(90)));
        assert_eq!(time_limit("2h"), Some(Duration::from_hours(2)));
        for wrong in ["", "2", "-1s", "0s", "soon", "2 fortnights"] {
            assert_eq!(time_limit(wrong), None, "{wrong}");
        }
    }
}
