//! Floor 2: child processes. A command is started without a shell, listened to while it works, and
//! ended with everything it started.
//!
//! This room knows nothing of ledgers and specs: it is told what to start, in which folder and with
//! which environment, and reports lines and metrics as they come.

mod error;
mod group;
mod job;
mod listen;
mod memory;
mod output;
mod run;
mod tail;
#[cfg(test)]
mod tests;

pub use error::ExecError;
pub use group::Group;
pub use job::{Ended, Job};
pub use output::output_of;
pub use run::run;
