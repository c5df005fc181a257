//! linfa's traits for the models, so that linfa's metrics and cross-validation work with them.

use linfa::dataset::{AsSingleTargets, DatasetBase};
use linfa::traits::{Fit, PredictInplace};
use linfa::{Error, Float};
use ndarray::{Array1, ArrayBase, Data, Ix2};

use super::super::error::TrainError;
use super::super::estimator::Silent;
use super::boosting::{
    Boosting, BoostingClassifier, BoostingClassifierValidParams, BoostingValidParams,
};
use super::forest::{Forest, ForestClassifier, ForestClassifierValidParams, ForestValidParams};

/// Regression by trees: implements `Fit` for checked parameters and `Predict` for the model.
///
/// Predicting panics when the records have fewer features than the model was trained on, as linfa's
/// own models do.
macro_rules! regression {
    ($params:ty, $model:ty) => {
        impl<F, D, T> Fit<ArrayBase<D, Ix2>, T, TrainError> for $params
        where
            F: Float,
            D: Data<Elem = F>,
            T: AsSingleTargets<Elem = F>,
        {
            type Object = $model;

            fn fit(&self, data: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<$model, TrainError> {
                let targets = data.as_single_targets();
                let columns = columns(data.records(), targets.len())?;
                let target: Vec<f64> = targets.iter().map(wide).collect();
                if target.iter().any(|value| !value.is_finite()) {
                    return Err(Error::Parameters("a target is not finite".into()).into());
                }
                Ok(self.regression(&columns, &target, &Silent)?.model)
            }
        }

        impl<F: Float, D: Data<Elem = F>> PredictInplace<ArrayBase<D, Ix2>, Array1<F>> for $model {
            fn predict_inplace(&self, records: &ArrayBase<D, Ix2>, targets: &mut Array1<F>) {
                let records = records.view();
                let cell = |row, feature| narrow(&records[[row, feature]]);
                let values = self.numbers(records.nrows(), cell);
                for (target, value) in targets.iter_mut().zip(values) {
                    *target = F::cast(value);
                }
            }

            fn default_target(&self, records: &ArrayBase<D, Ix2>) -> Array1<F> {
                Array1::zeros(records.nrows())
            }
        }
    };
}

/// Classification by trees: as [`regression`], with classes numbered from 0.
macro_rules! classification {
    ($params:ty, $model:ty) => {
        impl<F, D, T> Fit<ArrayBase<D, Ix2>, T, TrainError> for $params
        where
            F: Float,
            D: Data<Elem = F>,
            T: AsSingleTargets<Elem = usize>,
        {
            type Object = $model;

            fn fit(&self, data: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<$model, TrainError> {
                let targets = data.as_single_targets();
                let columns = columns(data.records(), targets.len())?;
                let class: Option<Vec<u32>> = targets.iter().copied().map(number).collect();
                let class = class.ok_or_else(|| Error::Parameters("too many classes".into()))?;
                let classes = class.iter().max().map_or(0, |class| *class as usize + 1);
                Ok(self.classification(&columns, (&class, classes), &Silent)?.model)
            }
        }

        impl<F: Float, D: Data<Elem = F>> PredictInplace<ArrayBase<D, Ix2>, Array1<usize>>
            for $model
        {
            fn predict_inplace(&self, records: &ArrayBase<D, Ix2>, targets: &mut Array1<usize>) {
                let records = records.view();
                let cell = |row, feature| narrow(&records[[row, feature]]);
                let classes = self.classes(records.nrows(), cell);
                for (target, class) in targets.iter_mut().zip(classes) {
                    *target = class as usize;
                }
            }

            fn default_target(&self, records: &ArrayBase<D, Ix2>) -> Array1<usize> {
                Array1::zeros(records.nrows())
            }
        }
    };
}

regression!(ForestValidParams, Forest);
classification!(ForestClassifierValidParams, ForestClassifier);
regression!(BoostingValidParams, Boosting);
classification!(BoostingClassifierValidParams, BoostingClassifier);

/// Finite columns in 32 bits, as many rows as targets.
fn columns<F: Float, D: Data<Elem = F>>(
    records: &ArrayBase<D, Ix2>,
    targets: usize,
) -> Result<Vec<Vec<f32>>, TrainError> {
    if records.nrows() == 0 || records.ncols() == 0 {
        return Err(Error::NotEnoughSamples.into());
    }
    if records.nrows() != targets {
        return Err(Error::MismatchedShapes(records.nrows(), targets).into());
    }
    let columns: Vec<Vec<f32>> =
        records.columns().into_iter().map(|column| column.iter().map(narrow).collect()).collect();
    if columns.iter().flatten().any(|value| !value.is_finite()) {
        return Err(Error::Parameters("a record is not finite".into()).into());
    }
    Ok(columns)
}

fn narrow<F: Float>(value: &F) -> f32 {
    value.to_f32().unwrap_or(f32::NAN)
}

fn wide<F: Float>(value: &F) -> f64 {
    value.to_f64().unwrap_or(f64::NAN)
}

/// A class as a number that leaves room for a probability of each class up to it.
fn number(class: usize) -> Option<u32> {
    u32::try_from(class).ok().filter(|class| *class < 1 << 20)
}

#[cfg(test)]
mod tests {
    use linfa::Dataset;
    use linfa::prelude::{SingleTargetRegression, ToConfusionMatrix};
    use linfa::traits::Predict;
    use ndarray::{Array2, array};

    use super::super::forest::{ForestClassifierParams, ForestParams};
    use super::*;

    fn records() -> Array2<f64> {
        Array2::from_shape_fn((120, 2), |(row, column)| {
            f64::from((row * 37 % 120) as u32) / if column == 0 { 1.0 } else { 7.0 } % 17.0
        })
    }

    #[test]
    fn linfa_fits_scores_and_cross_validates_regression() {
        let records = records();
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
    fn linfa_fits_and_scores_classification() {
        let records = records();
        let targets = records.column(0).mapv(|value| (value / 6.0) as usize);
        let dataset = Dataset::new(records, targets);
        let params = ForestClassifierParams::default();
        let forest: ForestClassifier = params.fit(&dataset).unwrap();
        assert_eq!(forest.class_count(), 3);
        let matrix = forest.predict(&dataset).confusion_matrix(&dataset).unwrap();
        assert!(matrix.accuracy() > 0.99);
    }

    #[test]
    fn bad_parameters_and_data_are_errors() {
        let one = Dataset::new(array![[1.0], [2.0]], array![1.0, 2.0]);
        assert!(ForestParams::default().n_estimators(0).fit(&one).is_err());
        let infinite = Dataset::new(array![[1.0], [f64::INFINITY]], array![1.0, 2.0]);
        assert!(ForestParams::default().fit(&infinite).is_err());
        let endless = Dataset::new(array![[1.0], [2.0]], array![1.0, f64::NAN]);
        assert!(ForestParams::default().fit(&endless).is_err());
        let empty = Dataset::new(Array2::<f64>::zeros((0, 1)), Array1::zeros(0));
        assert!(ForestParams::default().fit(&empty).is_err());
        let many = Dataset::new(array![[1.0], [2.0]], array![0_usize, usize::MAX]);
        assert!(ForestClassifierParams::default().fit(&many).is_err());
    }
}
