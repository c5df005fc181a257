//! Successive halving (Jamieson and Talwalkar, 2016): many points on a small resource, the best of
//! them on a larger one, until the largest.

use toml::{Table, Value};

use super::{Look, Walk};
use crate::ledger::spec::Sweep;

/// The param that grows unless a spec names another.
pub(super) const RESOURCE: &str = "n_estimators";

/// One in so many points is kept unless a spec says otherwise.
const FACTOR: i64 = 3;

/// The name of the param that grows.
pub(super) fn resource(sweep: &Sweep) -> &str {
    sweep.resource.as_deref().unwrap_or(RESOURCE)
}

/// Looks at each point whose turn has come; gives how many follow once these have results.
///
/// A rung is trained as a whole before the next is chosen. Points that failed or diverged go no
/// further; of equals the first goes on.
///
/// # Errors
/// What looking at a point gives.
pub(super) fn walk<E>(
    sweep: &Sweep,
    candidates: Vec<Table>,
    look: &mut Walk<'_, E>,
) -> Result<usize, E> {
    let factor = usize::try_from(sweep.factor.unwrap_or(FACTOR)).unwrap_or(2).max(2);
    let mut survivors = candidates;
    let mut rungs = resources(sweep).into_iter().peekable();
    let mut seen = std::collections::BTreeSet::new();
    while let Some(mut at) = rungs.next() {
        if survivors.len() == 1 {
            // With nothing left to compare, only the largest resource is of interest.
            at = rungs.by_ref().last().unwrap_or(at);
        }
        for point in &mut survivors {
            point.insert(resource(sweep).to_owned(), Value::Integer(at));
        }
        let looks = look(&survivors)?;
        // A point that was drawn twice is one candidate.
        let costs: Vec<(Option<f64>, Table)> = looks
            .into_iter()
            .zip(survivors)
            .filter(|(Look { run, .. }, _)| seen.insert(*run))
            .map(|(Look { cost, .. }, point)| (cost, point))
            .collect();
        let left = rungs.len();
        if costs.iter().any(|(cost, _)| cost.is_none()) {
            return Ok(following(costs.len(), factor, left));
        }
        survivors = if left == 0 { Vec::new() } else { best(costs, factor) };
        if survivors.is_empty() {
            break;
        }
    }
    Ok(0)
}

/// The points of a rung that go on, in their order.
fn best(costs: Vec<(Option<f64>, Table)>, factor: usize) -> Vec<Table> {
    let mut order: Vec<(usize, f64)> = costs
        .iter()
        .enumerate()
        .map(|(place, (cost, _))| (place, cost.unwrap_or(f64::INFINITY)))
        .filter(|(_, cost)| *cost < f64::INFINITY)
        .collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    order.truncate(costs.len().div_ceil(factor));
    let mut places: Vec<usize> = order.into_iter().map(|(place, _)| place).collect();
    places.sort_unstable();
    let mut points: Vec<Option<Table>> = costs.into_iter().map(|(_, point)| Some(point)).collect();
    places.into_iter().filter_map(|place| points[place].take()).collect()
}

/// How many points follow a rung of so many, with so many rungs left.
fn following(points: usize, factor: usize, left: usize) -> usize {
    let (mut points, mut sum) = (points, 0);
    for _ in 0..left {
        points = points.div_ceil(factor);
        sum += points;
        if points == 1 {
            break;
        }
    }
    sum
}

/// The resource of each rung: from the smallest by the factor towards the largest, with which the
/// last one ends. The last step is between √factor and factor·√factor, so none is a waste.
fn resources(sweep: &Sweep) -> Vec<i64> {
    let factor = i128::from(sweep.factor.unwrap_or(FACTOR).max(2));
    let least = i128::from(sweep.min_resource.unwrap_or(1).max(1));
    let most = i128::from(sweep.max_resource.unwrap_or(1)).max(least);
    let mut rungs = vec![least];
    let mut next = least * factor;
    let is_far = |next: i128| next.saturating_mul(next).saturating_mul(factor) <= most * most;
    while next < most && is_far(next) {
        rungs.push(next);
        next *= factor;
    }
    if most > least {
        rungs.push(most);
    }
    rungs.into_iter().filter_map(|rung| i64::try_from(rung).ok()).collect()
}

#[cfg(test)]
mod tests;
