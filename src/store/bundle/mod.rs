//! Bundles as archives: written, read and checked, and brought into the ledger.

mod read;
mod unpacked;
mod write;

pub use read::Bundle;
pub use unpacked::Unpacked;
pub use write::{BundleSource, Bundled};
