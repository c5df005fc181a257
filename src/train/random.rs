//! Random numbers whose values never change between releases or machines.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{RngCore, SeedableRng};

use crate::ledger::digest::Digest;

/// One stream of random numbers: xoshiro256++ (Blackman and Vigna, 2019).
pub(super) struct Random(Xoshiro256PlusPlus);

impl Random {
    /// The stream of one purpose, seed and index; no two of them overlap in practice, because the
    /// state is a digest of all three.
    pub(super) fn stream(purpose: &'static str, seed: i64, index: u64) -> Self {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&seed.to_be_bytes());
        bytes[8..].copy_from_slice(&index.to_be_bytes());
        let state = *Digest::derive(purpose, &bytes).as_bytes();
        Self(Xoshiro256PlusPlus::from_seed(state))
    }

    /// A number below `bound`, which is at least 1; its bias is below `bound` / 2^64.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.0.next_u64()) * bound as u128) >> 64) as usize
    }

    /// A number from 0 to below 1, one of 2^53 equally likely ones.
    pub(super) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Brings values into an order in which each is equally likely (Fisher and Yates).
    pub(super) fn shuffle<T>(&mut self, values: &mut [T]) {
        for at in 0..values.len() {
            let other = at + self.below(values.len() - at);
            values.swap(at, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_fixed_and_its_own() {
        let draw = |seed, index| {
            let mut random = Random::stream("fairledger test v1", seed, index);
            (0..6).map(|_| random.below(100)).collect::<Vec<_>>()
        };
        assert_eq!(draw(42, 0), draw(42, 0));
        assert_ne!(draw(42, 0), draw(42, 1));
        assert_ne!(draw(42, 0), draw(43, 0));
    }

    #[test]
    fn every_number_below_the_bound_comes_about_equally_often() {
        let mut random = Random::stream("fairledger test v1", 1, 0);
        let mut counts = [0; 5];
        (0..10_000).for_each(|_| counts[random.below(5)] += 1);
        assert!(counts.iter().all(|count| (1800..2200).contains(count)), "{counts:?}");
    }
}
