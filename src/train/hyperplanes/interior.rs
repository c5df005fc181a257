//! An interior point method for losses that are distances.
//!
//! The dual of the problem: minimise ½ ‖Σ s z x‖² + Σ q z over multipliers 0 ≤ z ≤ c, one for each
//! finite end of a row's zone, s being 1 for the low end and −1 for the high one. Its optimum is
//! reached in some twenty steps whatever the units of the features (Ferris and Munson, "Interior-point
//! methods for massive support vector machines", SIAM Journal on Optimization 13, 2002; predictor and
//! corrector by Mehrotra, 1992), where coordinate descent would need thousands of passes.

use crate::ledger::outcome::Reporter;

use super::super::error::TrainError;
use super::design::product;
use super::normal::Normal;
use super::problem::Problem;
use super::{Settings, Solution};

/// The part of the way to the nearest bound that a step goes.
const SHORT_OF_BOUND: f64 = 0.995;

/// A multiplier and those of its own two bounds.
#[derive(Clone, Copy, Debug)]
struct Multiplier {
    row: usize,
    sign: f64,
    /// What it costs: minus the low end of the zone, or its high end.
    price: f64,
    value: f64,
    /// Its distance from its cost, kept because a difference would lose its digits.
    room: f64,
    at_low: f64,
    at_high: f64,
}

/// How a multiplier and those of its bounds move.
#[derive(Clone, Copy, Debug, Default)]
struct Move {
    value: f64,
    at_low: f64,
    at_high: f64,
}

/// Minimises an objective with distances as losses.
pub(super) fn minimise(
    problem: &Problem<'_>,
    settings: Settings,
    reporter: &dyn Reporter,
) -> Result<Solution, TrainError> {
    let mut multipliers = start(problem);
    // Kept beside the multipliers: their sums lose digits where features have unlike units.
    let mut weights = combined(problem, &multipliers);
    let (mut best, mut gap) = (weights.clone(), f64::INFINITY);
    let mut steps = 0;
    while steps < settings.max_iter {
        let values = problem.design.values(&weights);
        let primal = problem.objective(&weights, &values);
        let priced: f64 = multipliers.iter().map(|it| it.price * it.value).sum();
        let summed = combined(problem, &multipliers);
        let dual = -0.5 * product(&summed, &summed) - priced;
        // The optimum lies between the two.
        let open = (primal - dual).max(0.0) / primal.max(f64::MIN_POSITIVE);
        let stuck = open >= 0.999 * gap || open.is_nan();
        if open < gap {
            (best, gap) = (weights.clone(), open);
        }
        if gap <= settings.tol * 1e-8 || (stuck && (gap <= settings.tol || open.is_nan())) {
            break;
        }
        steps += 1;
        advance(problem, &mut multipliers, &mut weights, &values, reporter)?;
    }
    Ok(Solution { weights: best, steps, converged: gap <= settings.tol })
}

/// Every multiplier in the middle.
fn start(problem: &Problem<'_>) -> Vec<Multiplier> {
    let mut multipliers = Vec::new();
    for (row, (zone, cost)) in problem.zones.iter().zip(&problem.costs).enumerate() {
        for (sign, price) in [(1.0, -zone.low), (-1.0, zone.high)] {
            if price.is_finite() {
                let (value, room) = (0.5 * cost, 0.5 * cost);
                // Their difference is the price, both above 0, the objective's own size.
                let at_low = 1.0 + price.max(0.0);
                let at_high = 1.0 - price.min(0.0);
                multipliers.push(Multiplier { row, sign, price, value, room, at_low, at_high });
            }
        }
    }
    multipliers
}

/// The weights that the multipliers stand for, Σ s z x.
fn combined(problem: &Problem<'_>, multipliers: &[Multiplier]) -> Vec<f64> {
    let mut sums = vec![0.0; problem.design.rows];
    for multiplier in multipliers {
        sums[multiplier.row] += multiplier.sign * multiplier.value;
    }
    problem.design.combine(&sums)
}

impl Multiplier {
    /// The curvature that the bounds add.
    fn stiffness(&self) -> f64 {
        self.at_low / self.value + self.at_high / self.room
    }

    /// The right side of its equation, for products of bounds and distances aimed at.
    fn pull(&self, value_of_row: f64, target: f64, predicted: Move) -> f64 {
        let low = (target - predicted.value * predicted.at_low) / self.value;
        let high = (target + predicted.value * predicted.at_high) / self.room;
        low - high - self.sign * value_of_row - self.price
    }

    /// What follows for the bounds' multipliers from how it moves itself.
    fn follow(&self, value: f64, target: f64, predicted: Move) -> Move {
        let low = target - predicted.value * predicted.at_low - self.at_low * value;
        let high = target + predicted.value * predicted.at_high + self.at_high * value;
        Move {
            value,
            at_low: low / self.value - self.at_low,
            at_high: high / self.room - self.at_high,
        }
    }

    /// The longest share of a move that leaves everything above 0.
    fn longest(&self, by: Move) -> f64 {
        let until = |from: f64, by: f64| if by < 0.0 { -from / by } else { f64::INFINITY };
        until(self.value, by.value)
            .min(until(self.room, -by.value))
            .min(until(self.at_low, by.at_low))
            .min(until(self.at_high, by.at_high))
    }

    fn products(&self) -> f64 {
        self.value * self.at_low + self.room * self.at_high
    }

    fn moved(self, by: Move, share: f64) -> Self {
        Self {
            value: self.value + share * by.value,
            room: self.room - share * by.value,
            at_low: self.at_low + share * by.at_low,
            at_high: self.at_high + share * by.at_high,
            ..self
        }
    }
}

/// One step towards the centre of what is left and the optimum at once.
fn advance(
    problem: &Problem<'_>,
    multipliers: &mut [Multiplier],
    weights: &mut [f64],
    values: &[f64],
    reporter: &dyn Reporter,
) -> Result<(), TrainError> {
    let mut looseness = vec![0.0; problem.design.rows];
    for multiplier in &*multipliers {
        looseness[multiplier.row] += 1.0 / multiplier.stiffness();
    }
    let normal = Normal::new(problem.design, &looseness, reporter)?;
    let solve = |target: f64, predicted: &[Move]| -> Result<(Vec<f64>, Vec<Move>), TrainError> {
        let pull = |at: usize, it: &Multiplier| it.pull(values[it.row], target, predicted[at]);
        let mut right = vec![0.0; problem.design.rows];
        for (at, it) in multipliers.iter().enumerate() {
            right[it.row] += it.sign * pull(at, it) / it.stiffness();
        }
        let weights = normal.solve(&problem.design.combine(&right))?;
        let change = problem.design.values(&weights);
        let moves = multipliers.iter().enumerate().map(|(at, it)| {
            let value = (pull(at, it) - it.sign * change[it.row]) / it.stiffness();
            it.follow(value, target, predicted[at])
        });
        let moves = moves.collect();
        Ok((weights, moves))
    };
    let longest = |moves: &[Move]| {
        let pairs = multipliers.iter().zip(moves);
        pairs.fold(f64::INFINITY, |least, (it, by)| least.min(it.longest(*by)))
    };
    let count = 2.0 * multipliers.len() as f64;
    let products = multipliers.iter().map(Multiplier::products).sum::<f64>() / count;
    let nowhere = vec![Move::default(); multipliers.len()];
    let (_, predicted) = solve(0.0, &nowhere)?;
    let share = longest(&predicted).min(1.0);
    let after = multipliers.iter().zip(&predicted);
    let after = after.map(|(it, by)| it.moved(*by, share).products()).sum::<f64>() / count;
    let target = products * (after / products).clamp(0.0, 1.0).powi(3);
    let (change, moves) = solve(target, &predicted)?;
    let share = (SHORT_OF_BOUND * longest(&moves)).min(1.0);
    for (it, by) in multipliers.iter_mut().zip(moves) {
        *it = it.moved(by, share);
    }
    weights.iter_mut().zip(change).for_each(|(weight, change)| *weight += share * change);
    Ok(())
}
