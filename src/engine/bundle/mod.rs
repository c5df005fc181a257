//! Bundles: some runs with all that belongs to them, in one file that goes from ledger to ledger.

mod brought;
mod export;
mod files;
mod import;
mod models;
mod trusted;

pub use brought::BroughtBundle;
pub use export::MadeBundle;
