//! Telling open pages that the site changed, by server-sent events (HTML Living Standard, section 9.2).

use std::io::{self, Write};
use std::net::TcpStream;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How often a silent line is tried, so that one nobody listens to is given up.
const TRY: Duration = Duration::from_secs(15);

/// How often the site changed, and who waits for that.
#[derive(Debug, Default)]
pub(super) struct Live {
    changes: Mutex<u64>,
    more: Condvar,
}

impl Live {
    /// Says that the site changed.
    pub(super) fn changed(&self) {
        *self.changes.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.more.notify_all();
    }

    /// Writes an event for each change from now on, until the caller goes away.
    pub(super) fn tell(&self, mut stream: &TcpStream) -> io::Result<()> {
        stream.write_all(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n\
              Connection: close\r\n\r\n: listening\n\n",
        )?;
        let mut seen = *self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
            let waited = self.more.wait_timeout_while(changes, TRY, |changes| *changes == seen);
            let now = *waited.unwrap_or_else(PoisonError::into_inner).0;
            let line: &[u8] = if now == seen { b": still here\n\n" } else { b"data: changed\n\n" };
            seen = now;
            stream.write_all(line)?;
            stream.flush()?;
        }
    }
}
