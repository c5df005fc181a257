//! The parameters of a forest.

use linfa::ParamGuard;

use super::super::super::params::Params;
use super::super::params::{
    Amount, ClassWeight, Growth, Impurity, MaxFeatures, growth_setters, setters,
};

/// Parameters of a regression forest that have not been checked.
#[derive(Clone, Debug, PartialEq)]
pub struct ForestParams(ForestValidParams);

/// Parameters of a regression forest within their ranges.
#[derive(Clone, Debug, PartialEq)]
pub struct ForestValidParams {
    pub(in crate::train::trees) n_estimators: usize,
    pub(in crate::train::trees) growth: Growth,
    pub(in crate::train::trees) bootstrap: bool,
    pub(in crate::train::trees) seed: i64,
}

/// Parameters of a classification forest that have not been checked.
#[derive(Clone, Debug, PartialEq)]
pub struct ForestClassifierParams(ForestClassifierValidParams);

/// Parameters of a classification forest within their ranges.
#[derive(Clone, Debug, PartialEq)]
pub struct ForestClassifierValidParams {
    pub(super) forest: ForestValidParams,
    pub(super) criterion: Impurity,
    pub(super) class_weight: ClassWeight,
}

setters! { ForestParams:
    /// Sets the number of trees.
    n_estimators: usize => n_estimators,
    /// Sets whether a tree is grown on rows drawn with replacement.
    bootstrap: bool => bootstrap,
    /// Sets the seed of every random choice.
    seed: i64 => seed,
}

growth_setters!(ForestParams);

setters! { ForestClassifierParams:
    /// Sets what a split lowers.
    criterion: Impurity => criterion,
    /// Sets what a row weighs.
    class_weight: ClassWeight => class_weight,
}

impl Default for ForestParams {
    fn default() -> Self {
        let growth = Growth::default();
        Self(ForestValidParams { n_estimators: 100, growth, bootstrap: true, seed: 0 })
    }
}

impl Default for ForestClassifierParams {
    fn default() -> Self {
        Self::new(ForestParams::default().max_features(MaxFeatures::Sqrt))
    }
}

impl ForestParams {
    /// Reads the checked parameters of a request.
    pub(super) fn of(params: &Params<'_>, seed: i64) -> Self {
        Self(ForestValidParams {
            n_estimators: params.count("n_estimators"),
            growth: Growth::of(params),
            bootstrap: params.boolean("bootstrap"),
            seed,
        })
    }
}

impl ForestClassifierParams {
    /// A forest of these parameters that splits by the Gini index; every row weighs the same.
    pub fn new(forest: ForestParams) -> Self {
        let (criterion, class_weight) = (Impurity::Gini, ClassWeight::Even);
        Self(ForestClassifierValidParams { forest: forest.0, criterion, class_weight })
    }

    /// Reads the checked parameters of a request.
    pub(super) fn of(params: &Params<'_>, seed: i64) -> Self {
        Self::new(ForestParams::of(params, seed))
            .criterion(Impurity::of(params))
            .class_weight(ClassWeight::of(params))
    }
}

impl ForestValidParams {
    fn check(&self) -> Result<(), linfa::Error> {
        let trees = (self.n_estimators < 1).then_some("n_estimators");
        match trees.or_else(|| self.growth.fault()) {
            Some(name) => Err(linfa::Error::Parameters(name.into())),
            None => Ok(()),
        }
    }
}

impl ParamGuard for ForestParams {
    type Checked = ForestValidParams;
    type Error = linfa::Error;

    fn check_ref(&self) -> Result<&ForestValidParams, linfa::Error> {
        self.0.check().map(|()| &self.0)
    }

    fn check(self) -> Result<ForestValidParams, linfa::Error> {
        self.0.check().map(|()| self.0)
    }
}

impl ParamGuard for ForestClassifierParams {
    type Checked = ForestClassifierValidParams;
    type Error = linfa::Error;

    fn check_ref(&self) -> Result<&ForestClassifierValidParams, linfa::Error> {
        self.0.forest.check().map(|()| &self.0)
    }

    fn check(self) -> Result<ForestClassifierValidParams, linfa::Error> {
        self.0.forest.check().map(|()| self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(ForestClassifierParams::new(default().n_estimators(0)).check().is_err());
    }
}
