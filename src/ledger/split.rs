//! How rows are divided into training and test rows.

use serde::{Deserialize, Serialize};

use super::encode::nfc;

/// How rows are divided into training and test rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Split {
    /// A column says `train` or `test`.
    Column(SplitColumn),
    /// The latest rows are the test part.
    Time(SplitTime),
    /// A share of the rows, drawn by a seed, is the test part.
    Fraction(SplitFraction),
}

/// A split by a column that says `train` or `test` for each row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitColumn {
    /// The column's name.
    pub column: String,
}

/// A split by time: the rows with the latest times are the test part. Rows as late as the last
/// training row are training rows too, so equal times are never divided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitTime {
    /// Share of the rows in the test part, above 0 and below 1; the row count is rounded up.
    #[schemars(extend("exclusiveMinimum" = 0.0, "exclusiveMaximum" = 1.0))]
    pub test: f64,
    /// The column that orders the rows: numbers, or text such as `2026-11-23` that sorts by time.
    pub time: String,
}

/// A split by a share of the rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitFraction {
    /// Share of the rows in the test part, above 0 and below 1; the row count is rounded up.
    #[schemars(extend("exclusiveMinimum" = 0.0, "exclusiveMaximum" = 1.0))]
    pub test: f64,
    /// Seed of the shuffle.
    #[serde(default)]
    pub seed: i64,
    /// A column whose values are to be equally frequent in both parts; each needs two rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stratify: Option<String>,
    /// A column whose equal values stay together in one part; the share then counts groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

impl Split {
    /// The columns it reads.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let columns = match self {
            Self::Column(split) => [Some(&split.column), None],
            Self::Time(split) => [Some(&split.time), None],
            Self::Fraction(split) => [split.stratify.as_ref(), split.group.as_ref()],
        };
        columns.into_iter().flatten().map(String::as_str)
    }

    /// The same split with its column names in Unicode NFC, the form in which a data file's are known.
    #[must_use]
    pub fn in_nfc(&self) -> Self {
        let name = |name: &Option<String>| name.as_deref().map(nfc);
        match self {
            Self::Column(split) => Self::Column(SplitColumn { column: nfc(&split.column) }),
            Self::Time(split) => Self::Time(SplitTime { test: split.test, time: nfc(&split.time) }),
            Self::Fraction(split) => Self::Fraction(SplitFraction {
                stratify: name(&split.stratify),
                group: name(&split.group),
                ..split.clone()
            }),
        }
    }

    /// The split in words, such as `0.2 of the rows as test, drawn with seed 42`.
    pub fn describe(&self) -> String {
        match self {
            Self::Column(split) => format!("by column {}", split.column),
            Self::Time(split) => {
                format!("the latest {} of the rows by {} as test", split.test, split.time)
            }
            Self::Fraction(split) => {
                let what = split.group.as_ref();
                let what = what.map_or("rows".into(), |column| format!("groups by {column}"));
                let column = split.stratify.as_ref();
                let column =
                    column.map_or(String::new(), |column| format!(", stratified by {column}"));
                let (test, seed) = (split.test, split.seed);
                format!("{test} of the {what} as test, drawn with seed {seed}{column}")
            }
        }
    }
}
