//! Stopping a run that this or another process executes.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::ledger::id::RunId;
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
    /// The runs under way that a word names: the one whose id begins so, or all of that label.
    fn under_way(&self, word: &str) -> Result<Vec<RunningAttempt>, Error> {
        let wanted = word.to_lowercase();
        let by_id = |it: &RunningAttempt| {
            !wanted.is_empty() && it.attempt.run.to_string().starts_with(&wanted)
        };
        let (by_id, mut others): (Vec<_>, Vec<_>) =
            self.store.running()?.into_iter().partition(by_id);
        if by_id.is_empty() {
            others.retain(|it| it.attempt.label == word);
            return Ok(others);
        }
        let ids: BTreeSet<RunId> = by_id.iter().map(|it| it.attempt.run).collect();
        let same_label = by_id.windows(2).all(|two| two[0].attempt.label == two[1].attempt.label);
        if ids.len() > 1 && !same_label {
            let matches = ids.iter().map(RunId::short).collect();
            return Err(Error::Ambiguous { text: word.to_owned(), matches });
        }
        Ok(by_id)
    }

    /// What a run under way printed so far; `None` when none fits.
    pub fn running_log(&self, word: &str) -> Result<Option<String>, Error> {
        Ok(self.under_way(word)?.last().map(RunningAttempt::log))
    }

    /// Stops the runs under way that a word names: the beginning of an id, or a label.
    ///
    /// # Errors
    /// When none is under way that fits, or several with ids that begin so.
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
