//! A ledger of machine-learning experiments that is a folder.
//!
//! The modules are floors: an import only points down, and siblings on a floor never import each
//! other. `ARCHITECTURE.md` has the map.

pub mod ledger;

pub mod exec;
pub mod git;
pub mod import;
pub mod report;
pub mod store;
pub mod train;
pub mod watch;

pub mod engine;

pub mod cli;
