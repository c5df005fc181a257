//! What is done to the features before a model sees them: declared in a spec, part of the identity.
//!
//! The order is fixed: missing values, categories, polynomial features, scaling. Everything that is
//! learnt (means, categories, deviations) is learnt from the training rows only.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::encode::nfc;
use super::facts::ColumnKind;

/// At most so many categories of a column become columns of 0 and 1.
pub const MAX_ONE_HOT: usize = 1_000;

/// At most so many powers and products are made.
pub const MAX_PRODUCTS: usize = 10_000;

/// What is done to the features before a model sees them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prepare {
    /// What becomes of empty cells; default `error`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Missing>,
    /// How text columns become numbers; without it a text column is no feature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub categories: Option<Categories>,
    /// What becomes of a category that no training row has; default `ignore`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Unknown>,
    /// Powers and products of the number columns up to a degree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub polynomial: Option<Polynomial>,
    /// How number columns are scaled; one-hot columns are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    /// What is done differently to single columns.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, PrepareColumn>,
}

/// What is done differently to one column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrepareColumn {
    /// What becomes of its empty cells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<Missing>,
    /// Makes categories of it, of a number column too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub categories: Option<Categories>,
    /// How it is scaled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
}

/// What becomes of empty cells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Missing {
    /// A policy of a name.
    Policy(MissingPolicy),
    /// They are filled with a value.
    Constant(MissingConstant),
}

/// What becomes of empty cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MissingPolicy {
    /// They are a mistake.
    Error,
    /// Their rows are left out.
    Drop,
    /// They are filled with the mean of the training rows.
    Mean,
    /// They are filled with the median of the training rows.
    Median,
    /// They are filled with the most frequent value of the training rows, the smallest of equals.
    MostFrequent,
}

/// A value that fills empty cells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MissingConstant {
    /// The value.
    pub constant: Fill,
}

/// A value that fills empty cells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Fill {
    /// Of a number column.
    Number(f64),
    /// Of a text column.
    Text(String),
}

/// How categories become numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Categories {
    /// A column of 0 and 1 for each category, in sorted order.
    OneHot,
    /// The place of the category in sorted order, from 0.
    Ordinal,
}

/// What becomes of a category that no training row has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unknown {
    /// 0 in every one-hot column, -1 as an ordinal.
    Ignore,
    /// It is a mistake.
    Error,
}

/// Powers and products of the number columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Polynomial {
    /// The highest degree.
    #[schemars(range(min = 2, max = 9))]
    pub degree: i64,
    /// Whether only products of distinct columns are made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub interaction_only: bool,
}

/// How number columns are scaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// To mean 0 and standard deviation 1.
    Standard,
    /// To the range from 0 to 1.
    MinMax,
    /// Not at all.
    None,
}

/// What is done to one column, decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Treatment {
    /// What becomes of its empty cells.
    pub missing: Missing,
    /// How its categories become numbers; `None` where its cells are numbers to calculate with.
    pub categories: Option<Categories>,
    /// How it is scaled.
    pub scale: Scale,
}

impl Prepare {
    /// Whether nothing is declared.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// What is done to a column of a kind.
    pub fn treatment(&self, name: &str, kind: ColumnKind) -> Treatment {
        let of_all = PrepareColumn::default();
        let own = self.columns.get(name).unwrap_or(&of_all);
        let missing = own.missing.as_ref().or(self.missing.as_ref());
        let for_text = self.categories.filter(|_| kind == ColumnKind::Text);
        let categories = own.categories.or(for_text);
        let scale = own.scale.or(self.scale).filter(|_| categories != Some(Categories::OneHot));
        Treatment {
            missing: missing.cloned().unwrap_or(Missing::Policy(MissingPolicy::Error)),
            categories,
            scale: scale.unwrap_or(Scale::None),
        }
    }

    /// What becomes of a category that no training row has.
    pub fn unknown(&self) -> Unknown {
        self.unknown.unwrap_or(Unknown::Ignore)
    }

    /// The same declaration in its shortest form, in which it is part of a run's identity: defaults
    /// are left out, and column names are in Unicode NFC.
    #[must_use]
    pub fn shortest(&self) -> Self {
        let mut short = self.clone();
        let by_error = Some(Missing::Policy(MissingPolicy::Error));
        short.missing = short.missing.filter(|it| Some(it) != by_error.as_ref());
        short.unknown = short.unknown.filter(|it| *it != Unknown::Ignore);
        short.scale = short.scale.filter(|it| *it != Scale::None);
        short.columns = (self.columns.iter())
            .map(|(name, column)| {
                let mut column = column.clone();
                let (missing, scale) = (short.missing.as_ref(), short.scale);
                column.missing =
                    column.missing.filter(|it| Some(it) != missing.or(by_error.as_ref()));
                column.scale = column.scale.filter(|it| *it != scale.unwrap_or(Scale::None));
                (nfc(name), column)
            })
            .filter(|(_, column)| *column != PrepareColumn::default())
            .collect();
        short
    }
}

impl Polynomial {
    /// The number of powers and products of degree 2 and more that some columns have; `None` when
    /// they are more than [`MAX_PRODUCTS`].
    pub fn products(&self, columns: usize) -> Option<usize> {
        // How many products of the degree at hand end in each column.
        let mut ending = vec![1_usize; columns];
        let mut products = 0_usize;
        for _ in 2..=self.degree {
            let mut sum = 0_usize;
            for count in &mut ending {
                let before = sum;
                sum = sum.saturating_add(*count);
                *count = if self.interaction_only { before } else { sum };
            }
            let made = ending.iter().fold(0_usize, |sum, count| sum.saturating_add(*count));
            products = products.saturating_add(made);
            if products > MAX_PRODUCTS {
                return None;
            }
        }
        Some(products)
    }
}

impl Missing {
    /// The word of a policy, or the value that fills.
    pub fn describe(&self) -> String {
        match self {
            Self::Policy(MissingPolicy::Error) => "error".into(),
            Self::Policy(MissingPolicy::Drop) => "drop".into(),
            Self::Policy(MissingPolicy::Mean) => "mean".into(),
            Self::Policy(MissingPolicy::Median) => "median".into(),
            Self::Policy(MissingPolicy::MostFrequent) => "most-frequent".into(),
            Self::Constant(MissingConstant { constant: Fill::Number(number) }) => {
                format!("the constant {number:?}")
            }
            Self::Constant(MissingConstant { constant: Fill::Text(text) }) => {
                format!("the constant {text:?}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepare(text: &str) -> Prepare {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn a_column_overrides_what_is_said_of_all() {
        let prepare = prepare(
            "missing = 'mean'\ncategories = 'ordinal'\nscale = 'standard'\n\
             [columns]\nage = { scale = 'none' }\nrooms = { categories = 'one-hot' }\n\
             town = { missing = { constant = 'none' } }",
        );
        let age = prepare.treatment("age", ColumnKind::Integer);
        assert_eq!((age.missing.describe().as_str(), age.scale), ("mean", Scale::None));
        assert_eq!(age.categories, None);
        let rooms = prepare.treatment("rooms", ColumnKind::Integer);
        assert_eq!((rooms.categories, rooms.scale), (Some(Categories::OneHot), Scale::None));
        let town = prepare.treatment("town", ColumnKind::Text);
        assert_eq!(town.missing.describe(), "the constant \"none\"");
        assert_eq!((town.categories, town.scale), (Some(Categories::Ordinal), Scale::Standard));
    }

    #[test]
    fn what_changes_nothing_is_no_part_of_the_identity() {
        let long = prepare(
            "missing = 'error'\nunknown = 'ignore'\nscale = 'none'\n\
             [columns]\na = {}\nb = { missing = 'error', scale = 'none' }",
        );
        assert!(long.shortest().is_nothing());
        let kept = "scale = 'standard'\nmissing = 'drop'\n\
                    [columns]\n\u{e9} = { scale = 'none', missing = 'error' }";
        assert_eq!(
            prepare(&kept.replace('\u{e9}', "\"e\u{301}\"")).shortest(),
            prepare(&kept.replace('\u{e9}', "\"\u{e9}\""))
        );
        let same = prepare("scale = 'standard'\n[columns]\na = { scale = 'standard' }").shortest();
        assert_eq!(same, prepare("scale = 'standard'"));
    }
}
