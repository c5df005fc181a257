//! Statistics that preparations learn.

/// The sum of numbers with the rounding errors carried along (Neumaier, 1974).
pub(super) fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0);
    for value in values {
        let next = sum + value;
        lost += if sum.abs() >= value.abs() { (sum - next) + value } else { (value - next) + sum };
        sum = next;
    }
    sum + lost
}

/// The mean of at least one number; not finite when the numbers are too large to be summed.
pub(super) fn mean(values: &[f64]) -> f64 {
    sum(values.iter().copied()) / values.len() as f64
}

/// Mean and population variance of at least one number, the mean's rounding error taken out of the
/// variance (Chan, Golub and `LeVeque`, 1983).
pub(super) fn mean_and_variance(values: &[f64]) -> (f64, f64) {
    let (count, mean) = (values.len() as f64, mean(values));
    let rest = sum(values.iter().map(|value| value - mean));
    let squares = sum(values.iter().map(|value| (value - mean) * (value - mean)));
    (mean, (squares - rest * rest / count) / count)
}

/// The median of at least one number, the mean of the two in the middle of an even number of them.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    let middle = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let upper = *upper;
    if even {
        let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        mean(&[lower, upper])
    } else {
        upper
    }
}

/// The most frequent of at least one number, the smallest of equally frequent ones.
pub(super) fn most_frequent(mut values: Vec<f64>) -> f64 {
    for value in &mut values {
        // Makes the two zeros one.
        *value += 0.0;
    }
    values.sort_unstable_by(f64::total_cmp);
    let mut best = (0, 0.0);
    for equal in values.chunk_by(|a, b| a.total_cmp(b).is_eq()) {
        if equal.len() > best.0 {
            best = (equal.len(), equal[0]);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_keep_what_rounding_loses() {
        assert_eq!(sum([1.0, 1e100, 1.0, -1e100]).to_bits(), 2.0_f64.to_bits());
        assert!(!mean(&[f64::MAX, f64::MAX]).is_finite());
    }

    #[test]
    fn the_median_of_any_number_of_numbers() {
        assert_eq!(median(vec![3.0]).to_bits(), 3.0_f64.to_bits());
        assert_eq!(median(vec![4.0, 1.0]).to_bits(), 2.5_f64.to_bits());
        assert_eq!(median(vec![9.0, -1.0, 2.0]).to_bits(), 2.0_f64.to_bits());
        assert_eq!(median(vec![5.0, 5.0, 1.0, 5.0]).to_bits(), 5.0_f64.to_bits());
    }

    #[test]
    fn the_smallest_of_equally_frequent_numbers() {
        assert_eq!(most_frequent(vec![0.0, 1.0, -0.0, 1.0]).to_bits(), 0.0_f64.to_bits());
        assert_eq!(most_frequent(vec![3.0, 1.0, 3.0, 1.0, 2.0]).to_bits(), 1.0_f64.to_bits());
    }
}
