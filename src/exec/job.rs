//! What is to be started, and how it ended.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::ledger::exit::Exit;

use super::error::ExecError;

/// A command that is to be started.
#[derive(Debug)]
pub struct Job {
    /// The program and its arguments.
    pub run: Vec<String>,
    /// The folder it works in.
    pub directory: PathBuf,
    /// Its whole environment.
    pub environment: BTreeMap<OsString, OsString>,
    /// What it reads as standard input; nothing when `None`.
    pub input: Option<File>,
    /// The file it appends metrics to.
    pub metrics: PathBuf,
    /// The file it appends tags to.
    pub tags: PathBuf,
    /// Whether what it prints is looked through for metrics.
    pub printed: bool,
    /// How long it may take.
    pub timeout: Option<Duration>,
    /// How long it may go on after it was asked to end.
    pub grace: Duration,
    /// Names and values that must not be recorded.
    pub secrets: Vec<(String, String)>,
}

/// How a command ended, and what it said beside metrics and log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How it ended.
    pub exit: Exit,
    /// The tags it gave.
    pub tags: BTreeMap<String, String>,
    /// The last line it wrote to standard error.
    pub last_error: Option<String>,
    /// The most memory that one of its processes has had, in bytes, as far as it is known.
    pub peak_memory: Option<u64>,
}

/// A process of some words, its environment and folder set, without input.
pub(super) fn process(
    run: &[String],
    directory: &std::path::Path,
    environment: &BTreeMap<OsString, OsString>,
) -> Result<Command, ExecError> {
    let (program, arguments) = run.split_first().ok_or(ExecError::Empty)?;
    let mut command = Command::new(program);
    command.args(arguments).current_dir(directory).env_clear().envs(environment);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    super::group::own(&mut command);
    Ok(command)
}
