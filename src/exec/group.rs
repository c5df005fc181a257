//! A command and everything it started, as one thing that can be asked to end and made to end.

use std::process::{Child, Command};

/// The processes of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group(u32);

impl Group {
    /// The group of a child that was started with one of its own.
    pub(super) fn of(child: &Child) -> Self {
        Self(child.id())
    }

    /// The group that a number names.
    pub fn numbered(number: u32) -> Self {
        Self(number)
    }

    /// Its number: the id of its first process.
    pub fn number(self) -> u32 {
        self.0
    }

    /// Asks all of it to end, with SIGTERM.
    #[cfg(unix)]
    pub fn ask(self) {
        self.signal(rustix::process::Signal::TERM);
    }

    /// Makes all of it end, with SIGKILL.
    #[cfg(unix)]
    pub fn kill(self) {
        self.signal(rustix::process::Signal::KILL);
    }

    /// Whether a process of a number exists.
    #[cfg(unix)]
    pub fn is_process(number: u32) -> bool {
        let process = i32::try_from(number).ok().and_then(rustix::process::Pid::from_raw);
        // One that may not be signalled exists all the same.
        let gone = |error| error == rustix::io::Errno::SRCH;
        process.is_some_and(|it| !rustix::process::test_kill_process(it).is_err_and(gone))
    }

    /// Not known here, so it is taken to exist.
    #[cfg(not(unix))]
    pub fn is_process(_number: u32) -> bool {
        true
    }

    #[cfg(unix)]
    fn signal(self, signal: rustix::process::Signal) {
        let group = i32::try_from(self.0).ok().and_then(rustix::process::Pid::from_raw);
        if let Some(group) = group {
            // A group that is gone has ended, which is what was wanted.
            let _ = rustix::process::kill_process_group(group, signal);
        }
    }

    /// Asks nothing: a program without a window has no other way to be asked than by Ctrl-C.
    #[cfg(not(unix))]
    pub fn ask(self) {}

    /// Makes the process and those it started end.
    #[cfg(not(unix))]
    pub fn kill(self) {
        let number = self.0.to_string();
        drop(Command::new("taskkill").args(["/T", "/F", "/PID", &number]).output());
    }
}

/// Gives a command a group of its own, so that Ctrl-C at a terminal does not reach it before us.
#[cfg(unix)]
pub(super) fn own(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

/// Gives a command a group of its own, so that Ctrl-C at a terminal does not reach it before us.
#[cfg(windows)]
pub(super) fn own(command: &mut Command) {
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;
    std::os::windows::process::CommandExt::creation_flags(command, CREATE_NEW_PROCESS_GROUP);
}
