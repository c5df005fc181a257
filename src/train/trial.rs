//! Fitting a model on a few rows, for the tests of the models.

use std::sync::Mutex;

use toml::Table;

use crate::ledger::outcome::Reporter;

use super::error::TrainError;
use super::estimator::{Fitted, Sample, Work, estimator};
use super::params::Params;

/// What a model made of some rows, and what it said.
pub(super) struct Trial {
    pub(super) fitted: Result<Fitted, TrainError>,
    pub(super) lines: Vec<String>,
}

impl Trial {
    /// Fits the model of a name, with parameters as TOML, on columns and a target.
    pub(super) fn of(model: &str, params: &str, features: &[Vec<f64>], target: &[f64]) -> Self {
        let estimator = estimator(model).unwrap();
        let given: Table = params.parse().unwrap();
        let names: Vec<String> = (0..features.len()).map(|at| format!("x{at}")).collect();
        let classes = target.iter().fold(0.0_f64, |most, class| most.max(class + 1.0)) as usize;
        let notes = Notes::default();
        let fitted = estimator.fit(&Work {
            names: &names,
            sample: &Sample { features: features.to_vec(), target: target.to_vec() },
            classes,
            params: &Params::check(estimator.declaration(), &given).unwrap(),
            seed: 7,
            reporter: &notes,
        });
        Self { fitted, lines: notes.0.into_inner().unwrap() }
    }

    /// The trained model; it must have been trained.
    #[track_caller]
    pub(super) fn fitted(&self) -> &Fitted {
        self.fitted.as_ref().unwrap()
    }
}

#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl Reporter for Notes {
    fn metric(&self, _name: &str, _value: f64, _step: u64) {}
    fn line(&self, text: &str) {
        self.0.lock().unwrap().push(text.into());
    }
    fn progress(&self, _done: u64, _total: u64) {}
    fn cancelled(&self) -> bool {
        false
    }
}

/// Every pair is within a share of the larger one, or of 1.
#[track_caller]
pub(super) fn near(actual: &[f64], expected: &[f64], tolerance: f64) {
    let close = |(a, b): (&f64, &f64)| (a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1.0);
    let all = actual.len() == expected.len() && actual.iter().zip(expected).all(close);
    assert!(all, "{actual:?} is not {expected:?}");
}
