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
mod tests {
    use super::*;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// Steps of (time, size or absence, closed) and the verdict after each.
    fn check(name: &str, steps: &[(u64, Option<u64>, bool, Verdict)]) {
        let mut settle = Settle::default();
        for (step, (now, size, closed, expected)) in steps.iter().enumerate() {
            let stamp = size.map(|size| FileStamp { size, modified: 1, inode: 1 });
            assert_eq!(settle.observe(ms(*now), stamp, *closed), *expected, "{name}, step {step}");
        }
    }

    #[test]
    fn saves_as_editors_make_them() {
        use Verdict::{Gone, Ready, Wait};
        check(
            "one write, no close seen",
            &[
                (0, Some(9), false, Wait(ms(250))),
                (100, Some(9), false, Wait(ms(150))),
                (250, Some(9), false, Ready),
                (260, Some(9), true, Ready),
            ],
        );
        check(
            "two chunks",
            &[
                (0, Some(5), false, Wait(ms(250))),
                (47, Some(9), false, Wait(ms(250))),
                (48, Some(9), true, Wait(ms(50))),
                (98, Some(9), false, Ready),
            ],
        );
        check(
            "closed twice",
            &[
                (0, Some(9), true, Wait(ms(50))),
                (40, Some(9), true, Wait(ms(50))),
                (60, Some(9), false, Wait(ms(30))),
                (90, Some(9), false, Ready),
            ],
        );
        check(
            "safe write with a moment of absence",
            &[
                (0, None, false, Wait(ms(1000))),
                (14, Some(9), true, Wait(ms(50))),
                (64, Some(9), false, Ready),
            ],
        );
        check(
            "deleted",
            &[
                (0, None, false, Wait(ms(1000))),
                (999, None, false, Wait(ms(1))),
                (1000, None, false, Gone),
                (5000, Some(9), true, Wait(ms(50))),
            ],
        );
        check(
            "changed after it was read",
            &[
                (0, Some(9), true, Wait(ms(50))),
                (50, Some(9), false, Ready),
                (9000, Some(8), false, Wait(ms(250))),
            ],
        );
    }

    #[test]
    fn a_file_that_never_keeps_still_is_mentioned_once() {
        use Verdict::{Ready, StillWriting, Wait};
        let mut steps: Vec<_> = (0..20).map(|n| (n * 100, Some(n), false, Wait(ms(250)))).collect();
        steps.push((2000, Some(20), false, StillWriting(ms(250))));
        steps.push((2100, Some(21), false, Wait(ms(250))));
        steps.push((2350, Some(21), false, Ready));
        steps.push((9000, Some(22), false, Wait(ms(250))));
        check("slow", &steps);
    }

    #[test]
    fn a_clock_that_goes_back_does_not_panic() {
        let stamp = Some(FileStamp { size: 1, modified: 1, inode: 1 });
        let mut settle = Settle::default();
        settle.observe(ms(500), stamp, false);
        assert_eq!(settle.observe(ms(0), stamp, false), Verdict::Wait(ms(250)));
    }
}
