//! Waiting for git: while it rewrites the working tree, what lies there is neither the old state nor the new.
//!
//! A pull or a checkout brings specs and the runs that they ask for one after the other; read in between, the runs
//! would be missing and be trained again.

use std::time::Duration;

use crate::git::Obstacle;

/// How soon is looked again whether git is done.
const AGAIN: Duration = Duration::from_millis(200);
/// How long after git was last seen at work: it may go on with its next step.
const AFTER: Duration = Duration::from_secs(1);
/// How long a lock may stay before it counts as left by a git that died.
const STALE: Duration = Duration::from_mins(1);

/// When git was seen at work.
#[derive(Debug, Default)]
pub(super) struct Hold {
    /// First and last, in one go.
    seen: Option<(Duration, Duration)>,
    told: bool,
}

/// Whether to wait for git.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// Not.
    No,
    /// Look again after this time.
    For(Duration),
    /// As `For`, and tell the user why; said once.
    Telling(Duration, String),
}

impl Hold {
    /// Takes in what git is in the middle of, at a time of a clock that never goes back.
    pub(super) fn observe(&mut self, now: Duration, at_work: Option<&Obstacle>) -> Held {
        let first = self.seen.map_or(now, |(first, _)| first);
        match at_work {
            // Between the steps of a bisection nothing moves.
            Some(Obstacle::InProgress(what)) if *what != "bisect" => {
                self.seen = Some((first, now));
                if std::mem::replace(&mut self.told, true) {
                    return Held::For(AGAIN);
                }
                let words = format!(
                    "a {what} is in progress; what is saved waits until it is finished or aborted"
                );
                Held::Telling(AGAIN, words)
            }
            Some(Obstacle::IndexLocked(_)) if now.saturating_sub(first) < STALE => {
                self.seen = Some((first, now));
                Held::For(AGAIN)
            }
            // What it stands in the way of says so itself.
            Some(Obstacle::IndexLocked(_)) => Held::No,
            _ => self.rest(now),
        }
    }

    fn rest(&mut self, now: Duration) -> Held {
        let missing = self.seen.map(|(_, last)| AFTER.saturating_sub(now.saturating_sub(last)));
        match missing {
            Some(missing) if !missing.is_zero() => Held::For(missing),
            _ => {
                *self = Self::default();
                Held::No
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn lock() -> Obstacle {
        Obstacle::IndexLocked("index.lock".into())
    }

    #[test]
    fn it_ends_a_second_after_git_was_last_seen() {
        let mut hold = Hold::default();
        assert_eq!(hold.observe(at(0), None), Held::No);
        assert_eq!(hold.observe(at(10), Some(&lock())), Held::For(AGAIN));
        assert_eq!(hold.observe(at(210), Some(&lock())), Held::For(AGAIN));
        assert_eq!(hold.observe(at(410), None), Held::For(at(800)));
        assert_eq!(hold.observe(at(600), Some(&lock())), Held::For(AGAIN), "the next step");
        assert_eq!(hold.observe(at(1600), None), Held::No);
        assert_eq!(hold.observe(at(1700), None), Held::No);
    }

    #[test]
    fn a_lock_that_nobody_holds_does_not_hold_for_ever() {
        let mut hold = Hold::default();
        assert_eq!(hold.observe(at(0), Some(&lock())), Held::For(AGAIN));
        assert_eq!(hold.observe(at(59_000), Some(&lock())), Held::For(AGAIN));
        assert_eq!(hold.observe(at(60_000), Some(&lock())), Held::No);
        assert_eq!(hold.observe(at(70_000), None), Held::No);
        assert_eq!(hold.observe(at(80_000), Some(&lock())), Held::For(AGAIN), "another lock");
    }

    #[test]
    fn a_merge_holds_as_long_as_it_takes_and_says_so_once() {
        let mut hold = Hold::default();
        let merge = Obstacle::InProgress("merge");
        assert!(
            matches!(hold.observe(at(0), Some(&merge)), Held::Telling(AGAIN, words) if words.contains("merge"))
        );
        assert_eq!(hold.observe(at(3_600_000), Some(&merge)), Held::For(AGAIN));
        assert_eq!(hold.observe(at(3_601_000), None), Held::No);
        assert!(matches!(hold.observe(at(3_700_000), Some(&merge)), Held::Telling(..)));
        assert_eq!(Hold::default().observe(at(0), Some(&Obstacle::InProgress("bisect"))), Held::No);
    }
}
