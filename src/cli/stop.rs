//! `fairledger stop`

use clap::Args;

use crate::engine::{Error, Ledger};

use super::exit::Exit;
use super::output::{line, note};

/// Stop a run that is under way, here or in another process
///
/// It is recorded as interrupted, with the metrics it has. `watch` leaves it alone until its spec is
/// saved again; `run` starts it anew.
#[derive(Debug, Args)]
pub(super) struct Stop {
    /// The run, by its id, the beginning of it, or its label
    run: String,
}

impl Stop {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let mut exit = Exit::Done;
        for it in ledger.stop(&self.run)? {
            if it.stopped {
                line(format!("stopped {} ({})", it.label, it.run));
            } else {
                note(format!("{} ({}) was asked to stop and still goes on", it.label, it.run));
                exit = Exit::Error;
            }
        }
        line("next: fairledger status");
        Ok(exit)
    }
}
