//! Why a command could not be started.

use std::io::{self, ErrorKind};

/// Why a command could not be started or waited for.
#[derive(Debug, thiserror::Error)]
pub enum ExecError {
    /// No program of that name is on the path.
    #[error("there is no program `{0}`; is it installed, and is its folder in PATH?")]
    NoProgram(String),
    /// The file is no program, or may not be started.
    #[error(
        "`{0}` may not be started; make it executable, or name the program that reads it first"
    )]
    Denied(String),
    /// A list of words without a first one.
    #[error("the command is empty")]
    Empty,
    /// Any other error of the system.
    #[error("`{program}` could not be started: {source}")]
    Start {
        /// The program.
        program: String,
        /// The system's error.
        source: io::Error,
    },
    /// The system does not say how it ended.
    #[error("how the command ended cannot be found out: {0}")]
    Wait(io::Error),
    /// A command that was asked for a line took too long.
    #[error("`{program}` did not end within {seconds} s")]
    Slow {
        /// The program.
        program: String,
        /// The limit in seconds.
        seconds: u64,
    },
}

impl ExecError {
    /// Sorts an error of starting by its cure.
    pub(super) fn start(program: &str, source: io::Error) -> Self {
        let program = program.to_owned();
        match source.kind() {
            ErrorKind::NotFound => Self::NoProgram(program),
            ErrorKind::PermissionDenied => Self::Denied(program),
            _ => Self::Start { program, source },
        }
    }
}
