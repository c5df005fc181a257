//! A training table made ready for one way to split.

use super::criterion::Tally;
use super::exact::{self, Presorted};
use super::hist::{self, Binned};
use super::params::{Growth, Limits};
use super::trunk::Grow;

/// The columns of a training table, sorted or divided into bins, and the limits of its trees.
pub(super) struct Ground {
    limits: Limits,
    table: Table,
}

enum Table {
    Exact(Presorted),
    Hist(Binned),
}

impl Ground {
    /// Prepares finite columns of equal length, fewer than 2³² rows, for a criterion whose bins have
    /// so many units.
    pub(super) fn new(features: &[Vec<f32>], stride: usize, growth: &Growth) -> Self {
        let rows = features.first().map_or(0, Vec::len);
        let limits = growth.limits(rows, features.len());
        let tried = limits.max_features;
        let table = match growth.bins {
            None => Table::Exact(Presorted::new(features, tried)),
            Some(most) => Table::Hist(Binned::new(features, most, (tried, stride))),
        };
        Self { limits, table }
    }

    /// Prepares to grow trees: several growers side by side, or with `shared` one at a time, whose
    /// work all threads share.
    pub(super) fn grower<'a, C: Tally + 'a>(&'a self, shared: bool) -> Box<dyn Grow<C> + 'a> {
        match &self.table {
            Table::Exact(table) => Box::new(exact::Grower::new(table, self.limits, shared)),
            Table::Hist(table) => Box::new(hist::Grower::new(table, self.limits, shared)),
        }
    }
}
