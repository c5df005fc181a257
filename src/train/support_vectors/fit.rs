//! From training rows to machines.

use std::sync::Arc;

use rayon::prelude::*;

use super::super::error::TrainError;
use super::super::estimator::Work;
use super::super::params::Params;
use super::kernel::Kernel;
use super::machine::{Machine, SupportVectors, Voice};
use super::points::Points;
use super::progress::Progress;
use super::solve::{Problem, Settings, Solution, solve};

/// Bytes of kernel rows kept in memory by all threads together, scikit-learn's default.
const CACHE: usize = 200 << 20;
/// Iterations libsvm stops after when there is no other limit.
const MAX_ITER: u64 = 10_000_000;

/// What came of a fit.
pub(super) struct Outcome {
    pub(super) model: SupportVectors,
    pub(super) iterations: u64,
}

/// Fits one machine to the target.
pub(super) fn regression(work: &Work<'_>) -> Result<Outcome, TrainError> {
    let points = Arc::new(Points::new(work.sample.features.clone()));
    let kernel = checked_kernel(work, &points)?;
    let (rows, c) = (points.len(), work.params.float("C"));
    let problem = Problem {
        kernel,
        points,
        target: work.sample.target.clone(),
        low: vec![-c; rows],
        high: vec![c; rows],
        epsilon: work.params.float("epsilon"),
    };
    let progress = Progress::new(work.reporter, 1);
    let solution = solve(&problem, settings(work.params, rows, 1), &progress)?;
    let solved = vec![((0..rows).collect(), solution)];
    assemble(work, kernel, &problem.points, &solved, Voice::Number)
}

/// Fits one machine a pair of classes.
pub(super) fn classification(work: &Work<'_>) -> Result<Outcome, TrainError> {
    let points = Points::new(work.sample.features.clone());
    let kernel = checked_kernel(work, &points)?;
    let mut by_class: Vec<Vec<usize>> = vec![Vec::new(); work.classes];
    for (row, class) in work.sample.target.iter().enumerate() {
        by_class[*class as usize].push(row);
    }
    let present: Vec<usize> = (0..work.classes).filter(|at| !by_class[*at].is_empty()).collect();
    if present.len() == 1 {
        work.reporter.line("all training rows are of one class, which is every answer");
    }
    let balanced = work.params.word("class_weight") == "balanced";
    let weight = |class: usize| {
        let balance = points.len() as f64 / (present.len() * by_class[class].len()) as f64;
        work.params.float("C") * if balanced { balance } else { 1.0 }
    };
    let pairs: Vec<(usize, usize)> = present
        .iter()
        .flat_map(|one| present.iter().filter(move |two| *two > one).map(move |two| (*one, *two)))
        .collect();
    let progress = Progress::new(work.reporter, pairs.len());
    let together = pairs.len().min(rayon::current_num_threads());
    let solved = pairs.into_par_iter().map(|(one, two)| {
        let rows = [&by_class[one][..], &by_class[two]].concat();
        let first = |row: &usize| work.sample.target[*row] as usize == one;
        let by_row =
            |yes: f64, no: f64| rows.iter().map(|row| if first(row) { yes } else { no }).collect();
        let problem = Problem {
            kernel,
            points: Arc::new(points.select(&rows)),
            target: by_row(1.0, -1.0),
            low: by_row(0.0, -weight(two)),
            high: by_row(weight(one), 0.0),
            epsilon: 0.0,
        };
        let solution = solve(&problem, settings(work.params, rows.len(), together), &progress)?;
        Ok((rows, solution))
    });
    let solved = solved.collect::<Result<Vec<_>, TrainError>>()?;
    let present = present.into_iter().map(|class| class as u32).collect();
    assemble(work, kernel, &points, &solved, Voice::Classes { present, count: work.classes })
}

fn settings(params: &Params<'_>, rows: usize, together: usize) -> Settings {
    let limit = params.get("max_iter").and_then(|value| value.as_integer()).unwrap_or(-1);
    Settings {
        tol: params.float("tol"),
        max_iter: u64::try_from(limit).unwrap_or(MAX_ITER.max(100 * rows as u64)),
        shrinking: params.boolean("shrinking"),
        cache: CACHE / together.max(1),
    }
}

/// The kernel of the parameters; an error where it overflows on the rows.
fn checked_kernel(work: &Work<'_>, points: &Points) -> Result<Kernel, TrainError> {
    let kernel = kernel(work.params, points);
    let square = points.squares().iter().fold(0.0, |most: f64, square| most.max(*square));
    // Kernels are kept in 32 bits, and sums of some of them must not overflow either.
    if kernel.bound(square) <= f64::from(f32::MAX) / 16.0 {
        return Ok(kernel);
    }
    let largest =
        |column: &[f64]| column.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    let sizes =
        work.names.iter().zip(points.columns()).map(|(name, column)| (name, largest(column)));
    let (name, size) = sizes.fold((&work.names[0], 0.0), |a, b| if b.1 > a.1 { b } else { a });
    Err(TrainError::Fit(format!(
        "its kernel overflows: '{name}' reaches {size:e}; rescale the columns"
    )))
}

fn kernel(params: &Params<'_>, points: &Points) -> Kernel {
    let features = points.columns().len() as f64;
    let gamma = match params.word("gamma").as_str() {
        "scale" => scale(points.columns()),
        "auto" => 1.0 / features,
        _ => params.float("gamma"),
    };
    let coef0 = params.float("coef0");
    match params.word("kernel").as_str() {
        "linear" => Kernel::Linear,
        "poly" => Kernel::Polynomial { gamma, coef0, degree: params.count("degree") as u32 },
        "sigmoid" => Kernel::Sigmoid { gamma, coef0 },
        _ => Kernel::Rbf { gamma },
    }
}

/// 1 / (features × variance of all values), 1 where they are all equal.
fn scale(columns: &[Vec<f64>]) -> f64 {
    let values = || columns.iter().flatten();
    let count = values().count() as f64;
    let mean = values().sum::<f64>() / count;
    let variance = values().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
    if variance > 0.0 { 1.0 / (columns.len() as f64 * variance) } else { 1.0 }
}

/// Collects the support vectors of all machines.
fn assemble(
    work: &Work<'_>,
    kernel: Kernel,
    points: &Points,
    solved: &[(Vec<usize>, Solution)],
    voice: Voice,
) -> Result<Outcome, TrainError> {
    let late = solved.iter().filter(|(_, solution)| !solution.converged).count();
    let iterations = solved.iter().map(|(_, solution)| solution.iterations).sum();
    if late > 0 {
        work.reporter.line(&format!(
            "{late} of {} machines not converged after max_iter; raise it, scale the features, or \
             lower C",
            solved.len()
        ));
    }
    let mut number = vec![None; points.len()];
    for (rows, solution) in solved {
        for (row, beta) in rows.iter().zip(&solution.coefficients) {
            if beta.abs() > 0.0 {
                number[*row] = Some(0);
            }
        }
    }
    let rows: Vec<usize> = (0..points.len()).filter(|row| number[*row].is_some()).collect();
    for (at, row) in (0_u32..).zip(&rows) {
        number[*row] = Some(at);
    }
    let machine = |(rows, solution): &(Vec<usize>, Solution)| {
        let terms = rows.iter().zip(&solution.coefficients).filter(|(_, beta)| beta.abs() > 0.0);
        let mut terms: Vec<(u32, f64)> =
            terms.filter_map(|(row, beta)| Some((number[*row]?, *beta))).collect();
        terms.sort_unstable_by_key(|(at, _)| *at);
        Machine { intercept: solution.intercept, terms }
    };
    let machines: Vec<Machine> = solved.iter().map(machine).collect();
    let finite = |machine: &Machine| {
        machine.intercept.is_finite() && machine.terms.iter().all(|(_, beta)| beta.is_finite())
    };
    if !machines.iter().all(finite) {
        return Err(TrainError::Fit("its coefficients are not finite; rescale the columns".into()));
    }
    let model = SupportVectors { kernel, support: points.select(&rows), machines, voice };
    Ok(Outcome { model, iterations })
}
