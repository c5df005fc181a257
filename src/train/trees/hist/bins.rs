//! The training table of trees on histograms: each value as the number of its bin.

use rayon::prelude::*;

use super::super::criterion::BINS;
use super::super::split::between;

/// Histograms of all features are kept up to this many units; larger ones would leave the cache.
const KEPT: usize = 1 << 18;

/// A table of which each column is divided into bins of neighbouring values.
pub(in crate::train::trees) struct Binned {
    rows: usize,
    /// The bins of each cell: row by row where the histograms of all features are kept, else column
    /// by column.
    cells: Vec<u8>,
    /// By feature, the lowest and the highest value of each bin.
    bins: Vec<Vec<(f32, f32)>>,
    kept: bool,
}

impl Binned {
    /// Divides finite columns of equal length into at most `most` bins each, at least 2.
    ///
    /// A column of no more distinct values has a bin for each, any other bins of about as many rows.
    /// Each node tries so many features, with bins of `stride` units.
    pub(in crate::train::trees) fn new(
        features: &[Vec<f32>],
        most: usize,
        (tried, stride): (usize, usize),
    ) -> Self {
        let most = most.clamp(2, BINS - 1);
        let (rows, width) = (features.first().map_or(0, Vec::len), features.len());
        let bins: Vec<Vec<(f32, f32)>> =
            features.par_iter().map(|column| divide(column, most)).collect();
        let kept = tried.saturating_mul(2) >= width && width * stride * BINS <= KEPT;
        let mut cells = vec![0; rows * width];
        if kept {
            cells.par_chunks_mut(width).enumerate().for_each(|(row, cells)| {
                for (cell, (column, bins)) in cells.iter_mut().zip(features.iter().zip(&bins)) {
                    *cell = place(bins, column[row]);
                }
            });
        } else {
            let columns = features.par_iter().zip(&bins);
            cells.par_chunks_mut(rows.max(1)).zip(columns).for_each(|(cells, (column, bins))| {
                for (cell, value) in cells.iter_mut().zip(column) {
                    *cell = place(bins, *value);
                }
            });
        }
        Self { rows, cells, bins, kept }
    }

    /// Number of rows.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Number of features.
    pub(super) fn features(&self) -> usize {
        self.bins.len()
    }

    /// Number of bins of a feature.
    pub(super) fn bins(&self, feature: usize) -> usize {
        self.bins[feature].len()
    }

    /// Whether the histograms of all features are kept from a node to its sides.
    pub(super) fn kept(&self) -> bool {
        self.kept
    }

    /// The bins of a row, where histograms are kept.
    pub(super) fn row(&self, row: usize) -> &[u8] {
        &self.cells[row * self.features()..][..self.features()]
    }

    /// The bin of a row for a feature.
    #[inline]
    pub(super) fn bin(&self, row: usize, feature: usize) -> u8 {
        if self.kept {
            self.cells[row * self.bins.len() + feature]
        } else {
            self.cells[feature * self.rows + row]
        }
    }

    /// A threshold that parts two bins of a feature, halfway between the values nearest to it.
    pub(super) fn threshold(&self, feature: usize, low: u8, high: u8) -> f32 {
        let bins = &self.bins[feature];
        between(bins[usize::from(low)].1, bins[usize::from(high)].0)
    }
}

/// Divides a column into bins: the lowest and the highest value of each.
fn divide(column: &[f32], most: usize) -> Vec<(f32, f32)> {
    let mut sorted = column.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    let runs = || sorted.chunk_by(|a, b| b <= a);
    let few = runs().nth(most).is_none();
    let mut bins: Vec<(f32, f32)> = Vec::new();
    let (mut own, mut wanted, mut left) = (0, 0, sorted.len());
    for run in runs() {
        let count = run.len();
        // A value that fills a bin has one of its own.
        let closed = few || own >= wanted || count >= wanted;
        let full = bins.len() == most;
        match bins.last_mut() {
            Some(bin) if full || !closed => bin.1 = run[0],
            _ => {
                // Of the rows that are left each bin that is left gets its share.
                wanted = left.div_ceil(most - bins.len());
                own = 0;
                bins.push((run[0], run[0]));
            }
        }
        own += count;
        left -= count;
    }
    bins
}

/// The bin of a value that was among those divided.
fn place(bins: &[(f32, f32)], value: f32) -> u8 {
    bins.partition_point(|bin| bin.1 < value).min(bins.len() - 1) as u8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn few_values_have_a_bin_each() {
        let bins = divide(&[2.0, -1.0, 2.0, 0.0, -0.0], 3);
        assert_eq!(bins, [(-1.0, -1.0), (0.0, 0.0), (2.0, 2.0)]);
        assert_eq!(divide(&[5.0], 2), [(5.0, 5.0)]);
    }

    #[test]
    fn many_values_share_bins_of_about_as_many_rows() {
        let column: Vec<f32> = (0..100_u8).map(f32::from).collect();
        assert_eq!(divide(&column, 3), [(0.0, 33.0), (34.0, 66.0), (67.0, 99.0)]);
        // A value that many rows have is a bin of its own and takes nothing from the others.
        let mut column = vec![50.0; 900];
        column.extend((0..100_u8).map(f32::from));
        let bins = divide(&column, 11);
        assert_eq!(bins.len(), 11);
        assert!(bins.contains(&(50.0, 50.0)), "{bins:?}");
    }

    proptest! {
        #[test]
        fn bins_keep_the_order_of_the_values(
            column in proptest::collection::vec(-20_i8..20, 1..200),
            most in 2_usize..30,
        ) {
            let column: Vec<f32> = column.into_iter().map(f32::from).collect();
            let bins = divide(&column, most);
            prop_assert!(bins.len() <= most);
            prop_assert!(bins.windows(2).all(|pair| pair[0].1 < pair[1].0));
            for tried in [1, 0] {
                let binned = Binned::new(std::slice::from_ref(&column), most, (tried, 1));
                for (row, value) in column.iter().enumerate() {
                    let (low, high) = binned.bins[0][usize::from(binned.bin(row, 0))];
                    prop_assert!(low <= *value && *value <= high);
                }
            }
        }
    }
}
