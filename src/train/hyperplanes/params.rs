//! What can be chosen, with scikit-learn's names, meanings and defaults.

use crate::ledger::model::{Bound, Default, Kind, Model, Parameter, Task};

use super::super::support_vectors::params::{C, CLASS_WEIGHT};

const CLASS_LOSS: Parameter = Parameter {
    name: "loss",
    kinds: &[Kind::Word(&["hinge", "squared_hinge"])],
    default: Default::Word("squared_hinge"),
    summary: "What a row costs that is on the wrong side or inside the margin.",
    added_later: false,
};

const NUMBER_LOSS: Parameter = Parameter {
    name: "loss",
    kinds: &[Kind::Word(&["epsilon_insensitive", "squared_epsilon_insensitive"])],
    default: Default::Word("epsilon_insensitive"),
    summary: "What an error beyond epsilon costs: itself or its square.",
    added_later: false,
};

const EPSILON: Parameter = Parameter {
    name: "epsilon",
    kinds: &[Kind::Float(Bound::Included(0.0), Bound::None)],
    default: Default::Float(0.0),
    summary: "Errors up to this cost nothing.",
    added_later: false,
};

const FIT_INTERCEPT: Parameter = Parameter {
    name: "fit_intercept",
    kinds: &[Kind::Boolean],
    default: Default::Boolean(true),
    summary: "Whether there is a constant part.",
    added_later: false,
};

const INTERCEPT_SCALING: Parameter = Parameter {
    name: "intercept_scaling",
    kinds: &[Kind::Float(Bound::Excluded(0.0), Bound::None)],
    default: Default::Float(1.0),
    summary: "The intercept is the weight of a constant feature of this size, penalised like any \
              other; larger is less penalty.",
    added_later: false,
};

const TOL: Parameter = Parameter {
    name: "tol",
    kinds: &[Kind::Float(Bound::Excluded(0.0), Bound::None)],
    default: Default::Float(1e-4),
    summary: "How near the objective must come to its optimum, relative; the last steps go far below.",
    added_later: false,
};

const MAX_ITER: Parameter = Parameter {
    name: "max_iter",
    kinds: &[Kind::Integer(1, u32::MAX as i64)],
    default: Default::Integer(1000),
    summary: "Most steps; twenty or so are usual.",
    added_later: false,
};

/// The declaration of classification.
pub(in crate::train) const CLASSIFIER: Model = Model {
    name: "linear-support-vector-classifier",
    version: 1,
    task: Task::Classification,
    summary: "Classes divided by planes with the widest margin, one against the rest: minimises \
              ||w||² / 2 + C × loss",
    parameters: &[C, CLASS_LOSS, CLASS_WEIGHT, FIT_INTERCEPT, INTERCEPT_SCALING, TOL, MAX_ITER],
};

/// The declaration of regression.
pub(in crate::train) const REGRESSOR: Model = Model {
    name: "linear-support-vector-regressor",
    version: 1,
    task: Task::Regression,
    summary: "A linear function of absolute errors beyond epsilon: minimises ||w||² / 2 + C × loss",
    parameters: &[C, EPSILON, NUMBER_LOSS, FIT_INTERCEPT, INTERCEPT_SCALING, TOL, MAX_ITER],
};
