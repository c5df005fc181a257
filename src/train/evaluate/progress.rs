//! One figure for how far several pieces of work are.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::ledger::outcome::Reporter;

/// A piece of work counts as so many steps.
const STEPS: u64 = 1000;

/// The progress of pieces of work that may run at the same time.
pub(in super::super) struct Progress<'a> {
    reporter: &'a dyn Reporter,
    done: AtomicU64,
    total: u64,
}

/// One piece of the work, as the reporter of the fit that does it.
pub(in super::super) struct Piece<'a> {
    progress: &'a Progress<'a>,
    /// Whether its metrics and lines are those of the whole work.
    main: bool,
    done: AtomicU64,
    lines: Mutex<Vec<String>>,
}

impl<'a> Progress<'a> {
    /// The progress of a number of pieces.
    pub(in super::super) fn of(reporter: &'a dyn Reporter, pieces: usize) -> Self {
        Self { reporter, done: AtomicU64::new(0), total: pieces as u64 * STEPS }
    }

    /// The piece that the run is about: its metrics and lines are the run's.
    pub(in super::super) fn main(&'a self) -> Piece<'a> {
        Piece { main: true, ..self.piece() }
    }

    /// A piece beside the main one. Its lines are kept until it ends, so that the log is the same
    /// however pieces were interleaved; metrics of its own are dropped.
    pub(in super::super) fn piece(&'a self) -> Piece<'a> {
        Piece { progress: self, main: false, done: AtomicU64::new(0), lines: Mutex::default() }
    }
}

impl Piece<'_> {
    /// Ends the piece and gives what it logged.
    pub(in super::super) fn end(self) -> Vec<String> {
        self.progress(1, 1);
        self.lines.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reporter for Piece<'_> {
    fn metric(&self, name: &str, value: f64, step: u64) {
        if self.main {
            self.progress.reporter.metric(name, value, step);
        }
    }

    fn line(&self, text: &str) {
        if self.main {
            return self.progress.reporter.line(text);
        }
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(text.to_owned());
    }

    fn progress(&self, done: u64, total: u64) {
        let now = done.min(total) * STEPS / total.max(1);
        let before = self.done.fetch_max(now, Ordering::Relaxed);
        let more = now.saturating_sub(before);
        if more > 0 {
            let all = self.progress.done.fetch_add(more, Ordering::Relaxed) + more;
            self.progress.reporter.progress(all, self.progress.total);
        }
    }

    fn cancelled(&self) -> bool {
        self.progress.reporter.cancelled()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Last(Mutex<(u64, u64)>);

    impl Reporter for Last {
        fn metric(&self, _name: &str, _value: f64, _step: u64) {}
        fn line(&self, _text: &str) {}
        fn progress(&self, done: u64, total: u64) {
            *self.0.lock().unwrap() = (done, total);
        }
        fn cancelled(&self) -> bool {
            false
        }
    }

    #[test]
    fn pieces_add_up() {
        let last = Last::default();
        let progress = Progress::of(&last, 2);
        let (first, second) = (progress.piece(), progress.piece());
        first.progress(1, 2);
        second.progress(1, 4);
        assert_eq!(*last.0.lock().unwrap(), (750, 2000));
        // A piece that reports its parts out of order never goes back.
        second.progress(3, 4);
        second.progress(2, 4);
        second.line("warm");
        assert_eq!((first.end(), second.end()), (Vec::new(), vec!["warm".to_owned()]));
        assert_eq!(*last.0.lock().unwrap(), (2000, 2000));
    }
}
