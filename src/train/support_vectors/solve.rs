//! Sequential minimal optimisation (Platt, 1998) of the dual of a support vector machine.
//!
//! Minimises ½ ΣΣ ββ'K − Σ βt + ε Σ |β| with Σ β = 0 and bounds on each β. For classification β is
//! the target ±1 times the usual α and ε is 0; for regression it is α − α*. Two rows that belong
//! together in libsvm are one here, which takes the same steps with half the arrays.
//!
//! The steps are those of Fan, Chen and Lin, "Working set selection using second order information
//! for training support vector machines" (JMLR 6, 2005): see [`Active`].

use std::sync::Arc;

use rayon::prelude::*;

use super::super::error::TrainError;
use super::active::Active;
use super::kernel::Kernel;
use super::points::Points;
use super::progress::{Gauge, Progress};

/// Multiplications in a kernel row that are worth more than one thread.
const SHARED: usize = 1 << 17;
/// Kernels of a row that one thread computes at a time.
const SHARE: usize = 4096;
/// Multiplications after which cancellation is asked for, some ten milliseconds.
const ASK: usize = 1 << 24;
/// Iterations between looks for rows that no longer move, at most.
const SHRINK: u64 = 1000;

/// One optimisation.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) kernel: Kernel,
    pub(super) points: Arc<Points>,
    /// By row, t.
    pub(super) target: Vec<f64>,
    /// By row, the least β, not above 0.
    pub(super) low: Vec<f64>,
    /// By row, the most β, not below 0.
    pub(super) high: Vec<f64>,
    /// ε.
    pub(super) epsilon: f64,
}

/// How to go about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    /// Ends the work once no exchange of two rows pays more than this.
    pub(super) tol: f64,
    /// Ends it anyhow.
    pub(super) max_iter: u64,
    /// Whether rows that will hardly move again are set aside.
    pub(super) shrinking: bool,
    /// Bytes of kernel rows kept in memory.
    pub(super) cache: usize,
}

/// An optimum, f(x) = Σ βK(x) + b.
#[derive(Debug)]
pub(super) struct Solution {
    /// By row, β.
    pub(super) coefficients: Vec<f64>,
    /// b.
    pub(super) intercept: f64,
    pub(super) iterations: u64,
    /// Whether the tolerance was reached.
    pub(super) converged: bool,
}

/// The state of the work.
struct Solver<'a> {
    problem: &'a Problem,
    settings: Settings,
    gauge: Gauge<'a>,
    /// By row of the problem.
    beta: Vec<f64>,
    active: Active,
    /// Multiplications since cancellation was asked for.
    work: usize,
    /// Whether the rows set aside have been looked at again near the optimum.
    restored: bool,
}

/// Solves a problem of at least one row.
pub(super) fn solve(
    problem: &Problem,
    settings: Settings,
    progress: &Progress<'_>,
) -> Result<Solution, TrainError> {
    let mut solver = Solver::new(problem, settings, progress);
    let mut iterations = 0;
    let until_shrink = SHRINK.min(problem.points.len() as u64);
    let mut countdown = until_shrink;
    let mut converged = true;
    loop {
        if iterations >= settings.max_iter {
            converged = false;
            solver.restore()?;
            break;
        }
        countdown -= 1;
        if countdown == 0 {
            countdown = until_shrink;
            solver.shrink()?;
        }
        if solver.step()? {
            iterations += 1;
        } else if solver.all() {
            break;
        } else {
            // Optimal among the rows that move; perhaps one of the others has to move after all.
            solver.restore()?;
            countdown = 1;
            if !solver.step()? {
                break;
            }
            iterations += 1;
        }
    }
    let intercept = solver.intercept();
    Ok(Solution { coefficients: solver.beta, intercept, iterations, converged })
}

impl<'a> Solver<'a> {
    fn new(problem: &'a Problem, settings: Settings, progress: &'a Progress<'a>) -> Self {
        let rows = problem.points.len();
        let mut solver = Self {
            problem,
            settings,
            gauge: progress.gauge(settings.tol),
            beta: vec![0.0; rows],
            active: Active::new(problem, problem.target.clone(), settings.cache),
            work: 0,
            restored: false,
        };
        (0..rows).for_each(|place| solver.price(place));
        solver
    }

    /// Whether no row is set aside.
    fn all(&self) -> bool {
        self.active.rows.len() == self.beta.len()
    }

    /// The least and the most a coefficient can become in one step, which ends at 0 because of the
    /// kink of ε |β|.
    fn reach(&self, row: usize) -> (f64, f64) {
        let (beta, low, high) = (self.beta[row], self.problem.low[row], self.problem.high[row]);
        (if beta > 0.0 { 0.0 } else { low }, if beta < 0.0 { 0.0 } else { high })
    }

    /// Writes down what moving the coefficient at a place pays beyond its error.
    fn price(&mut self, place: usize) {
        let row = self.active.rows[place];
        let ((least, most), beta, epsilon) =
            (self.reach(row), self.beta[row], self.problem.epsilon);
        self.active.up[place] = match beta < most {
            true if beta < 0.0 => epsilon,
            true => -epsilon,
            false => f64::NEG_INFINITY,
        };
        self.active.down[place] = match beta > least {
            true if beta > 0.0 => -epsilon,
            true => epsilon,
            false => f64::INFINITY,
        };
    }

    /// Moves two coefficients against each other; `false` when no two are worth it.
    fn step(&mut self) -> Result<bool, TrainError> {
        let Some((first, pays)) = self.active.first() else { return Ok(false) };
        let one = self.kernels(first)?;
        let (second, costs) = self.active.second(first, pays, self.active.cache.at(one));
        self.gauge.gap(pays - costs);
        let Some(second) = second.filter(|_| pays - costs >= self.settings.tol) else {
            return Ok(false);
        };
        let other = self.kernels(second)?;
        let curvature = self.active.curvature(first, second, self.active.cache.at(one));
        let gain = pays - (self.active.error[second] + self.active.down[second]);
        let (up, down) = (self.active.rows[first], self.active.rows[second]);
        let before = (self.beta[up], self.beta[down]);
        let (most, least) = (self.reach(up).1, self.reach(down).0);
        let step = (gain / curvature).min(most - before.0).min(before.1 - least);
        self.beta[up] = if step < most - before.0 { before.0 + step } else { most };
        self.beta[down] = if step < before.1 - least { before.1 - step } else { least };
        self.price(first);
        self.price(second);
        let changes = (self.beta[up] - before.0, self.beta[down] - before.1);
        self.active.changed((one, changes.0), (other, changes.1));
        // A step too small for the coefficients to notice would be taken for ever.
        Ok(changes.0.abs() + changes.1.abs() > 0.0)
    }

    /// The place in the cache of a row's kernels.
    fn kernels(&mut self, place: usize) -> Result<usize, TrainError> {
        let Active { points, cache, .. } = &mut self.active;
        self.work += points.len();
        let found = cache.place(place, |kernels| {
            self.work += points.columns().len() * points.len();
            let row = points.row(place);
            fill(self.problem.kernel, &row, points, kernels);
        });
        self.ask()?;
        Ok(found)
    }

    fn ask(&mut self) -> Result<(), TrainError> {
        if self.work > ASK {
            self.work = 0;
            if self.gauge.cancelled() {
                return Err(TrainError::Cancelled);
            }
        }
        Ok(())
    }

    /// Sets aside the rows that will hardly move again; once, near the optimum, all are looked at.
    fn shrink(&mut self) -> Result<(), TrainError> {
        if !self.settings.shrinking {
            return Ok(());
        }
        let mut ends = self.active.ends();
        if !self.restored && ends.pays - ends.costs <= 10.0 * self.settings.tol {
            self.restored = true;
            self.restore()?;
            ends = self.active.ends();
        }
        let movable = self.active.movable(ends);
        if movable.len() < self.active.rows.len() {
            self.active.retain(&movable);
        }
        Ok(())
    }

    /// Takes all rows back, the errors of those that were set aside computed anew.
    fn restore(&mut self) -> Result<(), TrainError> {
        if self.all() {
            return Ok(());
        }
        let points = &self.problem.points;
        let moved: Vec<usize> =
            (0..self.beta.len()).filter(|row| self.beta[*row].abs() > 0.0).collect();
        let moved_points = points.select(&moved);
        let mut errors = vec![f64::NAN; self.beta.len()];
        for (row, error) in self.active.rows.iter().zip(&self.active.error) {
            errors[*row] = *error;
        }
        let mut aside: Vec<usize> = (0..self.beta.len()).collect();
        aside.retain(|row| errors[*row].is_nan());
        let each = (moved.len() * points.columns().len()).max(1);
        for rows in aside.chunks((4 * ASK / each).max(1)) {
            let error = |row: &usize| {
                let mut kernels = vec![0.0; moved.len()];
                self.problem.kernel.fill(&points.row(*row), &moved_points, 0, &mut kernels);
                // The same 32 bits as in the cache, or the rows would not be of one problem.
                let terms = moved.iter().zip(&kernels);
                let terms = terms.map(|(row, kernel)| self.beta[*row] * f64::from(*kernel as f32));
                self.problem.target[*row] - terms.sum::<f64>()
            };
            let found: Vec<f64> = rows.par_iter().map(error).collect();
            for (row, error) in rows.iter().zip(found) {
                errors[*row] = error;
            }
            self.work += 2 * ASK;
            self.ask()?;
        }
        self.active = Active::new(self.problem, errors, self.settings.cache);
        (0..self.beta.len()).for_each(|place| self.price(place));
        Ok(())
    }

    /// The mean of what the coefficients between their bounds agree on; the middle between the two
    /// ends where there is none.
    fn intercept(&self) -> f64 {
        let Active { error, up, down, .. } = &self.active;
        let (mut sum, mut count) = (0.0, 0.0);
        for (place, row) in self.active.rows.iter().enumerate() {
            let free = (up[place] - down[place]).abs() <= 0.0 && self.beta[*row].abs() > 0.0;
            if free {
                sum += error[place] + up[place];
                count += 1.0;
            }
        }
        let ends = self.active.ends();
        if count > 0.0 { sum / count } else { f64::midpoint(ends.pays, ends.costs) }
    }
}

/// Fills a row of the kernel matrix, by several threads where it is long.
fn fill(kernel: Kernel, row: &[f64], points: &Points, kernels: &mut [f32]) {
    let share = |(at, kernels): (usize, &mut [f32])| {
        let mut exact = [0.0; 512];
        for (block, kernels) in kernels.chunks_mut(exact.len()).enumerate() {
            let first = at * SHARE + block * exact.len();
            let exact = &mut exact[..kernels.len()];
            kernel.fill(row, points, first, exact);
            kernels.iter_mut().zip(exact).for_each(|(kernel, exact)| *kernel = *exact as f32);
        }
    };
    if kernels.len() * row.len() < SHARED {
        kernels.chunks_mut(SHARE).enumerate().for_each(share);
    } else {
        kernels.par_chunks_mut(SHARE).enumerate().for_each(share);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_threads_share_is_the_row() {
        let column = |at: usize| (0..9000).map(|row| ((row * 3 + at) as f64).sin()).collect();
        let points = Points::new((0..16).map(column).collect());
        let (row, kernel) = (points.row(17), Kernel::Rbf { gamma: 0.1 });
        let (mut shared, mut exact) = (vec![0.0; 9000], vec![0.0; 9000]);
        assert!(shared.len() * row.len() >= SHARED);
        fill(kernel, &row, &points, &mut shared);
        kernel.fill(&row, &points, 0, &mut exact);
        assert!(
            shared
                .iter()
                .zip(&exact)
                .all(|(one, other)| one.to_bits() == (*other as f32).to_bits())
        );
        assert!((shared[17] - 1.0).abs() < 1e-6);
    }
}
