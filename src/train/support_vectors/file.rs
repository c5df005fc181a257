//! The content of a support vector machine's model file.

use serde::{Deserialize, Serialize};

use super::super::error::TrainError;
use super::super::estimator::Predictor;
use super::super::model_file::{decode, encode};
use super::kernel::Kernel;
use super::machine::{Machine, SupportVectors, Voice};
use super::points::Points;

/// The kind of model file, also its extension.
pub(in crate::train) const KIND: &str = "support-vectors";
/// The newest format written and read.
pub(in crate::train) const FORMAT: u32 = 1;

/// Format 1. Never changed: a new format is a new type.
#[derive(Serialize, Deserialize)]
struct SupportVectorsV1 {
    kernel: KernelV1,
    /// By feature, a value a support vector.
    support: Vec<Vec<f64>>,
    machines: Vec<MachineV1>,
    /// The classes that were in the training rows, rising; none for regression.
    present: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
enum KernelV1 {
    Linear,
    Polynomial { gamma: f64, coef0: f64, degree: u32 },
    Rbf { gamma: f64 },
    Sigmoid { gamma: f64, coef0: f64 },
}

#[derive(Serialize, Deserialize)]
struct MachineV1 {
    intercept: f64,
    /// Number of a support vector and its coefficient, by rising number.
    terms: Vec<(u32, f64)>,
}

/// Writes the newest format.
pub(super) fn write(model: &SupportVectors) -> Result<Vec<u8>, TrainError> {
    let kernel = match model.kernel {
        Kernel::Linear => KernelV1::Linear,
        Kernel::Polynomial { gamma, coef0, degree } => {
            KernelV1::Polynomial { gamma, coef0, degree }
        }
        Kernel::Rbf { gamma } => KernelV1::Rbf { gamma },
        Kernel::Sigmoid { gamma, coef0 } => KernelV1::Sigmoid { gamma, coef0 },
    };
    let machine = |machine: &Machine| MachineV1 {
        intercept: machine.intercept,
        terms: machine.terms.clone(),
    };
    let present = match &model.voice {
        Voice::Number => Vec::new(),
        Voice::Classes { present, .. } => present.clone(),
    };
    encode(&SupportVectorsV1 {
        kernel,
        support: model.support.columns().to_vec(),
        machines: model.machines.iter().map(machine).collect(),
        present,
    })
}

/// Reads the body of a model of `features` features and, unless it predicts numbers, `classes`
/// classes.
pub(in crate::train) fn open(
    body: &[u8],
    features: usize,
    classes: usize,
) -> Result<Box<dyn Predictor>, TrainError> {
    let fault = |text: &str| TrainError::ModelFile(text.into());
    let stored: SupportVectorsV1 = decode(body)?;
    let count = stored.support.first().map_or(0, Vec::len);
    let even = stored.support.iter().all(|column| column.len() == count);
    if features == 0 || stored.support.len() != features || !even {
        return Err(fault("its support vectors do not belong to its features"));
    }
    let known = |terms: &[(u32, f64)]| terms.iter().all(|(at, _)| (*at as usize) < count);
    if !stored.machines.iter().all(|machine| known(&machine.terms)) {
        return Err(fault("one of its machines names a support vector that is not there"));
    }
    let present = stored.present;
    let pairs = present.len() * present.len().saturating_sub(1) / 2;
    let rising = present.is_sorted_by(|one, two| one < two);
    let (wanted, voice) = if classes == 0 && present.is_empty() {
        (1, Voice::Number)
    } else if rising && present.last().is_some_and(|last| (*last as usize) < classes) {
        (pairs, Voice::Classes { present, count: classes })
    } else {
        return Err(fault("its classes are not those of its header"));
    };
    if stored.machines.len() != wanted {
        return Err(fault("its machines do not belong to its classes"));
    }
    let kernel = match stored.kernel {
        KernelV1::Linear => Kernel::Linear,
        KernelV1::Polynomial { gamma, coef0, degree } => {
            Kernel::Polynomial { gamma, coef0, degree }
        }
        KernelV1::Rbf { gamma } => Kernel::Rbf { gamma },
        KernelV1::Sigmoid { gamma, coef0 } => Kernel::Sigmoid { gamma, coef0 },
    };
    let machines = stored.machines.into_iter();
    let machines =
        machines.map(|machine| Machine { intercept: machine.intercept, terms: machine.terms });
    Ok(Box::new(SupportVectors {
        kernel,
        support: Points::new(stored.support),
        machines: machines.collect(),
        voice,
    }))
}

#[cfg(test)]
mod tests;
