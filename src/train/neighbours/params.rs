//! What can be chosen, with scikit-learn's names, meanings and defaults.

use crate::ledger::model::{Bound, Default, Kind, Model, Parameter, Task};

const N_NEIGHBORS: Parameter = Parameter {
    name: "n_neighbors",
    kinds: &[Kind::Integer(1, u32::MAX as i64)],
    default: Default::Integer(5),
    summary: "Number of training rows that are asked; of equally near ones the earlier.",
    added_later: false,
};

const WEIGHTS: Parameter = Parameter {
    name: "weights",
    kinds: &[Kind::Word(&["uniform", "distance"])],
    default: Default::Word("uniform"),
    summary: "Whether all of them count the same, or each by the inverse of its distance.",
    added_later: false,
};

const ALGORITHM: Parameter = Parameter {
    name: "algorithm",
    kinds: &[Kind::Word(&["auto", "kd_tree", "brute"])],
    default: Default::Word("auto"),
    summary: "How they are searched; it decides the time only, never the result.",
    added_later: false,
};

const P: Parameter = Parameter {
    name: "p",
    kinds: &[Kind::Float(Bound::Excluded(0.0), Bound::None)],
    default: Default::Float(2.0),
    summary: "Power of the Minkowski metric: 1 is Manhattan, 2 Euclidean.",
    added_later: false,
};

const METRIC: Parameter = Parameter {
    name: "metric",
    kinds: &[Kind::Word(&["minkowski", "euclidean", "manhattan", "chebyshev"])],
    default: Default::Word("minkowski"),
    summary: "Measure of distance; all but minkowski ignore p.",
    added_later: false,
};

/// The declaration of regression.
pub(in crate::train) const REGRESSOR: Model = Model {
    name: "k-neighbors-regressor",
    version: 1,
    task: Task::Regression,
    summary: "The mean of the nearest training rows; scale the features first",
    parameters: &[N_NEIGHBORS, WEIGHTS, ALGORITHM, P, METRIC],
};

/// The declaration of classification.
pub(in crate::train) const CLASSIFIER: Model = Model {
    name: "k-neighbors-classifier",
    version: 1,
    task: Task::Classification,
    summary: "The vote of the nearest training rows; scale the features first",
    parameters: &[N_NEIGHBORS, WEIGHTS, ALGORITHM, P, METRIC],
};
