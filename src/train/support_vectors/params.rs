//! What can be chosen, with scikit-learn's names, meanings and defaults.

use crate::ledger::model::{Bound, Default, Kind, Model, Parameter, Task};

pub(in crate::train) const C: Parameter = Parameter {
    name: "C",
    kinds: &[Kind::Float(Bound::Excluded(0.0), Bound::None)],
    default: Default::Float(1.0),
    summary: "Weight of the errors against the penalty on the size of the solution.",
    added_later: false,
};

const KERNEL: Parameter = Parameter {
    name: "kernel",
    kinds: &[Kind::Word(&["linear", "poly", "rbf", "sigmoid"])],
    default: Default::Word("rbf"),
    summary: "ab, (gamma ab + coef0)^degree, exp(-gamma ||a - b||²) or tanh(gamma ab + coef0).",
    added_later: false,
};

const DEGREE: Parameter = Parameter {
    name: "degree",
    kinds: &[Kind::Integer(0, u32::MAX as i64)],
    default: Default::Integer(3),
    summary: "Degree of the kernel poly.",
    added_later: false,
};

const GAMMA: Parameter = Parameter {
    name: "gamma",
    kinds: &[Kind::Float(Bound::Included(0.0), Bound::None), Kind::Word(&["scale", "auto"])],
    default: Default::Word("scale"),
    summary: "Gamma of the kernels but linear: scale is 1 / (features × variance of all values), \
              auto is 1 / features.",
    added_later: false,
};

const COEF0: Parameter = Parameter {
    name: "coef0",
    kinds: &[Kind::Float(Bound::None, Bound::None)],
    default: Default::Float(0.0),
    summary: "Constant of the kernels poly and sigmoid.",
    added_later: false,
};

const SHRINKING: Parameter = Parameter {
    name: "shrinking",
    kinds: &[Kind::Boolean],
    default: Default::Boolean(true),
    summary: "Whether rows that will hardly change are set aside while the others are solved.",
    added_later: false,
};

const TOL: Parameter = Parameter {
    name: "tol",
    kinds: &[Kind::Float(Bound::Excluded(0.0), Bound::None)],
    default: Default::Float(1e-3),
    summary: "The work ends once no pair of rows breaks the optimality conditions by more.",
    added_later: false,
};

const MAX_ITER: Parameter = Parameter {
    name: "max_iter",
    kinds: &[Kind::Integer(-1, u32::MAX as i64)],
    default: Default::Integer(-1),
    summary: "Most iterations; -1 is the larger of ten million and 100 × rows.",
    added_later: false,
};

pub(in crate::train) const CLASS_WEIGHT: Parameter = Parameter {
    name: "class_weight",
    kinds: &[Kind::Word(&["none", "balanced"])],
    default: Default::Word("none"),
    summary: "Whether all rows weigh the same, or each class as a whole.",
    added_later: false,
};

const EPSILON: Parameter = Parameter {
    name: "epsilon",
    kinds: &[Kind::Float(Bound::Included(0.0), Bound::None)],
    default: Default::Float(0.1),
    summary: "Errors up to this cost nothing.",
    added_later: false,
};

/// The declaration of classification.
pub(in crate::train) const CLASSIFIER: Model = Model {
    name: "support-vector-classifier",
    version: 1,
    task: Task::Classification,
    summary: "Classes divided by the widest margin in the space of a kernel, one against one; scale \
              the features first",
    parameters: &[C, KERNEL, DEGREE, GAMMA, COEF0, SHRINKING, TOL, MAX_ITER, CLASS_WEIGHT],
};

/// The declaration of regression.
pub(in crate::train) const REGRESSOR: Model = Model {
    name: "support-vector-regressor",
    version: 1,
    task: Task::Regression,
    summary: "The flattest function in the space of a kernel that errs little; scale the features \
              first, and the target to about 1",
    parameters: &[C, EPSILON, KERNEL, DEGREE, GAMMA, COEF0, SHRINKING, TOL, MAX_ITER],
};
