//! The only place of the store that reads the clock or draws random numbers.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::ledger::annotation::AnnotationId;
use crate::ledger::id::AttemptId;
use crate::ledger::time::Timestamp;

use super::error::StoreError;

/// The present instant.
pub fn now() -> Timestamp {
    let microseconds =
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_micros());
    Timestamp::from_microseconds(i64::try_from(microseconds).unwrap_or(i64::MAX))
}

/// Draws the id of an attempt that starts now.
pub fn attempt_id(now: Timestamp) -> Result<AttemptId, StoreError> {
    Ok(AttemptId::new(now.milliseconds(), random()?))
}

/// Draws the id of an annotation that is written now.
pub fn annotation_id(now: Timestamp) -> Result<AnnotationId, StoreError> {
    Ok(AnnotationId::new(now.milliseconds(), random()?))
}

/// 128 random bits.
pub(super) fn random() -> Result<u128, StoreError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(StoreError::Random)?;
    Ok(u128::from_le_bytes(bytes))
}
