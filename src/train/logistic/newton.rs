//! Newton's method on the penalised log loss.

use linfa_linalg::cholesky::SolveCInplace;
use ndarray::{Array1, Array2, Axis};

use crate::ledger::outcome::Reporter;

use super::super::error::TrainError;
use super::design::Design;
use super::loss::{Point, WRITTEN_OUT, dot};

/// What is added to the unit diagonal of the scaled curvature, so that features which depend on
/// each other leave it solvable. It changes the path, not the end.
const DAMPING: f64 = 1e-10;

/// Most products with the curvature for one step where it is not written out.
const PRODUCTS: usize = 1000;

/// Where the steps ended.
pub(super) struct End {
    pub(super) coefficients: Vec<f64>,
    /// Number of steps.
    pub(super) steps: usize,
    pub(super) converged: bool,
    /// The log loss a row, the penalty included.
    pub(super) loss: f64,
}

/// Goes from a start to the optimum.
///
/// A step is measured by how far it moves the log odds of a row, in root mean square weighted by
/// how open the row's class is (the Newton decrement). Each is about the square of the one before,
/// so after one of a ten-thousandth of `tol` nothing is left to gain.
pub(super) fn minimise(
    design: &Design,
    start: Vec<f64>,
    max_iter: usize,
    tol: f64,
    reporter: &dyn Reporter,
) -> Result<End, TrainError> {
    let total = design.labels.len() as f64;
    let enough = (tol * 1e-5).clamp(1e-12, 1e-9);
    let mut coefficients = start;
    balance(design, &mut coefficients);
    let mut point = design.at(&coefficients);
    let mut steps = 0;
    let mut converged = false;
    while steps < max_iter && !converged {
        if reporter.cancelled() {
            return Err(TrainError::Cancelled);
        }
        let step = if design.size() <= WRITTEN_OUT {
            solved(design, &point)
        } else {
            conjugate(design, &point, reporter)?
        };
        let fall = -dot(&point.slope, &step);
        let size = (fall.max(0.0) / total).sqrt();
        let Some((there, next)) = search(design, &coefficients, &point, &step, fall) else {
            break;
        };
        (coefficients, point) = (there, next);
        steps += 1;
        // Without a penalty and with classes that a line divides, the loss falls to 0 for ever.
        converged = size <= enough || point.loss / total < 1e-10;
    }
    let steepest = point.slope.iter().fold(0.0_f64, |high, slope| high.max(slope.abs())) / total;
    converged |= steepest <= tol.max(1e-9);
    Ok(End { coefficients, steps, converged, loss: point.loss / total })
}

/// The first of the step, half of it, a quarter … that lowers the loss in proportion.
fn search(
    design: &Design,
    from: &[f64],
    point: &Point,
    step: &[f64],
    fall: f64,
) -> Option<(Vec<f64>, Point)> {
    // At the optimum the loss can rise by rounding.
    let slack = point.loss.abs() * 1e-14;
    let mut share = 1.0;
    for _ in 0..40 {
        let there: Vec<f64> =
            from.iter().zip(step).map(|(from, step)| from + share * step).collect();
        let next = design.at(&there);
        if next.loss <= point.loss - 1e-4 * share * fall + slack {
            return Some((there, next));
        }
        share *= 0.5;
    }
    None
}

/// Takes out what moves all classes alike: it changes no probability and is 0 where the penalty is
/// least, which makes the optimum the only one without a penalty too.
fn balance(design: &Design, step: &mut [f64]) {
    let (columns, outputs) = (design.columns, design.outputs);
    if outputs == 1 {
        return;
    }
    for column in 0..columns {
        let places = || (0..outputs).map(|output| output * columns + column);
        let mean = places().map(|at| step[at]).sum::<f64>() / outputs as f64;
        places().for_each(|at| step[at] -= mean);
    }
}

/// The step by a Cholesky decomposition of the curvature, scaled to a unit diagonal.
fn solved(design: &Design, point: &Point) -> Vec<f64> {
    let (size, columns, outputs) = (design.size(), design.columns, design.outputs);
    let mut curvature = design.curvature(point);
    // Moving all classes alike may cost nothing; any cost keeps the step from it and solvable.
    for column in (0..columns).filter(|_| outputs > 1) {
        let places: Vec<usize> = (0..outputs).map(|output| output * columns + column).collect();
        let cost = places.iter().map(|at| curvature[at * size + at]).sum::<f64>()
            / (outputs * outputs) as f64;
        for row in &places {
            places.iter().filter(|at| *at <= row).for_each(|at| curvature[row * size + at] += cost);
        }
    }
    let scale = |at: usize| curvature[at * size + at].max(f64::MIN_POSITIVE).sqrt();
    let scales: Vec<f64> = (0..size).map(scale).collect();
    let scaled = Array2::from_shape_fn((size, size), |(row, column)| {
        let (low, high) = (row.max(column), row.min(column));
        curvature[low * size + high] / scales[row] / scales[column]
    });
    let fall: Array1<f64> = point.slope.iter().zip(&scales).map(|(slope, s)| -slope / s).collect();
    let fall = fall.insert_axis(Axis(1));
    let mut damping = DAMPING;
    while damping < 1e3 {
        let mut matrix = &scaled + &(Array2::<f64>::eye(size) * damping);
        if let Ok(step) = matrix.solvec_into(fall.clone())
            && step.iter().all(|value| value.is_finite())
        {
            let mut step: Vec<f64> =
                step.iter().zip(&scales).map(|(step, scale)| step / scale).collect();
            balance(design, &mut step);
            return step;
        }
        damping *= 100.0;
    }
    let downhill = point.slope.iter().zip(&scales).map(|(slope, scale)| -slope / scale / scale);
    let mut step: Vec<f64> = downhill.collect();
    balance(design, &mut step);
    step
}

/// The step by conjugate gradients on the curvature, each coefficient scaled by its diagonal.
///
/// Far from the optimum a rough solution does (Nocedal and Wright, Numerical Optimization, 7.1).
fn conjugate(
    design: &Design,
    point: &Point,
    reporter: &dyn Reporter,
) -> Result<Vec<f64>, TrainError> {
    let inverse: Vec<f64> =
        design.diagonal(point).iter().map(|value| 1.0 / value.max(f64::MIN_POSITIVE)).collect();
    let scaled = |values: &[f64]| {
        let mut scaled: Vec<f64> =
            values.iter().zip(&inverse).map(|(value, it)| value * it).collect();
        balance(design, &mut scaled);
        scaled
    };
    let mut rest: Vec<f64> = point.slope.iter().map(|slope| -slope).collect();
    let mut step = vec![0.0; rest.len()];
    let mut toward = scaled(&rest);
    let mut direction = toward.clone();
    let mut length = dot(&rest, &toward);
    let rough = (length / design.labels.len() as f64).sqrt().clamp(1e-8, 0.1);
    let enough = length * rough * rough;
    for _ in 0..PRODUCTS {
        if length <= enough {
            break;
        }
        if reporter.cancelled() {
            return Err(TrainError::Cancelled);
        }
        let curved = design.curve(point, &direction);
        let across = dot(&direction, &curved);
        if across <= 0.0 || !across.is_finite() {
            break;
        }
        let share = length / across;
        for at in 0..step.len() {
            step[at] += share * direction[at];
            rest[at] -= share * curved[at];
        }
        toward = scaled(&rest);
        let next = dot(&rest, &toward);
        for (direction, toward) in direction.iter_mut().zip(&toward) {
            *direction = toward + next / length * *direction;
        }
        length = next;
    }
    Ok(step)
}
