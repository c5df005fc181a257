//! What a command prints, line by line as it comes.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::process::Child;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::error::ExecError;
use super::group::Group;
use super::job::process;

/// A longer line is divided.
const LONGEST: usize = 64 * 1024;
/// A command that prints faster than it is recorded waits after so many lines.
const WAITING: usize = 256;
/// How often a command that prints no more is looked at.
const LOOK: Duration = Duration::from_millis(2);

/// Where a line was printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

/// A line without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) stream: Stream,
    pub(super) text: String,
}

/// Listens to a child. The channel closes when nobody holds its outputs any more.
pub(super) fn listen(child: &mut Child) -> Receiver<Line> {
    let (to, lines) = sync_channel(WAITING);
    if let Some(output) = child.stdout.take() {
        let to = to.clone();
        thread::spawn(move || read(output, Stream::Output, &to));
    }
    if let Some(error) = child.stderr.take() {
        thread::spawn(move || read(error, Stream::Error, &to));
    }
    lines
}

fn read(mut from: impl Read, stream: Stream, to: &SyncSender<Line>) {
    let (mut piece, mut lines) = ([0; 8192], Lines::default());
    let mut send = |text: String| to.send(Line { stream, text }).is_ok();
    loop {
        match from.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => {
                if !lines.add(&piece[..length]).into_iter().all(&mut send) {
                    return;
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    lines.rest().into_iter().all(send);
}

/// Divides bytes into lines.
#[derive(Default)]
pub(super) struct Lines(Vec<u8>);

impl Lines {
    /// The lines that are complete with these bytes.
    pub(super) fn add(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        for &byte in bytes {
            if byte == b'\n' || self.0.len() >= LONGEST {
                lines.push(text(&self.0));
                self.0.clear();
            }
            if byte != b'\n' {
                self.0.push(byte);
            }
        }
        lines
    }

    /// What is left without an end.
    pub(super) fn rest(&mut self) -> Option<String> {
        let rest = std::mem::take(&mut self.0);
        (!rest.is_empty()).then(|| text(&rest))
    }
}

/// A line as a terminal would leave it: what a progress bar wrote over is gone.
fn text(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let last = line.rsplit(|&byte| byte == b'\r').next().unwrap_or_default();
    String::from_utf8_lossy(last).into_owned()
}

/// What a command prints that ends soon, both streams together; its exit code counts as an error.
///
/// # Errors
/// When it cannot be started, takes longer than `limit`, or ends badly.
pub fn output_of(
    run: &[String],
    directory: &Path,
    environment: &BTreeMap<OsString, OsString>,
    limit: Duration,
) -> Result<(bool, String), ExecError> {
    let program = run.first().cloned().unwrap_or_default();
    let mut child = process(run, directory, environment)?
        .spawn()
        .map_err(|error| ExecError::start(&program, error))?;
    let (group, lines) = (Group::of(&child), listen(&mut child));
    let until = Instant::now() + limit;
    let (mut output, mut errors) = (String::new(), String::new());
    let (mut status, mut silent) = (None, false);
    while status.is_none() {
        let left = until.saturating_duration_since(Instant::now());
        // Checked each time: there may be a next line for ever.
        if left.is_zero() {
            group.kill();
            drop(child.wait());
            return Err(ExecError::Slow { program, seconds: limit.as_secs() });
        }
        if silent {
            // Its outputs close as it ends, or long before that.
            status = child.try_wait().map_err(ExecError::Wait)?;
            thread::sleep(if status.is_some() { Duration::ZERO } else { LOOK });
            continue;
        }
        match lines.recv_timeout(left) {
            Ok(line) => {
                let into = if line.stream == Stream::Output { &mut output } else { &mut errors };
                if into.len() < LONGEST {
                    into.push_str(&line.text);
                    into.push('\n');
                }
            }
            Err(RecvTimeoutError::Disconnected) => silent = true,
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
    // The order between two streams is nobody's promise, so one comes after the other.
    Ok((status.is_some_and(|it| it.success()), (output + &errors).trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_lines_however_they_are_cut() {
        let bytes = "one\r\n10 %\r50 %\r100 %\ncaf\u{e9}\nlast".as_bytes();
        for size in 1..bytes.len() {
            let mut lines = Lines::default();
            let mut found: Vec<String> =
                bytes.chunks(size).flat_map(|piece| lines.add(piece)).collect();
            found.extend(lines.rest());
            assert_eq!(found, ["one", "100 %", "café", "last"], "pieces of {size}");
        }
        let mut lines = Lines::default();
        let found = lines.add(&vec![b'x'; 2 * LONGEST + 1]);
        assert_eq!(found.len(), 2);
        assert_eq!(lines.rest().unwrap().len(), 1);
    }
}
