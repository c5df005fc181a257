//! The parameters of a request, checked against a model's declaration.

use toml::{Table, Value};

use crate::ledger::model::Model;

use super::error::TrainError;

/// Checked parameters of one model; a parameter the request leaves out has its default.
pub(super) struct Params<'a> {
    model: &'static Model,
    given: &'a Table,
}

impl<'a> Params<'a> {
    /// Checks every parameter of a request.
    pub(super) fn check(model: &'static Model, given: &'a Table) -> Result<Self, TrainError> {
        for (name, value) in given {
            let Some(parameter) = model.parameter(name) else {
                return Err(TrainError::NoParameter { model: model.name, name: name.clone() });
            };
            parameter.check(value).map_err(|expected| TrainError::Parameter {
                name: name.clone(),
                found: value.to_string(),
                expected,
            })?;
        }
        Ok(Self { model, given })
    }

    /// The value of a parameter, `None` when the model does not declare it.
    pub(super) fn get(&self, name: &str) -> Option<Value> {
        let parameter = self.model.parameter(name)?;
        let given = self.given.get(name).and_then(|value| parameter.check(value).ok());
        Some(given.unwrap_or_else(|| parameter.default.value()))
    }

    /// A true-or-false parameter.
    pub(super) fn boolean(&self, name: &str) -> bool {
        self.get(name).and_then(|value| value.as_bool()).unwrap_or_default()
    }

    /// A number.
    pub(super) fn float(&self, name: &str) -> f64 {
        self.get(name).and_then(|value| value.as_float()).unwrap_or_default()
    }

    /// A word, empty when the value is none.
    pub(super) fn word(&self, name: &str) -> String {
        self.get(name).and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// A whole number that is not negative, `None` for a word such as `none`.
    pub(super) fn optional_count(&self, name: &str) -> Option<usize> {
        let value = self.get(name).and_then(|value| value.as_integer())?;
        Some(usize::try_from(value).unwrap_or(0))
    }

    /// A whole number that is not negative.
    pub(super) fn count(&self, name: &str) -> usize {
        let value = self.get(name).and_then(|value| value.as_integer()).unwrap_or_default();
        usize::try_from(value).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::estimator::estimator;
    use super::*;

    #[test]
    fn values_are_checked_and_defaults_filled_in() {
        let model = estimator("random-forest-regressor").unwrap().declaration();
        let table: Table = "n_estimators = 7\nmin_impurity_decrease = 1".parse().unwrap();
        let params = Params::check(model, &table).unwrap();
        assert_eq!(params.count("n_estimators"), 7);
        assert!(params.float("min_impurity_decrease") > 0.5);
        assert!(params.boolean("bootstrap"));

        let error = |text: &str| {
            let table: Table = text.parse().unwrap();
            Params::check(model, &table).err().unwrap().to_string()
        };
        assert_eq!(error("trees = 1"), "'random-forest-regressor' has no parameter 'trees'");
        assert_eq!(
            error("min_samples_split = 1"),
            "'min_samples_split' is 1; it must be a whole number of at least 2, \
             or a number above 0.0 up to 1.0"
        );
    }
}
