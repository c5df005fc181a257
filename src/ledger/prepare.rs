//! What is done to the features before a model sees them: declared in a spec, part of the identity.
//!
//! The order is fixed: missing values, categories, polynomial features, scaling. Everything that is
//! learnt (means, categories, deviations) is learnt from the training rows only.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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

impl Prepare {
    /// Whether nothing is declared.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}
