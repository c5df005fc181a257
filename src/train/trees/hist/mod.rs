//! Growing one tree by splits between bins of values, as fast boosting does (Ke et al., 2017).
//!
//! A histogram holds sums of whole numbers, so it does not depend on the order of the rows, and that
//! of one side of a split is the parent's minus that of the other.

mod bins;
mod pool;

use rayon::prelude::*;

use super::super::random::Random;
use super::criterion::{BINS, Sums, Tally};
use super::params::Limits;
use super::trunk::{Draw, Side, Splitter, Trunk, side};
use pool::Pool;

pub(super) use bins::Binned;

/// Up to so many rows a node's bins are sorted: cheaper than histograms, most of whose bins are empty.
const SMALL: usize = 48;

/// Cells of a node from which on threads gain by sharing the work on its histograms.
const SHARED: usize = 1 << 16;

/// Grows trees one after the other, with the same buffers.
pub(super) struct Grower<'a, C: Tally> {
    table: &'a Binned,
    limits: Limits,
    /// Whether the work on one tree is shared by all threads.
    shared: bool,
    counts: Vec<u32>,
    /// What the criterion knows of all rows, those that are not drawn included.
    known: C::Rows,
    loads: Vec<C::Load>,
    /// The drawn rows; a node owns one range of them, in the order of the table.
    rows: Vec<u32>,
    spare: Vec<u32>,
    own: Vec<C::Load>,
    whole: C::Whole,
    pile: C::Pile,
    keys: Vec<u16>,
    one: Vec<C::Unit>,
    pool: Pool<C::Unit>,
    features: Vec<usize>,
    trunk: Trunk<Span<C::Unit>>,
    weight: f64,
}

/// A node that may be split: a range of the rows.
pub(super) struct Span<U> {
    low: usize,
    high: usize,
    depth: usize,
    /// The histograms of all features, where they are kept and the node is not small.
    histograms: Option<Vec<U>>,
}

/// A split between two bins with none in between.
#[derive(Clone, Copy)]
struct Cut {
    feature: usize,
    low: u8,
    high: u8,
    score: f64,
}

impl<C: Tally> Splitter<C> for Grower<'_, C> {
    type Node = Span<C::Unit>;

    fn trunk(&mut self) -> &mut Trunk<Self::Node> {
        &mut self.trunk
    }

    fn rows(node: &Self::Node) -> usize {
        node.high - node.low
    }

    fn root(&mut self, criterion: &C, random: &mut Random, draw: Draw<'_>) -> Side<Span<C::Unit>> {
        let features = self.table.features();
        self.features.clear();
        self.features.extend(0..features);
        self.trunk.begin(criterion.outputs(), features);
        draw.counts(self.table.rows(), random, &mut self.counts);
        criterion.clear(&mut self.known);
        self.pool.forget();
        self.rows.clear();
        self.loads.clear();
        let mut sums = C::Sums::default();
        for (row, count) in self.counts.iter().enumerate() {
            let own = criterion.add(&mut self.known, row, *count);
            self.loads.push(criterion.load(row, *count));
            if *count > 0 {
                sums += own;
                self.rows.push(row as u32);
            }
        }
        self.weight = sums.weight();
        let node = (Span { low: 0, high: self.rows.len(), depth: 0, histograms: None }, 0);
        let own = rows(&self.rows);
        side(criterion, &self.limits, &self.known, own, node, &mut self.trunk.held)
    }

    fn open(
        &mut self,
        criterion: &C,
        mut span: Self::Node,
        random: &mut Random,
    ) -> Option<Side<Self::Node>> {
        let (low, high) = (span.low, span.high);
        if self.table.kept() && high - low > SMALL && span.histograms.is_none() {
            span.histograms = Some(self.histograms(criterion, low, high));
        }
        if let Some(cut) = self.best(criterion, &span, random) {
            return Some(self.split(criterion, span, cut));
        }
        criterion.leaf(&self.known, rows(&self.rows[low..high]), &mut self.trunk.held);
        self.pool.give(span.histograms);
        None
    }
}

impl<'a, C: Tally> Grower<'a, C> {
    /// Prepares to grow trees on a table: several growers side by side, or with `shared` one at a
    /// time, whose work all threads share.
    pub(super) fn new(table: &'a Binned, limits: Limits, shared: bool) -> Self {
        Self {
            table,
            limits,
            shared,
            counts: Vec::new(),
            known: C::Rows::default(),
            loads: Vec::new(),
            rows: Vec::new(),
            spare: Vec::new(),
            own: Vec::new(),
            whole: C::Whole::default(),
            pile: C::Pile::default(),
            keys: Vec::new(),
            one: Vec::new(),
            pool: Pool::default(),
            features: Vec::new(),
            trunk: Trunk::new(),
            weight: 0.0,
        }
    }

    /// The histograms of all features over a range of the rows.
    fn histograms(&mut self, criterion: &C, low: usize, high: usize) -> Vec<C::Unit> {
        let length = self.table.features() * BINS * criterion.stride();
        let mut histograms = self.pool.take(length);
        let (table, loads, rows) = (self.table, &self.loads, &self.rows[low..high]);
        let fill = |histograms: &mut Vec<C::Unit>, rows: &[u32]| {
            for row in rows {
                let row = *row as usize;
                criterion.add_row(histograms, table.row(row), loads[row]);
            }
        };
        if !self.shared || rows.len() * table.features() < SHARED {
            fill(&mut histograms, rows);
            return histograms;
        }
        // Sums of whole numbers: how the rows are divided does not matter.
        let part = rows.len().div_ceil(rayon::current_num_threads());
        let parts: Vec<Vec<C::Unit>> = rows
            .par_chunks(part)
            .map(|rows| {
                let mut histograms = vec![C::Unit::default(); length];
                fill(&mut histograms, rows);
                histograms
            })
            .collect();
        for part in parts {
            histograms.iter_mut().zip(part).for_each(|(sum, unit)| *sum = C::plus(*sum, unit));
        }
        histograms
    }

    /// Adds a split; returns its left side.
    fn split(&mut self, criterion: &C, span: Span<C::Unit>, cut: Cut) -> Side<Span<C::Unit>> {
        let Cut { feature, low: bin, high: next, score } = cut;
        let gain = criterion.worth(&self.whole, score);
        let threshold = self.table.threshold(feature, bin, next);
        let Span { low, high, depth, histograms } = span;
        let middle = low + self.part(low, high, feature, bin);
        let depth = depth + 1;
        let held = &mut self.trunk.held;
        let mut side = |low: usize, high: usize| {
            let span = Span { low, high, depth, histograms: None };
            let own = rows(&self.rows[low..high]);
            side(criterion, &self.limits, &self.known, own, (span, depth), held)
        };
        let mut right = side(middle, high);
        let mut left = side(low, middle);
        if let Some(histograms) = histograms {
            self.hand_down(criterion, histograms, &mut left, &mut right, (low, middle, high));
        }
        self.trunk.split((feature, threshold), gain, left, right)
    }

    /// Moves the rows of a node up to a bin to the front of its range, in order; returns how many.
    fn part(&mut self, low: usize, high: usize, feature: usize, bin: u8) -> usize {
        let rows = &mut self.rows[low..high];
        if self.spare.len() < rows.len() {
            self.spare.resize(rows.len(), 0);
        }
        let (mut kept, mut moved) = (0, 0);
        for at in 0..rows.len() {
            let row = rows[at];
            let right = usize::from(self.table.bin(row as usize, feature) > bin);
            rows[kept] = row;
            self.spare[moved] = row;
            kept += 1 - right;
            moved += right;
        }
        rows[kept..].copy_from_slice(&self.spare[..moved]);
        kept
    }

    /// Gives the open sides of a split their histograms where they are not small: one is counted,
    /// the other is what remains of the parent's.
    fn hand_down(
        &mut self,
        criterion: &C,
        mut parent: Vec<C::Unit>,
        left: &mut Side<Span<C::Unit>>,
        right: &mut Side<Span<C::Unit>>,
        (low, middle, high): (usize, usize, usize),
    ) {
        let wants = |side: &Side<Span<C::Unit>>| matches!(side, Side::Open(span) if span.high - span.low > SMALL);
        let left_is_smaller = middle - low <= high - middle;
        let (smaller, larger, range) = if left_is_smaller {
            (left, right, (low, middle))
        } else {
            (right, left, (middle, high))
        };
        let (mut counted, mut remaining) = (None, None);
        if wants(smaller) {
            let own = self.histograms(criterion, range.0, range.1);
            if wants(larger) {
                parent.iter_mut().zip(&own).for_each(|(sum, unit)| *sum = C::minus(*sum, *unit));
                remaining = Some(parent);
            } else {
                self.pool.give(Some(parent));
            }
            counted = Some(own);
        } else if wants(larger) {
            // Few rows are out sooner than a histogram of them.
            for row in &self.rows[range.0..range.1] {
                let row = *row as usize;
                criterion.remove_row(&mut parent, self.table.row(row), self.loads[row]);
            }
            remaining = Some(parent);
        } else {
            self.pool.give(Some(parent));
        }
        for (side, histograms) in [(smaller, counted), (larger, remaining)] {
            // A deep tree counts anew what too many waiting nodes would have to keep.
            let keep = wants(side) && !self.pool.is_busy();
            match side {
                Side::Open(span) if keep => span.histograms = histograms,
                _ => self.pool.give(histograms),
            }
        }
    }

    /// The best cut over features in random order; equal cuts go to the feature drawn first.
    ///
    /// As in scikit-learn, `max_features` are tried, and more while all of them are constant.
    fn best(&mut self, criterion: &C, span: &Span<C::Unit>, random: &mut Random) -> Option<Cut> {
        self.own.clear();
        let loads = &self.loads;
        self.own.extend(self.rows[span.low..span.high].iter().map(|row| loads[*row as usize]));
        criterion.whole(&self.own, &mut self.whole);
        let mut best = Cut { feature: usize::MAX, low: 0, high: 0, score: f64::NEG_INFINITY };
        let mut varied = false;
        let count = self.features.len();
        for tried in 0..count {
            if varied && tried >= self.limits.max_features {
                break;
            }
            if tried + 1 < count {
                self.features.swap(tried, tried + random.below(count - tried));
            }
            let feature = self.features[tried];
            varied |= if span.high - span.low <= SMALL {
                self.improve_by_rows(criterion, (span.low, span.high), feature, &mut best)
            } else {
                self.improve_by_bins(criterion, span, feature, &mut best)
            };
        }
        if best.feature == usize::MAX {
            return None;
        }
        let gain = criterion.worth(&self.whole, best.score);
        self.limits.worth(gain / self.weight).then_some(best)
    }

    /// Puts the best cut by a feature in place of `best` where it is better. Returns whether the
    /// feature has more than one bin in the node.
    fn improve_by_bins(
        &mut self,
        criterion: &C,
        span: &Span<C::Unit>,
        feature: usize,
        best: &mut Cut,
    ) -> bool {
        let stride = criterion.stride();
        let length = self.table.bins(feature) * stride;
        let histogram = if let Some(histograms) = &span.histograms {
            &histograms[feature * BINS * stride..][..length]
        } else {
            self.one.clear();
            self.one.resize(BINS * stride, C::Unit::default());
            let rows = self.rows[span.low..span.high].iter();
            let bins = rows.map(|row| self.table.bin(*row as usize, feature));
            criterion.add_rows(&mut self.one, bins.zip(self.own.iter().copied()));
            &self.one[..length]
        };
        let (all, least) = (span.high - span.low, self.limits.min_leaf);
        criterion.empty(&mut self.pile, &self.whole);
        let (mut rows, mut first, mut before) = (0, None, None);
        for (bin, units) in (0..=u8::MAX).zip(histogram.chunks_exact(stride)) {
            let own = C::rows_in(units) as usize;
            if own == 0 {
                continue;
            }
            if let Some(low) = before
                && rows >= least
                && all - rows >= least
                && let Some(score) = criterion.above(&self.whole, &self.pile, best.score)
            {
                *best = Cut { feature, low, high: bin, score };
            }
            criterion.pile_bin(&mut self.pile, &self.whole, units);
            rows += own;
            before = Some(bin);
            first = first.or(before);
        }
        first != before
    }

    /// As [`Self::improve_by_bins`] for the few rows of a small node, sorted by their bins.
    fn improve_by_rows(
        &mut self,
        criterion: &C,
        (low, high): (usize, usize),
        feature: usize,
        best: &mut Cut,
    ) -> bool {
        self.keys.clear();
        let rows = self.rows[low..high].iter().zip(0_u16..);
        let bin = |row: &u32| u16::from(self.table.bin(*row as usize, feature));
        self.keys.extend(rows.map(|(row, at)| bin(row) << 8 | at));
        self.keys.sort_unstable();
        let (all, least) = (self.keys.len(), self.limits.min_leaf);
        criterion.empty(&mut self.pile, &self.whole);
        for (at, pair) in self.keys.windows(2).enumerate() {
            let [low, high] = [pair[0] >> 8, pair[1] >> 8].map(|bin| bin as u8);
            criterion.pile_row(&mut self.pile, &self.whole, self.own[usize::from(pair[0] & 255)]);
            if low < high
                && at + 1 >= least
                && all - (at + 1) >= least
                && let Some(score) = criterion.above(&self.whole, &self.pile, best.score)
            {
                *best = Cut { feature, low, high, score };
            }
        }
        matches!(self.keys[..], [first, .., last] if first >> 8 < last >> 8)
    }
}

/// Rows as the criterion numbers them.
fn rows(own: &[u32]) -> impl ExactSizeIterator<Item = usize> + Clone {
    own.iter().map(|row| *row as usize)
}
