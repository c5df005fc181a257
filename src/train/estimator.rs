//! What every built-in model is to the rest of the room: fitted one way, asked one way.

use std::collections::BTreeMap;

use toml::Value;

use crate::ledger::model::Model;
use crate::ledger::outcome::Reporter;

use super::error::{TrainError, listing};
use super::onnx::{Graph, Outputs, Tensor};
use super::params::Params;
use super::{
    dbscan, hyperplanes, k_means, linear, logistic, naive_bayes, neighbours, support_vectors, trees,
};

/// A model that can be trained.
pub(super) trait Estimator: Sync {
    /// Its name, version and parameters.
    fn declaration(&self) -> &'static Model;

    /// Learns from training rows.
    fn fit(&self, work: &Work<'_>) -> Result<Fitted, TrainError>;

    /// Whether its trained models can be written as ONNX.
    fn is_in_onnx(&self) -> bool {
        true
    }
}

/// What a fit works on.
pub(super) struct Work<'a> {
    /// The names of the sample's features in order.
    pub(super) names: &'a [String],
    /// The training rows.
    pub(super) sample: &'a Sample,
    /// Number of classes of the whole data set, 0 unless the task is classification. A class may be
    /// missing from the sample.
    pub(super) classes: usize,
    /// The checked parameters.
    pub(super) params: &'a Params<'a>,
    /// Drives every random choice.
    pub(super) seed: i64,
    /// Asked for cancellation, told of progress.
    pub(super) reporter: &'a dyn Reporter,
}

/// Some rows, column by column; every value is finite. There is at least one row and one feature.
pub(super) struct Sample {
    /// The features in order, each with a value a row.
    pub(super) features: Vec<Vec<f64>>,
    /// The target a row: a number, or the class as a whole number from 0; empty for clustering.
    pub(super) target: Vec<f64>,
}

/// What a model says of some rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Answer {
    /// A value a row: a number, a class from 0, or a cluster from 0 with -1 for noise.
    pub(super) values: Vec<f64>,
    /// How much speaks for each class.
    pub(super) scores: Option<Scores>,
}

/// How much speaks for each class, row by row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scores {
    /// By class, a score a row.
    pub(super) by_class: Vec<Vec<f64>>,
    /// Whether they are probabilities, which sum to 1 in each row; else they only rank.
    pub(super) probabilities: bool,
}

impl Answer {
    /// An answer without scores.
    pub(super) fn plain(values: Vec<f64>) -> Self {
        Self { values, scores: None }
    }

    /// The answer for more rows: those that were asked for, by their place, and NaN for the others.
    #[must_use]
    pub(super) fn spread(self, places: &[usize], rows: usize) -> Self {
        let spread = |values: Vec<f64>| {
            let mut all = vec![f64::NAN; rows];
            places.iter().zip(values).for_each(|(place, value)| all[*place] = value);
            all
        };
        let scores = self.scores.map(|scores| Scores {
            by_class: scores.by_class.into_iter().map(spread).collect(),
            probabilities: scores.probabilities,
        });
        Self { values: spread(self.values), scores }
    }

    /// The class with the highest score of each row; of equal ones the first.
    ///
    /// Scores are compared in 32 bits: a tie that only rounding breaks is a tie in every program
    /// that computes them again, an exported model included.
    pub(super) fn of_scores(scores: Scores) -> Self {
        let rows = scores.by_class.first().map_or(0, Vec::len);
        let best = |row: usize| {
            let mut best = (0, f32::NEG_INFINITY);
            for (class, scores) in scores.by_class.iter().enumerate() {
                let score = scores[row] as f32;
                if score > best.1 {
                    best = (class, score);
                }
            }
            best.0 as f64
        };
        Self { values: (0..rows).map(best).collect(), scores: Some(scores) }
    }
}

/// A trained model and what is known of it only right after training.
pub(super) struct Fitted {
    /// Predicts, and is what a model file holds.
    pub(super) predictor: Box<dyn Predictor>,
    /// How much each feature matters; sums to 1 unless all are 0. Empty where the model cannot tell.
    pub(super) importance: Vec<f64>,
    /// The coefficients of a linear model: one row of them, or one a class.
    pub(super) coefficients: Option<Vec<Vec<f64>>>,
    /// For clustering, the cluster of each training row where [`Predictor::predict`] does not tell.
    pub(super) clusters: Option<Vec<f64>>,
    /// Plain facts for people.
    pub(super) facts: BTreeMap<String, Value>,
}

/// A trained model, fitted or loaded.
pub(super) trait Predictor: Send + Sync {
    /// Answers for each row of the features, column by column.
    fn predict(&self, features: &[Vec<f64>]) -> Answer;

    /// The kind of model file it is kept in.
    fn kind(&self) -> &'static str;

    /// The number of nodes of a tree model.
    fn nodes(&self) -> Option<u64>;

    /// The content of its model file.
    fn body(&self) -> Result<Vec<u8>, TrainError>;

    /// The centroids by cluster, a value a feature each, of a model that has them.
    fn centroids(&self) -> Option<&[Vec<f64>]> {
        None
    }

    /// Adds itself to an ONNX graph in which the features are `[N, P]`; `None` when ONNX cannot
    /// express it, see [`Estimator::is_in_onnx`].
    fn onnx(&self, _graph: &mut Graph, _features: Tensor) -> Option<Outputs> {
        None
    }
}

/// The models and, place by place, who trains them.
static MODELS: &[Model] = &[
    trees::RANDOM_FOREST_REGRESSOR,
    trees::RANDOM_FOREST_CLASSIFIER,
    trees::GRADIENT_BOOSTING_REGRESSOR,
    trees::GRADIENT_BOOSTING_CLASSIFIER,
    trees::DECISION_TREE_REGRESSOR,
    trees::DECISION_TREE_CLASSIFIER,
    trees::LINFA_DECISION_TREE,
    linear::LINEAR,
    linear::RIDGE,
    linear::LASSO,
    linear::ELASTIC_NET,
    logistic::MODEL,
    naive_bayes::MODEL,
    neighbours::REGRESSOR,
    neighbours::CLASSIFIER,
    support_vectors::REGRESSOR,
    support_vectors::CLASSIFIER,
    hyperplanes::REGRESSOR,
    hyperplanes::CLASSIFIER,
    k_means::MODEL,
    dbscan::MODEL,
];
static ESTIMATORS: &[&dyn Estimator] = &[
    &trees::RandomForestRegressor,
    &trees::RandomForestClassifier,
    &trees::GradientBoostingRegressor,
    &trees::GradientBoostingClassifier,
    &trees::DecisionTreeRegressor,
    &trees::DecisionTreeClassifier,
    &trees::LinfaDecisionTree,
    &linear::LinearRegression,
    &linear::Ridge,
    &linear::Lasso,
    &linear::ElasticNet,
    &logistic::LogisticRegression,
    &naive_bayes::GaussianNaiveBayes,
    &neighbours::KNeighborsRegressor,
    &neighbours::KNeighborsClassifier,
    &support_vectors::SupportVectorRegressor,
    &support_vectors::SupportVectorClassifier,
    &hyperplanes::LinearSupportVectorRegressor,
    &hyperplanes::LinearSupportVectorClassifier,
    &k_means::KMeans,
    &dbscan::Dbscan,
];

/// The built-in models.
pub fn models() -> &'static [Model] {
    MODELS
}

/// The estimator of a model's name.
pub(super) fn estimator(name: &str) -> Result<&'static dyn Estimator, TrainError> {
    let found = ESTIMATORS.iter().find(|estimator| estimator.declaration().name == name);
    found.copied().ok_or_else(|| TrainError::NoModel {
        name: name.to_owned(),
        present: listing(models().iter().map(|model| model.name)),
    })
}

/// Reports to nobody.
pub(super) struct Silent;

impl Reporter for Silent {
    fn metric(&self, _name: &str, _value: f64, _step: u64) {}
    fn line(&self, _text: &str) {}
    fn progress(&self, _done: u64, _total: u64) {}
    fn cancelled(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_declared_model_is_trained_by_its_own_estimator() {
        assert_eq!(MODELS.len(), ESTIMATORS.len());
        for model in models() {
            assert_eq!(estimator(model.name).unwrap().declaration().name, model.name);
        }
        let error = estimator("forest").err().unwrap().to_string();
        assert!(error.starts_with("there is no model 'forest'; the models are 'random-forest"));
    }

    #[test]
    fn every_default_is_a_value_the_parameter_takes_unchanged() {
        for parameter in models().iter().flat_map(|model| model.parameters) {
            let value = parameter.default.value();
            assert_eq!(parameter.check(&value).as_ref(), Ok(&value), "{}", parameter.name);
            assert!(parameter.summary.ends_with('.'), "{}", parameter.name);
        }
    }
}
