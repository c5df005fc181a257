//! Specs that run a program: what is known around them, their mistakes, and the runs they ask for.

mod check;
mod fill;
mod plan;
mod request;

pub use fill::{bytes, filled, time_limit};
pub(super) use plan::plan;
pub use request::{ByCommand, CommandData, CommandFacts, RequestCommand, files_digest};
