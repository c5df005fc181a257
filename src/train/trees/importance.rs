//! How much each feature lowers the squared error (Breiman et al., 1984).

/// Averages the decreases of all trees, each tree normalised to 1 first; the result sums to 1
/// unless no tree split with gain. A tree without a split does not count.
pub(super) fn average(decreases: &[Option<Vec<f64>>], features: usize) -> Vec<f64> {
    let mut importance = vec![0.0; features];
    for decrease in decreases.iter().flatten() {
        let total: f64 = decrease.iter().sum();
        if total > 0.0 {
            importance.iter_mut().zip(decrease).for_each(|(sum, value)| *sum += value / total);
        }
    }
    normalise(&mut importance);
    importance
}

/// Divides by the sum where there is one.
pub(in crate::train) fn normalise(values: &mut [f64]) {
    let total: f64 = values.iter().sum();
    if total > 0.0 {
        for value in values {
            *value /= total;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_count_alike_whatever_they_gained() {
        let trees = [Some(vec![100.0, 300.0]), Some(vec![3.0, 1.0]), None];
        assert_eq!(average(&trees, 2), [0.5, 0.5]);
        assert_eq!(average(&[None], 2), [0.0, 0.0]);
        assert_eq!(average(&[Some(vec![0.0, 0.0])], 2), [0.0, 0.0]);
    }
}
