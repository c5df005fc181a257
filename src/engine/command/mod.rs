//! Commands in the flow: what they name on disk, whether they may start, and how they are executed.

mod approve;
mod look;
mod run;
mod trust;

pub use approve::{Approved, Change, Listed};
pub(super) use look::Commands;
pub use look::Pending;
pub(super) use run::Run;
pub(super) use trust::folder as settings_of;
