//! Expansion of a sweep into points: one table of params for each run.

mod check;
mod draw;
mod range;
#[cfg(test)]
mod tests;

use toml::{Table, Value};

use super::spec::{ChoiceRange, Method, Spec, Sweep};
use draw::Draw;

pub(super) use check::check;

/// More points than this in one spec are taken for a mistake.
pub(super) const MAX_POINTS: usize = 100_000;

/// The points of a spec whose sweep was checked, each with its fixed and its swept params;
/// duplicates are kept.
pub(super) fn points(spec: &Spec) -> Vec<Table> {
    let Some(sweep) = &spec.sweep else {
        return vec![spec.params.clone()];
    };
    let lists = lists(sweep);
    let with = |own: Table| spec.params.clone().into_iter().chain(own).collect();
    match sweep.method {
        Method::Zip => {
            let length = lists.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
            (0..length).map(|point| with(side_by_side(&lists, point))).collect()
        }
        Method::Grid | Method::Halving | Method::Tpe => {
            (0..combinations(&lists)).map(|point| with(combination(&lists, point))).collect()
        }
        Method::Random => {
            let samples = sweep.samples.and_then(|samples| usize::try_from(samples).ok());
            (0..samples.unwrap_or(0)).map(|point| with(drawn(sweep, point))).collect()
        }
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
