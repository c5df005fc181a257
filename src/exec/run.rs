//! A command from its start to its end.

use std::process::{Child, ExitStatus};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use wait4::Wait4;

use crate::ledger::exit::Exit;
use crate::ledger::outcome::Reporter;

use super::error::ExecError;
use super::group::Group;
use super::job::{Ended, Job, process};
use super::listen::Listener;
use super::memory::{self, Peak};
use super::output::{Line, listen};

/// How often metrics, time and wishes to stop are looked at.
const LOOK: Duration = Duration::from_millis(50);
/// How long what a command printed last may take to arrive when a stranger holds its outputs.
const REST: Duration = Duration::from_secs(1);

/// Starts a command, reports what it writes as it comes, and waits until it and all it started have
/// ended. `began` is told its group.
///
/// # Errors
/// When it cannot be started. However it ends, that is no error here.
pub fn run(job: &Job, reporter: &dyn Reporter, began: &dyn Fn(Group)) -> Result<Ended, ExecError> {
    let memory_before = memory::kills();
    let mut child = start(job)?;
    let (group, mut peak) = (Group::of(&child), Peak::new());
    began(group);
    let lines = listen(&mut child);
    let mut listener = Listener::new(job, reporter);
    let mut stop = Stop { job, group, started: Instant::now(), asked: None };
    let end = loop {
        peak.look(child.id());
        hear(&lines, &mut listener, LOOK);
        listener.follow();
        if let Some(end) = child.try_wait4().map_err(ExecError::Wait)? {
            break end;
        }
        stop.look(reporter);
    };
    // What it started and left behind would go on for ever, and write for nobody.
    group.kill();
    let until = Instant::now() + REST;
    while Instant::now() < until && hear(&lines, &mut listener, REST) {}
    let (tags, last_error) = listener.finish();
    let exit = match stop.asked {
        Some((why, _)) => why,
        None => exit(end.status, memory_before),
    };
    Ok(Ended { exit, tags, last_error, peak_memory: peak.of(end.rusage.maxrss) })
}

fn start(job: &Job) -> Result<Child, ExecError> {
    let mut command = process(&job.run, &job.directory, &job.environment)?;
    if let Some(input) = job.input.as_ref().and_then(|input| input.try_clone().ok()) {
        command.stdin(input);
    }
    let program = job.run.first().map_or("", String::as_str);
    command.spawn().map_err(|error| ExecError::start(program, error))
}

/// Takes in what is printed, for a while at most; false when nothing more can come.
fn hear(lines: &Receiver<Line>, listener: &mut Listener<'_>, wait: Duration) -> bool {
    let until = Instant::now() + wait;
    loop {
        match lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(line) => listener.hear(&line),
            Err(RecvTimeoutError::Timeout) => return true,
            Err(RecvTimeoutError::Disconnected) => {
                // Its outputs close as it ends, so it is looked at again soon.
                std::thread::sleep(Duration::from_millis(2));
                return false;
            }
        }
        if Instant::now() >= until {
            return true;
        }
    }
}

/// When and why a command is ended.
struct Stop<'a> {
    job: &'a Job,
    group: Group,
    started: Instant,
    /// Why it was asked to end, and when it is made to.
    asked: Option<(Exit, Instant)>,
}

impl Stop<'_> {
    fn look(&mut self, reporter: &dyn Reporter) {
        // Asked each time: the recorder writes out what has waited long enough when it is.
        let cancelled = reporter.cancelled();
        if let Some((_, at)) = &self.asked {
            if Instant::now() >= *at {
                self.group.kill();
            }
            return;
        }
        let late = self.job.timeout.filter(|limit| self.started.elapsed() >= *limit);
        let why = match (cancelled, late) {
            (true, _) => Exit::Cancelled,
            (false, Some(limit)) => Exit::Timeout { seconds: limit.as_secs() },
            (false, None) => return,
        };
        self.group.ask();
        let grace = if cfg!(unix) { self.job.grace } else { Duration::ZERO };
        self.asked = Some((why, Instant::now() + grace));
    }
}

#[cfg(unix)]
fn exit(status: ExitStatus, memory_before: Option<u64>) -> Exit {
    use std::os::unix::process::ExitStatusExt;
    const KILL: i32 = 9;
    match (status.signal(), status.code()) {
        (Some(KILL), _) if memory::kills() > memory_before => Exit::OutOfMemory,
        (Some(signal), _) => Exit::Signal { signal },
        (None, code) => Exit::Code { code: code.unwrap_or(-1) },
    }
}

#[cfg(not(unix))]
fn exit(status: ExitStatus, _memory_before: Option<u64>) -> Exit {
    Exit::Code { code: status.code().unwrap_or(-1) }
}
