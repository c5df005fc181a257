//! Numbers as text: one way for files, one way for people.

/// A number for people: six significant digits, no exponent between 1e-4 and 1e15, `NaN` and `∞` as such.
pub fn for_people(value: f64) -> String {
    significant(value, 6)
}

/// A number for people that says how much another one varies: three significant digits.
pub fn deviation_for_people(value: f64) -> String {
    significant(value, 3)
}

fn significant(value: f64, digits: usize) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "∞".into() } else { "−∞".into() };
    }
    if value == 0.0 {
        return "0".into();
    }
    let magnitude = value.abs().log10().floor();
    if !(-4.0..15.0).contains(&magnitude) {
        return trim(&format!("{value:.0$e}", digits - 1));
    }
    let decimals = (digits as f64 - 1.0 - magnitude).max(0.0) as usize;
    trim(&format!("{value:.decimals$}"))
}

/// A number with a spread around it, such as `0.7461 ± 0.0012`: the spread to two digits, the number
/// as far as those reach, and no fewer digits than stand before the point.
pub fn with_spread(value: f64, spread: Option<f64>) -> String {
    let Some(spread) = spread.filter(|spread| spread.is_finite() && value.is_finite()) else {
        return for_people(value);
    };
    let decimals = if spread == 0.0 { f64::INFINITY } else { 1.0 - spread.abs().log10().floor() };
    if decimals > 9.0 || value.abs() >= 1e15 {
        return format!("{} ± {}", for_people(value), for_people(spread));
    }
    let decimals = decimals.max(0.0) as usize;
    format!("{value:.decimals$} ± {spread:.decimals$}")
}

/// Drops zeros that say nothing after a decimal point, before an exponent if there is one.
fn trim(text: &str) -> String {
    let (number, exponent) = text.split_at(text.find('e').unwrap_or(text.len()));
    let number = if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        number
    };
    format!("{number}{exponent}")
}

/// A size in bytes for people: `932 B`, `3.9 MB` (decimal units).
pub fn bytes_for_people(bytes: u64) -> String {
    let units = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
    let size = bytes as f64;
    units
        .iter()
        .find(|(_, unit)| size >= *unit)
        .map_or_else(|| format!("{bytes} B"), |(name, unit)| format!("{:.1} {name}", size / unit))
}

/// Serde for a number in JSON, which has no NaN and no infinity: those become strings.
pub mod json {
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes a finite value as a number, any other as its name.
    pub fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        if value.is_finite() {
            serializer.serialize_f64(*value)
        } else if value.is_nan() {
            serializer.serialize_str("NaN")
        } else if *value > 0.0 {
            serializer.serialize_str("Infinity")
        } else {
            serializer.serialize_str("-Infinity")
        }
    }

    /// Reads a number or one of the three names.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Text {
            Number(f64),
            Name(String),
        }
        match Text::deserialize(deserializer)? {
            Text::Number(value) => Ok(value),
            Text::Name(name) => match name.as_str() {
                "NaN" => Ok(f64::NAN),
                "Infinity" => Ok(f64::INFINITY),
                "-Infinity" => Ok(f64::NEG_INFINITY),
                _ => Err(serde::de::Error::custom(format!("not a number: '{name}'"))),
            },
        }
    }
}

/// Serde for a table of named numbers in JSON.
pub mod json_map {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Wrapped(#[serde(with = "super::json")] f64);

    /// Writes each value as [`super::json`] does.
    pub fn serialize<S: Serializer>(
        map: &BTreeMap<String, f64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(map.iter().map(|(name, value)| (name, Wrapped(*value))))
    }

    /// Reads each value as [`super::json`] does.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, f64>, D::Error> {
        let map = BTreeMap::<String, Wrapped>::deserialize(deserializer)?;
        Ok(map.into_iter().map(|(name, value)| (name, value.0)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_six_digits() {
        let cases = [
            (0.746_524_055_467, "0.746524"),
            (54_416.312_712_7, "54416.3"),
            (2_961_135_089.246_9, "2961135089"),
            (0.5, "0.5"),
            (100.0, "100"),
            (1e-9, "1e-9"),
            (-0.000_123_456_78, "-0.000123457"),
            (f64::NAN, "NaN"),
        ];
        for (value, text) in cases {
            assert_eq!(for_people(value), text);
        }
    }

    #[test]
    fn a_spread_says_how_many_digits_count() {
        let cases = [
            (0.746_135, Some(0.001_234), "0.7461 ± 0.0012"),
            (54_416.31, Some(1_834.2), "54416 ± 1834"),
            (-3.0, Some(0.1), "-3.00 ± 0.10"),
            (0.746_135, Some(0.0), "0.746135 ± 0"),
            (0.746_135, None, "0.746135"),
            (f64::NAN, Some(1.0), "NaN"),
            (1e-9, Some(1e-12), "1e-9 ± 1e-12"),
        ];
        for (value, spread, text) in cases {
            assert_eq!(with_spread(value, spread), text);
        }
    }

    #[test]
    fn sizes_are_decimal() {
        assert_eq!(bytes_for_people(932), "932 B");
        assert_eq!(bytes_for_people(3_900_000), "3.9 MB");
    }
}
