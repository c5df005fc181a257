//! Training rows in the units the solver works in.

use super::super::estimator::Sample;
use super::super::moments::{centre_and_scale, root_mean_square};

/// Beyond this a coefficient is 0 anyway, and products of it overflow.
const PENALTY: f64 = 1e200;

/// The penalised problem on standardised features.
///
/// A coefficient of a standardised feature is the one of the feature times its deviation, and its
/// share of the penalty is divided by the square of that: the optimum is the one of the features as
/// they are, and steps do not depend on their units.
pub(super) struct Design {
    /// Row by row, the features in use and, where an intercept is wanted, a 1.
    pub(super) rows: Vec<f64>,
    /// Number of values a row.
    pub(super) columns: usize,
    /// The place of each row's class among the present ones.
    pub(super) labels: Vec<usize>,
    /// How much each row counts.
    pub(super) weights: Vec<f64>,
    /// By column, what half the square of a coefficient costs.
    pub(super) penalties: Vec<f64>,
    /// The rows of coefficients: 1 for two classes, which speaks for the second, else one a class.
    pub(super) outputs: usize,
    used: Vec<Feature>,
    features: usize,
    intercept: bool,
}

/// A feature that is not constant.
struct Feature {
    at: usize,
    centre: f64,
    scale: f64,
}

/// What surrounds the rows.
#[derive(Clone, Copy)]
pub(super) struct Setting {
    /// Number of classes among the labels, at least 2.
    pub(super) classes: usize,
    /// What half the squared length of the coefficients costs: scikit-learn's 1 / C.
    pub(super) alpha: f64,
    pub(super) intercept: bool,
    /// Whether each class counts as much as any other.
    pub(super) balanced: bool,
}

/// Coefficients of features in their own units: rows of them, and an intercept each.
pub(super) struct Solution {
    pub(super) coefficients: Vec<Vec<f64>>,
    pub(super) intercepts: Vec<f64>,
}

impl Design {
    pub(super) fn new(sample: &Sample, labels: Vec<usize>, setting: Setting) -> Self {
        let Setting { classes, alpha, intercept, balanced } = setting;
        let scale = |(at, values): (usize, &Vec<f64>)| {
            let (centre, scale) =
                if intercept { centre_and_scale(values) } else { (0.0, root_mean_square(values)) };
            (scale > 0.0).then_some(Feature { at, centre, scale })
        };
        let used: Vec<Feature> = sample.features.iter().enumerate().filter_map(scale).collect();
        let columns = used.len() + usize::from(intercept);
        let mut rows = vec![1.0; labels.len() * columns];
        for (place, feature) in used.iter().enumerate() {
            let cells = rows.iter_mut().skip(place).step_by(columns);
            for (cell, value) in cells.zip(&sample.features[feature.at]) {
                *cell = value / feature.scale - feature.centre / feature.scale;
            }
        }
        let penalty = |feature: &Feature| (alpha / feature.scale / feature.scale).min(PENALTY);
        let penalties = used.iter().map(penalty).chain(intercept.then_some(0.0)).collect();
        Self {
            rows,
            columns,
            weights: weights(&labels, classes, balanced),
            labels,
            penalties,
            outputs: if classes == 2 { 1 } else { classes },
            used,
            features: sample.features.len(),
            intercept,
        }
    }

    /// The scale of each feature in use.
    pub(super) fn scales(&self) -> impl Iterator<Item = f64> {
        self.used.iter().map(|feature| feature.scale)
    }

    /// Whether the last column is that of the intercept.
    pub(super) fn has_intercept(&self) -> bool {
        self.intercept
    }

    /// Coefficients of standardised features, output by output, in the features' own units.
    pub(super) fn own_units(&self, coefficients: &[f64]) -> Solution {
        let mut solution = Solution { coefficients: Vec::new(), intercepts: Vec::new() };
        for output in 0..self.outputs {
            let values = coefficients.get(output * self.columns..).unwrap_or_default();
            let mut own = vec![0.0; self.features];
            let mut intercept = if self.intercept { values[self.columns - 1] } else { 0.0 };
            for (feature, value) in self.used.iter().zip(values) {
                own[feature.at] = value / feature.scale;
                intercept -= value * (feature.centre / feature.scale);
            }
            solution.coefficients.push(own);
            solution.intercepts.push(intercept);
        }
        solution
    }
}

/// 1 a row, or such that each class has the same sum and all of them that of the rows.
fn weights(labels: &[usize], classes: usize, balanced: bool) -> Vec<f64> {
    let mut counts = vec![0_usize; classes];
    for label in labels {
        counts[*label] += 1;
    }
    let weight = |label: &usize| {
        if balanced { labels.len() as f64 / (classes * counts[*label]) as f64 } else { 1.0 }
    };
    labels.iter().map(weight).collect()
}
