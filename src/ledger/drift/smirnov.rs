//! The two-sample test of Kolmogorov and Smirnov.

use super::Test;
use super::profile::Numbers;

/// Above so many pairs of values the p-value is that of the limit.
const MOST_PAIRS: u128 = 20_000_000;

/// The two-sample statistic, the largest distance of both distribution functions, and its p-value: exact
/// by counting paths (Hodges, Arkiv för Matematik 3, 1958) up to 20 million pairs of values, above by
/// Kolmogorov's limit (Smirnov, Annals of Mathematical Statistics 19, 1948). `None` where either has no
/// number.
pub fn kolmogorov_smirnov(one: &Numbers, other: &Numbers) -> Option<Test> {
    let (m, n) = (one.total(), other.total());
    if m == 0 || n == 0 {
        return None;
    }
    let largest = largest_distance(one, other);
    let pairs = u128::from(m) * u128::from(n);
    let statistic = largest as f64 / pairs as f64;
    let p = if largest == 0 {
        1.0
    } else if pairs <= MOST_PAIRS {
        exact(m, n, largest)
    } else {
        limit(statistic * (pairs as f64 / (m + n) as f64).sqrt())
    };
    Some(Test { statistic, p: p.clamp(0.0, 1.0) })
}

/// The largest distance of the distribution functions times both numbers of values: a whole number.
fn largest_distance(one: &Numbers, other: &Numbers) -> u128 {
    let totals = (u128::from(one.total()), u128::from(other.total()));
    let below = |numbers: &Numbers, taken: usize| {
        u128::from(taken.checked_sub(1).map_or(0, |last| numbers.at_most[last]))
    };
    let (mut first, mut second, mut largest) = (0, 0, 0);
    while first < one.values.len() || second < other.values.len() {
        let nexts = [one.values.get(first), other.values.get(second)];
        let next = nexts.into_iter().flatten().copied().fold(f64::INFINITY, f64::min);
        first += usize::from(nexts[0].is_some_and(|value| *value <= next));
        second += usize::from(nexts[1].is_some_and(|value| *value <= next));
        let parts = (below(one, first) * totals.1, below(other, second) * totals.0);
        largest = largest.max(parts.0.abs_diff(parts.1));
    }
    largest
}

/// The probability that a random path from (0, 0) to (m, n) somewhere leaves the diagonal as far as
/// `largest`, by the point it comes from last.
fn exact(m: u64, n: u64, largest: u128) -> f64 {
    let is_out = |i: u64, j: u64| {
        (u128::from(i) * u128::from(n)).abs_diff(u128::from(j) * u128::from(m)) >= largest
    };
    let mut left = vec![0.0_f64; n as usize + 1];
    for i in 0..=m {
        for j in 0..=n {
            let at = j as usize;
            let steps = (i + j) as f64;
            left[at] = if is_out(i, j) {
                1.0
            } else if i == 0 && j == 0 {
                0.0
            } else {
                let below = if j == 0 { 0.0 } else { left[at - 1] };
                let before = if i == 0 { 0.0 } else { left[at] };
                (i as f64 * before + j as f64 * below) / steps
            };
        }
    }
    left[n as usize]
}

/// `2 Σ (-1)^(k-1) exp(-2 k² λ²)`.
fn limit(lambda: f64) -> f64 {
    if lambda < 0.2 {
        return 1.0;
    }
    let term = |k: i32| {
        let sign = if k % 2 == 0 { -2.0 } else { 2.0 };
        sign * (-2.0 * f64::from(k * k) * lambda * lambda).exp()
    };
    (1..=100).map(term).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(a: &[f64], b: &[f64]) -> Test {
        kolmogorov_smirnov(&Numbers::of(a, 1000), &Numbers::of(b, 1000)).unwrap()
    }

    #[test]
    fn small_samples_are_exact() {
        // By hand: of the 6 orders of two and two values, 2 keep them apart.
        let apart = test(&[1.0, 2.0], &[3.0, 4.0]);
        assert_eq!(apart.statistic.to_bits(), 1.0_f64.to_bits());
        assert!((apart.p - 1.0 / 3.0).abs() < 1e-15);
        let same = test(&[1.0, 2.0, 2.0], &[2.0, 1.0, 2.0]);
        assert_eq!((same.statistic.to_bits(), same.p.to_bits()), (0, 1.0_f64.to_bits()));
        assert_eq!(kolmogorov_smirnov(&Numbers::of(&[], 9), &Numbers::of(&[1.0], 9)), None);
    }

    #[test]
    fn the_limit_joins_the_exact_values() {
        let (m, n) = (3000_u64, 2000_u64);
        let largest = u128::from(m * n) / 25;
        let lambda = 0.04 * ((m * n) as f64 / (m + n) as f64).sqrt();
        assert!((exact(m, n, largest) - limit(lambda)).abs() < 0.01);
        assert!(limit(0.3) > 0.999_9 && limit(3.0) < 1e-7);
    }
}
