//! The parameters of gradient boosting, with scikit-learn's names, meanings, defaults and ranges.

use linfa::ParamGuard;

use super::super::super::params::Params;
use super::super::declare;
use super::super::params::{Amount, Growth, MaxFeatures, growth_setters, setters};
use crate::ledger::model::{Bound, Default, Kind, Parameter};

pub(super) const SQUARED_ERROR: Parameter = Parameter {
    name: "loss",
    kinds: &[Kind::Word(&["squared_error"])],
    default: Default::Word("squared_error"),
    summary: "What the stages lower.",
    added_later: false,
};

pub(super) const LOG_LOSS: Parameter = Parameter {
    name: "loss",
    kinds: &[Kind::Word(&["log_loss"])],
    default: Default::Word("log_loss"),
    summary: "What the stages lower.",
    added_later: false,
};

pub(super) const N_ESTIMATORS: Parameter = Parameter {
    summary: "Number of stages: of trees, or with more than two classes of trees a class.",
    ..declare::N_ESTIMATORS
};

pub(super) const LEARNING_RATE: Parameter = Parameter {
    name: "learning_rate",
    kinds: &[Kind::Float(Bound::Included(0.0), Bound::None)],
    default: Default::Float(0.1),
    summary: "Share of each tree's step that is made.",
    added_later: false,
};

pub(super) const MAX_DEPTH: Parameter =
    Parameter { default: Default::Integer(3), ..declare::MAX_DEPTH };

pub(super) const SUBSAMPLE: Parameter = Parameter {
    name: "subsample",
    kinds: &[Kind::Float(Bound::Excluded(0.0), Bound::Included(1.0))],
    default: Default::Float(1.0),
    summary: "Share of the rows each stage learns from, drawn without replacement.",
    added_later: false,
};

pub(super) const N_ITER_NO_CHANGE: Parameter = Parameter {
    name: "n_iter_no_change",
    kinds: &[Kind::Integer(1, i64::MAX), Kind::Word(&["none"])],
    default: Default::Word("none"),
    summary: "Stages without a gain on rows held out after which it stops; \"none\" makes all stages.",
    added_later: false,
};

pub(super) const VALIDATION_FRACTION: Parameter = Parameter {
    name: "validation_fraction",
    kinds: &[Kind::Float(Bound::Excluded(0.0), Bound::Excluded(1.0))],
    default: Default::Float(0.1),
    summary: "Share of the rows held out where n_iter_no_change is set.",
    added_later: false,
};

pub(super) const TOL: Parameter = Parameter {
    name: "tol",
    kinds: &[Kind::Float(Bound::Included(0.0), Bound::None)],
    default: Default::Float(1e-4),
    summary: "Least fall of the loss that is a gain where n_iter_no_change is set.",
    added_later: false,
};

/// Parameters of boosting for regression that have not been checked.
#[derive(Clone, Debug, PartialEq)]
pub struct BoostingParams(BoostingValidParams);

/// Parameters of boosting for regression within their ranges.
#[derive(Clone, Debug, PartialEq)]
pub struct BoostingValidParams {
    pub(super) n_estimators: usize,
    pub(super) learning_rate: f64,
    pub(super) subsample: f64,
    pub(super) growth: Growth,
    pub(super) patience: Option<usize>,
    pub(super) validation_fraction: f64,
    pub(super) tol: f64,
    pub(super) seed: i64,
}

/// Parameters of boosting for classification that have not been checked.
#[derive(Clone, Debug, PartialEq)]
pub struct BoostingClassifierParams(BoostingClassifierValidParams);

/// Parameters of boosting for classification within their ranges.
#[derive(Clone, Debug, PartialEq)]
pub struct BoostingClassifierValidParams(pub(super) BoostingValidParams);

setters! { BoostingParams:
    /// Sets the number of stages.
    n_estimators: usize => n_estimators,
    /// Sets the share of each tree's step that is made.
    learning_rate: f64 => learning_rate,
    /// Sets the share of the rows each stage learns from.
    subsample: f64 => subsample,
    /// Sets after how many stages without a gain it stops, `None` for never.
    n_iter_no_change: Option<usize> => patience,
    /// Sets the share of the rows held out to measure the gain.
    validation_fraction: f64 => validation_fraction,
    /// Sets the least fall of the loss that is a gain.
    tol: f64 => tol,
    /// Sets the seed of every random choice.
    seed: i64 => seed,
}

growth_setters!(BoostingParams);

impl std::default::Default for BoostingParams {
    fn default() -> Self {
        Self(BoostingValidParams {
            n_estimators: 100,
            learning_rate: 0.1,
            subsample: 1.0,
            growth: Growth { max_depth: Some(3), ..Growth::default() },
            patience: None,
            validation_fraction: 0.1,
            tol: 1e-4,
            seed: 0,
        })
    }
}

impl std::default::Default for BoostingClassifierParams {
    fn default() -> Self {
        Self::new(BoostingParams::default())
    }
}

impl BoostingParams {
    /// Reads the checked parameters of a request.
    pub(super) fn of(params: &Params<'_>, seed: i64) -> Self {
        Self(BoostingValidParams {
            n_estimators: params.count("n_estimators"),
            learning_rate: params.float("learning_rate"),
            subsample: params.float("subsample"),
            growth: Growth::of(params),
            patience: params.optional_count("n_iter_no_change"),
            validation_fraction: params.float("validation_fraction"),
            tol: params.float("tol"),
            seed,
        })
    }
}

impl BoostingClassifierParams {
    /// Boosting with these parameters.
    pub fn new(params: BoostingParams) -> Self {
        Self(BoostingClassifierValidParams(params.0))
    }

    /// Reads the checked parameters of a request.
    pub(super) fn of(params: &Params<'_>, seed: i64) -> Self {
        Self::new(BoostingParams::of(params, seed))
    }
}

impl BoostingValidParams {
    fn check(&self) -> Result<(), linfa::Error> {
        let share = |value: f64| value > 0.0 && value < 1.0;
        let checks = [
            (self.n_estimators >= 1, "n_estimators"),
            (self.learning_rate >= 0.0 && self.learning_rate.is_finite(), "learning_rate"),
            (self.subsample > 0.0 && self.subsample <= 1.0, "subsample"),
            (self.patience != Some(0), "n_iter_no_change"),
            (share(self.validation_fraction), "validation_fraction"),
            (self.tol >= 0.0, "tol"),
        ];
        let fault = checks.iter().find(|(good, _)| !good).map(|(_, name)| *name);
        match fault.or_else(|| self.growth.fault()) {
            Some(name) => Err(linfa::Error::Parameters(name.into())),
            None => Ok(()),
        }
    }
}

impl ParamGuard for BoostingParams {
    type Checked = BoostingValidParams;
    type Error = linfa::Error;

    fn check_ref(&self) -> Result<&BoostingValidParams, linfa::Error> {
        self.0.check().map(|()| &self.0)
    }

    fn check(self) -> Result<BoostingValidParams, linfa::Error> {
        self.0.check().map(|()| self.0)
    }
}

impl ParamGuard for BoostingClassifierParams {
    type Checked = BoostingClassifierValidParams;
    type Error = linfa::Error;

    fn check_ref(&self) -> Result<&BoostingClassifierValidParams, linfa::Error> {
        self.0.0.check().map(|()| &self.0)
    }

    fn check(self) -> Result<BoostingClassifierValidParams, linfa::Error> {
        self.0.0.check().map(|()| self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_out_of_range_are_named() {
        let name = |params: BoostingParams| params.check().unwrap_err().to_string();
        let default = BoostingParams::default;
        assert_eq!(name(default().learning_rate(f64::NAN)), "invalid parameter learning_rate");
        assert_eq!(name(default().subsample(0.0)), "invalid parameter subsample");
        assert_eq!(name(default().max_depth(Some(0))), "invalid parameter max_depth");
        let held = default().validation_fraction(1.0);
        assert_eq!(name(held.clone()), "invalid parameter validation_fraction");
        assert!(BoostingClassifierParams::new(held).check().is_err());
        assert!(default().subsample(1.0).check().is_ok());
    }
}
