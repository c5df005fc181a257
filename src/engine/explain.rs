//! What would run and why: the dry run, and the parts that differ from the nearest earlier run.

use std::sync::Arc;

use crate::ledger::plan::Planned;
use crate::ledger::request::Request;
use crate::ledger::view::RunView;
use crate::ledger::why::{Difference, nearest};
use crate::store::{Entry, Lookup, MissReason};

use super::command::Pending;
use super::error::{Error, Mistakes};
use super::ledger::Ledger;
use super::reading::{Adaptive, SpecName};

/// What specs ask for, explained.
#[derive(Debug)]
pub struct Explanation {
    /// The runs that can be decided now.
    pub runs: Vec<Explained>,
    /// The sweeps among the specs that choose further runs by the results of these.
    pub adaptive: Vec<Adaptive>,
    /// The specs among them whose commands wait to be approved.
    pub pending: Vec<Pending>,
    /// Mistakes in specs.
    pub mistakes: Mistakes,
}

/// A planned run and what the ledger knows of it.
#[derive(Debug)]
pub struct Explained {
    /// The run.
    pub planned: Planned,
    /// Whether the ledger holds it, or why not.
    pub lookup: Lookup,
    /// Whether what the ledger holds lies in the trash.
    pub deleted: bool,
    /// The nearest earlier run with the parts that differ; `None` for a hit or an empty ledger.
    pub nearest: Option<Nearest>,
}

/// The earlier run that differs in the fewest parts.
#[derive(Debug)]
pub struct Nearest {
    /// An attempt of it.
    pub entry: Arc<Entry>,
    /// The parts that differ.
    pub differences: Vec<Difference>,
}

impl Ledger {
    /// What specs ask for, what of it the ledger holds, and why the rest is missing.
    pub fn explain(&self, specs: &[SpecName]) -> Result<Explanation, Error> {
        let mut reading = self.read(specs)?;
        let pending = self.take_pending(&mut reading, (false, false))?;
        let entries = self.store.attempts()?;
        let mut runs = Vec::new();
        let ids: Vec<_> = reading.planned.iter().map(|it| it.request.id()).collect();
        let trash = self.in_trash(&ids)?;
        for (planned, lookup) in reading.planned.into_iter().zip(self.store.lookup_all(&ids)?) {
            let nearest = match &lookup {
                Lookup::Miss(MissReason::NeverRan) => {
                    nearest_to(&planned.request, &entries, |_| true)
                }
                _ => None,
            };
            let deleted = matches!(lookup, Lookup::Hit(_)) && trash.contains(&planned.request.id());
            runs.push(Explained { planned, lookup, deleted, nearest });
        }
        let (adaptive, mistakes) = (reading.adaptive, reading.mistakes);
        Ok(Explanation { runs, adaptive, pending, mistakes })
    }

    /// Why a run was not a hit when it was first executed: the nearest run executed before it.
    pub fn why(&self, run: &RunView) -> Result<Option<Nearest>, Error> {
        let entries = self.store.attempts()?;
        let own: Vec<&Arc<Entry>> = entries.iter().filter(|e| e.attempt.run == run.id).collect();
        let first = own.iter().min_by_key(|entry| (entry.attempt.started, entry.attempt.attempt));
        let Some(first) = first else { return Ok(None) };
        let before = |entry: &Entry| {
            (entry.attempt.started, entry.attempt.attempt)
                < (first.attempt.started, first.attempt.attempt)
        };
        Ok(nearest_to(&first.request, &entries, before))
    }
}

/// The nearest of some attempts, the newest of equals.
fn nearest_to(
    request: &Request,
    entries: &[Arc<Entry>],
    counts: impl Fn(&Entry) -> bool,
) -> Option<Nearest> {
    let mut earlier: Vec<&Arc<Entry>> = entries
        .iter()
        .filter(|entry| entry.attempt.run != request.id() && counts(entry.as_ref()))
        .collect();
    earlier.sort_by_key(|entry| std::cmp::Reverse((entry.attempt.started, entry.attempt.attempt)));
    let pairs = earlier.into_iter().map(|entry| (&entry.request, entry));
    nearest(request, pairs)
        .map(|(entry, differences)| Nearest { entry: Arc::clone(entry), differences })
}
