//! Newton's method for squared losses (Keerthi et al., "A modified finite Newton method for fast
//! solution of large scale linear SVMs", JMLR 6, 2005).
//!
//! The objective is a parabola as long as the same rows lie outside their zones, so a step that does
//! not change which they are ends at the optimum exactly.

use crate::ledger::outcome::Reporter;

use super::super::error::TrainError;
use super::design::product;
use super::normal::Normal;
use super::problem::Problem;
use super::{Settings, Solution};

/// Minimises an objective with squared losses.
pub(super) fn minimise(
    problem: &Problem<'_>,
    settings: Settings,
    reporter: &dyn Reporter,
) -> Result<Solution, TrainError> {
    let design = problem.design;
    let mut weights = vec![0.0; design.columns.len()];
    let mut values = vec![0.0; design.rows];
    let mut objective = problem.objective(&weights, &values);
    for step in 1..=settings.max_iter {
        let slope = slope(problem, &weights, &values);
        let curvature: Vec<f64> = problem
            .zones
            .iter()
            .zip(&values)
            .zip(&problem.costs)
            .map(
                |((zone, value), cost)| {
                    if zone.beyond(*value).abs() > 0.0 { 2.0 * cost } else { 0.0 }
                },
            )
            .collect();
        let back = Normal::new(design, &curvature, reporter)?.solve(&slope)?;
        let fall = product(&slope, &back);
        if fall <= settings.tol * settings.tol * 1e-4 * objective {
            return Ok(Solution { weights, steps: step - 1, converged: true });
        }
        let moved = design.values(&back);
        let mut share = 1.0;
        loop {
            let there = along(&weights, &back, share);
            let next = along(&values, &moved, share);
            let lower = problem.objective(&there, &next);
            if lower <= objective - 1e-4 * share * fall {
                (weights, objective) = (there, lower);
                // Computed anew, so that rounding does not add up.
                values = design.values(&weights);
                break;
            }
            share *= 0.5;
            if share < 1e-12 {
                // Rounding is all that is left to gain.
                let converged = fall <= settings.tol * objective;
                return Ok(Solution { weights, steps: step, converged });
            }
        }
    }
    Ok(Solution { weights, steps: settings.max_iter, converged: false })
}

/// The gradient: w + 2 Xᵀ(c × how far each row is beyond its zone).
fn slope(problem: &Problem<'_>, weights: &[f64], values: &[f64]) -> Vec<f64> {
    let rows = problem.zones.iter().zip(values).zip(&problem.costs);
    let pulls: Vec<f64> =
        rows.map(|((zone, value), cost)| 2.0 * cost * zone.beyond(*value)).collect();
    let mut slope = problem.design.combine(&pulls);
    slope.iter_mut().zip(weights).for_each(|(slope, weight)| *slope += weight);
    slope
}

fn along(from: &[f64], back: &[f64], share: f64) -> Vec<f64> {
    from.iter().zip(back).map(|(from, back)| from - share * back).collect()
}
