//! A filter as a text that is read back as the same filter.

use std::fmt::{self, Display};

use super::{Condition, Filter, Key, Literal, Operator, Order};

impl Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(condition) = &self.condition {
            condition.fmt(f)?;
        }
        for (at, Order { key, descending }) in self.order.iter().enumerate() {
            let before = match (at, &self.condition) {
                (0, None) => "order by ",
                (0, Some(_)) => " order by ",
                _ => ", ",
            };
            write!(f, "{before}{key}{}", if *descending { " desc" } else { "" })?;
        }
        Ok(())
    }
}

impl Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(parts) => joined(parts, " and ", f),
            Self::Any(parts) => joined(parts, " or ", f),
            Self::Not(inner) => {
                f.write_str("not ")?;
                enclosed(inner, matches!(**inner, Self::All(_) | Self::Any(_)), f)
            }
            Self::Compare(key, operator, literal) => write!(f, "{key} {operator} {literal}"),
            Self::Like { key, pattern, any_case } => {
                let word = if *any_case { "ilike" } else { "like" };
                write!(f, "{key} {word} {}", quoted(pattern, '\''))
            }
            Self::In(key, literals) => {
                let literals: Vec<String> = literals.iter().map(ToString::to_string).collect();
                write!(f, "{key} in ({})", literals.join(", "))
            }
            Self::Null(key) => write!(f, "{key} is null"),
            Self::Word(word) => f.write_str(&quoted(word, '\'')),
        }
    }
}

/// Conditions joined by a word; what binds less strongly than it stands in parentheses.
fn joined(parts: &[Condition], word: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(word)?;
        }
        let loose = match part {
            Condition::Any(_) => true,
            Condition::All(_) => word == " and ",
            _ => false,
        };
        enclosed(part, loose, f)?;
    }
    Ok(())
}

fn enclosed(part: &Condition, encloses: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if encloses { write!(f, "({part})") } else { part.fmt(f) }
}

impl Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Metric(name) => write!(f, "metrics.{}", quoted(name, '`')),
            Self::Param(name) => write!(f, "params.{}", quoted(name, '`')),
            Self::Tag(name) => write!(f, "tags.{}", quoted(name, '`')),
            Self::Attribute(attribute) => write!(f, "attributes.{}", attribute.name()),
            Self::Any(name) => f.write_str(&quoted(name, '`')),
        }
    }
}

impl Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sign())
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // No number is written as infinity, but one that is too large is read as it.
            Self::Number(number) if number.is_infinite() => {
                f.write_str(if *number > 0.0 { "1e999" } else { "-1e999" })
            }
            Self::Number(number) => write!(f, "{number:?}"),
            Self::Text(text) => f.write_str(&quoted(text, '\'')),
            Self::Boolean(truth) => truth.fmt(f),
            Self::Age(microseconds) => write!(f, "{}s", seconds(*microseconds)),
        }
    }
}

/// The seconds that are read back as so many microseconds.
fn seconds(microseconds: i64) -> f64 {
    let near = microseconds as f64 / 1e6;
    let candidates = [near, near.next_up(), near.next_down()];
    let reads = |seconds: &f64| (seconds * 1e6) as i64 == microseconds;
    candidates.into_iter().find(reads).unwrap_or(near)
}

/// A text in quotes; a quote in it is doubled.
fn quoted(text: &str, quote: char) -> String {
    format!("{quote}{}{quote}", text.replace(quote, &format!("{quote}{quote}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_back() {
        for (text, printed) in [
            ("", ""),
            ("metrics.r2 > 0.8 and rmse<1e400", "metrics.`r2` > 0.8 and `rmse` < 1e999"),
            (
                "a = 1 or not (b = 'it''s' or c is not null)",
                "`a` = 1.0 or not (`b` = 'it''s' or not `c` is null)",
            ),
            (
                "started > 7d starred order by label desc, id",
                "attributes.started > 604800s and attributes.star = true order by attributes.label desc, attributes.id",
            ),
            ("(a = 1 and b = 2) and Word", "(`a` = 1.0 and `b` = 2.0) and 'word'"),
            (
                "params.`a``b` not in (1, 'x') or x ilike '%q'",
                "not params.`a``b` in (1.0, 'x') or `x` ilike '%q'",
            ),
        ] {
            let filter = Filter::parse(text).unwrap();
            assert_eq!(filter.to_string(), printed, "{text}");
            assert_eq!(Filter::parse(printed).unwrap(), filter, "{text}");
        }
    }

    #[test]
    fn an_age_keeps_its_microseconds() {
        for microseconds in [0, 1, 3, 1_000_001, 29_999_999, 86_399_999_999, i64::MAX, i64::MIN] {
            assert_eq!((seconds(microseconds) * 1e6) as i64, microseconds);
        }
    }
}
