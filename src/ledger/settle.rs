//! When a file that is being saved may be read: a state machine that takes the time as a value.
//!
//! Editors save in several steps. A half-written `lr = 0.001` reads as `lr = 0.0`, which is another
//! experiment, and a safe write leaves a moment in which there is no file at all. So a file is read
//! when it has kept still, and is gone when it has stayed away.

use std::time::Duration;

/// How long a file must keep still.
const QUIET: Duration = Duration::from_millis(250);

/// How long it must keep still after the writer closed it or renamed it into place. Not zero: some
/// editors close a file twice.
const QUIET_AFTER_CLOSE: Duration = Duration::from_millis(50);

/// How long a file must stay away to be gone.
const ABSENCE: Duration = Duration::from_secs(1);

/// After how long a file that never keeps still is worth a word.
const PATIENCE: Duration = Duration::from_secs(2);

/// What tells one state of a file from the next without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStamp {
    /// Size in bytes.
    pub size: u64,
    /// Time of the last change, in nanoseconds since 1970.
    pub modified: i128,
    /// Time of the last change of anything about it, which no program can set back; zero where there is none.
    pub changed: i128,
    /// The file's number on its file system; zero where there is none.
    pub inode: u64,
}

/// What to do with a file now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Look again after this time, or at the next event.
    Wait(Duration),
    /// As `Wait`, and tell the user that the file is still being written; said once a change.
    StillWriting(Duration),
    /// Read it.
    Ready,
    /// It is deleted.
    Gone,
}

/// One file on its way to keeping still.
#[derive(Clone, Debug, Default)]
pub struct Settle {
    seen: Option<Seen>,
}

/// What was last seen of a file.
#[derive(Clone, Copy, Debug)]
struct Seen {
    stamp: Option<FileStamp>,
    /// When it became so, or was last closed.
    since: Duration,
    /// When it last left a settled state.
    started: Duration,
    closed: bool,
    told: bool,
    settled: bool,
}

impl Settle {
    /// Takes in the file as it is now; `None` when there is no such file.
    ///
    /// `now` comes from any clock that never goes back. `closed` says that an event since the last
    /// call was a close after writing, or a rename into place.
    pub fn observe(&mut self, now: Duration, stamp: Option<FileStamp>, closed: bool) -> Verdict {
        let mut seen = match self.seen {
            None => Seen::new(now, now, stamp, closed),
            Some(seen) if seen.stamp != stamp => {
                let started = if seen.settled { now } else { seen.started };
                Seen { told: seen.told && !seen.settled, ..Seen::new(now, started, stamp, closed) }
            }
            // A close is the writer at work, even when it changed nothing that shows.
            Some(seen) if closed && !seen.settled => Seen { since: now, closed: true, ..seen },
            Some(seen) => seen,
        };
        let verdict = seen.verdict(now);
        seen.settled = matches!(verdict, Verdict::Ready | Verdict::Gone);
        seen.told |= matches!(verdict, Verdict::StillWriting(_));
        self.seen = Some(seen);
        verdict
    }
}

impl Seen {
    fn new(now: Duration, started: Duration, stamp: Option<FileStamp>, closed: bool) -> Self {
        Self { stamp, since: now, started, closed, told: false, settled: false }
    }

    fn verdict(&self, now: Duration) -> Verdict {
        let (needed, settled) = match (self.stamp, self.closed) {
            (None, _) => (ABSENCE, Verdict::Gone),
            (Some(_), true) => (QUIET_AFTER_CLOSE, Verdict::Ready),
            (Some(_), false) => (QUIET, Verdict::Ready),
        };
        let missing = needed.saturating_sub(now.saturating_sub(self.since));
        if self.settled || missing.is_zero() {
            return settled;
        }
        if !self.told && now.saturating_sub(self.started) >= PATIENCE {
            return Verdict::StillWriting(missing);
        }
        Verdict::Wait(missing)
    }
}

#[cfg(test)]
mod tests;
