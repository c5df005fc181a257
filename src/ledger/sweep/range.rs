//! A range of numbers that a swept param is drawn from.

use toml::Value;

use crate::ledger::spec::ChoiceRange;

/// Decimal digits of a drawn number: it reads well, and no run's id hangs on the last bit of a
/// machine's logarithm.
const DIGITS: usize = 6;

impl ChoiceRange {
    /// Reads what a spec says of a param; `None` for anything but a range.
    pub(in crate::ledger) fn read(value: &Value) -> Option<Self> {
        value.is_table().then(|| value.clone().try_into().ok()).flatten()
    }

    /// The value at a share of the way, from 0 to 1, from the low end to the high one.
    pub(super) fn at(&self, share: f64) -> Value {
        let (low, high) = self.ends();
        let place = low + share * (high - low);
        let number = if self.log { place.exp() } else { place };
        if self.integer {
            return Value::Integer(number.round().clamp(self.low, self.high) as i64);
        }
        // Six digits of a number within the range can lie just outside of it.
        Value::Float(rounded(number).clamp(self.low, self.high))
    }

    /// The share of the way at which a value lies, the inverse of [`ChoiceRange::at`] up to rounding.
    pub(super) fn share(&self, value: &Value) -> f64 {
        let number = value.as_float().or(value.as_integer().map(|number| number as f64));
        let number = number.unwrap_or(self.low);
        let place = if self.log { number.ln() } else { number };
        let (low, high) = self.ends();
        if high > low { ((place - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 }
    }

    /// The ends in the measure that is drawn evenly from; a whole number owns half a unit on both sides.
    fn ends(&self) -> (f64, f64) {
        let half = if self.integer { 0.5 } else { 0.0 };
        let (low, high) = (self.low - half, self.high + half);
        if self.log { (low.ln(), high.ln()) } else { (low, high) }
    }
}

/// A number to six significant digits.
fn rounded(number: f64) -> f64 {
    format!("{number:.*e}", DIGITS - 1).parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn range(low: f64, high: f64, log: bool, integer: bool) -> ChoiceRange {
        ChoiceRange { low, high, log, integer }
    }

    #[test]
    fn a_share_of_the_way_is_a_value() {
        assert_eq!(range(0.0, 10.0, false, false).at(0.25), Value::Float(2.5));
        assert_eq!(range(1e-4, 1e2, true, false).at(0.5), Value::Float(0.1));
        assert_eq!(range(1.0, 3.0, false, true).at(0.0), Value::Integer(1));
        assert_eq!(range(1.0, 3.0, false, true).at(0.34), Value::Integer(2));
        assert_eq!(range(1.0, 3.0, false, true).at(0.999), Value::Integer(3));
        assert_eq!(range(2.0, 2.0, false, false).at(0.7), Value::Float(2.0));
        assert_eq!(range(0.0, 3.0, false, false).at(1.0 / 3.0 / 3.0), Value::Float(0.333333));
    }

    proptest! {
        #[test]
        fn every_value_lies_in_its_range(
            low in 1e-6..1e3f64, factor in 1.0..1e6f64, share in 0.0..1.0f64, log: bool, integer: bool,
        ) {
            let (low, high) = if integer { (low.ceil(), (low * factor).ceil()) } else { (low, low * factor) };
            let range = range(low, high, log, integer);
            let value = range.at(share);
            let number = value.as_float().or(value.as_integer().map(|n| n as f64)).unwrap();
            prop_assert!(low <= number && number <= high);
            prop_assert_eq!(value.is_integer(), integer);
            prop_assert_eq!(range.at(range.share(&value)), value);
        }
    }
}
