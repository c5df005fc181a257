//! Values as words: rounded for people, exact for the record.

use serde_json::Value;

use crate::ledger::metric::Direction;
use crate::ledger::number;
use crate::ledger::time::Timestamp;

/// What stands for a value that was never recorded.
pub(super) const MISSING: &str = "—";

/// A value exactly as in JSON; a string as it is.
pub(super) fn exact(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A number exactly as in JSON.
pub(super) fn exact_number(value: f64) -> String {
    serde_json::Number::from_f64(value)
        .map_or_else(|| name_of(value).to_owned(), |number| number.to_string())
}

/// The names that JSON files give to what JSON cannot hold.
pub(super) fn name_of(value: f64) -> &'static str {
    match value {
        value if value.is_nan() => "NaN",
        value if value > 0.0 => "Infinity",
        _ => "-Infinity",
    }
}

/// A param for people: numbers to six digits, other values as they are.
pub(super) fn param(value: &Value) -> String {
    match value.as_f64() {
        Some(number) if value.is_f64() => number::for_people(number),
        _ => exact(value),
    }
}

/// A difference with its sign: four significant digits, all digits before the point.
pub(super) fn signed(difference: f64) -> String {
    if difference.is_nan() || difference == 0.0 {
        return if difference == 0.0 { "±0".into() } else { "NaN".into() };
    }
    let (sign, size) = (if difference > 0.0 { '+' } else { '−' }, difference.abs());
    let magnitude = size.log10().floor();
    if !(-6.0..15.0).contains(&magnitude) {
        return format!("{sign}{}", number::for_people(size));
    }
    let decimals = (3.0 - magnitude).max(0.0) as usize;
    format!("{sign}{size:.decimals$}")
}

/// Which way a metric is better, in words; empty when nobody said.
pub(super) fn direction(direction: Option<Direction>) -> &'static str {
    match direction {
        Some(Direction::Maximize) => "higher is better",
        Some(Direction::Minimize) => "lower is better",
        None => "",
    }
}

/// Seconds for people: three significant digits, minutes and hours when long.
pub(super) fn seconds(seconds: f64) -> String {
    let short = |value: f64| {
        let decimals = if value >= 100.0 {
            0
        } else if value >= 10.0 {
            1
        } else {
            2
        };
        format!("{value:.decimals$}")
    };
    match seconds {
        s if !s.is_finite() => MISSING.to_owned(),
        s if s < 1.0 => format!("{} ms", short(s * 1e3)),
        s if s < 120.0 => format!("{} s", short(s)),
        s if s < 7200.0 => format!("{} min", short(s / 60.0)),
        s => format!("{} h", short(s / 3600.0)),
    }
}

/// The time between two instants, for people.
pub(super) fn duration(from: Timestamp, to: Timestamp) -> String {
    seconds(to.microseconds().saturating_sub(from.microseconds()) as f64 / 1e6)
}

/// The digits of a digest or a commit that people are shown.
pub(super) fn short(digest: &str) -> String {
    digest.chars().take(10).collect()
}

/// A count with its noun: `1 run`, `7 runs`.
pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A path as one word of a command line, quoted for a shell where it must be.
pub(super) fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._/-=@%+,:".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_carry_a_sign() {
        assert_eq!(signed(-0.048_475_9), "−0.04848");
        assert_eq!(signed(-0.0529), "−0.05290");
        assert_eq!(signed(5475.577), "+5476");
        assert_eq!(signed(566_472_735.3), "+566472735");
        assert_eq!(signed(f64::NEG_INFINITY), "−∞");
        assert_eq!(signed(0.0), "±0");
    }

    #[test]
    fn exact_numbers_are_those_of_json() {
        assert_eq!(exact_number(2_961_135_089.246_911_5), "2961135089.2469115");
        assert_eq!(exact_number(100.0), "100.0");
        assert_eq!(exact_number(f64::NEG_INFINITY), "-Infinity");
    }

    #[test]
    fn times_are_short() {
        let cases = [(0.0123, "12.3 ms"), (4.5, "4.50 s"), (372.0, "6.20 min"), (1e5, "27.8 h")];
        for (value, text) in cases {
            assert_eq!(seconds(value), text);
        }
    }

    #[test]
    fn command_words_are_safe_to_paste() {
        assert_eq!(shell_word("experiments/a/b.toml"), "experiments/a/b.toml");
        assert_eq!(shell_word("a; rm -rf $HOME/'x'"), "'a; rm -rf $HOME/'\\''x'\\'''");
    }
}
