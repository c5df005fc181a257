//! How much a param has to do with a metric: the share of the metric's variance that it explains alone.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::Value;

use super::attempt::Status;
use super::view::RunView;

/// Numeric params with more values than this are put into [`BINS`] groups of neighbours.
const VALUES: usize = 8;
const BINS: usize = 5;

/// What a param has to do with a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Impact {
    /// The param.
    pub param: String,
    /// The share of the variance between the groups of equal (or neighbouring) values, from 0 to 1:
    /// epsilon squared (Kelley 1935), which unlike eta squared does not grow with the number of groups.
    pub share: f64,
    /// Number of runs that have the param and a finite value of the metric.
    pub runs: usize,
    /// Number of groups.
    pub groups: usize,
    /// Spearman's rank correlation with the metric; `None` for a param that is no number.
    pub correlation: Option<f64>,
}

/// The impact of every param with two or more values on a metric of the finished runs, the largest
/// first. It looks at one param at a time, so what two do only together it does not see.
pub fn impacts(runs: &[&RunView], metric: &str) -> Vec<Impact> {
    let mut by_param: BTreeMap<&str, Vec<(&Value, f64)>> = BTreeMap::new();
    for run in runs.iter().filter(|run| run.status == Status::Finished) {
        let value = run.metrics.get(metric).copied().filter(|value| value.is_finite());
        let Some(value) = value else { continue };
        for (name, param) in &run.params {
            by_param.entry(name).or_default().push((param, value));
        }
    }
    let mut found: Vec<Impact> =
        by_param.into_iter().filter_map(|(name, pairs)| impact(name, &pairs)).collect();
    found.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.param.cmp(&b.param)));
    found
}

fn impact(param: &str, pairs: &[(&Value, f64)]) -> Option<Impact> {
    let numbers: Option<Vec<f64>> = pairs.iter().map(|(value, _)| value.as_f64()).collect();
    let mut by_value: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (value, metric) in pairs {
        by_value.entry(value.to_string()).or_default().push(*metric);
    }
    if by_value.len() < 2 {
        return None;
    }
    let metrics: Vec<f64> = pairs.iter().map(|(_, metric)| *metric).collect();
    let groups: Vec<Vec<f64>> = match &numbers {
        Some(numbers) if by_value.len() > VALUES => neighbours(numbers, &metrics),
        _ => by_value.into_values().collect(),
    };
    let share = epsilon_squared(&groups)?;
    let correlation = numbers.and_then(|numbers| correlation(&ranks(&numbers), &ranks(&metrics)));
    Some(Impact {
        param: param.to_owned(),
        share,
        runs: pairs.len(),
        groups: groups.len(),
        correlation,
    })
}

/// The metrics in groups of neighbouring numbers, equal numbers always in one.
fn neighbours(numbers: &[f64], metrics: &[f64]) -> Vec<Vec<f64>> {
    let places = ranks(numbers);
    let mut groups: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for (place, metric) in places.iter().zip(metrics) {
        let group = ((place - 0.5) / numbers.len() as f64 * BINS as f64) as usize;
        groups.entry(group.min(BINS - 1)).or_default().push(*metric);
    }
    groups.into_values().collect()
}

/// One minus the ratio of the variance within groups to the variance at all, at least 0.
fn epsilon_squared(groups: &[Vec<f64>]) -> Option<f64> {
    let count = groups.iter().map(Vec::len).sum::<usize>();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let squares = |values: &[f64], mean: f64| {
        values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>()
    };
    let all: Vec<f64> = groups.iter().flatten().copied().collect();
    let total = squares(&all, mean(&all));
    let within: f64 = groups.iter().map(|group| squares(group, mean(group))).sum();
    if groups.len() < 2 || count <= groups.len() || !(total > 0.0 && total.is_finite()) {
        return None;
    }
    let share = 1.0 - (within / (count - groups.len()) as f64) / (total / (count - 1) as f64);
    Some(share.clamp(0.0, 1.0))
}

/// The ranks of numbers from 1; equals share the mean of theirs.
fn ranks(numbers: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..numbers.len()).collect();
    order.sort_by(|a, b| numbers[*a].total_cmp(&numbers[*b]));
    let mut ranks = vec![0.0; numbers.len()];
    let mut start = 0;
    while start < order.len() {
        let value = numbers[order[start]];
        let is_equal = |at: &&usize| numbers[**at].partial_cmp(&value).is_some_and(Ordering::is_eq);
        let equal = order[start..].iter().take_while(is_equal).count().max(1);
        for at in &order[start..start + equal] {
            ranks[*at] = (start + 1) as f64 + (equal - 1) as f64 / 2.0;
        }
        start += equal;
    }
    ranks
}

/// Pearson's correlation; `None` where one side does not vary.
fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (middle_a, middle_b) = (mean(a), mean(b));
    let (mut both, mut only_a, mut only_b) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        both += (x - middle_a) * (y - middle_b);
        only_a += (x - middle_a) * (x - middle_a);
        only_b += (y - middle_b) * (y - middle_b);
    }
    let whole = (only_a * only_b).sqrt();
    (whole > 0.0).then_some(both / whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::cell::tests::run;

    /// Runs whose metric is what a function makes of two params.
    fn runs(metric: impl Fn(f64, f64) -> f64) -> Vec<RunView> {
        let mut runs = Vec::new();
        for index in 0..120 {
            let (a, b) = (f64::from(index % 12), f64::from(index / 12 % 3));
            let mut one = run("r", &index.to_string(), 1, &[("r2", metric(a, b))]);
            one.params.insert("a".into(), a.into());
            one.params.insert("b".into(), format!("word {b}").into());
            one.params.insert("same".into(), true.into());
            runs.push(one);
        }
        runs
    }

    fn of(runs: &[RunView]) -> Vec<Impact> {
        impacts(&runs.iter().collect::<Vec<_>>(), "r2")
    }

    #[test]
    fn what_decides_comes_first() {
        let found = of(&runs(|a, b| a + 0.1 * b));
        assert_eq!((found[0].param.as_str(), found[0].groups), ("a", 5));
        assert!(found[0].share > 0.9 && found[1].share < 0.1, "{found:?}");
        assert!(found[0].correlation.unwrap() > 0.99 && found[1].correlation.is_none());
        let found = of(&runs(|a, b| 0.1 * a + 100.0 * b));
        assert_eq!(found[0].param, "b");
        assert!(found[0].share > 0.99);
        assert_eq!(found.len(), 2, "a param with one value has no impact");
    }

    #[test]
    fn nothing_is_said_of_nothing() {
        assert_eq!(of(&runs(|_, _| 1.0)), []);
        assert_eq!(of(&runs(|_, _| f64::NAN)), []);
        assert_eq!(of(&[]), []);
        let mut two = runs(|a, b| a + b);
        two.truncate(2);
        assert_eq!(of(&two), [], "as many groups as runs");
    }

    #[test]
    fn equals_share_a_rank() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
    }
}
