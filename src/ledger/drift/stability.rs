//! The population stability index.

/// The share that stands for an empty bin, whose logarithm has no value.
const LEAST: f64 = 1e-4;

/// The population stability index of counts in the same bins: `Σ (q - p) ln(q / p)` over the shares of the
/// training data p and of the others q, which is the sum of both Kullback-Leibler divergences. A share of
/// 0 counts as 0.0001. 0.1 and more is taken for some change, 0.25 and more for much (Siddiqi, Credit
/// Risk Scorecards, 2006, chapter 9). `None` where either has no count at all.
pub fn population_stability(training: &[u64], other: &[u64]) -> Option<f64> {
    let sums = (training.iter().sum::<u64>(), other.iter().sum::<u64>());
    if sums.0 == 0 || sums.1 == 0 {
        return None;
    }
    let share = |count: u64, sum: u64| (count as f64 / sum as f64).max(LEAST);
    let part = |(p, q): (&u64, &u64)| {
        let (p, q) = (share(*p, sums.0), share(*q, sums.1));
        (q - p) * (q / p).ln()
    };
    Some(training.iter().zip(other).map(part).sum())
}

#[cfg(test)]
mod tests {
    use super::population_stability;

    #[test]
    fn it_is_the_sum_of_both_divergences() {
        // scipy 1.18: sum(rel_entr(p, q)) + sum(rel_entr(q, p)), p = [.5, .3, .2], q = [.4, .4, .2]
        let index = population_stability(&[5, 3, 2], &[4, 4, 2]).unwrap();
        assert!((index - 0.051_082_562_376_599_07).abs() < 1e-15, "{index}");
        assert_eq!(population_stability(&[5, 3], &[50, 30]), Some(0.0));
        assert!(population_stability(&[5, 0], &[5, 5]).unwrap().is_finite());
        assert_eq!(population_stability(&[0, 0], &[5, 5]), None);
    }
}
