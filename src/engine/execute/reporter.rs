//! From a trainer to the recorder, and back the wish to stop.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::ledger::id::RunId;
use crate::ledger::outcome::Reporter;
use crate::store::{Recorder, Store};

use super::{FOLLOW, lock};
use crate::engine::cancel::Cancel;
use crate::engine::news::{News, Tell};

/// How often progress is noted for other processes; a shorter run notes none.
const NOTE: Duration = Duration::from_millis(500);

/// Passes a trainer's reports to the recorder and to whoever watches.
pub(super) struct RunReporter<'a> {
    recorder: &'a Recorder,
    cancel: &'a Cancel,
    tell: Tell<'a>,
    run: RunId,
    store: &'a Store,
    /// When it was last looked whether the run is to stop, and what was seen.
    asked: Mutex<(Instant, bool)>,
    /// When progress was last noted for other processes, the start of the run at first.
    noted: Mutex<Instant>,
}

impl<'a> RunReporter<'a> {
    /// A reporter of one run, which nobody asked to stop so far.
    pub(super) fn new(
        recorder: &'a Recorder,
        store: &'a Store,
        run: RunId,
        (cancel, tell): (&'a Cancel, Tell<'a>),
    ) -> Self {
        let (asked, noted) = (Mutex::new((Instant::now(), false)), Mutex::new(Instant::now()));
        Self { recorder, cancel, tell, run, store, asked, noted }
    }

    /// Whether somebody asked for this run to stop; looked at now and then, for trainers ask often.
    fn is_stopped(&self) -> bool {
        let mut asked = lock(&self.asked);
        if asked.0.elapsed() >= FOLLOW {
            *asked = (Instant::now(), self.store.is_asked_to_stop(self.run));
        }
        asked.1
    }
}

impl Reporter for RunReporter<'_> {
    fn metric(&self, name: &str, value: f64, step: u64) {
        self.recorder.metric(name, value, step);
    }

    fn line(&self, text: &str) {
        self.recorder.line(text);
    }

    fn progress(&self, done: u64, total: u64) {
        self.recorder.progress(done, total);
        (self.tell)(News::Progress { run: self.run, done, total });
        let mut noted = lock(&self.noted);
        if noted.elapsed() >= NOTE {
            *noted = Instant::now();
            self.store.note_progress(self.run, done, total);
        }
    }

    fn cancelled(&self) -> bool {
        // The recorder is asked too: it stops the work when the disk takes no more.
        self.cancel.is_cancelled() || self.recorder.cancelled() || self.is_stopped()
    }
}
