//! The `fairledger` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    fairledger::cli::run()
}
