//! `fairledger doctor`

use clap::Args;

use crate::engine::{Error, Health, Ledger};

use super::exit::Exit;
use super::output::{self, line};

/// Look over this machine and the ledger for what would go wrong, and say the cure
#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Doctor {
    #[expect(clippy::unnecessary_wraps, reason = "every command is executed in the same way")]
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let checks = ledger.doctor();
        if self.json {
            output::json(&checks);
        } else {
            for check in &checks {
                let mark = match check.health {
                    Health::Good => "ok",
                    Health::Limited => "note",
                    Health::Bad => "BAD",
                };
                line(format!("{mark:4} {}: {}", check.name, check.found));
                if !check.cure.is_empty() {
                    line(format!("     cure: {}", check.cure));
                }
            }
        }
        let bad = checks.iter().any(|check| check.health == Health::Bad);
        Ok(if bad { Exit::Error } else { Exit::Done })
    }
}
