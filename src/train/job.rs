//! One request at work: fitting its model on some rows, asking it about others.

use std::time::Instant;

use crate::ledger::outcome::Reporter;
use crate::ledger::request::BuiltIn;

use super::error::TrainError;
use super::estimator::{Answer, Estimator, Fitted, Sample, Work};
use super::metrics::{Judged, Undefined, metrics, score};
use super::params::Params;
use super::prepare::Preparation;
use super::table::Table;
use super::target::Target;

/// Everything that is the same for each fit of a request.
pub(super) struct Job<'a> {
    pub(super) request: &'a BuiltIn,
    pub(super) estimator: &'static dyn Estimator,
    pub(super) params: Params<'a>,
    pub(super) table: &'a Table,
    pub(super) target: Target,
}

/// A model with the preparation of its features.
pub(super) struct Trained {
    pub(super) preparation: Preparation,
    pub(super) fitted: Fitted,
    /// Seconds the fit took, preparation included.
    pub(super) seconds: f64,
}

/// The value of each metric that is asked for, in the order of [`Job::metrics`].
pub(super) type Values = Vec<Result<f64, Undefined>>;

impl Job<'_> {
    /// The metrics that are asked for, in the order of [`metrics`].
    pub(super) fn metrics(&self) -> impl Iterator<Item = &'static str> {
        let asked = &self.request.evaluate.metrics;
        let known = metrics(self.estimator.declaration().task).iter().copied();
        known.filter(move |name| asked.iter().any(|asked| asked == name))
    }

    /// Learns preparation and model from some rows.
    pub(super) fn fit(
        &self,
        rows: &[usize],
        reporter: &dyn Reporter,
    ) -> Result<Trained, TrainError> {
        let start = Instant::now();
        let (declared, columns) = (&self.request.prepare, &self.request.data.features);
        let preparation = Preparation::fit(declared, columns, self.table, rows)?;
        let features = preparation.apply(self.table, rows)?;
        let sample = Sample { features, target: self.target.of(rows) };
        let fitted = self.estimator.fit(&Work {
            names: preparation.names(),
            sample: &sample,
            classes: self.target.classes.len(),
            params: &self.params,
            seed: self.request.seed,
            reporter,
        })?;
        if reporter.cancelled() {
            return Err(TrainError::Cancelled);
        }
        Ok(Trained { preparation, fitted, seconds: start.elapsed().as_secs_f64() })
    }

    /// What a trained model says of some rows.
    pub(super) fn ask(&self, trained: &Trained, rows: &[usize]) -> Result<Answer, TrainError> {
        let features = trained.preparation.apply(self.table, rows)?;
        Ok(trained.fitted.predictor.predict(&features))
    }

    /// The metrics that are asked for by some rows.
    pub(super) fn judge(&self, trained: &Trained, rows: &[usize]) -> Result<Values, TrainError> {
        let answer = self.ask(trained, rows)?;
        Ok(self.scores(&self.target.of(rows), &answer))
    }

    /// The metrics that are asked for by an answer.
    pub(super) fn scores(&self, actual: &[f64], answer: &Answer) -> Values {
        let judged = Judged { actual, answer, classes: self.target.classes.len() };
        self.metrics().map(|name| score(name, &judged)).collect()
    }
}
