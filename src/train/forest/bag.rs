//! The rows a tree is grown on: drawn by bootstrap, sorted by every feature, divided at each split.

use std::ops::Range;

use rayon::prelude::*;

use super::super::random::Random;
use super::criterion::Sums;
use super::split::Entry;

/// Marks a row that was not drawn.
const OUT: u32 = u32::MAX;

/// The training table of a forest; columns are sorted once for all trees.
pub(super) struct Presorted {
    sorted: Vec<Vec<Entry>>,
    target: Vec<f64>,
    mean: f64,
}

impl Presorted {
    /// Sorts finite columns, each as long as the target, which has fewer than 2³² rows.
    pub(super) fn new(features: &[Vec<f32>], target: &[f64]) -> Self {
        let sorted = features.par_iter().map(|column| {
            let entries = column.iter().zip(0..).map(|(&value, row)| Entry { value, row });
            let mut entries: Vec<Entry> = entries.collect();
            // Equal values keep the order of their rows, so the outcome is the same everywhere.
            entries.sort_unstable_by(|a, b| a.value.total_cmp(&b.value).then(a.row.cmp(&b.row)));
            entries
        });
        let mean = target.iter().sum::<f64>() / target.len() as f64;
        Self { sorted: sorted.collect(), target: target.to_vec(), mean }
    }

    /// Number of rows.
    pub(super) fn rows(&self) -> usize {
        self.target.len()
    }

    /// Number of features.
    pub(super) fn features(&self) -> usize {
        self.sorted.len()
    }
}

/// The rows of one tree. Its buffers are used again for the next tree.
#[derive(Default)]
pub(super) struct Bag {
    /// By feature, the entries of the drawn rows; a node owns one range of every column.
    columns: Vec<Vec<Entry>>,
    /// The sums of each drawn row alone.
    rows: Vec<Sums>,
    /// The target of each drawn row as it was given.
    target: Vec<f64>,
    counts: Vec<u32>,
    places: Vec<u32>,
    right: Vec<u8>,
    spare: Vec<Entry>,
}

impl Bag {
    /// Draws as many rows as there are, with replacement, or takes each once. Returns how many
    /// distinct rows are in, and their sums.
    pub(super) fn fill(&mut self, table: &Presorted, random: Option<&mut Random>) -> (usize, Sums) {
        let rows = table.rows();
        self.counts.clear();
        match random {
            Some(random) => {
                self.counts.resize(rows, 0);
                (0..rows).for_each(|_| self.counts[random.below(rows)] += 1);
            }
            None => self.counts.resize(rows, 1),
        }
        let sums = self.take(table);
        let drawn = self.rows.len();
        self.columns.resize_with(table.features(), Vec::new);
        for (column, sorted) in self.columns.iter_mut().zip(&table.sorted) {
            // Every entry is written and only a drawn one advances: no branch to mispredict.
            column.resize(drawn + 1, Entry::default());
            let mut end = 0;
            for entry in sorted {
                let row = self.places[entry.row as usize];
                column[end] = Entry { value: entry.value, row };
                end += usize::from(row != OUT);
            }
        }
        self.right.resize(drawn, 0);
        self.spare.resize(drawn, Entry::default());
        (drawn, sums)
    }

    /// Numbers the drawn rows from 0 and sums them up.
    fn take(&mut self, table: &Presorted) -> Sums {
        self.rows.clear();
        self.target.clear();
        self.places.clear();
        let mut all = Sums::default();
        for (&count, &target) in self.counts.iter().zip(&table.target) {
            if count == 0 {
                self.places.push(OUT);
                continue;
            }
            self.places.push(self.rows.len() as u32);
            let weight = f64::from(count);
            let row = Sums { weight, target: weight * (target - table.mean) };
            all += row;
            self.rows.push(row);
            self.target.push(target);
        }
        all
    }

    /// A node's rows sorted by a feature.
    pub(super) fn sorted(&self, feature: usize, range: Range<usize>) -> &[Entry] {
        &self.columns[feature][range]
    }

    /// The sums of each row alone.
    pub(super) fn rows(&self) -> &[Sums] {
        &self.rows
    }

    /// Whether all these rows have the same target.
    pub(super) fn pure(&self, entries: &[Entry]) -> bool {
        let mut targets = entries.iter().map(|entry| self.target[entry.row as usize]);
        let first = targets.next();
        targets.all(|target| Some(target) == first)
    }

    /// The mean target of some rows.
    pub(super) fn mean(&self, entries: &[Entry]) -> f64 {
        let mut weight = 0.0;
        let mut sum = 0.0;
        for entry in entries {
            let row = entry.row as usize;
            weight += self.rows[row].weight;
            sum += self.rows[row].weight * self.target[row];
        }
        sum / weight
    }

    /// Moves, in every column, the rows of the first `count` by `feature` to the front of a node's
    /// range. Both sides stay sorted.
    pub(super) fn partition(&mut self, range: Range<usize>, feature: usize, count: usize) {
        let Self { columns, right, spare, .. } = self;
        for (at, entry) in columns[feature][range.clone()].iter().enumerate() {
            right[entry.row as usize] = u8::from(at >= count);
        }
        for (at, column) in columns.iter_mut().enumerate() {
            if at != feature {
                divide(&mut column[range.clone()], right, spare);
            }
        }
    }
}

/// A stable partition without branches: each entry is written to both sides, one side advances.
fn divide(entries: &mut [Entry], right: &[u8], spare: &mut [Entry]) {
    let spare = &mut spare[..entries.len()];
    let (mut kept, mut moved) = (0, 0);
    for at in 0..entries.len() {
        let entry = entries[at];
        let side = usize::from(right[entry.row as usize]);
        entries[kept] = entry;
        spare[moved] = entry;
        kept += 1 - side;
        moved += side;
    }
    entries[kept..].copy_from_slice(&spare[..moved]);
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the expected values are exact in binary")]
mod tests {
    use super::*;

    fn table() -> Presorted {
        let columns = [vec![3.0, 1.0, 2.0, 1.0], vec![1.0, 2.0, 3.0, 4.0]];
        Presorted::new(&columns, &[10.0, 20.0, 30.0, 20.0])
    }

    fn order(bag: &Bag, feature: usize, range: Range<usize>) -> Vec<u32> {
        bag.sorted(feature, range).iter().map(|entry| entry.row).collect()
    }

    #[test]
    fn without_bootstrap_every_row_is_in_once() {
        let mut bag = Bag::default();
        let (drawn, sums) = bag.fill(&table(), None);
        assert_eq!((drawn, sums), (4, Sums { weight: 4.0, target: 0.0 }));
        assert_eq!(order(&bag, 0, 0..4), [1, 3, 2, 0]);
        assert!(bag.pure(bag.sorted(0, 0..2)) && !bag.pure(bag.sorted(0, 0..3)));
        assert_eq!(bag.mean(bag.sorted(1, 0..3)), 20.0);
    }

    #[test]
    fn a_partition_keeps_every_column_sorted() {
        let mut bag = Bag::default();
        bag.fill(&table(), None);
        bag.partition(0..4, 0, 2);
        assert_eq!(order(&bag, 0, 0..4), [1, 3, 2, 0]);
        assert_eq!(order(&bag, 1, 0..4), [1, 3, 0, 2]);
    }

    #[test]
    fn a_bootstrap_draws_as_many_rows_as_there_are() {
        let mut bag = Bag::default();
        let mut random = Random::stream("fairledger test v1", 3, 0);
        for _ in 0..20 {
            let (drawn, sums) = bag.fill(&table(), Some(&mut random));
            assert_eq!(sums.weight, 4.0);
            assert_eq!(bag.rows().len(), drawn);
            assert!(order(&bag, 0, 0..drawn).iter().all(|row| (*row as usize) < drawn));
        }
    }
}
