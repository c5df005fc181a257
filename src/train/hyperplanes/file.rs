//! The content of a linear classifier's model file.

use serde::{Deserialize, Serialize};

use super::super::error::TrainError;
use super::super::estimator::Predictor;
use super::super::model_file::{decode, encode};
use super::planes::{Hyperplanes, Plane};

/// The kind of model file, also its extension.
pub(in crate::train) const KIND: &str = "hyperplanes";
/// The newest format written and read.
pub(in crate::train) const FORMAT: u32 = 1;

/// Format 1. Never changed: a new format is a new type.
#[derive(Serialize, Deserialize)]
struct HyperplanesV1 {
    /// The classes that had training rows, rising.
    present: Vec<u32>,
    planes: Vec<PlaneV1>,
}

#[derive(Serialize, Deserialize)]
struct PlaneV1 {
    intercept: f64,
    /// By feature.
    coefficients: Vec<f64>,
}

/// Writes the newest format.
pub(super) fn write(model: &Hyperplanes) -> Result<Vec<u8>, TrainError> {
    let plane = |plane: &Plane| PlaneV1 {
        intercept: plane.intercept,
        coefficients: plane.coefficients.clone(),
    };
    let planes = model.planes.iter().map(plane).collect();
    encode(&HyperplanesV1 { present: model.present.clone(), planes })
}

/// Reads the body of a model of so many features and classes.
pub(in crate::train) fn open(
    body: &[u8],
    features: usize,
    classes: usize,
) -> Result<Box<dyn Predictor>, TrainError> {
    let fault = |text: &str| TrainError::ModelFile(text.into());
    let HyperplanesV1 { present, planes } = decode(body)?;
    let rising = present.is_sorted_by(|one, two| one < two);
    if !rising || present.last().is_none_or(|last| *last as usize >= classes) {
        return Err(fault("its classes are not those of its header"));
    }
    let wanted = match present.len() {
        1 => 0,
        2 => 1,
        more => more,
    };
    if planes.len() != wanted || planes.iter().any(|plane| plane.coefficients.len() != features) {
        return Err(fault("its planes do not belong to its features and classes"));
    }
    let planes = planes.into_iter();
    let plane = |PlaneV1 { intercept, coefficients }| Plane { intercept, coefficients };
    Ok(Box::new(Hyperplanes { classes, present, planes: planes.map(plane).collect() }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn body(present: &[u32], planes: &[(f64, &[f64])]) -> Vec<u8> {
        let plane =
            |plane: &(f64, &[f64])| PlaneV1 { intercept: plane.0, coefficients: plane.1.to_vec() };
        let planes = planes.iter().map(plane).collect();
        encode(&HyperplanesV1 { present: present.to_vec(), planes }).unwrap()
    }

    #[test]
    fn only_models_that_can_answer_are_read() {
        // −x₁ + 2 x₂ + ½ is positive for class 2 and negative for class 0.
        let good = body(&[0, 2], &[(0.5, &[-1.0, 2.0])]);
        let model = open(&good, 2, 3).unwrap();
        let answer = model.predict(&[vec![0.0, 3.0], vec![1.0, 1.0]]);
        assert_eq!(answer.values, [2.0, 0.0]);
        let scores = answer.scores.unwrap();
        assert_eq!(scores.by_class, [[-2.5, 0.5], [-3.5, -1.5], [2.5, -0.5]]);
        assert!(!scores.probabilities);
        assert_eq!(model.body().unwrap(), good);
        assert_eq!(
            open(&body(&[1], &[]), 2, 3).unwrap().predict(&[vec![9.0], vec![9.0]]).values,
            [1.0]
        );

        for (features, classes) in [(1, 3), (3, 3), (2, 2), (2, 0)] {
            assert!(open(&good, features, classes).is_err());
        }
        let plane: (f64, &[f64]) = (0.0, &[1.0, 1.0]);
        for bad in [
            body(&[], &[]),
            body(&[2, 0], &[plane]),
            body(&[1], &[plane]),
            body(&[0, 1, 2], &[plane, plane]),
        ] {
            assert!(open(&bad, 2, 3).is_err());
        }
    }

    proptest! {
        #[test]
        fn no_body_panics(bytes in proptest::collection::vec(0_u8..8, 0..60)) {
            if let Ok(model) = open(&bytes, 2, 3) {
                model.predict(&[vec![0.0, 9.0], vec![1.0, -9.0]]);
            }
        }
    }
}
