//! The rows of one tree in the order of each feature, divided at each split.

use std::ops::Range;

use rayon::prelude::*;

use super::super::split::Entry;
use super::table::Presorted;

/// Marks a row that was not drawn.
const OUT: u32 = u32::MAX;

/// Cells of a node from which on threads gain by sharing the work on it.
const SHARED: usize = 1 << 14;

/// The rows of one tree, sorted by every feature or by those asked for. A node owns one range of
/// them. The buffers are used again for the next tree.
///
/// Both ways give the same entries in the same order; only the numbers of the rows differ.
#[derive(Default)]
pub(super) struct Columns {
    /// By feature, the entries of the drawn rows; empty where columns are sorted when asked for.
    kept: Vec<Vec<Entry>>,
    /// Where columns are sorted when asked for, the rows of the nodes.
    rows: Vec<u32>,
    /// The entries of the column that was asked for last.
    asked: Vec<Entry>,
    /// The places of a node's rows in a column, as numbers and as bits.
    places: Vec<u32>,
    bits: Vec<u64>,
    right: Vec<u8>,
    spare: Vec<Entry>,
}

impl Columns {
    /// Takes the rows that are drawn at least once. Returns how many there are.
    ///
    /// Where columns are kept the drawn rows are numbered from 0, else rows keep their number.
    pub(super) fn fill(&mut self, table: &Presorted, counts: &[u32], shared: bool) -> usize {
        if !table.on_demand() {
            return self.keep(table, counts, shared);
        }
        self.rows.clear();
        let drawn = counts.iter().zip(0..).filter(|(count, _)| **count > 0);
        self.rows.extend(drawn.map(|(_, row)| row));
        self.right.resize(table.rows(), 0);
        self.bits.resize(table.rows().div_ceil(64), 0);
        self.rows.len()
    }

    fn keep(&mut self, table: &Presorted, counts: &[u32], shared: bool) -> usize {
        let mut drawn = 0;
        self.places.clear();
        self.places.extend(counts.iter().map(|count| {
            let place = if *count > 0 { drawn } else { OUT };
            drawn += u32::from(*count > 0);
            place
        }));
        let drawn = drawn as usize;
        self.kept.resize_with(table.features(), Vec::new);
        self.right.resize(drawn, 0);
        let (kept, places) = (&mut self.kept, &self.places);
        let take = |column: &mut Vec<Entry>, sorted: &[Entry]| take(column, sorted, places, drawn);
        if shared {
            kept.par_iter_mut().zip(&table.sorted).for_each(|(column, all)| take(column, all));
        } else {
            kept.iter_mut().zip(&table.sorted).for_each(|(column, all)| take(column, all));
        }
        drawn
    }

    /// Whether a node has so many cells that threads gain by sharing the work on it.
    pub(super) fn worth_sharing(&self, range: &Range<usize>) -> bool {
        range.len() * self.kept.len() >= SHARED
    }

    /// A node's rows sorted by a feature, where columns are kept.
    pub(super) fn kept(&self, feature: usize, range: Range<usize>) -> &[Entry] {
        &self.kept[feature][range]
    }

    /// A node's rows sorted by a feature.
    pub(super) fn sorted(
        &mut self,
        table: &Presorted,
        feature: usize,
        range: Range<usize>,
    ) -> &[Entry] {
        if table.on_demand() { self.ask(table, feature, range) } else { &self.kept[feature][range] }
    }

    fn ask(&mut self, table: &Presorted, feature: usize, range: Range<usize>) -> &[Entry] {
        let (places, sorted) = (&table.places[feature], &table.sorted[feature]);
        let rows = self.rows[range].iter();
        let (asked, bits) = (&mut self.asked, &mut self.bits);
        asked.clear();
        // A scan of all bits sorts large nodes, in which many are set.
        if rows.len() * 16 > bits.len() {
            rows.map(|row| places[*row as usize] as usize)
                .for_each(|place| bits[place / 64] |= 1 << (place % 64));
            for (word, at) in bits.iter_mut().zip((0_usize..).step_by(64)) {
                while *word != 0 {
                    asked.push(sorted[at + word.trailing_zeros() as usize]);
                    *word &= *word - 1;
                }
            }
        } else {
            self.places.clear();
            self.places.extend(rows.map(|row| places[*row as usize]));
            self.places.sort_unstable();
            asked.extend(self.places.iter().map(|place| sorted[*place as usize]));
        }
        asked
    }

    /// Moves the rows of the first `count` by `feature` to the front of a node's range, wherever
    /// rows are kept. Both sides stay in order.
    pub(super) fn partition(
        &mut self,
        table: &Presorted,
        range: Range<usize>,
        (feature, count): (usize, usize),
        shared: bool,
    ) {
        if table.on_demand() {
            self.ask(table, feature, range.clone());
            mark(&self.asked, count, &mut self.right);
            let right = &self.right;
            divide(&mut self.rows[range], &mut self.places, |row| right[*row as usize]);
            return;
        }
        let share = shared && self.worth_sharing(&range);
        let Self { kept, right, spare, .. } = self;
        mark(&kept[feature][range.clone()], count, right);
        let divide = |spare: &mut Vec<Entry>, (at, column): (usize, &mut Vec<Entry>)| {
            if at != feature {
                divide(&mut column[range.clone()], spare, |entry| right[entry.row as usize]);
            }
        };
        if share {
            kept.par_iter_mut().enumerate().for_each_init(Vec::new, divide);
        } else {
            kept.iter_mut().enumerate().for_each(|column| divide(spare, column));
        }
    }
}

/// Takes the drawn rows of a sorted column under their new numbers.
fn take(column: &mut Vec<Entry>, sorted: &[Entry], places: &[u32], drawn: usize) {
    if drawn == sorted.len() {
        column.clear();
        column.extend_from_slice(sorted);
        return;
    }
    // Every entry is written and only a drawn one advances: no branch to mispredict.
    column.resize(drawn + 1, Entry::default());
    let mut end = 0;
    for entry in sorted {
        let row = places[entry.row as usize];
        column[end] = Entry { value: entry.value, row };
        end += usize::from(row != OUT);
    }
}

/// Notes for each entry's row whether it stands behind the first `count`.
fn mark(entries: &[Entry], count: usize, right: &mut [u8]) {
    for (at, entry) in entries.iter().enumerate() {
        right[entry.row as usize] = u8::from(at >= count);
    }
}

/// A stable partition without branches: each item is written to both sides, one side advances.
fn divide<T: Copy + Default>(items: &mut [T], spare: &mut Vec<T>, right: impl Fn(&T) -> u8) {
    if spare.len() < items.len() {
        spare.resize(items.len(), T::default());
    }
    let spare = &mut spare[..items.len()];
    let (mut kept, mut moved) = (0, 0);
    for at in 0..items.len() {
        let item = items[at];
        let side = usize::from(right(&item));
        items[kept] = item;
        spare[moved] = item;
        kept += 1 - side;
        moved += side;
    }
    items[kept..].copy_from_slice(&spare[..moved]);
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEATURES: [[f32; 4]; 2] = [[3.0, 1.0, 2.0, 1.0], [1.0, 2.0, 3.0, 4.0]];

    /// The table with its columns kept, then sorted when asked for.
    fn tables() -> [Presorted; 2] {
        let features = FEATURES.map(Vec::from);
        [Presorted::new(&features, 2), Presorted::new(&features, 0)]
    }

    fn order(columns: &mut Columns, table: &Presorted, at: usize, range: Range<usize>) -> Vec<u32> {
        columns.sorted(table, at, range).iter().map(|entry| entry.row).collect()
    }

    #[test]
    fn every_drawn_row_is_in_once() {
        for table in tables() {
            let mut columns = Columns::default();
            assert_eq!(columns.fill(&table, &[1, 1, 1, 1], false), 4);
            assert_eq!(order(&mut columns, &table, 0, 0..4), [1, 3, 2, 0]);
            assert_eq!(columns.fill(&table, &[2, 1, 1, 0], false), 3);
            assert_eq!(order(&mut columns, &table, 0, 0..3), [1, 2, 0]);
        }
    }

    #[test]
    fn a_partition_keeps_both_sides_sorted() {
        for table in tables() {
            let mut columns = Columns::default();
            columns.fill(&table, &[1, 1, 1, 1], false);
            columns.partition(&table, 0..4, (0, 2), false);
            for (feature, sides) in [(0, [[1, 3], [2, 0]]), (1, [[1, 3], [0, 2]])] {
                assert_eq!(order(&mut columns, &table, feature, 0..2), sides[0]);
                assert_eq!(order(&mut columns, &table, feature, 2..4), sides[1]);
            }
        }
    }

    /// Bits and numbers sort alike, whatever the size of the node.
    #[test]
    fn nodes_of_every_size_are_sorted() {
        let column: Vec<f32> = (0..5000_u32).map(|i| (i * 7919 % 3001) as f32).collect();
        let table = Presorted::new(&[column], 0);
        let mut columns = Columns::default();
        columns.fill(&table, &vec![1; 5000], false);
        for rows in [1, 4, 5, 6, 100, 5000] {
            let mut expected: Vec<(f32, u32)> =
                (0..rows).map(|row| ((row * 7919 % 3001) as f32, row)).collect();
            expected.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let found = columns.sorted(&table, 0, 0..rows as usize);
            assert!(found.iter().map(|entry| (entry.value, entry.row)).eq(expected));
        }
    }
}
