//! Expansion of a sweep into points: one table of params for each run.

mod check;
mod draw;
mod guide;
mod halving;
mod parzen;
mod range;
mod resource;
#[cfg(test)]
mod tests;

use toml::{Table, Value};

use super::id::RunId;
use super::spec::{ChoiceRange, Method, Spec, Sweep};
use draw::Draw;

pub(super) use check::check;
pub use guide::{Guide, Known, Results};

/// More points than this in one spec are taken for a mistake.
pub(super) const MAX_POINTS: usize = 100_000;

/// What looking at a point tells.
pub(super) struct Look {
    /// The first of its runs.
    pub(super) run: RunId,
    /// How bad it is, smaller better; `None` while it has no result.
    pub(super) cost: Option<f64>,
}

/// Plans the runs of some points and tells what is known of each.
pub(super) type Walk<'a, E> = dyn FnMut(&[Table]) -> Result<Vec<Look>, E> + 'a;

/// Looks at each point of a spec that can be decided now, in order; its sweep was checked. Gives how
/// many points follow at most, chosen by the results of these.
///
/// # Errors
/// What looking at a point gives.
pub(super) fn walk<E>(spec: &Spec, look: &mut Walk<'_, E>) -> Result<usize, E> {
    let Some(sweep) = &spec.sweep else {
        look(std::slice::from_ref(&spec.params))?;
        return Ok(0);
    };
    let with = |own: Table| spec.params.clone().into_iter().chain(own).collect::<Table>();
    if sweep.method == Method::Tpe {
        return parzen::walk(sweep, &with, look);
    }
    let all: Vec<Table> = points(sweep).into_iter().map(with).collect();
    if sweep.method == Method::Halving {
        return halving::walk(sweep, all, look);
    }
    look(&all)?;
    Ok(0)
}

/// The names of the params that differ from point to point.
pub(super) fn swept(sweep: &Sweep) -> impl Iterator<Item = &str> {
    let resource = (sweep.method == Method::Halving).then(|| halving::resource(sweep));
    sweep.params.keys().map(String::as_str).chain(resource)
}

/// The values of the swept params, point by point; duplicates are kept.
fn points(sweep: &Sweep) -> Vec<Table> {
    let lists = lists(sweep);
    let samples = sweep.samples.and_then(|samples| usize::try_from(samples).ok());
    match (sweep.method, samples) {
        (Method::Zip, _) => {
            let length = lists.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
            (0..length).map(|point| side_by_side(&lists, point)).collect()
        }
        (Method::Random | Method::Halving, Some(samples)) => {
            (0..samples).map(|point| drawn(sweep, point)).collect()
        }
        _ => (0..combinations(&lists)).map(|point| combination(&lists, point)).collect(),
    }
}

/// The params of a sweep that take the values of a list, by name.
fn lists(sweep: &Sweep) -> Vec<(&str, &[Value])> {
    let lists = sweep.params.iter();
    lists
        .filter_map(|(name, values)| Some((name.as_str(), values.as_array()?.as_slice())))
        .collect()
}

/// Number of combinations of some lists.
fn combinations(lists: &[(&str, &[Value])]) -> usize {
    lists.iter().fold(1usize, |points, (_, values)| points.saturating_mul(values.len()))
}

/// One combination of lists; the last list turns fastest.
fn combination(lists: &[(&str, &[Value])], point: usize) -> Table {
    let mut rest = point;
    let mut table = Table::new();
    for (name, values) in lists.iter().rev() {
        table.insert((*name).to_owned(), values[rest % values.len()].clone());
        rest /= values.len();
    }
    table
}

/// The values at one place of lists of one length.
fn side_by_side(lists: &[(&str, &[Value])], point: usize) -> Table {
    lists.iter().map(|(name, values)| ((*name).to_owned(), values[point].clone())).collect()
}

/// The point at a place of a random sweep: each param drawn by itself (Bergstra and Bengio, 2012).
fn drawn(sweep: &Sweep, point: usize) -> Table {
    let seed = sweep.seed.unwrap_or(0);
    let draw = |(name, values): (&String, &Value)| {
        let mut draw = Draw::of(seed, point, name);
        let value = match (values.as_array(), ChoiceRange::read(values)) {
            (Some(list), _) => list[draw.below(list.len())].clone(),
            (None, Some(range)) => range.at(draw.share()),
            (None, None) => return None,
        };
        Some((name.clone(), value))
    };
    sweep.params.iter().filter_map(draw).collect()
}
