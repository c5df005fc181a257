//! The penalised log loss with its slope and curvature.
//!
//! Rows are summed in blocks whose borders depend on their number only, so the number of threads
//! changes no bit.

use rayon::prelude::*;

use super::design::Design;

/// Most coefficients for which the curvature is written out: beyond, 512² numbers a block are too
/// many to hold and to solve for.
pub(super) const WRITTEN_OUT: usize = 512;

/// The loss at some coefficients.
pub(super) struct Point {
    /// Weighted log loss plus penalty.
    pub(super) loss: f64,
    /// Its slope by coefficient, output by output.
    pub(super) slope: Vec<f64>,
    /// Row by row, the probability of each output's class.
    pub(super) probabilities: Vec<f64>,
}

/// The probabilities of a row's outputs in place of their log odds, and the loss of the row.
///
/// One output is the log odds of the second class against the first (logistic function), several
/// are log probabilities up to a constant (softmax).
pub(super) fn row_loss(odds: &mut [f64], label: usize) -> f64 {
    if let [odds] = odds {
        let signed = if label == 1 { *odds } else { -*odds };
        let loss = (-signed.abs()).exp().ln_1p() + (-signed).max(0.0);
        *odds = logistic(*odds);
        return loss;
    }
    let highest = odds.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let own = odds.get(label).map_or(0.0, |odds| odds - highest);
    let mut sum = 0.0;
    for odds in odds.iter_mut() {
        *odds = (*odds - highest).exp();
        sum += *odds;
    }
    for odds in odds.iter_mut() {
        *odds /= sum;
    }
    sum.ln() - own
}

/// 1 / (1 + e^−x), without overflow.
pub(super) fn logistic(odds: f64) -> f64 {
    if odds >= 0.0 {
        1.0 / (1.0 + (-odds).exp())
    } else {
        let small = odds.exp();
        small / (1.0 + small)
    }
}

/// The sum of products in four lanes, which the compiler keeps in vector registers.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 4];
    let (a_fours, b_fours) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = a_fours.remainder().iter().zip(b_fours.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a_fours.zip(b_fours) {
        for lane in 0..4 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]) + rest
}

fn add(sum: &mut [f64], factor: f64, values: &[f64]) {
    sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += factor * value);
}

impl Design {
    /// Rows a block.
    fn block(&self) -> usize {
        self.labels.len().div_ceil(32).max(512)
    }

    /// Number of coefficients.
    pub(super) fn size(&self) -> usize {
        self.outputs * self.columns
    }

    /// Loss, slope and probabilities at some coefficients.
    pub(super) fn at(&self, coefficients: &[f64]) -> Point {
        let (columns, outputs, block) = (self.columns, self.outputs, self.block());
        let mut probabilities = vec![0.0; self.labels.len() * outputs];
        let parts: Vec<(f64, Vec<f64>)> = probabilities
            .par_chunks_mut(block * outputs)
            .enumerate()
            .map(|(at, probabilities)| {
                let (mut loss, mut slope) = (0.0, vec![0.0; self.size()]);
                for (row, odds) in probabilities.chunks_exact_mut(outputs).enumerate() {
                    let row = at * block + row;
                    let values = &self.rows[row * columns..][..columns];
                    for (odds, coefficients) in odds.iter_mut().zip(coefficients.chunks(columns)) {
                        *odds = dot(values, coefficients);
                    }
                    let (label, weight) = (self.labels[row], self.weights[row]);
                    loss += weight * row_loss(odds, label);
                    for (output, slope) in slope.chunks_exact_mut(columns).enumerate() {
                        let own = if outputs == 1 { label == 1 } else { label == output };
                        add(slope, weight * (odds[output] - f64::from(u8::from(own))), values);
                    }
                }
                (loss, slope)
            })
            .collect();
        let (mut loss, mut slope) = (0.0, vec![0.0; self.size()]);
        for (part_loss, part) in &parts {
            loss += part_loss;
            add(&mut slope, 1.0, part);
        }
        for (at, (coefficient, slope)) in coefficients.iter().zip(&mut slope).enumerate() {
            let penalty = self.penalties[at % columns];
            loss += 0.5 * penalty * coefficient * coefficient;
            *slope += penalty * coefficient;
        }
        Point { loss, slope, probabilities }
    }

    /// What the curvature at a point makes of a direction.
    pub(super) fn curve(&self, point: &Point, direction: &[f64]) -> Vec<f64> {
        let (columns, outputs, block) = (self.columns, self.outputs, self.block());
        let parts: Vec<Vec<f64>> = point
            .probabilities
            .par_chunks(block * outputs)
            .enumerate()
            .map(|(at, probabilities)| {
                let mut sum = vec![0.0; self.size()];
                let mut along = vec![0.0; outputs];
                for (row, probabilities) in probabilities.chunks_exact(outputs).enumerate() {
                    let row = at * block + row;
                    let values = &self.rows[row * columns..][..columns];
                    for (along, direction) in along.iter_mut().zip(direction.chunks(columns)) {
                        *along = dot(values, direction);
                    }
                    let mean = dot(&along, probabilities);
                    for (output, sum) in sum.chunks_exact_mut(columns).enumerate() {
                        let factor = probabilities[output] * (along[output] - mean);
                        add(sum, self.weights[row] * factor, values);
                    }
                }
                sum
            })
            .collect();
        let mut sum = vec![0.0; self.size()];
        for part in &parts {
            add(&mut sum, 1.0, part);
        }
        for (at, (sum, direction)) in sum.iter_mut().zip(direction).enumerate() {
            *sum += self.penalties[at % columns] * direction;
        }
        sum
    }

    /// The lower triangle of the curvature at a point, row by row.
    pub(super) fn curvature(&self, point: &Point) -> Vec<f64> {
        let (columns, outputs, block, size) =
            (self.columns, self.outputs, self.block(), self.size());
        let parts: Vec<Vec<f64>> = point
            .probabilities
            .par_chunks(block * outputs)
            .enumerate()
            .map(|(at, probabilities)| {
                let mut sum = vec![0.0; size * size];
                for (row, probabilities) in probabilities.chunks_exact(outputs).enumerate() {
                    let row = at * block + row;
                    let values = &self.rows[row * columns..][..columns];
                    for first in 0..outputs {
                        for second in 0..=first {
                            let own = if first == second { 1.0 } else { 0.0 };
                            let factor = self.weights[row]
                                * probabilities[first]
                                * (own - probabilities[second]);
                            for (column, value) in values.iter().enumerate() {
                                let start = (first * columns + column) * size + second * columns;
                                let end = if first == second { column + 1 } else { columns };
                                add(&mut sum[start..start + end], factor * value, &values[..end]);
                            }
                        }
                    }
                }
                sum
            })
            .collect();
        let mut sum = vec![0.0; size * size];
        for part in &parts {
            add(&mut sum, 1.0, part);
        }
        for at in 0..size {
            sum[at * size + at] += self.penalties[at % columns];
        }
        sum
    }

    /// The diagonal of the curvature at a point.
    pub(super) fn diagonal(&self, point: &Point) -> Vec<f64> {
        let (columns, outputs) = (self.columns, self.outputs);
        let mut sum = vec![0.0; self.size()];
        for (row, probabilities) in point.probabilities.chunks_exact(outputs).enumerate() {
            let values = &self.rows[row * columns..][..columns];
            for (sum, probability) in sum.chunks_exact_mut(columns).zip(probabilities) {
                let factor = self.weights[row] * probability * (1.0 - probability);
                sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += factor * value * value);
            }
        }
        for (at, sum) in sum.iter_mut().enumerate() {
            *sum += self.penalties[at % columns];
        }
        sum
    }
}
