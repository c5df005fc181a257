//! What outside programs ask of a ledger so that others can find, fetch, read and reuse it: RO-Crate, Croissant,
//! Citation File Format and schema.org, as pure functions of views.
//!
//! Only what `ledger.toml` declares is said of people. The same view gives the same bytes.

pub mod about;
pub mod anonymous;
pub mod check;
mod checksum;
pub mod citation;
pub mod collection;
pub mod contents;
pub mod croissant;
mod describe;
mod format;
mod graph;
pub mod indicators;
pub mod licence;
pub mod page;
pub mod run_crate;
pub mod sitemap;
pub mod swhid;
mod who;
