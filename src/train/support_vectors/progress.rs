//! How far the solving is, for people only.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::ledger::outcome::Reporter;

/// The parts a problem counts for.
const PARTS: u64 = 1000;
/// Gaps between one look and the next.
const EVERY: u32 = 64;

/// The progress of some problems, which may be solved at once.
pub(super) struct Progress<'a> {
    reporter: &'a dyn Reporter,
    done: AtomicU64,
    total: u64,
}

/// The progress of one of them.
pub(super) struct Gauge<'a> {
    progress: &'a Progress<'a>,
    tol: f64,
    first: Cell<f64>,
    told: Cell<u64>,
    until: Cell<u32>,
}

impl<'a> Progress<'a> {
    /// Nothing is done yet.
    pub(super) fn new(reporter: &'a dyn Reporter, problems: usize) -> Self {
        Self { reporter, done: AtomicU64::new(0), total: PARTS * problems.max(1) as u64 }
    }

    /// The gauge of one problem and its tolerance; when it is dropped, the problem is done.
    pub(super) fn gauge(&'a self, tol: f64) -> Gauge<'a> {
        let (first, told, until) = (Cell::new(f64::NAN), Cell::new(0), Cell::new(1));
        Gauge { progress: self, tol, first, told, until }
    }

    fn add(&self, parts: u64) {
        let done = self.done.fetch_add(parts, Ordering::Relaxed) + parts;
        self.reporter.progress(done, self.total);
    }
}

impl Gauge<'_> {
    /// Says how far from optimal the problem is; on a logarithmic scale that falls about evenly.
    pub(super) fn gap(&self, gap: f64) {
        self.until.set(self.until.get() - 1);
        if self.until.get() > 0 {
            return;
        }
        self.until.set(EVERY);
        if self.first.get().is_nan() {
            self.first.set(gap);
        }
        let way = (self.first.get() / gap).ln() / (self.first.get() / self.tol).ln();
        let parts = (way.clamp(0.0, 1.0) * PARTS as f64) as u64;
        let new = parts.saturating_sub(self.told.get());
        if new > 0 {
            self.told.set(parts);
            self.progress.add(new);
        }
    }

    /// Whether the work should stop.
    pub(super) fn cancelled(&self) -> bool {
        self.progress.reporter.cancelled()
    }
}

impl Drop for Gauge<'_> {
    fn drop(&mut self) {
        self.progress.add(PARTS.saturating_sub(self.told.get()));
    }
}
