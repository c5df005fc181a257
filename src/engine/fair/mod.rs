//! What a ledger holds for outside programs: crates, citations, identifiers.

mod citation;
mod crates;
mod croissant;
mod declared;
mod pack;
mod swhids;

pub(super) use crates::hide;
pub use crates::{CrateOf, MadeCrate};
