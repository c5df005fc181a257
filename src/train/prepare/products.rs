//! Powers and products of number columns, in scikit-learn's order and with its names.

use crate::ledger::prepare::Polynomial;

use super::super::error::TrainError;

/// Every product of degree 2 and more as the places of its factors, lower degrees first.
///
/// # Errors
/// When there are more than [`crate::ledger::prepare::MAX_PRODUCTS`].
pub(super) fn of(
    polynomial: &Polynomial,
    numbers: &[usize],
) -> Result<Vec<Vec<usize>>, TrainError> {
    if polynomial.products(numbers.len()).is_none() {
        return Err(TrainError::TooManyProducts(numbers.len()));
    }
    let mut products = Vec::new();
    // The last of each product of one degree decides which factors may follow it.
    let mut last: Vec<Vec<usize>> = (0..numbers.len()).map(|at| vec![at]).collect();
    for _ in 2..=polynomial.degree {
        let mut longer = Vec::new();
        for factors in &last {
            let end = factors.last().copied().unwrap_or(0);
            let from = if polynomial.interaction_only { end + 1 } else { end };
            longer.extend((from..numbers.len()).map(|next| [&factors[..], &[next]].concat()));
        }
        products.extend(longer.iter().cloned());
        last = longer;
    }
    for factor in products.iter_mut().flatten() {
        *factor = numbers[*factor];
    }
    Ok(products)
}

/// The name of a product: `a^2 b` for the factors a, a, b.
pub(super) fn name(factors: &[usize], names: &[String]) -> String {
    let power = |equal: &[usize]| match equal.len() {
        1 => names[equal[0]].clone(),
        power => format!("{}^{power}", names[equal[0]]),
    };
    factors.chunk_by(|a, b| a == b).map(power).collect::<Vec<_>>().join(" ")
}

/// The product of some features, row by row.
pub(super) fn values(factors: &[usize], features: &[Vec<f64>], rows: usize) -> Vec<f64> {
    let mut values = vec![1.0; rows];
    for column in factors.iter().filter_map(|factor| features.get(*factor)) {
        values.iter_mut().zip(column).for_each(|(value, factor)| *value *= factor);
    }
    values
}
