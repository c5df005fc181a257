//! Gradient boosting for classification: trees that lower the log loss stage by stage.

use linfa::ParamGuard;

use super::super::super::error::TrainError;
use super::super::super::estimator::{Answer, Estimator, Fitted, Predictor, Scores, Work};
use super::super::super::onnx::{Graph, Outputs, Tensor};
use super::super::declare::{
    MAX_BINS, MAX_FEATURES, MIN_IMPURITY_DECREASE, MIN_SAMPLES_LEAF, MIN_SAMPLES_SPLIT, TREE_METHOD,
};
use super::super::{Trained, classes, fitted, narrow, onnx};
use super::fit::boost;
use super::held::{Parts, columns, pick};
use super::loss::{Loss, sigmoid, softmax};
use super::params::{
    LEARNING_RATE, LOG_LOSS, MAX_DEPTH, N_ESTIMATORS, N_ITER_NO_CHANGE, SUBSAMPLE, TOL,
    VALIDATION_FRACTION,
};
use super::stages::Stages;
use super::{BoostingClassifierParams, BoostingClassifierValidParams, file};
use crate::ledger::model::{Model, Task};
use crate::ledger::outcome::Reporter;

/// The declaration of boosting for classification.
pub(in crate::train) const GRADIENT_BOOSTING_CLASSIFIER: Model = Model {
    name: "gradient-boosting-classifier",
    version: 1,
    task: Task::Classification,
    summary: "Scores of the classes as sums of small trees, each grown on what those before it leave (Friedman, 2001)",
    parameters: &[
        LOG_LOSS,
        LEARNING_RATE,
        N_ESTIMATORS,
        SUBSAMPLE,
        MIN_SAMPLES_SPLIT,
        MIN_SAMPLES_LEAF,
        MAX_DEPTH,
        MIN_IMPURITY_DECREASE,
        MAX_FEATURES,
        VALIDATION_FRACTION,
        N_ITER_NO_CHANGE,
        TOL,
        TREE_METHOD,
        MAX_BINS,
    ],
};

/// Boosting trained for classification.
#[derive(Clone, Debug, PartialEq)]
pub struct BoostingClassifier {
    /// One raw score for two classes, none for one, else one a class.
    pub(super) stages: Stages,
    /// The classes that were among the training rows, in order.
    pub(super) present: Vec<usize>,
    /// Number of classes, absent ones included.
    pub(super) classes: usize,
}

/// Number of raw scores of some classes.
pub(super) fn outputs(present: usize) -> usize {
    match present {
        0 | 1 => 0,
        2 => 1,
        more => more,
    }
}

impl BoostingClassifier {
    /// Number of classes.
    pub fn class_count(&self) -> usize {
        self.classes
    }

    /// The class of some rows.
    pub(in crate::train::trees) fn classes(
        &self,
        rows: usize,
        cell: impl Fn(usize, usize) -> f32 + Sync,
    ) -> Vec<f64> {
        self.answer(rows, cell).values
    }

    /// Probabilities of the classes; absent ones have none.
    fn answer(&self, rows: usize, cell: impl Fn(usize, usize) -> f32 + Sync) -> Answer {
        let mut raw = self.stages.raw(rows, cell);
        let own = match raw.len() {
            0 => vec![vec![1.0; rows]; self.present.len()],
            1 => {
                let second: Vec<f64> = raw[0].iter().map(|raw| sigmoid(*raw)).collect();
                vec![second.iter().map(|share| 1.0 - share).collect(), second]
            }
            _ => {
                let mut shares = Vec::new();
                for row in 0..rows {
                    shares.clear();
                    shares.extend(raw.iter().map(|raw| raw[row]));
                    softmax(&mut shares);
                    raw.iter_mut().zip(&shares).for_each(|(raw, share)| raw[row] = *share);
                }
                raw
            }
        };
        let mut by_class = vec![vec![0.0; rows]; self.classes];
        for (class, shares) in self.present.iter().zip(own) {
            by_class[*class] = shares;
        }
        Answer::of_scores(Scores { by_class, probabilities: true })
    }
}

/// The loss of classes numbered among those that are present; `two` holds them as numbers.
fn loss<'a>(class: &'a [u32], two: &'a mut Vec<f64>, present: usize) -> Loss<'a> {
    if present > 2 {
        return Loss::Multinomial(class, present);
    }
    two.extend(class.iter().map(|class| f64::from(*class)));
    Loss::Binomial(two)
}

impl BoostingClassifierValidParams {
    /// Trains on finite columns and as many classes, each below `classes`.
    pub(in crate::train::trees) fn classification(
        &self,
        features: &[Vec<f32>],
        (class, classes): (&[u32], usize),
        reporter: &dyn Reporter,
    ) -> Result<Trained<BoostingClassifier>, TrainError> {
        let mut present: Vec<usize> = class.iter().map(|class| *class as usize).collect();
        present.sort_unstable();
        present.dedup();
        let mut places = vec![0; classes];
        present.iter().zip(0..).for_each(|(class, place)| places[*class] = place);
        let class: Vec<u32> = class.iter().map(|class| places[*class as usize]).collect();
        let (stages, importance) = self.stages(features, &class, present.len(), reporter)?;
        Ok(Trained { model: BoostingClassifier { stages, present, classes }, importance })
    }

    fn stages(
        &self,
        features: &[Vec<f32>],
        class: &[u32],
        present: usize,
        reporter: &dyn Reporter,
    ) -> Result<(Stages, Vec<f64>), TrainError> {
        let width = features.len();
        if outputs(present) == 0 {
            let stages = Stages { features: width, initial: Vec::new(), trees: Vec::new() };
            return Ok((stages, vec![0.0; width]));
        }
        let (mut own_two, mut other_two) = (Vec::new(), Vec::new());
        match Parts::draw(&self.0, class)? {
            None => boost(features, &loss(class, &mut own_two, present), None, &self.0, reporter),
            Some(Parts { learnt, held }) => {
                let (own, other) = (pick(class, &learnt), pick(class, &held));
                let held = columns(features, &held);
                let held = (&held[..], loss(&other, &mut other_two, present));
                let features = columns(features, &learnt);
                let own = loss(&own, &mut own_two, present);
                boost(&features, &own, Some(&held), &self.0, reporter)
            }
        }
    }
}

impl Predictor for BoostingClassifier {
    fn predict(&self, features: &[Vec<f64>]) -> Answer {
        let rows = features.first().map_or(0, Vec::len);
        self.answer(rows, |row, feature| features[feature][row] as f32)
    }

    fn kind(&self) -> &'static str {
        file::KIND
    }

    fn nodes(&self) -> Option<u64> {
        Some(self.stages.nodes() as u64)
    }

    fn body(&self) -> Result<Vec<u8>, TrainError> {
        file::write_class(self)
    }

    fn onnx(&self, graph: &mut Graph, features: Tensor) -> Option<Outputs> {
        let shares = match self.stages.initial.len() {
            0 => graph.filled(features, self.present.len(), 1.0),
            outputs => {
                let raw = onnx::raw(&self.stages.initial, &self.stages.trees, graph, features);
                let zero = graph.filled(features, 1, 0.0);
                let raw = if outputs == 1 { graph.beside(&[zero, raw]) } else { raw };
                graph.softmax(raw)
            }
        };
        let scores = graph
            .spread(shares, &self.present, self.classes, |graph| graph.filled(features, 1, 0.0));
        Some(Outputs::Classes { scores, probabilities: true, class: None })
    }
}

/// Boosting for classification as a built-in model.
pub(in crate::train) struct GradientBoostingClassifier;

impl Estimator for GradientBoostingClassifier {
    fn declaration(&self) -> &'static Model {
        const { &GRADIENT_BOOSTING_CLASSIFIER }
    }

    fn fit(&self, work: &Work<'_>) -> Result<Fitted, TrainError> {
        let params = BoostingClassifierParams::of(work.params, work.seed).check()?;
        let columns = narrow(work.names, work.sample)?;
        let class = classes(work.sample);
        let trained = params.classification(&columns, (&class, work.classes), work.reporter)?;
        Ok(fitted(trained, |model| model.stages.all().collect()))
    }
}
