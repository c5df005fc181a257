//! The least-squares problems behind the linear models.

use linfa::dataset::DatasetBase;
use linfa::prelude::Fit;
use linfa_elasticnet::ElasticNet;
use linfa_linear::LinearRegression;
use ndarray::{Array1, Array2, ArrayView1, Axis, concatenate};

use super::super::error::TrainError;
use super::super::estimator::Sample;
use super::minimum_norm;

/// A feature whose part that is new to the features before it is smaller, relative to its length,
/// is taken to depend on them.
pub(super) const DEPENDENT: f64 = 1e-11;

/// Sums of squares below this are zero to linfa's coordinate descent once columns are this flat.
const FLAT: f64 = 1e-12;

/// Sums of squares beyond this come too near to infinity.
const LARGEST: f64 = 1e250;

/// What is added to the squared error.
#[derive(Clone, Copy, Debug)]
pub(super) enum Penalty {
    /// Nothing.
    None,
    /// alpha ||w||², the squared error being a sum.
    Squares(f64),
    /// alpha (`l1_ratio` ||w||₁ + (1 − `l1_ratio`) ||w||²/2), the squared error being half a mean.
    Mixed(Mixed),
}

/// A penalty on absolute values and squares, and how long to look for the optimum.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mixed {
    pub(super) alpha: f64,
    pub(super) l1_ratio: f64,
    pub(super) max_iter: u32,
    pub(super) tol: f64,
}

/// Coefficients, one a feature, and what the user should know of them.
pub(super) struct Solution {
    pub(super) coefficients: Vec<f64>,
    pub(super) warning: Option<String>,
}

/// Training rows measured from their means, so that the intercept drops out of the problem.
///
/// linfa's elastic net centres the target but not the features, hence here.
pub(super) struct Design {
    features: Array2<f64>,
    target: Array1<f64>,
    means: Vec<f64>,
    target_mean: f64,
    intercept: bool,
    deviations: Vec<f64>,
}

impl Design {
    /// Centres the rows where an intercept is wanted.
    pub(super) fn new(sample: &Sample, intercept: bool) -> Self {
        let centre = |values: &[f64]| if intercept { mean(values) } else { 0.0 };
        let means: Vec<f64> = sample.features.iter().map(|column| centre(column)).collect();
        let target_mean = centre(&sample.target);
        let features =
            Array2::from_shape_fn((sample.target.len(), sample.features.len()), |(row, column)| {
                sample.features[column][row] - means[column]
            });
        let target = sample.target.iter().map(|value| value - target_mean).collect();
        let deviations = sample.features.iter().map(|column| deviation(column)).collect();
        Self { features, target, means, target_mean, intercept, deviations }
    }

    /// The standard deviation of each feature.
    pub(super) fn deviations(&self) -> &[f64] {
        &self.deviations
    }

    /// The intercept that goes with coefficients.
    pub(super) fn intercept(&self, coefficients: &[f64]) -> f64 {
        if !self.intercept {
            return 0.0;
        }
        let at_means = coefficients.iter().zip(&self.means).map(|(w, mean)| w * mean);
        self.target_mean - at_means.sum::<f64>()
    }

    /// Finds the coefficients; `names` are for messages.
    pub(super) fn solve(&self, names: &[String], penalty: Penalty) -> Result<Solution, TrainError> {
        // A feature that is always 0, or constant beside an intercept, explains nothing.
        let used: Vec<usize> = (0..self.features.ncols())
            .filter(|at| self.features.column(*at).iter().any(|value| value.abs() > 0.0))
            .collect();
        let mut solution =
            Solution { coefficients: vec![0.0; self.features.ncols()], warning: None };
        if used.is_empty() || self.target.iter().all(|value| value.abs() <= 0.0) {
            return Ok(solution);
        }
        let features = self.features.select(Axis(1), &used);
        let name =
            |at: usize| used.get(at).and_then(|at| names.get(*at)).cloned().unwrap_or_default();
        let found = match penalty {
            Penalty::Squares(alpha) if alpha > 0.0 => {
                let rows = Array2::from_diag_elem(used.len(), alpha.sqrt());
                let features = concatenate![Axis(0), features, rows];
                least_squares(
                    features,
                    concatenate![Axis(0), self.target, Array1::zeros(used.len())],
                )?
            }
            Penalty::None | Penalty::Squares(_) => {
                if let Some(at) = features.columns().into_iter().position(|it| !has_square(it)) {
                    let text = "is too small or too large to be squared; rescale it";
                    return Err(TrainError::Fit(format!("'{}' {text}", name(at))));
                }
                if let Some(at) = dependent(&features) {
                    let (found, count) = minimum_norm::solve(&features, &self.target)?;
                    solution.warning = Some(undetermined(&name(at), count));
                    found
                } else {
                    least_squares(features, self.target.clone())?
                }
            }
            Penalty::Mixed(mixed) => {
                let unit =
                    unit(&features).map_err(|at| TrainError::TooFlat { feature: name(at) })?;
                let (found, warning) = self.mixed(features, unit, mixed)?;
                solution.warning = warning;
                found
            }
        };
        for (at, value) in used.into_iter().zip(found) {
            solution.coefficients[at] = value;
        }
        Ok(solution)
    }

    /// The elastic net on features multiplied by `unit`.
    fn mixed(
        &self,
        features: Array2<f64>,
        unit: f64,
        mixed: Mixed,
    ) -> Result<(Array1<f64>, Option<String>), TrainError> {
        let Mixed { alpha, l1_ratio, max_iter, tol } = mixed;
        let (alpha, l1_ratio) = in_units(alpha, l1_ratio, unit);
        let features = if unit > 1.0 { features * unit } else { features };
        let params = ElasticNet::params()
            .penalty(alpha)
            .l1_ratio(l1_ratio)
            .max_iterations(max_iter)
            .tolerance(tol)
            .with_intercept(false);
        let dataset = DatasetBase::new(features, self.target.clone());
        let fitted = params.fit(&dataset).map_err(|error| TrainError::Fit(error.to_string()))?;
        let allowed = tol * self.target.dot(&self.target);
        let warning = (fitted.duality_gap() > allowed)
            .then(|| format!("not converged after {max_iter} passes; raise max_iter or alpha"));
        let found = fitted.hyperplane();
        Ok((if unit > 1.0 { found * unit } else { found.clone() }, warning))
    }
}

/// Whether the sum of squares is a number and not 0.
fn has_square(column: ArrayView1<'_, f64>) -> bool {
    (f64::MIN_POSITIVE..=f64::MAX).contains(&column.dot(&column))
}

/// What all columns are to be multiplied by, a power of 2, so that linfa takes none for zeros; the
/// place of a column for which no number is large enough.
fn unit(features: &Array2<f64>) -> Result<f64, usize> {
    let squares: Vec<f64> = features.columns().into_iter().map(|it| it.dot(&it)).collect();
    let (at, flattest) = (squares.iter().enumerate())
        .fold((0, f64::INFINITY), |best, (at, it)| if *it < best.1 { (at, *it) } else { best });
    if flattest >= FLAT {
        return Ok(1.0);
    }
    let unit = (FLAT / flattest).sqrt().log2().ceil().exp2();
    let fits = unit.is_finite() && squares.iter().all(|it| it * unit * unit <= LARGEST);
    if fits { Ok(unit) } else { Err(at) }
}

/// The penalty on coefficients of features in other units that costs the same.
fn in_units(alpha: f64, l1_ratio: f64, unit: f64) -> (f64, f64) {
    if unit <= 1.0 {
        return (alpha, l1_ratio);
    }
    let (absolute, squares) = (alpha * l1_ratio * unit, alpha * (1.0 - l1_ratio) * unit * unit);
    let both = absolute + squares;
    (both, if both > 0.0 { absolute / both } else { l1_ratio })
}

/// What is said of features of which some depend on others.
fn undetermined(feature: &str, count: usize) -> String {
    let others = match count {
        0 | 1 => String::new(),
        count => format!(" and neither do {} others", count - 1),
    };
    format!(
        "'{feature}' adds nothing to the features before it{others}: of the coefficients that fit \
         equally well, those with the smallest squares are taken"
    )
}

fn least_squares(features: Array2<f64>, target: Array1<f64>) -> Result<Array1<f64>, TrainError> {
    let dataset = DatasetBase::new(features, target);
    let fitted = LinearRegression::new().with_intercept(false).fit(&dataset);
    fitted
        .map(|fitted| fitted.params().clone())
        .map_err(|error: linfa_linear::LinearError<f64>| TrainError::Fit(error.to_string()))
}

/// The first column that is a linear combination of those before it (modified Gram-Schmidt).
fn dependent(features: &Array2<f64>) -> Option<usize> {
    let mut basis: Vec<Array1<f64>> = Vec::new();
    for (at, column) in features.columns().into_iter().enumerate() {
        let mut rest = column.to_owned();
        rest /= rest.dot(&rest).sqrt();
        for direction in &basis {
            rest.scaled_add(-direction.dot(&rest), direction);
        }
        let length = rest.dot(&rest).sqrt();
        if basis.len() >= features.nrows() || length < DEPENDENT {
            return Some(at);
        }
        rest /= length;
        basis.push(rest);
    }
    None
}

/// The mean; of equal values exactly their value, so that a constant column centres to 0.
fn mean(values: &[f64]) -> f64 {
    let (low, high) =
        values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(*value), high.max(*value))
        });
    if low < high {
        (values.iter().sum::<f64>() / values.len() as f64).clamp(low, high)
    } else {
        low
    }
}

fn deviation(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (squares / values.len() as f64).sqrt()
}
