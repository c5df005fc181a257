//! `fairledger verify`

use clap::Args;
use indicatif::ProgressBar;
use serde_json::json;

use crate::engine::{Error, Ledger, count};

use super::exit::Exit;
use super::output::{self, is_terminal, line};

/// Hash every file again, recompute every id, and name each fault
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let bar = if is_terminal() { ProgressBar::new(0) } else { ProgressBar::hidden() };
        let found = ledger.verify(&mut |done, total| {
            bar.set_length(total);
            bar.set_position(done);
        })?;
        bar.finish_and_clear();
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
