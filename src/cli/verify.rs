//! `fairledger verify`

use clap::Args;
use serde_json::json;

use crate::engine::{Error, Ledger, count};

use super::bar::with_bar;
use super::exit::Exit;
use super::output::{self, line};

/// Hash every file again, recompute every id, and name each fault
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let found = with_bar(|progress| ledger.verify(progress))?;
        if self.json {
            output::json(&json!({
                "attempts": found.attempts,
                "files": found.files,
                "bytes": found.bytes,
                "absent": found.absent,
                "faults": found.faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
            }));
        } else {
            for fault in &found.faults {
                line(format!("damaged: {fault}"));
            }
            for absent in &found.absent {
                line(format!("absent: {absent}"));
            }
            line(format!(
                "{}, {} hashed: {}, {} absent",
                count(found.attempts as usize, "attempt"),
                count(found.files as usize, "file"),
                count(found.faults.len(), "fault"),
                found.absent.len()
            ));
            if !found.faults.is_empty() {
                line(
                    "next: restore the files from a backup or `git checkout`, or train again: fairledger run",
                );
            }
        }
        Ok(if found.faults.is_empty() { Exit::Done } else { Exit::Damage })
    }
}
