//! The parameters of a forest, with scikit-learn's names, meanings, defaults and ranges.

use linfa::ParamGuard;
use toml::Value;

use crate::ledger::model::{Bound, Default, Kind, Model, Parameter, Task};

use super::super::params::Params;

/// The declaration of the regression forest.
pub(in crate::train) const MODEL: Model = Model {
    name: "random-forest-regressor",
    version: 1,
    task: Task::Regression,
    summary: "The mean of regression trees, each grown on a bootstrap sample (Breiman, 2001)",
    parameters: &[
        Parameter {
            name: "n_estimators",
            kinds: &[Kind::Integer(1, i64::MAX)],
            default: Default::Integer(100),
            summary: "Number of trees.",
            added_later: false,
        },
        Parameter {
            name: "max_depth",
            kinds: &[Kind::Integer(1, i64::MAX), Kind::Word(&["none"])],
            default: Default::Word("none"),
            summary: "Levels of splits a tree may have; \"none\" for no limit.",
            added_later: false,
        },
        Parameter {
            name: "min_samples_split",
            kinds: &[
                Kind::Integer(2, i64::MAX),
                Kind::Float(Bound::Excluded(0.0), Bound::Included(1.0)),
            ],
            default: Default::Integer(2),
            summary: "Fewest distinct rows a node needs to be split; a share counts all training rows.",
            added_later: false,
        },
        Parameter {
            name: "min_samples_leaf",
            kinds: &[
                Kind::Integer(1, i64::MAX),
                Kind::Float(Bound::Excluded(0.0), Bound::Excluded(1.0)),
            ],
            default: Default::Integer(1),
            summary: "Fewest distinct rows a leaf may hold; a share counts all training rows.",
            added_later: false,
        },
        Parameter {
            name: "max_features",
            kinds: &[
                Kind::Integer(1, i64::MAX),
                Kind::Float(Bound::Excluded(0.0), Bound::Included(1.0)),
                Kind::Word(&["sqrt", "log2", "none"]),
            ],
            default: Default::Float(1.0),
            summary: "Features tried at a node: a number, a share, a root or logarithm of them, or all.",
            added_later: false,
        },
        Parameter {
            name: "min_impurity_decrease",
            kinds: &[Kind::Float(Bound::Included(0.0), Bound::None)],
            default: Default::Float(0.0),
            summary: "Least a split must lower the squared error, averaged over all rows of the tree.",
            added_later: false,
        },
        Parameter {
            name: "bootstrap",
            kinds: &[Kind::Boolean],
            default: Default::Boolean(true),
            summary: "Whether a tree is grown on rows drawn with replacement; false takes every row once.",
            added_later: false,
        },
    ],
};

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

/// Parameters of a regression forest that have not been checked.
#[derive(Clone, Debug, PartialEq)]
pub struct ForestParams(ForestValidParams);

/// Parameters of a regression forest within their ranges.
#[derive(Clone, Debug, PartialEq)]
pub struct ForestValidParams {
    pub(super) n_estimators: usize,
    pub(super) max_depth: Option<usize>,
    pub(super) min_samples_split: Amount,
    pub(super) min_samples_leaf: Amount,
    pub(super) max_features: MaxFeatures,
    pub(super) min_impurity_decrease: f64,
    pub(super) bootstrap: bool,
    pub(super) seed: i64,
}

/// Generates a setter that returns the changed parameters.
macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $kind:ty,)*) => {
        impl ForestParams {
            $($(#[$doc])* #[must_use] pub fn $name(mut self, value: $kind) -> Self {
                self.0.$name = value;
                self
            })*
        }
    };
}

setters! {
    /// Sets the number of trees.
    n_estimators: usize,
    /// Sets the levels of splits a tree may have, `None` for no limit.
    max_depth: Option<usize>,
    /// Sets the fewest distinct rows a node needs to be split.
    min_samples_split: Amount,
    /// Sets the fewest distinct rows a leaf may hold.
    min_samples_leaf: Amount,
    /// Sets how many features are tried at a node.
    max_features: MaxFeatures,
    /// Sets the least decrease of the mean squared error a split must bring.
    min_impurity_decrease: f64,
    /// Sets whether a tree is grown on rows drawn with replacement.
    bootstrap: bool,
    /// Sets the seed of every random choice.
    seed: i64,
}

impl std::default::Default for ForestParams {
    fn default() -> Self {
        Self(ForestValidParams {
            n_estimators: 100,
            max_depth: None,
            min_samples_split: Amount::Count(2),
            min_samples_leaf: Amount::Count(1),
            max_features: MaxFeatures::All,
            min_impurity_decrease: 0.0,
            bootstrap: true,
            seed: 0,
        })
    }
}

impl ForestParams {
    /// Reads the checked parameters of a request.
    pub(super) fn of(params: &Params<'_>, seed: i64) -> Self {
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
        let depth = params.get("max_depth").and_then(|depth| depth.as_integer());
        Self::default()
            .n_estimators(params.count("n_estimators"))
            .max_depth(depth.map(|depth| usize::try_from(depth).unwrap_or(usize::MAX)))
            .min_samples_split(amount("min_samples_split").unwrap_or(Amount::Count(2)))
            .min_samples_leaf(amount("min_samples_leaf").unwrap_or(Amount::Count(1)))
            .max_features(max_features)
            .min_impurity_decrease(params.float("min_impurity_decrease"))
            .bootstrap(params.boolean("bootstrap"))
            .seed(seed)
    }
}

impl ParamGuard for ForestParams {
    type Checked = ForestValidParams;
    type Error = linfa::Error;

    fn check_ref(&self) -> Result<&ForestValidParams, linfa::Error> {
        let params = &self.0;
        let within = |amount, least, most| match amount {
            Amount::Count(count) => count >= least,
            Amount::Share(share) => share > 0.0 && share <= most,
        };
        let features = match params.max_features {
            MaxFeatures::Amount(amount) => within(amount, 1, 1.0),
            _ => true,
        };
        let checks = [
            (params.n_estimators >= 1, "n_estimators"),
            (params.max_depth != Some(0), "max_depth"),
            (within(params.min_samples_split, 2, 1.0), "min_samples_split"),
            (within(params.min_samples_leaf, 1, 1.0_f64.next_down()), "min_samples_leaf"),
            (features, "max_features"),
            (params.min_impurity_decrease >= 0.0, "min_impurity_decrease"),
        ];
        match checks.iter().find(|(good, _)| !good) {
            Some((_, name)) => Err(linfa::Error::Parameters((*name).into())),
            None => Ok(params),
        }
    }

    fn check(self) -> Result<ForestValidParams, linfa::Error> {
        self.check_ref()?;
        Ok(self.0)
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

impl ForestValidParams {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_become_numbers_as_in_scikit_learn() {
        let limits = |params: ForestParams| params.check().unwrap().limits(101, 9);
        let plain = limits(ForestParams::default());
        assert_eq!((plain.min_split, plain.min_leaf, plain.max_features), (2, 1, 9));
        let shares = limits(
            ForestParams::default()
                .min_samples_split(Amount::Share(0.01))
                .min_samples_leaf(Amount::Share(0.05))
                .max_features(MaxFeatures::Amount(Amount::Share(0.5))),
        );
        assert_eq!((shares.min_split, shares.min_leaf, shares.max_features), (12, 6, 4));
        assert_eq!(limits(ForestParams::default().max_features(MaxFeatures::Sqrt)).max_features, 3);
        assert_eq!(limits(ForestParams::default().max_features(MaxFeatures::Log2)).max_features, 3);
    }

    #[test]
    fn parameters_out_of_range_are_named() {
        let name = |params: ForestParams| params.check().unwrap_err().to_string();
        let default = ForestParams::default;
        assert_eq!(name(default().n_estimators(0)), "invalid parameter n_estimators");
        assert_eq!(name(default().max_depth(Some(0))), "invalid parameter max_depth");
        let share = Amount::Share(1.0);
        assert_eq!(name(default().min_samples_leaf(share)), "invalid parameter min_samples_leaf");
        assert!(default().min_samples_split(share).check().is_ok());
        let decrease = default().min_impurity_decrease(f64::NAN);
        assert_eq!(name(decrease), "invalid parameter min_impurity_decrease");
    }
}
