//! What a built-in trainer declares of itself: its name, version and parameters.
//!
//! One declaration serves three readers: the check of a spec, the defaults that a request is
//! filled with, and the documentation.

use toml::Value;

/// What a model learns to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Predicts a number.
    Regression,
    /// Predicts one of some classes.
    Classification,
    /// Finds groups; there is nothing to predict.
    Clustering,
}

impl Task {
    /// The word used in files and tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Regression => "regression",
            Self::Classification => "classification",
            Self::Clustering => "clustering",
        }
    }

    /// Whether there is a target to learn.
    pub fn has_target(self) -> bool {
        self != Self::Clustering
    }
}

/// A built-in trainer.
#[derive(Debug)]
pub struct Model {
    /// The name a spec uses, such as `random-forest-regressor`.
    pub name: &'static str,
    /// Raised only when a result or the meaning of a default changes; part of the identity.
    pub version: i64,
    /// What it learns.
    pub task: Task,
    /// One line for people.
    pub summary: &'static str,
    /// The parameters, in the order they are documented.
    pub parameters: &'static [Parameter],
}

/// A parameter of a model.
#[derive(Debug)]
pub struct Parameter {
    /// Its name; scikit-learn's, where scikit-learn has the model.
    pub name: &'static str,
    /// The values it takes; the first kind that accepts a value decides.
    pub kinds: &'static [Kind],
    /// The value a spec that does not name it gets, as TOML.
    pub default: Default,
    /// One sentence for people.
    pub summary: &'static str,
    /// Whether it was added after the first release: then its default is left out of the request,
    /// so that older runs stay hits.
    pub added_later: bool,
}

/// A default value; a constant form of [`Value`].
#[derive(Clone, Copy, Debug)]
pub enum Default {
    /// true or false
    Boolean(bool),
    /// a whole number
    Integer(i64),
    /// a number
    Float(f64),
    /// a word
    Word(&'static str),
}

impl Default {
    /// The default as a TOML value.
    pub fn value(&self) -> Value {
        match *self {
            Self::Boolean(value) => Value::Boolean(value),
            Self::Integer(value) => Value::Integer(value),
            Self::Float(value) => Value::Float(value),
            Self::Word(value) => Value::String(value.into()),
        }
    }
}

/// One kind of value a parameter takes.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// true or false
    Boolean,
    /// A whole number between two bounds, both included.
    Integer(i64, i64),
    /// A finite number between two bounds; a whole number is converted.
    Float(Bound, Bound),
    /// One of some words.
    Word(&'static [&'static str]),
}

/// An end of a range of numbers.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    /// The number itself is allowed.
    Included(f64),
    /// Only numbers beyond it are allowed.
    Excluded(f64),
    /// No limit on this side.
    None,
}

impl Kind {
    /// The value in the form that is digested, or `None` when this kind does not take it.
    fn accept(&self, value: &Value) -> Option<Value> {
        match (self, value) {
            (Self::Boolean, Value::Boolean(_)) => Some(value.clone()),
            (Self::Integer(low, high), Value::Integer(number)) => {
                (low..=high).contains(&number).then(|| value.clone())
            }
            (Self::Float(low, high), Value::Integer(_) | Value::Float(_)) => {
                let number = value.as_float().or(value.as_integer().map(|i| i as f64))?;
                let above = match low {
                    Bound::Included(low) => number >= *low,
                    Bound::Excluded(low) => number > *low,
                    Bound::None => true,
                };
                let below = match high {
                    Bound::Included(high) => number <= *high,
                    Bound::Excluded(high) => number < *high,
                    Bound::None => true,
                };
                (number.is_finite() && above && below).then_some(Value::Float(number))
            }
            (Self::Word(words), Value::String(word)) => {
                words.contains(&word.as_str()).then(|| value.clone())
            }
            _ => None,
        }
    }

    /// The kind in words, such as `a whole number of at least 1`.
    pub fn describe(&self) -> String {
        match self {
            Self::Boolean => "true or false".into(),
            Self::Integer(low, i64::MAX) => format!("a whole number of at least {low}"),
            Self::Integer(low, high) => format!("a whole number from {low} to {high}"),
            Self::Float(low, high) => {
                let low = match low {
                    Bound::Included(low) => format!(" of at least {low:?}"),
                    Bound::Excluded(low) => format!(" above {low:?}"),
                    Bound::None => String::new(),
                };
                let high = match high {
                    Bound::Included(high) => format!(" up to {high:?}"),
                    Bound::Excluded(high) => format!(" below {high:?}"),
                    Bound::None => String::new(),
                };
                format!("a number{low}{high}")
            }
            Self::Word(words) => {
                words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" or ")
            }
        }
    }
}

impl Parameter {
    /// Checks a value and brings it into the form that is digested (a float parameter turns `1` into `1.0`).
    ///
    /// # Errors
    /// The values that would be taken, in words.
    pub fn check(&self, value: &Value) -> Result<Value, String> {
        // Where whole numbers are counts and others shares, a count out of range is no share.
        let counts = self.kinds.iter().any(|kind| matches!(kind, Kind::Integer(..)));
        let share = |kind: &&Kind| counts && value.is_integer() && matches!(kind, Kind::Float(..));
        let mut kinds = self.kinds.iter().filter(|kind| !share(kind));
        kinds.find_map(|kind| kind.accept(value)).ok_or_else(|| self.describe())
    }

    /// Whether every number it takes is converted to a floating-point one.
    pub fn takes_no_whole_numbers(&self) -> bool {
        !self.kinds.iter().any(|kind| matches!(kind, Kind::Integer(..)))
    }

    /// The values it takes, in words.
    pub fn describe(&self) -> String {
        self.kinds.iter().map(Kind::describe).collect::<Vec<_>>().join(", or ")
    }
}

impl Model {
    /// The parameter of a name.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEATURES: Parameter = Parameter {
        name: "max_features",
        kinds: &[
            Kind::Integer(1, i64::MAX),
            Kind::Float(Bound::Excluded(0.0), Bound::Included(1.0)),
            Kind::Word(&["sqrt"]),
        ],
        default: Default::Float(1.0),
        summary: "",
        added_later: false,
    };

    #[test]
    fn the_first_kind_that_fits_decides() {
        assert_eq!(FEATURES.check(&Value::Integer(1)).unwrap(), Value::Integer(1));
        assert_eq!(FEATURES.check(&Value::Float(0.5)).unwrap(), Value::Float(0.5));
        assert!(FEATURES.check(&Value::Float(f64::NAN)).is_err());
        let split = Parameter {
            kinds: &[Kind::Integer(2, 9), Kind::Float(Bound::Excluded(0.0), Bound::Included(1.0))],
            ..FEATURES
        };
        assert_eq!(split.check(&Value::Float(1.0)).unwrap(), Value::Float(1.0));
        assert!(split.check(&Value::Integer(1)).is_err(), "one row is not the share 1.0");
        assert_eq!(
            FEATURES.check(&Value::Integer(0)).unwrap_err(),
            "a whole number of at least 1, or a number above 0.0 up to 1.0, or \"sqrt\""
        );
    }
}
