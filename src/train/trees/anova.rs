//! What a forest says of its features: functional analysis of variance.

use linfa::ParamGuard;

use super::super::error::TrainError;
use super::super::estimator::Silent;
use super::forest::{ForestParams, out_of_bag};
use super::tree::{LEAF, Tree};
use crate::ledger::importance::Coded;

/// Trees of the surrogate, and the seed of its random choices.
const TREES: usize = 32;
const SEED: i64 = 0;

/// What a forest makes of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares {
    /// The share, from 0 to 1, of the variance of its predictions that each column makes alone.
    pub alone: Vec<f64>,
    /// R² of the forest on its own rows, each judged by the trees not grown on it; `None` where that means
    /// nothing.
    pub explained: Option<f64>,
}

/// Trains a forest on a table of levels and tells how much of the variance of its predictions each column
/// makes alone; `None` when the predictions do not vary.
///
/// This is fANOVA (Hutter, Hoos, Leyton-Brown 2014, "An Efficient Approach for Assessing Hyperparameter
/// Importance"): a tree is constant on boxes, so that the mean of its prediction over all other columns is
/// exact, without sampling. The paper lets every column range over its whole domain with equal weight;
/// here each ranges over its levels, weighted as the rows have them, independently of the others, because
/// the rows of a ledger come of no declared domain. Shares are means over the trees; what is missing to 1
/// is what columns do together.
///
/// # Errors
/// When there is no row or no column.
pub fn variance_shares(table: &Coded) -> Result<Option<Shares>, TrainError> {
    if table.target.is_empty() || table.columns.is_empty() {
        return Err(linfa::Error::NotEnoughSamples.into());
    }
    let columns: Vec<Vec<f32>> = table
        .columns
        .iter()
        .map(|column| column.iter().map(|level| *level as f32).collect())
        .collect();
    let params = ForestParams::default().n_estimators(TREES).seed(SEED).check()?;
    let forest = params.regression(&columns, &table.target, &Silent)?.model;
    let weights: Vec<Weights> = table.columns.iter().map(|column| Weights::of(column)).collect();
    let mut sums = vec![0.0; columns.len()];
    let mut varying = 0_u32;
    for tree in &forest.0.trees {
        if let Some(alone) = shares_of(tree, &weights) {
            varying += 1;
            sums.iter_mut().zip(alone).for_each(|(sum, share)| *sum += share);
        }
    }
    if varying == 0 {
        return Ok(None);
    }
    let alone = sums.into_iter().map(|sum| (sum / f64::from(varying)).clamp(0.0, 1.0)).collect();
    let explained = out_of_bag::r2((&forest.0, &columns), &table.target, SEED);
    Ok(Some(Shares { alone, explained }))
}

/// How often each level of a column occurs.
struct Weights {
    /// The share of each level.
    level: Vec<f64>,
    /// The share of all levels below each, one more than there are levels.
    below: Vec<f64>,
}

impl Weights {
    fn of(column: &[u32]) -> Self {
        let levels = column.iter().max().map_or(0, |last| *last as usize + 1);
        let mut level = vec![0.0; levels];
        for own in column {
            level[*own as usize] += 1.0 / column.len() as f64;
        }
        let mut below = vec![0.0];
        below.extend(level.iter().scan(0.0, |sum, share| {
            *sum += share;
            Some(*sum)
        }));
        Self { level, below }
    }

    /// The share of the levels from one up to another.
    fn between(&self, (from, to): (usize, usize)) -> f64 {
        self.below[to] - self.below[from]
    }
}

/// The box of a node: of each column the levels from one up to another.
type Levels = Vec<(usize, usize)>;

/// The share of the variance of a tree's prediction that each column makes alone; `None` for a tree that is
/// the same everywhere.
fn shares_of(tree: &Tree, weights: &[Weights]) -> Option<Vec<f64>> {
    let whole: Levels = weights.iter().map(|column| (0, column.level.len())).collect();
    let (mut mean, mut squares) = (0.0, 0.0);
    // Of each column the mean prediction by level, as steps up and down at the ends of boxes.
    let mut steps: Vec<Vec<f64>> =
        weights.iter().map(|column| vec![0.0; column.level.len() + 1]).collect();
    let mut open = vec![(0, whole)];
    while let Some((at, levels)) = open.pop() {
        let node = tree.nodes[at];
        if node.feature != LEAF {
            let column = node.feature as usize;
            let (from, to) = levels[column];
            let cut = (node.threshold.floor() as usize + 1).clamp(from, to);
            let (mut left, mut right) = (levels.clone(), levels);
            (left[column], right[column]) = ((from, cut), (cut, to));
            open.extend([(at + 1, left), (node.next as usize, right)]);
            continue;
        }
        let value = tree.values[node.next as usize];
        let shares: Vec<f64> =
            weights.iter().zip(&levels).map(|(column, own)| column.between(*own)).collect();
        let mass: f64 = shares.iter().product();
        mean += mass * value;
        squares += mass * value * value;
        for (column, (from, to)) in levels.iter().enumerate() {
            let others: f64 = shares
                .iter()
                .enumerate()
                .filter(|(at, _)| *at != column)
                .map(|(_, share)| share)
                .product();
            steps[column][*from] += others * value;
            steps[column][*to] -= others * value;
        }
    }
    let variance = squares - mean * mean;
    // What rounding leaves of nothing is nothing.
    if variance <= 1e-12 * squares {
        return None;
    }
    let alone = weights.iter().zip(&steps).map(|(column, steps)| {
        let mut marginal = 0.0;
        let parts = column.level.iter().zip(steps).map(|(weight, step)| {
            marginal += step;
            weight * (marginal - mean) * (marginal - mean)
        });
        parts.sum::<f64>() / variance
    });
    Some(alone.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every pair of levels of two columns, and a third column that means nothing.
    fn table(target: impl Fn(f64, f64) -> f64) -> Coded {
        let mut table = Coded { columns: vec![Vec::new(); 3], ..Coded::default() };
        for row in 0..240_u32 {
            let (a, b) = (row % 6, row / 6 % 4);
            table.columns[0].push(a);
            table.columns[1].push(b);
            table.columns[2].push(row / 24 % 2);
            table.target.push(target(f64::from(a), f64::from(b)));
        }
        table
    }

    #[test]
    fn shares_of_a_sum_are_those_of_its_parts() {
        // Variances of 0..6 and 0..4 with equal weight: 35/12 and 15/12.
        let shares = variance_shares(&table(|a, b| 2.0 * a + 3.0 * b)).unwrap().unwrap();
        let (a, b) = (4.0 * 35.0 / 12.0, 9.0 * 15.0 / 12.0);
        for (share, expected) in shares.alone.iter().zip([a / (a + b), b / (a + b), 0.0]) {
            assert!((share - expected).abs() < 0.03, "{shares:?} {expected}");
        }
        assert!(shares.explained.unwrap() > 0.95, "{shares:?}");
    }

    #[test]
    fn what_columns_do_together_is_nobody_s_alone() {
        let odd = |a: f64, b: f64| if (a as u32 + b as u32).is_multiple_of(2) { 1.0 } else { -1.0 };
        let shares = variance_shares(&table(odd)).unwrap().unwrap();
        assert!(shares.alone.iter().sum::<f64>() < 0.1, "{shares:?}");
    }

    #[test]
    fn nothing_varies() {
        assert_eq!(variance_shares(&table(|_, _| 5.0)).unwrap(), None);
        assert!(variance_shares(&Coded::default()).is_err());
    }

    /// The shares by brute force: each tree asked at every combination of levels.
    fn by_enumeration(table: &Coded) -> Vec<f64> {
        let columns: Vec<Vec<f32>> = table
            .columns
            .iter()
            .map(|column| column.iter().map(|level| *level as f32).collect())
            .collect();
        let params = ForestParams::default().n_estimators(TREES).seed(SEED).check().unwrap();
        let forest = params.regression(&columns, &table.target, &Silent).unwrap().model;
        let weights: Vec<Weights> = table.columns.iter().map(|it| Weights::of(it)).collect();
        let mut points: Vec<(Vec<f32>, f64)> = vec![(Vec::new(), 1.0)];
        for column in &weights {
            let longer = points.iter().flat_map(|(point, mass)| {
                column.level.iter().enumerate().map(move |(level, weight)| {
                    (point.iter().copied().chain([level as f32]).collect(), mass * weight)
                })
            });
            points = longer.collect();
        }
        let mut shares = vec![0.0; columns.len()];
        for tree in &forest.0.trees {
            let value = |point: &[f32]| {
                let mut sum = [0.0];
                tree.add_predictions(point, columns.len(), &mut sum);
                sum[0]
            };
            let values: Vec<f64> = points.iter().map(|(point, _)| value(point)).collect();
            let mean: f64 = points.iter().zip(&values).map(|((_, mass), it)| mass * it).sum();
            let all: f64 =
                points.iter().zip(&values).map(|((_, mass), it)| mass * (it - mean).powi(2)).sum();
            for (column, share) in shares.iter_mut().enumerate() {
                let levels = weights[column].level.iter().enumerate();
                let own = levels.map(|(level, weight)| {
                    let of_level = points.iter().zip(&values);
                    let of_level =
                        of_level.filter(|((point, _), _)| point[column] as usize == level);
                    let marginal: f64 = of_level.map(|((_, mass), it)| mass / weight * it).sum();
                    weight * (marginal - mean).powi(2)
                });
                *share += own.sum::<f64>() / all / forest.0.trees.len() as f64;
            }
        }
        shares
    }

    #[test]
    fn boxes_and_enumeration_agree_on_friedman_s_function() {
        // y = 10 sin(π x₁ x₂) + 20 (x₃ − ½)² + 10 x₄ (Friedman 1991), on levels that are not even.
        let mut table = Coded { columns: vec![Vec::new(); 5], ..Coded::default() };
        let mut state: u32 = 7;
        let mut draw = |levels: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 16) * (state >> 24) / 256) % levels
        };
        for _ in 0..200 {
            let row: Vec<u32> = [5, 4, 6, 3, 3].iter().map(|levels| draw(*levels)).collect();
            let x = |at: usize| f64::from(row[at]) / 5.0;
            let y = 10.0 * (std::f64::consts::PI * x(0) * x(1)).sin()
                + 20.0 * (x(2) - 0.5).powi(2)
                + 10.0 * x(3);
            table.target.push(y);
            table.columns.iter_mut().zip(row).for_each(|(column, level)| column.push(level));
        }
        let shares = variance_shares(&table).unwrap().unwrap();
        for (box_wise, enumerated) in shares.alone.iter().zip(by_enumeration(&table)) {
            assert!((box_wise - enumerated).abs() < 1e-9, "{shares:?} {enumerated}");
        }
        let least = shares.alone.iter().copied().fold(1.0, f64::min);
        assert!((shares.alone[4] - least).abs() < 1e-12, "the fifth means nothing: {shares:?}");
        assert_eq!(variance_shares(&table).unwrap().unwrap(), shares, "the same again");
    }
}
