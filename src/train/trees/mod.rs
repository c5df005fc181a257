//! Trees and what is made of them: own code behind linfa's traits.
//!
//! The trees are scikit-learn's (CART on 32-bit features, distinct rows counted for the smallest
//! nodes); the random numbers are not, so a forest equals scikit-learn's in distribution only.
//!
//! | module | what it owns |
//! |---|---|
//! | `tree`, `ensemble` | trees at rest, and the mean of many |
//! | `criterion` | what a split lowers: squared error, Gini index, entropy |
//! | `trunk` | a tree while it grows |
//! | `exact` | splits between any two distinct values |
//! | `hist` | splits between bins of values |
//! | `ground` | one or the other |
//! | `forest`, `boosting`, `decision` | the models |
//! | `anova` | what a forest says of its features |

mod anova;
mod boosting;
mod criterion;
mod decision;
mod declare;
mod ensemble;
mod exact;
mod file;
mod forest;
mod ground;
mod hist;
pub(super) mod importance;
mod interface;
mod onnx;
mod params;
mod split;
mod tree;
mod trunk;

#[cfg(test)]
mod tests;

pub use anova::{Shares, variance_shares};
pub use boosting::{
    Boosting, BoostingClassifier, BoostingClassifierParams, BoostingClassifierValidParams,
    BoostingParams, BoostingValidParams,
};
pub(super) use boosting::{
    GRADIENT_BOOSTING_CLASSIFIER, GRADIENT_BOOSTING_REGRESSOR, GradientBoostingClassifier,
    GradientBoostingRegressor,
};
pub(super) use decision::{
    DECISION_TREE_CLASSIFIER, DECISION_TREE_REGRESSOR, DecisionTreeClassifier,
    DecisionTreeRegressor, LINFA_DECISION_TREE, LinfaDecisionTree,
};
pub use forest::{
    Forest, ForestClassifier, ForestClassifierParams, ForestClassifierValidParams, ForestParams,
    ForestValidParams,
};
pub(super) use forest::{
    RANDOM_FOREST_CLASSIFIER, RANDOM_FOREST_REGRESSOR, RandomForestClassifier,
    RandomForestRegressor,
};
pub use params::{Amount, ClassWeight, Impurity, MaxFeatures};

use super::error::TrainError;
use super::estimator::{Fitted, Predictor, Sample};
use tree::Tree;

/// A trained model with the importance of each feature.
struct Trained<M> {
    model: M,
    importance: Vec<f64>,
}

/// Model file kinds.
pub(super) mod kinds {
    pub(in crate::train) use super::boosting::file as boosting;
    pub(in crate::train) use super::decision::file as decision;
    pub(in crate::train) use super::forest::classifier_file as forest_classifier;
    pub(in crate::train) use super::forest::file as forest;
}

/// The columns of a sample in 32 bits, in which trees compare.
fn narrow(names: &[String], sample: &Sample) -> Result<Vec<Vec<f32>>, TrainError> {
    let column = |(name, column): (&String, &Vec<f64>)| {
        let too_large = column.iter().find(|value| !(**value as f32).is_finite());
        match too_large {
            Some(&value) => Err(TrainError::OutOfRange { column: name.clone(), value }),
            None => Ok(column.iter().map(|value| *value as f32).collect()),
        }
    };
    names.iter().zip(&sample.features).map(column).collect()
}

/// The classes of a sample as whole numbers.
fn classes(sample: &Sample) -> Vec<u32> {
    sample.target.iter().map(|class| *class as u32).collect()
}

/// A trained model as the rest of the room wants it, with facts about its trees.
fn fitted<M: Predictor + 'static>(
    Trained { model, importance }: Trained<M>,
    trees: impl FnOnce(&M) -> Vec<&Tree>,
) -> Fitted {
    Fitted {
        facts: ensemble::facts(&trees(&model)),
        predictor: Box::new(model),
        importance,
        coefficients: None,
        clusters: None,
    }
}
