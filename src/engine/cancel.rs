//! A request to stop, from the keyboard or from the system, seen by everything that works.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::exec::{self, Ended, ExecError, Group, Job};
use crate::ledger::outcome::Reporter;

use super::error::Error;

/// A flag that says "stop", shared by everything that works on one command, and the child processes
/// that must not outlive it.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    stop: AtomicBool,
    children: Mutex<BTreeSet<Group>>,
}

impl Cancel {
    /// Runs a command such that a second request to stop ends it too; `began` is told its processes.
    pub(super) fn supervise(
        &self,
        job: &Job,
        reporter: &dyn Reporter,
        began: &dyn Fn(Group),
    ) -> Result<Ended, ExecError> {
        let held = Cell::new(None);
        let ended = exec::run(job, reporter, &|group| {
            self.children().insert(group);
            began(group);
            held.set(Some(group));
        });
        if let Some(group) = held.get() {
            self.children().remove(&group);
        }
        ended
    }

    fn children(&self) -> MutexGuard<'_, BTreeSet<Group>> {
        self.0.children.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks everything to stop.
    pub fn cancel(&self) {
        self.0.stop.store(true, Ordering::Relaxed);
    }

    /// Whether everything should stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.stop.load(Ordering::Relaxed)
    }

    /// Sets the flag at the first Ctrl-C or termination signal; a second one ends the process at
    /// once, as if no handler were there.
    ///
    /// # Errors
    /// When the thread or its runtime cannot start.
    pub fn on_signals(&self) -> Result<(), Error> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Error::Runtime)?;
        let mut signals = runtime.block_on(async { Signals::listen() })?;
        let flag = self.clone();
        std::thread::Builder::new()
            .name("signals".into())
            .spawn(move || {
                runtime.block_on(async {
                    signals.next().await;
                    flag.cancel();
                    signals.next().await;
                    flag.children().iter().for_each(|group| group.kill());
                    end_at_once();
                });
            })
            .map_err(Error::Runtime)?;
        Ok(())
    }
}

/// Ends the process as a shell expects of an interrupted one; what was unsealed is recorded later.
#[expect(clippy::exit, reason = "the user asked twice")]
fn end_at_once() -> ! {
    std::process::exit(130)
}

/// Listens for signals that ask the program to end, from when it is made: a signal that comes
/// between two calls of [`Signals::next`] is not lost.
#[cfg(unix)]
pub(super) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Starts to listen; to be called inside a runtime.
    pub(super) fn listen() -> Result<Self, Error> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(Error::Runtime)?,
            terminate: signal(SignalKind::terminate()).map_err(Error::Runtime)?,
        })
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Listens for signals that ask the program to end, from when it is made.
#[cfg(windows)]
pub(super) struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    /// Starts to listen; to be called inside a runtime.
    pub(super) fn listen() -> Result<Self, Error> {
        tokio::signal::windows::ctrl_c().map(Self).map_err(Error::Runtime)
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) {
        self.0.recv().await;
    }
}
