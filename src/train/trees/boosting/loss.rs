//! What boosting lowers: the loss of raw scores, its gradient, and the step of a leaf.
//!
//! Friedman, "Greedy Function Approximation: A Gradient Boosting Machine", 2001; scaled as in
//! scikit-learn.

use rayon::prelude::*;

/// Rows whose losses are summed up before the sums are: fixed, so threads do not matter.
const CHUNK: usize = 4096;

/// Below this mean curvature a leaf makes no step, as in scikit-learn.
const FLAT: f64 = 1e-150;

/// A loss together with the targets.
pub(super) enum Loss<'a> {
    /// The squared error of numbers.
    Squared(&'a [f64]),
    /// The deviance of two classes: 1 for rows of the second, else 0.
    Binomial(&'a [f64]),
    /// The log loss of some classes, each below their number.
    Multinomial(&'a [u32], usize),
}

impl Loss<'_> {
    /// Number of raw scores a row.
    pub(super) fn outputs(&self) -> usize {
        match self {
            Self::Squared(_) | Self::Binomial(_) => 1,
            Self::Multinomial(_, classes) => *classes,
        }
    }

    /// Number of rows.
    pub(super) fn rows(&self) -> usize {
        match self {
            Self::Squared(target) | Self::Binomial(target) => target.len(),
            Self::Multinomial(class, _) => class.len(),
        }
    }

    /// The raw scores that are best without any feature.
    pub(super) fn initial(&self) -> Vec<f64> {
        match self {
            Self::Squared(target) => vec![mean(target)],
            Self::Binomial(target) => {
                let share = clip(mean(target));
                vec![(share / (1.0 - share)).ln()]
            }
            Self::Multinomial(class, classes) => {
                let mut counts = vec![0.0; *classes];
                for class in *class {
                    counts[*class as usize] += 1.0;
                }
                let log = |count: f64| clip(count / class.len() as f64).ln();
                let logs: Vec<f64> = counts.into_iter().map(log).collect();
                let center = mean(&logs);
                logs.into_iter().map(|log| log - center).collect()
            }
        }
    }

    /// By output, the negative gradient a row at raw scores given by output.
    pub(super) fn gradient(&self, raw: &[Vec<f64>]) -> Vec<Vec<f64>> {
        match self {
            Self::Squared(target) => vec![rowwise(target, &raw[0], |target, raw| target - raw)],
            Self::Binomial(target) => {
                vec![rowwise(target, &raw[0], |target, raw| target - sigmoid(raw))]
            }
            Self::Multinomial(class, _) => {
                let norms = norms(raw);
                let gradient = |(output, raw): (usize, &Vec<f64>)| {
                    let rows = class.par_iter().zip(raw).zip(&norms);
                    rows.map(|((class, raw), (most, sum))| {
                        let own = f64::from(u8::from(*class as usize == output));
                        own - (raw - most).exp() / sum
                    })
                    .collect()
                };
                raw.iter().enumerate().map(gradient).collect()
            }
        }
    }

    /// The step of a leaf: the mean gradient, or one step of Newton's method from the sums of the
    /// gradients and of p(1 − p) over its rows.
    pub(super) fn step(&self, sums: Curve) -> f64 {
        let factor = match self {
            Self::Squared(_) => return sums.gradient / sums.rows,
            Self::Binomial(_) => 1.0,
            Self::Multinomial(_, classes) => (*classes as f64 - 1.0) / *classes as f64,
        };
        if sums.curvature / sums.rows < FLAT {
            return 0.0;
        }
        factor * sums.gradient / sums.curvature
    }

    /// What a row adds to the sums of its leaf in the tree of an output.
    pub(super) fn curve(&self, output: usize, row: usize, gradient: f64) -> Curve {
        // The gradient is the target minus the probability.
        let share = match self {
            Self::Squared(_) => return Curve { rows: 1.0, gradient, curvature: 1.0 },
            Self::Binomial(target) => target[row] - gradient,
            Self::Multinomial(class, _) => {
                f64::from(u8::from(class[row] as usize == output)) - gradient
            }
        };
        Curve { rows: 1.0, gradient, curvature: share * (1.0 - share) }
    }

    /// The mean loss of the rows that count, twice what the gradient belongs to except with many
    /// classes, as scikit-learn has it.
    pub(super) fn mean(&self, raw: &[Vec<f64>], counts: &[u32]) -> f64 {
        let loss = |row: usize| match self {
            Self::Squared(target) => (target[row] - raw[0][row]).powi(2),
            Self::Binomial(target) => 2.0 * (softplus(raw[0][row]) - target[row] * raw[0][row]),
            Self::Multinomial(class, _) => {
                let most = raw.iter().map(|raw| raw[row]).fold(f64::NEG_INFINITY, f64::max);
                let sum: f64 = raw.iter().map(|raw| (raw[row] - most).exp()).sum();
                sum.ln() + most - raw[class[row] as usize][row]
            }
        };
        let sums: Vec<(f64, f64)> = counts
            .par_chunks(CHUNK)
            .enumerate()
            .map(|(chunk, counts)| {
                let drawn = (chunk * CHUNK..).zip(counts).filter(|(_, count)| **count > 0);
                drawn.fold((0.0, 0.0), |(sum, rows), (row, _)| (sum + loss(row), rows + 1.0))
            })
            .collect();
        let (sum, rows) = sums.into_iter().fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
        sum / rows
    }
}

/// Sums over the rows of a leaf.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Curve {
    rows: f64,
    gradient: f64,
    curvature: f64,
}

impl std::ops::AddAssign for Curve {
    fn add_assign(&mut self, other: Self) {
        self.rows += other.rows;
        self.gradient += other.gradient;
        self.curvature += other.curvature;
    }
}

/// 1 / (1 + e^−x), without overflow.
pub(super) fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 { 1.0 / (1.0 + (-x).exp()) } else { x.exp() / (1.0 + x.exp()) }
}

/// Turns scores into shares e^x / Σe^x, without overflow.
pub(super) fn softmax(scores: &mut [f64]) {
    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - most).exp();
        sum += *score;
    }
    for score in scores {
        *score /= sum;
    }
}

/// ln(1 + e^x), without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

fn clip(share: f64) -> f64 {
    share.clamp(f64::EPSILON, 1.0 - f64::EPSILON)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// By row, the largest score and the sum of e to the scores measured from it.
fn norms(raw: &[Vec<f64>]) -> Vec<(f64, f64)> {
    let norm = |row: usize| {
        let most = raw.iter().map(|raw| raw[row]).fold(f64::NEG_INFINITY, f64::max);
        (most, raw.iter().map(|raw| (raw[row] - most).exp()).sum())
    };
    (0..raw.first().map_or(0, Vec::len)).into_par_iter().map(norm).collect()
}

fn rowwise(target: &[f64], raw: &[f64], of: impl Fn(f64, f64) -> f64 + Sync) -> Vec<f64> {
    target.par_iter().zip(raw).map(|(target, raw)| of(*target, *raw)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-12, "{a} is not {b}");
    }

    /// By differences: the gradient is the fall of the loss, half of it where the loss is doubled.
    #[test]
    fn the_gradient_is_that_of_the_loss() {
        let (numbers, two) = ([1.0, -2.0, 0.5], [0.0, 1.0, 1.0]);
        let losses = [
            (Loss::Squared(&numbers), 2.0),
            (Loss::Binomial(&two), 2.0),
            (Loss::Multinomial(&[2, 0, 1], 3), 1.0),
        ];
        for (loss, factor) in losses {
            let mut raw = vec![vec![0.3, -1.2, 2.0]; loss.outputs()];
            raw.last_mut().unwrap()[1] = 0.7;
            let gradient = loss.gradient(&raw);
            for output in 0..loss.outputs() {
                for row in 0..3 {
                    let at = |step: f64| {
                        let mut moved = raw.clone();
                        moved[output][row] += step;
                        loss.mean(&moved, &[1; 3]) * 3.0
                    };
                    let slope = (at(1e-6) - at(-1e-6)) / 2e-6;
                    assert!((-slope / factor - gradient[output][row]).abs() < 1e-8);
                }
            }
        }
    }

    /// By hand: a quarter of the rows is of the second class, so the odds are one to three.
    #[test]
    fn scores_start_at_the_shares_of_the_classes() {
        near(Loss::Binomial(&[0.0, 0.0, 1.0, 0.0]).initial()[0], (1.0_f64 / 3.0).ln());
        let initial = Loss::Multinomial(&[0, 0, 1, 2], 3).initial();
        near(initial[0] - initial[1], 2.0_f64.ln());
        near(initial.iter().sum(), 0.0);
        near(Loss::Squared(&[1.0, 2.0, 6.0]).initial()[0], 3.0);
    }

    /// By hand: with p = 1/2 everywhere the gradients of 1 1 0 are ½ ½ −½ and p(1 − p) is ¼.
    #[test]
    fn a_leaf_makes_one_step_of_newton() {
        let loss = Loss::Binomial(&[1.0, 1.0, 0.0]);
        let gradient = loss.gradient(&[vec![0.0; 3]]);
        let mut sums = Curve::default();
        (0..3).for_each(|row| sums += loss.curve(0, row, gradient[0][row]));
        near(loss.step(sums), 0.5 / 0.75);
        let many = Loss::Multinomial(&[0, 1, 1], 3);
        near(many.step(sums), 0.5 / 0.75 * 2.0 / 3.0);
        near(loss.step(Curve { rows: 2.0, gradient: 1e-300, curvature: 0.0 }), 0.0);
    }

    #[test]
    fn only_rows_that_count_are_in_the_loss() {
        let loss = Loss::Squared(&[1.0, 100.0, 3.0]);
        near(loss.mean(&[vec![0.0; 3]], &[1, 0, 1]), 5.0);
        near(Loss::Binomial(&[1.0]).mean(&[vec![1000.0]], &[1]), 0.0);
    }

    #[test]
    fn large_scores_do_not_overflow() {
        near(sigmoid(-1000.0), 0.0);
        near(sigmoid(1000.0), 1.0);
        let mut scores = [1000.0, 1000.0, -1000.0];
        softmax(&mut scores);
        for (score, expected) in scores.into_iter().zip([0.5, 0.5, 0.0]) {
            near(score, expected);
        }
    }
}
