//! What a ledger holds for outside programs: crates, citations, identifiers.

mod citation;
mod crates;
mod croissant;
mod declared;
mod pack;
mod swhids;

pub use crates::{CrateOf, MadeCrate};
