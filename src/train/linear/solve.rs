//! The least-squares problems behind the linear models.

use linfa::dataset::DatasetBase;
use linfa::prelude::Fit;
use linfa_elasticnet::ElasticNet;
use linfa_linear::LinearRegression;
use ndarray::{Array1, Array2, Axis, concatenate};

use super::super::error::TrainError;
use super::super::estimator::Sample;

/// A feature whose part that is new to the features before it is smaller, relative to its length,
/// is taken to depend on them.
const DEPENDENT: f64 = 1e-11;

/// Sums of squares below this are zero to linfa's coordinate descent once columns are this flat.
const FLAT: f64 = 1e-12;

/// What is added to the squared error.
#[derive(Clone, Copy, Debug)]
pub(super) enum Penalty {
    /// Nothing.
    None,
    /// alpha ||w||², the squared error being a sum.
    Squares(f64),
    /// alpha (`l1_ratio` ||w||₁ + (1 − `l1_ratio`) ||w||²/2), the squared error being half a mean.
    Mixed { alpha: f64, l1_ratio: f64, max_iter: u32, tol: f64 },
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
                if let Some(at) = dependent(&features) {
                    return Err(TrainError::Undetermined { feature: name(at) });
                }
                least_squares(features, self.target.clone())?
            }
            Penalty::Mixed { alpha, l1_ratio, max_iter, tol } => {
                let flat = |column: &Array1<f64>| column.dot(column) < FLAT;
                if let Some(at) = features.columns().into_iter().position(|c| flat(&c.to_owned())) {
                    return Err(TrainError::TooFlat { feature: name(at) });
                }
                let params = ElasticNet::params()
                    .penalty(alpha)
                    .l1_ratio(l1_ratio)
                    .max_iterations(max_iter)
                    .tolerance(tol)
                    .with_intercept(false);
                let dataset = DatasetBase::new(features, self.target.clone());
                let fitted =
                    params.fit(&dataset).map_err(|error| TrainError::Fit(error.to_string()))?;
                let allowed = tol * self.target.dot(&self.target);
                solution.warning = (fitted.duality_gap() > allowed).then(|| {
                    format!("not converged after {max_iter} passes; raise max_iter or alpha")
                });
                fitted.hyperplane().clone()
            }
        };
        for (at, value) in used.into_iter().zip(found) {
            solution.coefficients[at] = value;
        }
        Ok(solution)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn solve(
        features: &[&[f64]],
        target: &[f64],
        penalty: Penalty,
    ) -> Result<Solution, TrainError> {
        let names: Vec<String> = (0..features.len()).map(|at| format!("x{at}")).collect();
        let features = features.iter().map(|column| column.to_vec()).collect();
        Design::new(&Sample { features, target: target.to_vec() }, true).solve(&names, penalty)
    }

    fn mixed(alpha: f64, l1_ratio: f64) -> Penalty {
        Penalty::Mixed { alpha, l1_ratio, max_iter: 1000, tol: 1e-10 }
    }

    fn near(actual: &[f64], expected: &[f64]) {
        let close = actual.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9);
        assert!(close && actual.len() == expected.len(), "{actual:?} is not {expected:?}");
    }

    const X: &[f64] = &[1.0, 2.0, 3.0, 4.0];
    const Y: &[f64] = &[3.0, 5.0, 7.0, 9.0];

    /// By hand, with Σ(x − x̄)² = 5 and Σ(x − x̄)(y − ȳ) = 10: ridge 10 / (5 + alpha), lasso
    /// (10 − 4 alpha) / 5, elastic net (10 − 4 alpha r) / (5 + 4 alpha (1 − r)).
    #[test]
    fn one_feature_by_hand() {
        let slope = |penalty| solve(&[X], Y, penalty).unwrap().coefficients;
        near(&slope(Penalty::None), &[2.0]);
        near(&slope(Penalty::Squares(5.0)), &[1.0]);
        near(&slope(Penalty::Squares(0.0)), &[2.0]);
        near(&slope(mixed(1.0, 1.0)), &[1.2]);
        near(&slope(mixed(1.0, 0.5)), &[8.0 / 7.0]);
        near(&slope(mixed(9.0, 1.0)), &[0.0]);
    }

    #[test]
    fn constant_columns_get_no_coefficient() {
        let tenths = &[0.1; 4][..];
        near(&solve(&[tenths, X], Y, Penalty::None).unwrap().coefficients, &[0.0, 2.0]);
        near(&solve(&[tenths, X], Y, mixed(1.0, 1.0)).unwrap().coefficients, &[0.0, 1.2]);
        near(&solve(&[X], tenths, Penalty::None).unwrap().coefficients, &[0.0]);
    }

    #[test]
    fn dependent_features_are_named() {
        let twice: Vec<f64> = X.iter().map(|x| 2.0 * x + 1.0).collect();
        let error =
            |features: &[&[f64]]| solve(features, Y, Penalty::None).err().unwrap().to_string();
        assert!(error(&[X, &twice]).starts_with("'x1' adds nothing to the features before it"));
        let more = [1.0, 0.0, 0.0, 2.0];
        let most = [0.0, 1.0, 0.0, 5.0];
        let last = [0.0, 0.0, 1.0, 7.0];
        assert!(error(&[X, &more, &most, &last]).starts_with("'x3' adds nothing"));
        near(&solve(&[X, &twice], Y, Penalty::Squares(25.0)).unwrap().coefficients, &[0.2, 0.4]);
    }

    #[test]
    fn what_linfa_would_leave_out_in_silence_is_an_error() {
        let tiny: Vec<f64> = X.iter().map(|x| x * 1e-9).collect();
        let error = solve(&[&tiny], Y, mixed(1.0, 0.5)).err().unwrap().to_string();
        assert_eq!(error, "'x0' varies by less than a millionth; give it in smaller units");
    }

    #[test]
    fn too_few_passes_are_told() {
        let other = [1.0, 2.5, 2.5, 4.1];
        let penalty = Penalty::Mixed { alpha: 0.01, l1_ratio: 0.5, max_iter: 1, tol: 1e-12 };
        let solution = solve(&[X, &other], Y, penalty).unwrap();
        assert!(solution.warning.unwrap().starts_with("not converged after 1 passes"));
    }
}
