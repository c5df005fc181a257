//! linfa's traits for the forest, so that linfa's metrics and cross-validation work with it.

use linfa::dataset::{AsSingleTargets, DatasetBase};
use linfa::traits::{Fit, PredictInplace};
use linfa::{Error, Float};
use ndarray::{Array1, ArrayBase, Data, Ix2};

use super::super::error::TrainError;
use super::super::estimator::Silent;
use super::{Forest, ForestValidParams, Grove, grow};

impl<F, D, T> Fit<ArrayBase<D, Ix2>, T, TrainError> for ForestValidParams
where
    F: Float,
    D: Data<Elem = F>,
    T: AsSingleTargets<Elem = F>,
{
    type Object = Forest;

    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<Forest, TrainError> {
        let records = dataset.records();
        let targets = dataset.as_single_targets();
        if records.nrows() == 0 || records.ncols() == 0 {
            return Err(Error::NotEnoughSamples.into());
        }
        if records.nrows() != targets.len() {
            return Err(Error::MismatchedShapes(records.nrows(), targets.len()).into());
        }
        let columns: Vec<Vec<f32>> =
            records.columns().into_iter().map(|c| c.iter().map(narrow).collect()).collect();
        let target: Vec<f64> = targets.iter().map(wide).collect();
        let finite = columns.iter().flatten().all(|value| value.is_finite())
            && target.iter().all(|value| value.is_finite());
        if !finite {
            return Err(Error::Parameters("records or targets are not finite".into()).into());
        }
        let Grove { forest, .. } = grow(&columns, &target, self, &Silent)?;
        Ok(forest)
    }
}

/// Panics when the records have fewer features than the forest was trained on, as linfa's own
/// models do.
impl<F: Float, D: Data<Elem = F>> PredictInplace<ArrayBase<D, Ix2>, Array1<F>> for Forest {
    fn predict_inplace(&self, records: &ArrayBase<D, Ix2>, targets: &mut Array1<F>) {
        let records = records.view();
        let means = self.average(records.nrows(), |row, feature| narrow(&records[[row, feature]]));
        for (target, mean) in targets.iter_mut().zip(means) {
            *target = F::cast(mean);
        }
    }

    fn default_target(&self, records: &ArrayBase<D, Ix2>) -> Array1<F> {
        Array1::zeros(records.nrows())
    }
}

fn narrow<F: Float>(value: &F) -> f32 {
    value.to_f32().unwrap_or(f32::NAN)
}

fn wide<F: Float>(value: &F) -> f64 {
    value.to_f64().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use linfa::Dataset;
    use linfa::prelude::SingleTargetRegression;
    use linfa::traits::Predict;
    use ndarray::{Array2, array};

    use super::super::ForestParams;
    use super::*;

    #[test]
    fn linfa_fits_scores_and_cross_validates_it() {
        let records = Array2::from_shape_fn((120, 2), |(row, column)| {
            f64::from((row * 37 % 120) as u32) / if column == 0 { 1.0 } else { 7.0 } % 17.0
        });
        let targets = records.column(0).mapv(|value| 3.0 * value) + records.column(1);
        let mut dataset = Dataset::new(records, targets);
        let params = ForestParams::default().n_estimators(20);
        let forest: Forest = params.fit(&dataset).unwrap();
        assert!(forest.predict(&dataset).r2(&dataset).unwrap() > 0.98);
        let scores = dataset
            .cross_validate_single(5, &[params], |predicted, actual| predicted.r2(actual))
            .unwrap();
        assert!(scores[0] > 0.9, "{scores}");
    }

    #[test]
    fn bad_parameters_and_data_are_errors() {
        let one = Dataset::new(array![[1.0], [2.0]], array![1.0, 2.0]);
        assert!(ForestParams::default().n_estimators(0).fit(&one).is_err());
        let infinite = Dataset::new(array![[1.0], [f64::INFINITY]], array![1.0, 2.0]);
        assert!(ForestParams::default().fit(&infinite).is_err());
        let empty = Dataset::new(Array2::<f64>::zeros((0, 1)), Array1::zeros(0));
        assert!(ForestParams::default().fit(&empty).is_err());
    }
}
