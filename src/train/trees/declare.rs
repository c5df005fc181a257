//! The parameters that tree models share, with scikit-learn's names, meanings, defaults and ranges.

use crate::ledger::model::{Bound, Default, Kind, Parameter};

pub(super) const N_ESTIMATORS: Parameter = Parameter {
    name: "n_estimators",
    kinds: &[Kind::Integer(1, i64::MAX)],
    default: Default::Integer(100),
    summary: "Number of trees.",
    added_later: false,
};

pub(super) const MAX_DEPTH: Parameter = Parameter {
    name: "max_depth",
    kinds: &[Kind::Integer(1, i64::MAX), Kind::Word(&["none"])],
    default: Default::Word("none"),
    summary: "Levels of splits a tree may have; \"none\" for no limit.",
    added_later: false,
};

pub(super) const MIN_SAMPLES_SPLIT: Parameter = Parameter {
    name: "min_samples_split",
    kinds: &[Kind::Integer(2, i64::MAX), Kind::Float(Bound::Excluded(0.0), Bound::Included(1.0))],
    default: Default::Integer(2),
    summary: "Fewest distinct rows a node needs to be split; a share counts all training rows.",
    added_later: false,
};

pub(super) const MIN_SAMPLES_LEAF: Parameter = Parameter {
    name: "min_samples_leaf",
    kinds: &[Kind::Integer(1, i64::MAX), Kind::Float(Bound::Excluded(0.0), Bound::Excluded(1.0))],
    default: Default::Integer(1),
    summary: "Fewest distinct rows a leaf may hold; a share counts all training rows.",
    added_later: false,
};

pub(super) const MAX_FEATURES: Parameter = Parameter {
    name: "max_features",
    kinds: &[
        Kind::Integer(1, i64::MAX),
        Kind::Float(Bound::Excluded(0.0), Bound::Included(1.0)),
        Kind::Word(&["sqrt", "log2", "none"]),
    ],
    default: Default::Word("none"),
    summary: "Features tried at a node: a number, a share, a root or logarithm of them, or all.",
    added_later: false,
};

pub(super) const MIN_IMPURITY_DECREASE: Parameter = Parameter {
    name: "min_impurity_decrease",
    kinds: &[Kind::Float(Bound::Included(0.0), Bound::None)],
    default: Default::Float(0.0),
    summary: "Least a split must lower the impurity, averaged over all rows of the tree.",
    added_later: false,
};

pub(super) const BOOTSTRAP: Parameter = Parameter {
    name: "bootstrap",
    kinds: &[Kind::Boolean],
    default: Default::Boolean(true),
    summary: "Whether a tree is grown on rows drawn with replacement; false takes every row once.",
    added_later: false,
};

pub(super) const SQUARED_ERROR: Parameter = Parameter {
    name: "criterion",
    kinds: &[Kind::Word(&["squared_error"])],
    default: Default::Word("squared_error"),
    summary: "What a split lowers.",
    added_later: false,
};

pub(super) const CRITERION: Parameter = Parameter {
    name: "criterion",
    kinds: &[Kind::Word(&["gini", "entropy", "log_loss"])],
    default: Default::Word("gini"),
    summary: "What a split lowers: the Gini index, or the entropy, of which log_loss is another name.",
    added_later: false,
};

pub(super) const CLASS_WEIGHT: Parameter = Parameter {
    name: "class_weight",
    kinds: &[Kind::Word(&["none", "balanced"])],
    default: Default::Word("none"),
    summary: "Whether every row weighs the same, or every class.",
    added_later: false,
};

pub(super) const TREE_METHOD: Parameter = Parameter {
    name: "tree_method",
    kinds: &[Kind::Word(&["exact", "hist"])],
    default: Default::Word("exact"),
    summary: "Where splits may lie: \"exact\" between any two values, \"hist\" between bins of about as many training rows, faster for boosting and few features a node.",
    added_later: true,
};

pub(super) const MAX_BINS: Parameter = Parameter {
    name: "max_bins",
    kinds: &[Kind::Integer(2, 255)],
    default: Default::Integer(255),
    summary: "Most bins of a feature where tree_method is \"hist\"; a feature of no more values has a bin for each.",
    added_later: true,
};

pub(super) const OOB_SCORE: Parameter = Parameter {
    name: "oob_score",
    kinds: &[Kind::Boolean],
    default: Default::Boolean(false),
    summary: "Whether the metric oob_score is reported: r2 or accuracy of the training rows, each by the trees not grown on it.",
    added_later: true,
};
