//! What is kept of the values of columns: enough to compare others with, not the values themselves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Points kept of all columns together, which keeps the file of a profile below a mebibyte.
const POINTS: usize = 40_000;

/// The shares of the training values at which the bins of [`super::population_stability`] end.
pub const TENTHS: [f64; 9] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/// How many distinct numbers of a column are kept, of so many columns. Of a column with more, numbers at
/// even steps of rank are kept, so that its distribution function is off by less than one step.
pub fn point_limit(columns: usize) -> usize {
    (POINTS / columns.max(1)).clamp(100, 2_000)
}

/// The distributions of some columns over some rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Number of rows.
    pub rows: u64,
    /// The columns.
    pub columns: Vec<ColumnProfile>,
}

/// The distribution of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnProfile {
    /// Its name.
    pub name: String,
    /// What the model has it for.
    pub role: Role,
    /// Number of empty cells.
    pub missing: u64,
    /// The other cells.
    #[serde(flatten)]
    pub distribution: Distribution,
}

/// What a model has a column for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// It learns from it.
    Feature,
    /// It predicts it.
    Target,
}

/// The cells of a column that are not empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Distribution {
    /// Numbers.
    Numbers(Numbers),
    /// Words, or numbers that stand for classes.
    Categories(Categories),
}

/// Numbers of a column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Numbers {
    /// The mean; 0 where there is no number.
    pub mean: f64,
    /// The standard deviation of the sample (divided by n - 1); 0 for one number.
    pub deviation: f64,
    /// Where the tenths of the numbers end, each once: `(-∞, e1], (e1, e2], …, (ek, ∞)`.
    pub edges: Vec<f64>,
    /// How many numbers each of these intervals has, one more than there are edges.
    pub counts: Vec<u64>,
    /// The distinct numbers in their order, or some of them at even steps of rank.
    pub values: Vec<f64>,
    /// How many numbers are at most each of these.
    pub at_most: Vec<u64>,
}

/// Categories of a column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Categories {
    /// How many cells have each.
    pub counts: BTreeMap<String, u64>,
}

impl Numbers {
    /// Takes finite numbers in any order; keeps at most `limit` distinct ones.
    pub fn of(numbers: &[f64], limit: usize) -> Self {
        // Adding 0 makes the two zeros one.
        let mut sorted: Vec<f64> = numbers.iter().map(|number| number + 0.0).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let count = sorted.len() as f64;
        if sorted.is_empty() {
            return Self { counts: vec![0], ..Self::default() };
        }
        let mean = sorted.iter().sum::<f64>() / count;
        let squares: f64 = sorted.iter().map(|number| (number - mean) * (number - mean)).sum();
        let mut edges: Vec<f64> = TENTHS.iter().map(|share| quantile(&sorted, *share)).collect();
        edges.dedup();
        let (values, at_most) = thinned(steps(&sorted), limit);
        let mut made = Self {
            mean,
            deviation: (squares / (count - 1.0).max(1.0)).sqrt(),
            edges,
            counts: Vec::new(),
            values,
            at_most,
        };
        made.counts = in_bins(&sorted, &made.edges);
        made
    }

    /// How many numbers there are.
    pub fn total(&self) -> u64 {
        self.at_most.last().copied().unwrap_or(0)
    }

    /// How many of the numbers lie in each of the intervals that end at some edges; exact where every
    /// distinct number was kept.
    pub fn counts_between(&self, edges: &[f64]) -> Vec<u64> {
        let below = edges.iter().map(|edge| {
            let known = self.values.partition_point(|value| value <= edge);
            known.checked_sub(1).map_or(0, |at| self.at_most[at])
        });
        let mut last = 0;
        below.chain([self.total()]).map(|sum| sum - std::mem::replace(&mut last, sum)).collect()
    }
}

/// The quantile of sorted numbers, linear between the two nearest (Hyndman and Fan 1996, definition 7,
/// as numpy has it).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (low, part) = (place.floor() as usize, place - place.floor());
    let (a, b) = (sorted[low], sorted[(low + 1).min(sorted.len() - 1)]);
    // As numpy interpolates, so that edges agree with it to the last bit.
    if part >= 0.5 { b - (b - a) * (1.0 - part) } else { a + (b - a) * part }
}

/// The distinct numbers with the number of those that are at most as large.
fn steps(sorted: &[f64]) -> Vec<(f64, u64)> {
    let mut steps: Vec<(f64, u64)> = Vec::new();
    for (number, rank) in sorted.iter().zip(1..) {
        match steps.last_mut() {
            Some((last, at_most)) if last.total_cmp(number).is_eq() => *at_most = rank,
            _ => steps.push((*number, rank)),
        }
    }
    steps
}

/// At most so many steps, the last among them, at even distances of rank.
fn thinned(steps: Vec<(f64, u64)>, limit: usize) -> (Vec<f64>, Vec<u64>) {
    let total = steps.last().map_or(0, |(_, rank)| *rank);
    if steps.len() <= limit || limit == 0 {
        return steps.into_iter().unzip();
    }
    let wanted = |place: usize| (total as f64 * (place + 1) as f64 / limit as f64).ceil() as u64;
    let at = |rank: u64| steps.partition_point(|(_, at_most)| *at_most < rank);
    let mut places: Vec<usize> = (0..limit).map(|place| at(wanted(place))).collect();
    places.dedup();
    places.into_iter().filter_map(|place| steps.get(place).copied()).unzip()
}

fn in_bins(sorted: &[f64], edges: &[f64]) -> Vec<u64> {
    let mut counts = vec![0; edges.len() + 1];
    for number in sorted {
        counts[edges.partition_point(|edge| edge < number)] += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_kept_as_steps_and_tenths() {
        let numbers = Numbers::of(&[3.0, 1.0, 2.0, 2.0, -0.0, 0.0], 100);
        assert_eq!((numbers.values, numbers.at_most), (vec![0.0, 1.0, 2.0, 3.0], vec![2, 3, 5, 6]));
        assert_eq!(numbers.edges, [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]);
        assert_eq!(numbers.counts, [2, 0, 1, 0, 2, 0, 1]);
        assert_eq!((numbers.mean, numbers.deviation.round()), (8.0 / 6.0, 1.0));
        let none = Numbers::of(&[], 100);
        assert_eq!((none.total(), none.counts_between(&[1.0])), (0, vec![0, 0]));
    }

    #[test]
    fn many_numbers_are_thinned_evenly() {
        let numbers: Vec<f64> = (0..10_000).map(f64::from).collect();
        let kept = Numbers::of(&numbers, 100);
        assert_eq!((kept.values.len(), kept.total()), (100, 10_000));
        assert_eq!((kept.values[0], kept.at_most[0]), (99.0, 100));
        assert_eq!(kept.counts.iter().sum::<u64>(), 10_000);
    }

    #[test]
    fn a_profile_is_read_back() {
        let distribution = Distribution::Numbers(Numbers::of(&[0.1, 0.2], 9));
        let column =
            ColumnProfile { name: "area".into(), role: Role::Feature, missing: 1, distribution };
        let profile = Profile { rows: 3, columns: vec![column] };
        let text = serde_json::to_string(&profile).unwrap();
        assert_eq!(serde_json::from_str::<Profile>(&text).unwrap(), profile);
    }
}
