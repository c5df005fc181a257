//! The training table of exact trees, sorted once for all of them.

use rayon::prelude::*;

use super::super::split::Entry;

/// So many times as many features as are tried at a node make it cheaper to sort the tried ones
/// anew than to keep all of them sorted.
const MANY: usize = 7;

/// The columns of a table, each in the order of its values.
pub(in crate::train::trees) struct Presorted {
    rows: usize,
    pub(super) sorted: Vec<Vec<Entry>>,
    /// By feature and row, where the row stands in the order; empty where columns are kept sorted.
    pub(super) places: Vec<Vec<u32>>,
}

impl Presorted {
    /// Sorts finite columns of equal length, fewer than 2³² rows, of which each node tries so many.
    pub(in crate::train::trees) fn new(features: &[Vec<f32>], tried: usize) -> Self {
        let sorted = features.par_iter().map(|column| {
            let entries = column.iter().zip(0..).map(|(&value, row)| Entry { value, row });
            let mut entries: Vec<Entry> = entries.collect();
            // Equal values keep the order of their rows, so the outcome is the same everywhere.
            entries.sort_unstable_by(|a, b| a.value.total_cmp(&b.value).then(a.row.cmp(&b.row)));
            entries
        });
        let rows = features.first().map_or(0, Vec::len);
        let mut table = Self { rows, sorted: sorted.collect(), places: Vec::new() };
        if tried.saturating_mul(MANY) < features.len() {
            table.places = table.sorted.par_iter().map(|entries| places(entries)).collect();
        }
        table
    }

    /// Number of rows.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Whether a column is sorted when it is asked for; rows keep their numbers then.
    pub(super) fn on_demand(&self) -> bool {
        !self.places.is_empty()
    }

    /// Number of features.
    pub(super) fn features(&self) -> usize {
        self.sorted.len()
    }
}

fn places(entries: &[Entry]) -> Vec<u32> {
    let mut places = vec![0; entries.len()];
    entries.iter().zip(0..).for_each(|(entry, at)| places[entry.row as usize] = at);
    places
}
