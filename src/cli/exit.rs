//! From an outcome to a message, a hint and an exit code.

use std::process::ExitCode;

use crate::engine::Error;
use crate::store::StoreError;

use super::output;

/// The exit codes, documented in `fairledger --help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Exit {
    /// Everything was done.
    Done = 0,
    /// It could not be done.
    Error = 1,
    /// It was asked for in a way that means nothing, as clap finds too.
    Usage = 2,
    /// Files of the user's have mistakes; the rest was done.
    Mistakes = 3,
    /// A run failed; the rest was done.
    RunFailed = 4,
    /// A file in the ledger is not what was sealed.
    Damage = 5,
    /// `reproduce` got another result.
    OtherResult = 6,
    /// A monitor raised an alert.
    Alert = 7,
    /// Ended by the user.
    Cancelled = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Shows an error and gives its exit code.
pub(super) fn show(error: &Error) -> Exit {
    output::note(format!("error: {error}"));
    if let Some(hint) = error.hint() {
        output::note(format!("  hint: {hint}"));
    }
    match error {
        Error::Mistakes(mistakes) => {
            output::mistakes(mistakes);
            Exit::Mistakes
        }
        Error::Store(StoreError::Damaged { .. }) => Exit::Damage,
        Error::FailsNow { .. } => Exit::OtherResult,
        Error::Filter(_) | Error::NotRanked => Exit::Usage,
        _ => Exit::Error,
    }
}
