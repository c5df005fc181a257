//! The criteria on histograms: sums of whole numbers, the same whatever the order of the rows.

use super::Criterion;
use super::classes::{Classes, Mixture, Node, Row, SLACK};
use super::variance::Variance;

/// Bins a histogram has room for.
pub(in crate::train::trees) const BINS: usize = 256;

/// A criterion that can be kept bin by bin.
pub(in crate::train::trees) trait Tally: Criterion {
    /// What a bin is made of.
    type Unit: Copy + Default + Send + Sync;
    /// What a drawn row adds to a bin.
    type Load: Copy + Send + Sync;
    /// What some rows come to.
    type Pile: Default + Send;
    /// A node about to be split.
    type Whole: Default + Send + Sync;

    /// Units of a bin.
    fn stride(&self) -> usize;

    /// What a row of the training table adds that counts so many times.
    fn load(&self, row: usize, count: u32) -> Self::Load;

    /// Adds a row to the histograms of all features, one after the other, given the row's bins.
    fn add_row(&self, histograms: &mut [Self::Unit], bins: &[u8], load: Self::Load);

    /// Takes a row out of the histograms again that [`Self::add_row`] put in.
    fn remove_row(&self, histograms: &mut [Self::Unit], bins: &[u8], load: Self::Load);

    /// Adds rows to the histogram of one feature, given the bin of each.
    fn add_rows(&self, histogram: &mut [Self::Unit], rows: impl Iterator<Item = (u8, Self::Load)>);

    /// a + b, unit by unit.
    fn plus(a: Self::Unit, b: Self::Unit) -> Self::Unit;

    /// a − b, unit by unit.
    fn minus(a: Self::Unit, b: Self::Unit) -> Self::Unit;

    /// Distinct rows in a bin.
    fn rows_in(bin: &[Self::Unit]) -> u32;

    /// Empties a pile. `whole` is the node it is a part of.
    fn empty(&self, pile: &mut Self::Pile, whole: &Self::Whole);

    /// Puts a bin on a pile.
    fn pile_bin(&self, pile: &mut Self::Pile, whole: &Self::Whole, bin: &[Self::Unit]);

    /// Puts a row on a pile.
    fn pile_row(&self, pile: &mut Self::Pile, whole: &Self::Whole, load: Self::Load);

    /// Prepares to split a node of some rows.
    fn whole(&self, rows: &[Self::Load], whole: &mut Self::Whole);

    /// The score of parting a pile from the rest of a node where it is above `best`.
    fn above(&self, whole: &Self::Whole, pile: &Self::Pile, best: f64) -> Option<f64>;

    /// How much a split of some score lowers the impurity times the weight of the node.
    fn worth(&self, whole: &Self::Whole, score: f64) -> f64;
}

/// A sum of targets in fixed point and the number of rows drawn.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::train::trees) struct FixedPile {
    sum: i64,
    drawn: u32,
}

/// The rows of a node: their number, and their targets' mean in fixed point, rounded, with the rest.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::train::trees) struct FixedWhole {
    weight: f64,
    mean: i64,
    rest: f64,
}

/// The largest power of two by which targets measured from their mean can be multiplied so that no
/// sum of them, rounded, needs more than 62 bits; a row is drawn once on average.
pub(super) fn scale(target: &[f64], mean: f64) -> f64 {
    let largest = target.iter().map(|target| (target - mean).abs()).fold(0.0, f64::max);
    if !(largest > 0.0 && largest.is_finite()) {
        return 1.0;
    }
    let bits = (usize::BITS - target.len().leading_zeros()) as i32;
    let exponent = largest.log2().floor() as i32 + 1;
    2.0_f64.powi((61 - bits - exponent).clamp(-1000, 1000))
}

impl Variance {
    /// Units of a bin.
    pub(in crate::train::trees) const STRIDE: usize = 2;
}

impl Tally for Variance {
    /// The sum in two's complement, then the rows: drawn ones in the lower half, distinct ones in
    /// the upper.
    type Unit = u64;
    type Load = [u64; 2];
    type Pile = FixedPile;
    type Whole = FixedWhole;

    fn stride(&self) -> usize {
        Self::STRIDE
    }

    fn load(&self, row: usize, count: u32) -> [u64; 2] {
        let target = ((self.target[row] - self.mean) * self.scale).round() as i64;
        let sum = target.wrapping_mul(i64::from(count));
        [sum as u64, u64::from(count) | 1 << 32]
    }

    #[inline]
    fn add_row(&self, histograms: &mut [u64], bins: &[u8], load: [u64; 2]) {
        for (histogram, bin) in histograms.chunks_exact_mut(Self::STRIDE * BINS).zip(bins) {
            let at = Self::STRIDE * usize::from(*bin);
            histogram[at] = histogram[at].wrapping_add(load[0]);
            histogram[at + 1] = histogram[at + 1].wrapping_add(load[1]);
        }
    }

    fn remove_row(&self, histograms: &mut [u64], bins: &[u8], load: [u64; 2]) {
        self.add_row(histograms, bins, load.map(u64::wrapping_neg));
    }

    fn add_rows(&self, histogram: &mut [u64], rows: impl Iterator<Item = (u8, [u64; 2])>) {
        let histogram = &mut histogram[..Self::STRIDE * BINS];
        for (bin, load) in rows {
            let at = Self::STRIDE * usize::from(bin);
            histogram[at] = histogram[at].wrapping_add(load[0]);
            histogram[at + 1] += load[1];
        }
    }

    fn plus(a: u64, b: u64) -> u64 {
        a.wrapping_add(b)
    }

    fn minus(a: u64, b: u64) -> u64 {
        a.wrapping_sub(b)
    }

    fn rows_in(bin: &[u64]) -> u32 {
        (bin[1] >> 32) as u32
    }

    fn empty(&self, pile: &mut FixedPile, _whole: &FixedWhole) {
        *pile = FixedPile::default();
    }

    fn pile_bin(&self, pile: &mut FixedPile, whole: &FixedWhole, bin: &[u64]) {
        self.pile_row(pile, whole, [bin[0], bin[1]]);
    }

    fn pile_row(&self, pile: &mut FixedPile, _whole: &FixedWhole, load: [u64; 2]) {
        pile.sum = pile.sum.wrapping_add(load[0] as i64);
        pile.drawn += load[1] as u32;
    }

    fn whole(&self, rows: &[[u64; 2]], whole: &mut FixedWhole) {
        let mut all = FixedPile::default();
        for load in rows {
            self.pile_row(&mut all, whole, *load);
        }
        let drawn = i64::from(all.drawn.max(1));
        let mean = all.sum / drawn;
        *whole = FixedWhole { weight: drawn as f64, mean, rest: (all.sum - mean * drawn) as f64 };
    }

    /// As with 64-bit floats, measured from the mean of the node.
    #[inline]
    fn above(&self, whole: &FixedWhole, pile: &FixedPile, best: f64) -> Option<f64> {
        let weight = f64::from(pile.drawn);
        let sum = pile.sum.wrapping_sub(i64::from(pile.drawn).wrapping_mul(whole.mean)) as f64;
        let apart = sum * whole.weight - weight * whole.rest;
        let (numerator, denominator) = (apart * apart, weight * (whole.weight - weight));
        (numerator > best * denominator).then(|| numerator / denominator)
    }

    fn worth(&self, whole: &FixedWhole, score: f64) -> f64 {
        score / whole.weight / self.scale / self.scale
    }
}

/// The weight of the classes on a pile, and sums that follow them.
#[derive(Default)]
pub(in crate::train::trees) struct ClassPile<S> {
    classes: Vec<f64>,
    weight: f64,
    state: S,
}

impl<M: Mixture> Tally for Classes<'_, M> {
    /// How many drawn rows of each class, then how many distinct rows.
    type Unit = u32;
    type Load = Row;
    type Pile = ClassPile<M::State>;
    type Whole = Node;

    fn stride(&self) -> usize {
        self.weights.len() + 1
    }

    fn load(&self, row: usize, count: u32) -> Row {
        Row { class: self.class[row], count }
    }

    #[inline]
    fn add_row(&self, histograms: &mut [u32], bins: &[u8], load: Row) {
        let stride = self.stride();
        for (histogram, bin) in histograms.chunks_exact_mut(stride * BINS).zip(bins) {
            let bin = &mut histogram[stride * usize::from(*bin)..][..stride];
            bin[load.class as usize] += load.count;
            bin[stride - 1] += 1;
        }
    }

    fn remove_row(&self, histograms: &mut [u32], bins: &[u8], load: Row) {
        let stride = self.stride();
        for (histogram, bin) in histograms.chunks_exact_mut(stride * BINS).zip(bins) {
            let bin = &mut histogram[stride * usize::from(*bin)..][..stride];
            bin[load.class as usize] -= load.count;
            bin[stride - 1] -= 1;
        }
    }

    fn add_rows(&self, histogram: &mut [u32], rows: impl Iterator<Item = (u8, Row)>) {
        for (bin, load) in rows {
            self.add_row(histogram, &[bin], load);
        }
    }

    fn plus(a: u32, b: u32) -> u32 {
        a + b
    }

    fn minus(a: u32, b: u32) -> u32 {
        a - b
    }

    fn rows_in(bin: &[u32]) -> u32 {
        bin[bin.len() - 1]
    }

    fn empty(&self, pile: &mut ClassPile<M::State>, whole: &Node) {
        pile.classes.clear();
        pile.classes.resize(whole.totals.len(), 0.0);
        pile.weight = 0.0;
        pile.state = self.mixture.start(&whole.totals);
    }

    fn pile_bin(&self, pile: &mut ClassPile<M::State>, whole: &Node, bin: &[u32]) {
        for (class, count) in (0..).zip(&bin[..self.weights.len()]).filter(|(_, n)| **n > 0) {
            self.pile_row(pile, whole, Row { class, count: *count });
        }
    }

    #[inline]
    fn pile_row(&self, pile: &mut ClassPile<M::State>, whole: &Node, load: Row) {
        let class = load.class as usize;
        let weight = self.weights[class] * f64::from(load.count);
        let own = pile.classes[class];
        self.mixture.shift(&mut pile.state, own, whole.totals[class] - own, weight);
        pile.classes[class] = own + weight;
        pile.weight += weight;
    }

    fn whole(&self, rows: &[Row], whole: &mut Node) {
        whole.totals.clear();
        whole.totals.resize(self.weights.len(), 0.0);
        for row in rows {
            whole.totals[row.class as usize] += f64::from(row.count);
        }
        let totals = whole.totals.iter_mut().zip(&self.weights);
        totals.for_each(|(total, weight)| *total *= weight);
        whole.weight = whole.totals.iter().sum();
    }

    fn above(&self, whole: &Node, pile: &ClassPile<M::State>, best: f64) -> Option<f64> {
        let weights = (pile.weight, whole.weight - pile.weight);
        let bound = best - SLACK * whole.weight;
        if !self.mixture.above(&pile.state, weights.0, weights.1, bound) {
            return None;
        }
        let score = self.mixture.score(&pile.classes, &whole.totals, weights);
        (score > best).then_some(score)
    }

    fn worth(&self, whole: &Node, score: f64) -> f64 {
        self.gain(whole, score)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The scale leaves room for the sum of all rows, and few bits unused.
    #[test]
    fn fixed_point_sums_fit() {
        for target in [
            vec![0.0, 1.0],
            vec![1e300, -1e300, 3.0],
            vec![1e-300, 2e-300],
            vec![5.0; 7],
            (0..1000).map(f64::from).collect(),
        ] {
            let variance = Variance::new(target.clone());
            let size = |row| (variance.load(row, 1)[0] as i64).unsigned_abs();
            let largest = (0..target.len()).map(size).max().unwrap();
            assert!(u128::from(largest) * (target.len() as u128) < 1 << 62, "{target:?}");
        }
        let variance = Variance::new(vec![-1.0, 0.5, 0.5]);
        assert!((variance.load(0, 1)[0] as i64).unsigned_abs() * 3 >= 1 << 58);
    }
}
