//! Stopping a run that this or another process executes.

use std::time::{Duration, Instant};

use crate::store::RunningAttempt;

use super::error::Error;
use super::ledger::Ledger;

/// How long the one who executes a run may take to stop it: a command has ten seconds to tidy up.
const PATIENCE: Duration = Duration::from_secs(20);

/// A run that was asked to stop.
#[derive(Debug)]
pub struct Stopped {
    /// Its label.
    pub label: String,
    /// Its short id.
    pub run: String,
    /// Whether it has stopped by now.
    pub stopped: bool,
}

impl Ledger {
    /// The runs under way that a word names: the beginning of an id, or a label.
    fn under_way(&self, word: &str) -> Result<Vec<RunningAttempt>, Error> {
        let fits = |it: &RunningAttempt| {
            it.attempt.label == word || it.attempt.run.to_string().starts_with(word)
        };
        let mut running = self.store.running()?;
        running.retain(fits);
        Ok(running)
    }

    /// What a run under way printed so far; `None` when none fits.
    pub fn running_log(&self, word: &str) -> Result<Option<String>, Error> {
        Ok(self.under_way(word)?.last().map(RunningAttempt::log))
    }

    /// Stops the runs under way that a word names: the beginning of an id, or a label.
    ///
    /// # Errors
    /// When none is under way that fits.
    pub fn stop(&self, word: &str) -> Result<Vec<Stopped>, Error> {
        let running = self.under_way(word)?;
        if running.is_empty() {
            return Err(Error::NotRunning(word.to_owned()));
        }
        for it in &running {
            self.store.ask_to_stop(it.attempt.run)?;
        }
        let until = Instant::now() + PATIENCE;
        let mut stopped = Vec::new();
        for it in running {
            let mut executed = true;
            while executed && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(50));
                executed = self.store.is_executed(it.attempt.run)?;
            }
            stopped.push(Stopped {
                label: it.attempt.label,
                run: it.attempt.run.short(),
                stopped: !executed,
            });
        }
        Ok(stopped)
    }
}
