//! The only place of the store that reads the clock or draws random numbers.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::ledger::digest::Digest;
use crate::ledger::time::Timestamp;

/// The present instant.
pub(super) fn now() -> Timestamp {
    let microseconds =
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_micros());
    Timestamp::from_microseconds(i64::try_from(microseconds).unwrap_or(i64::MAX))
}

/// 128 random bits, for the ids of attempts and annotations.
pub fn random() -> u128 {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        // Ids only have to differ, and time and process already do.
        let seed = format!("{:?} {}", SystemTime::now(), std::process::id());
        bytes.copy_from_slice(&Digest::of(seed.as_bytes()).as_bytes()[..16]);
    }
    u128::from_le_bytes(bytes)
}
