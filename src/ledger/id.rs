//! The ids: a run's and a cell's (what was asked, derived) and an attempt's (one execution, drawn).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ulid::Ulid;

use super::digest::{Digest, hex, hex_into};

/// The identity of a run: the first 128 bits of the digest of its request.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId([u8; 16]);

impl RunId {
    /// How many hex digits are shown to people: 0.1 % chance of any collision among 50,000 runs.
    pub const SHORT: usize = 10;

    /// Takes the first half of a request's digest.
    pub fn from_digest(digest: &Digest) -> Self {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest.as_bytes()[..16]);
        Self(bytes)
    }

    /// The digits shown to people.
    pub fn short(&self) -> String {
        self.to_string()[..Self::SHORT].to_owned()
    }
}

/// The identity of a cell, the runs that differ in nothing but the seed: the first 128 bits of the
/// digest of their request without it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellId([u8; 16]);

impl CellId {
    /// Takes the first half of a digest.
    pub fn from_digest(digest: &Digest) -> Self {
        Self(RunId::from_digest(digest).0)
    }

    /// The digits shown to people.
    pub fn short(&self) -> String {
        self.to_string()[..RunId::SHORT].to_owned()
    }
}

/// The text is not an id of the expected form.
#[derive(Debug, thiserror::Error)]
#[error("not {0}: '{1}'")]
pub struct IdError(&'static str, String);

macro_rules! hex_id {
    ($($id:ident: $what:literal),*) => {$(
        impl FromStr for $id {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let mut bytes = [0; 16];
                hex_into(text, &mut bytes).ok_or_else(|| IdError($what, text.to_owned()))?;
                Ok(Self(bytes))
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                hex(&self.0, f)
            }
        }

        impl fmt::Debug for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    )*};
}
hex_id!(RunId: "a run id of 32 hex digits", CellId: "a cell's id of 32 hex digits");

/// The id of one attempt: a ULID, so that ids sort by time and two machines never collide.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptId(Ulid);

impl AttemptId {
    /// Builds an id from the time in milliseconds since 1970 and 80 random bits.
    pub fn new(milliseconds: u64, random: u128) -> Self {
        Self(Ulid::from_parts(milliseconds, random))
    }

    /// When the id was drawn, in milliseconds since 1970.
    pub fn milliseconds(&self) -> u64 {
        self.0.timestamp_ms()
    }

    /// Its 128 bits.
    pub fn bits(&self) -> u128 {
        self.0.into()
    }
}

impl FromStr for AttemptId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Ulid::from_string(text)
            .ok()
            .filter(|ulid| ulid.to_string() == text)
            .map(Self)
            .ok_or_else(|| IdError("an attempt id (ULID)", text.to_owned()))
    }
}

impl fmt::Display for AttemptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for AttemptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Reads and writes an id as its text.
macro_rules! serde_as_text {
    ($($id:ty),*) => {$(
        impl Serialize for $id {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $id {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}
serde_as_text!(RunId, CellId, AttemptId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_ids_are_shown_short_and_read_whole() {
        let id = RunId::from_digest(&Digest::of(b"request"));
        assert_eq!(id.to_string().len(), 32);
        assert_eq!(id.short().len(), RunId::SHORT);
        assert_eq!(id.to_string().parse::<RunId>().unwrap(), id);
        assert!(id.short().parse::<RunId>().is_err());
    }

    #[test]
    fn attempt_ids_sort_by_time() {
        let early = AttemptId::new(1, u128::MAX);
        let late = AttemptId::new(2, 0);
        assert!(early < late && early.to_string() < late.to_string());
        assert_eq!(late.to_string().parse::<AttemptId>().unwrap(), late);
    }
}
