//! Numbers drawn by a seed, the same on every machine and for ever: each is read from a digest of
//! what it is for.

use crate::ledger::encode::nfc;

/// The context of the digest. Another way to draw needs a new one.
const CONTEXT: &str = "fairledger sweep v1";

/// The numbers drawn for one param of one point.
///
/// They depend on the seed, the place of the point and the name of the param only, so a sweep that
/// gets more points or more params keeps what it drew before.
pub(super) struct Draw(blake3::OutputReader);

impl Draw {
    /// The stream of a seed, the place of a point from 0, and a param.
    pub(super) fn of(seed: i64, point: usize, param: &str) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
        hasher.update(&seed.to_be_bytes());
        hasher.update(&(point as u64).to_be_bytes());
        hasher.update(nfc(param).as_bytes());
        Self(hasher.finalize_xof())
    }

    /// The next 64 bits.
    pub(super) fn bits(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_be_bytes(bytes)
    }

    /// A number from 0 to 1, 1 excluded: a multiple of 2^-53.
    pub(super) fn share(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number below `bound`, which is at least 1; its bias is below `bound` / 2^64.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.bits()) * bound as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points of existing sweeps hang on these numbers: they may never change.
    #[test]
    fn a_draw_is_fixed() {
        let draw = |seed, point, param| Draw::of(seed, point, param).below(1_000_000);
        let drawn =
            [draw(0, 0, "alpha"), draw(0, 1, "alpha"), draw(1, 0, "alpha"), draw(0, 0, "tol")];
        assert_eq!(drawn, [841478, 629957, 767644, 887553]);
    }

    #[test]
    fn shares_fill_the_interval() {
        let shares = (0..4000).map(|point| Draw::of(7, point, "alpha").share());
        let mut counts = [0; 8];
        shares.for_each(|share| counts[(share * 8.0) as usize] += 1);
        assert!(counts.iter().all(|count| (430..570).contains(count)), "{counts:?}");
    }
}
