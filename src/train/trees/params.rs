//! What bounds the growth of a tree, in scikit-learn's terms.

use toml::Value;

use super::super::params::Params;

/// A number of rows or features, or a share of all of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// So many.
    Count(usize),
    /// So much of all.
    Share(f64),
}

/// How many features are tried at a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MaxFeatures {
    /// All of them.
    All,
    /// A number or a share, rounded down, at least 1.
    Amount(Amount),
    /// The square root of their number, rounded down.
    Sqrt,
    /// The base-2 logarithm of their number, rounded down, at least 1.
    Log2,
}

/// What a split of rows with classes lowers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Impurity {
    /// The Gini index.
    Gini,
    /// Shannon's entropy, whose decrease is that of the log loss.
    Entropy,
}

/// What a row weighs in classification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassWeight {
    /// Every row weighs the same.
    Even,
    /// Every class weighs the same.
    Balanced,
}

/// What bounds the growth of one tree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Growth {
    pub(super) max_depth: Option<usize>,
    pub(super) min_samples_split: Amount,
    pub(super) min_samples_leaf: Amount,
    pub(super) max_features: MaxFeatures,
    pub(super) min_impurity_decrease: f64,
    /// Most bins of a feature where splits lie between bins, `None` for exact splits.
    pub(super) bins: Option<usize>,
}

impl Default for Growth {
    fn default() -> Self {
        Self {
            max_depth: None,
            min_samples_split: Amount::Count(2),
            min_samples_leaf: Amount::Count(1),
            max_features: MaxFeatures::All,
            min_impurity_decrease: 0.0,
            bins: None,
        }
    }
}

/// Generates setters that return the changed parameters: name, type and place of each.
macro_rules! setters {
    ($params:ident: $($(#[$doc:meta])* $name:ident: $kind:ty => $($place:ident).+,)*) => {
        impl $params {
            $($(#[$doc])* #[must_use] pub fn $name(mut self, value: $kind) -> Self {
                self.0.$($place).+ = value;
                self
            })*
        }
    };
}

/// Generates the setters of what bounds the growth of a tree.
macro_rules! growth_setters {
    ($params:ident) => {
        setters! { $params:
            /// Sets the levels of splits a tree may have, `None` for no limit.
            max_depth: Option<usize> => growth.max_depth,
            /// Sets the fewest distinct rows a node needs to be split.
            min_samples_split: Amount => growth.min_samples_split,
            /// Sets the fewest distinct rows a leaf may hold.
            min_samples_leaf: Amount => growth.min_samples_leaf,
            /// Sets how many features are tried at a node.
            max_features: MaxFeatures => growth.max_features,
            /// Sets the least decrease of the mean impurity a split must bring.
            min_impurity_decrease: f64 => growth.min_impurity_decrease,
            /// Sets the most bins of a feature for splits between bins, `None` for exact splits.
            bins: Option<usize> => growth.bins,
        }
    };
}

pub(super) use {growth_setters, setters};

impl Growth {
    /// Reads the checked parameters of a request.
    pub(super) fn of(params: &Params<'_>) -> Self {
        let amount = |name| match params.get(name) {
            Some(Value::Integer(count)) => Some(Amount::Count(usize::try_from(count).unwrap_or(0))),
            Some(Value::Float(share)) => Some(Amount::Share(share)),
            _ => None,
        };
        let word = params.get("max_features");
        let max_features = match word.as_ref().and_then(Value::as_str) {
            Some("sqrt") => MaxFeatures::Sqrt,
            Some("log2") => MaxFeatures::Log2,
            _ => amount("max_features").map_or(MaxFeatures::All, MaxFeatures::Amount),
        };
        Self {
            max_depth: params.optional_count("max_depth"),
            min_samples_split: amount("min_samples_split").unwrap_or(Amount::Count(2)),
            min_samples_leaf: amount("min_samples_leaf").unwrap_or(Amount::Count(1)),
            max_features,
            min_impurity_decrease: params.float("min_impurity_decrease"),
            bins: (params.word("tree_method") == "hist").then(|| params.count("max_bins")),
        }
    }

    /// The first parameter out of its range.
    pub(super) fn fault(&self) -> Option<&'static str> {
        let within = |amount, least, most| match amount {
            Amount::Count(count) => count >= least,
            Amount::Share(share) => share > 0.0 && share <= most,
        };
        let features = match self.max_features {
            MaxFeatures::Amount(amount) => within(amount, 1, 1.0),
            _ => true,
        };
        let checks = [
            (self.max_depth != Some(0), "max_depth"),
            (within(self.min_samples_split, 2, 1.0), "min_samples_split"),
            (within(self.min_samples_leaf, 1, 1.0_f64.next_down()), "min_samples_leaf"),
            (features, "max_features"),
            (self.min_impurity_decrease >= 0.0, "min_impurity_decrease"),
            (self.bins.is_none_or(|bins| (2..=255).contains(&bins)), "max_bins"),
        ];
        checks.iter().find(|(good, _)| !good).map(|(_, name)| *name)
    }
}

impl Impurity {
    /// Reads the checked parameters of a request.
    pub(super) fn of(params: &Params<'_>) -> Self {
        if params.word("criterion") == "gini" { Self::Gini } else { Self::Entropy }
    }
}

impl ClassWeight {
    /// Reads the checked parameters of a request.
    pub(super) fn of(params: &Params<'_>) -> Self {
        if params.word("class_weight") == "balanced" { Self::Balanced } else { Self::Even }
    }
}

/// The parameters as numbers for one training table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Limits {
    pub(super) max_depth: usize,
    pub(super) min_split: usize,
    pub(super) min_leaf: usize,
    pub(super) max_features: usize,
    pub(super) min_impurity_decrease: f64,
}

impl Growth {
    /// Resolves shares; `rows` counts all training rows, as scikit-learn does.
    pub(super) fn limits(&self, rows: usize, features: usize) -> Limits {
        let rounded_up = |amount| match amount {
            Amount::Count(count) => count,
            Amount::Share(share) => (share * rows as f64).ceil() as usize,
        };
        let tried = match self.max_features {
            MaxFeatures::All => features,
            MaxFeatures::Amount(Amount::Count(count)) => count,
            MaxFeatures::Amount(Amount::Share(share)) => (share * features as f64) as usize,
            MaxFeatures::Sqrt => features.isqrt(),
            MaxFeatures::Log2 => features.checked_ilog2().unwrap_or(0) as usize,
        };
        let min_leaf = rounded_up(self.min_samples_leaf).max(1);
        Limits {
            max_depth: self.max_depth.unwrap_or(usize::MAX),
            min_split: rounded_up(self.min_samples_split).max(2).max(min_leaf.saturating_mul(2)),
            min_leaf,
            max_features: tried.max(1),
            min_impurity_decrease: self.min_impurity_decrease,
        }
    }
}

impl Limits {
    /// Whether a split is worth its decrease of the impurity, taken over all rows of the tree.
    ///
    /// Without a limit every split is, though rounding may put its decrease below 0.
    pub(super) fn worth(&self, decrease: f64) -> bool {
        let least = self.min_impurity_decrease;
        least <= 0.0 || decrease + f64::EPSILON >= least
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_become_numbers_as_in_scikit_learn() {
        let plain = Growth::default().limits(101, 9);
        assert_eq!((plain.min_split, plain.min_leaf, plain.max_features), (2, 1, 9));
        let shares = Growth {
            min_samples_split: Amount::Share(0.01),
            min_samples_leaf: Amount::Share(0.05),
            max_features: MaxFeatures::Amount(Amount::Share(0.5)),
            ..Growth::default()
        };
        let shares = shares.limits(101, 9);
        assert_eq!((shares.min_split, shares.min_leaf, shares.max_features), (12, 6, 4));
        for max_features in [MaxFeatures::Sqrt, MaxFeatures::Log2] {
            let growth = Growth { max_features, ..Growth::default() };
            assert_eq!(growth.limits(101, 9).max_features, 3);
        }
    }
}
