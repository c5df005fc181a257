//! The chi-square test of two lists of counts.

use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::Test;

/// Pearson's chi-square test of homogeneity of two rows of counts in the same categories, without a
/// continuity correction (Pearson, Philosophical Magazine 50, 1900); categories that neither has do not
/// count. `None` where either has no count, or there is only one category.
pub fn chi_square(training: &[u64], other: &[u64]) -> Option<Test> {
    let pairs: Vec<(f64, f64)> = training
        .iter()
        .zip(other)
        .filter(|(a, b)| **a + **b > 0)
        .map(|(a, b)| (*a as f64, *b as f64))
        .collect();
    let sums = pairs.iter().fold((0.0, 0.0), |sums, pair| (sums.0 + pair.0, sums.1 + pair.1));
    if sums.0 == 0.0 || sums.1 == 0.0 || pairs.len() < 2 {
        return None;
    }
    let part = |(a, b): &(f64, f64)| {
        let of = |sum: f64| (a + b) * sum / (sums.0 + sums.1);
        let (first, second) = (of(sums.0), of(sums.1));
        (a - first).powi(2) / first + (b - second).powi(2) / second
    };
    let statistic: f64 = pairs.iter().map(part).sum();
    let p = ChiSquared::new((pairs.len() - 1) as f64).ok()?.sf(statistic);
    Some(Test { statistic, p })
}

#[cfg(test)]
mod tests {
    use super::chi_square;

    #[test]
    fn it_is_the_test_of_a_table_of_two_rows() {
        // By hand: every cell of [[10, 20], [20, 10]] is off 15 by 5.
        let test = chi_square(&[10, 20, 0], &[20, 10, 0]).unwrap();
        assert!((test.statistic - 4.0 * 25.0 / 15.0).abs() < 1e-12);
        assert!((test.p - 0.009_823_274_507_519_235).abs() < 1e-12, "{}", test.p);
        assert_eq!(chi_square(&[1], &[2]), None);
        assert_eq!(chi_square(&[0, 0], &[1, 2]), None);
    }
}
