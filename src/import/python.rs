//! Numbers as Python prints them: MLflow keeps params as text, and text that is a number becomes one again.

use toml::Value;

/// The number that Python prints exactly as this text; `None` for any other text, which stays what it is.
///
/// Nothing is lost: the number's text is this text. `1e-05` is a number, `1e-5`, `+1`, `01` and `1.` are not.
pub fn number(text: &str) -> Option<Value> {
    if let Ok(integer) = text.parse::<i64>() {
        return (integer.to_string() == text).then_some(Value::Integer(integer));
    }
    let float: f64 = text.parse().ok()?;
    (float.is_finite() && printed(float) == text).then_some(Value::Float(float))
}

/// What `repr` of Python gives: the shortest digits that read back as the number, with an exponent of two digits below
/// 1e-4 and from 1e16 on.
fn printed(value: f64) -> String {
    let shortest = format!("{value:e}");
    let (digits, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if value == 0.0 || (-4..16).contains(&exponent) {
        let plain = value.to_string();
        return if plain.contains('.') { plain } else { plain + ".0" };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_python_prints_of_a_number_is_one() {
        for (text, value) in [
            ("0.1", 0.1),
            ("1e-05", 1e-5),
            ("0.0001", 1e-4),
            ("-2.5e+16", -2.5e16),
            ("100.0", 100.0),
            ("1e+300", 1e300),
        ] {
            assert_eq!(number(text), Some(Value::Float(value)), "{text}");
        }
        for (text, value) in [("10", 10), ("-3", -3), ("0", 0), ("9223372036854775807", i64::MAX)] {
            assert_eq!(number(text), Some(Value::Integer(value)), "{text}");
        }
        for text in [
            "1e-5", "1e-3", "01", "+1", "1.", ".5", "-0", "1_000", "nan", "inf", "", " 1", "True",
            "1e16", "0x1f",
        ] {
            assert_eq!(number(text), None, "{text}");
        }
        assert_eq!(number("9223372036854775808"), None, "too large for an integer");
    }

    proptest::proptest! {
        #[test]
        fn a_number_reads_back(value in proptest::num::f64::NORMAL) {
            proptest::prop_assert_eq!(number(&printed(value)), Some(Value::Float(value)));
        }
    }
}
