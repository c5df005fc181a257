//! Trained support vector machines.

use rayon::prelude::*;

use super::super::error::TrainError;
use super::super::estimator::{Answer, Predictor, Scores};
use super::super::neighbours::rows::Rows;
use super::super::onnx::{Graph, Outputs, Tensor};
use super::kernel::Kernel;
use super::points::Points;
use super::{file, onnx};

/// Rows answered for by one thread at a time.
const BLOCK: usize = 64;

/// f(x) = Σ βK(x) + b over some of the support vectors.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Machine {
    pub(super) intercept: f64,
    /// The number of a support vector and its β, by rising number.
    pub(super) terms: Vec<(u32, f64)>,
}

/// What the values of the machines mean.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Voice {
    /// The value of the only machine is the answer.
    Number,
    /// Each machine decides between two of the classes that were in the training rows: the first
    /// against the second, the first against the third, …; above 0 is for the former.
    Classes { present: Vec<u32>, count: usize },
}

/// Some machines over the same support vectors.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SupportVectors {
    pub(super) kernel: Kernel,
    pub(super) support: Points,
    pub(super) machines: Vec<Machine>,
    pub(super) voice: Voice,
}

impl SupportVectors {
    /// By row, the value of each machine.
    fn decide(&self, features: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let points = Rows::of(features);
        let blocks = points.values.par_chunks(BLOCK * points.features).map(|block| {
            let mut kernels = vec![0.0; self.support.len()];
            let decide = |row: &[f64]| {
                self.kernel.fill(row, &self.support, 0, &mut kernels);
                let value = |machine: &Machine| {
                    let terms = machine.terms.iter();
                    let sum = terms.fold(0.0, |sum, (at, beta)| sum + beta * kernels[*at as usize]);
                    sum + machine.intercept
                };
                self.machines.iter().map(value).collect::<Vec<f64>>()
            };
            block.chunks_exact(points.features).map(decide).collect::<Vec<_>>()
        });
        blocks.collect::<Vec<_>>().into_iter().flatten().collect()
    }
}

impl Predictor for SupportVectors {
    fn predict(&self, features: &[Vec<f64>]) -> Answer {
        let decided = self.decide(features);
        match &self.voice {
            Voice::Number => Answer::plain(decided.iter().map(|values| values[0]).collect()),
            Voice::Classes { present, count } => {
                let ballots: Vec<Ballot> =
                    decided.iter().map(|values| Ballot::count(values, present, *count)).collect();
                let class = |at: usize| ballots.iter().map(|ballot| ballot.scores[at]).collect();
                let by_class = (0..*count).map(class).collect();
                Answer {
                    values: ballots.iter().map(|ballot| ballot.winner).collect(),
                    scores: Some(Scores { by_class, probabilities: false }),
                }
            }
        }
    }

    fn kind(&self) -> &'static str {
        file::KIND
    }

    fn nodes(&self) -> Option<u64> {
        None
    }

    fn body(&self) -> Result<Vec<u8>, TrainError> {
        file::write(self)
    }

    fn onnx(&self, graph: &mut Graph, features: Tensor) -> Option<Outputs> {
        Some(onnx::write(self, graph, features))
    }
}

/// The outcome of the votes for one row.
struct Ballot {
    winner: f64,
    /// By class, as scikit-learn's `decision_function`; -1, less than any other, for a class that
    /// was not in the training rows.
    scores: Vec<f64>,
}

impl Ballot {
    /// Counts the votes of one machine a pair of present classes; a tie is the first class's.
    ///
    /// The score of a class is its votes, and below 1/3 by what the machines say in its favour: two
    /// classes in all have the value of their only machine instead.
    fn count(values: &[f64], present: &[u32], classes: usize) -> Self {
        let (mut votes, mut favour) = (vec![0_u32; present.len()], vec![0.0; present.len()]);
        let pairs =
            (0..present.len()).flat_map(|one| (one + 1..present.len()).map(move |two| (one, two)));
        for ((one, two), value) in pairs.zip(values) {
            votes[if *value > 0.0 { one } else { two }] += 1;
            favour[one] += value;
            favour[two] -= value;
        }
        let most = votes.iter().copied().max().unwrap_or(0);
        let winner = votes.iter().position(|count| *count == most).unwrap_or(0);
        let mut scores = vec![-1.0; classes];
        for ((class, count), favour) in present.iter().zip(&votes).zip(&favour) {
            scores[*class as usize] = match classes {
                2 if present.len() == 2 => *favour,
                _ => f64::from(*count) + favour / (3.0 * (favour.abs() + 1.0)),
            };
        }
        Self { winner: f64::from(present.get(winner).copied().unwrap_or(0)), scores }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn votes_are_counted_as_in_libsvm() {
        // 0 beats 2, 3 beats 0, 2 beats 3: one vote each, class 1 being absent.
        let ballot = Ballot::count(&[0.5, -2.0, 0.25], &[0, 2, 3], 4);
        assert!(ballot.winner.abs() < 1e-15);
        let favour = [-1.5, -0.25, 1.75_f64];
        let score = |at: usize| 1.0 + favour[at] / (3.0 * (favour[at].abs() + 1.0));
        let expected = [score(0), -1.0, score(1), score(2)];
        for (found, expected) in ballot.scores.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-15, "{:?}", ballot.scores);
        }
        let ballot = Ballot::count(&[0.0], &[0, 1], 2);
        assert_eq!((ballot.winner, &ballot.scores[..]), (1.0, &[0.0, 0.0][..]));
        let ballot = Ballot::count(&[], &[1], 2);
        assert_eq!((ballot.winner, &ballot.scores[..]), (1.0, &[-1.0, 0.0][..]));
    }
}
