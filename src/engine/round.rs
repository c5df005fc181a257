//! One round of the flow: which of the planned runs the ledger holds, and the execution of the rest.

use std::collections::BTreeSet;

use crate::ledger::attempt::{STOPPED, Status};
use crate::ledger::id::RunId;
use crate::ledger::plan::Planned;
use crate::store::{Entry, Lookup, MissReason};

use super::cancel::Cancel;
use super::command::Pending;
use super::error::Error;
use super::execute::{Asks, Execution, execute};
use super::flow::{Done, PassOptions, RunResult, name, spec_path};
use super::ledger::Ledger;
use super::news::{News, Tell};
use super::reading::Reading;

impl Ledger {
    /// Takes the runs out of a reading that must not start, and the specs that have such runs; what
    /// the ledger holds of them is a hit all the same.
    pub(super) fn take_pending(
        &self,
        reading: &mut Reading,
        (force, own_results): (bool, bool),
    ) -> Result<Vec<Pending>, Error> {
        let mut waiting = Vec::new();
        for mut pending in std::mem::take(&mut reading.pending) {
            let own = |planned: &Planned| name(planned) == pending.spec;
            let runs: Vec<RunId> =
                reading.planned.iter().filter(|it| own(it)).map(|it| it.request.id()).collect();
            let found = self.look(&runs, own_results)?;
            let missing: BTreeSet<RunId> = runs
                .iter()
                .zip(found)
                .filter(|(_, found)| force || !matches!(found, Lookup::Hit(_)))
                .map(|(run, _)| *run)
                .collect();
            reading.planned.retain(|it| !(own(it) && missing.contains(&it.request.id())));
            if !missing.is_empty() || pending.runs.is_none() {
                pending.runs = pending.runs.map(|_| missing.len());
                waiting.push(pending);
            }
        }
        Ok(waiting)
    }

    /// Looks runs up and executes those that are missing; gives them in their order.
    pub(super) fn round(
        &self,
        planned: Vec<Planned>,
        options: &PassOptions,
        (cancel, tell, asks): (&Cancel, Tell<'_>, Asks<'_>),
    ) -> Result<Vec<Done>, Error> {
        let (held, missing) = self.look_up(planned, options)?;
        tell(News::Planned { hits: held.len(), misses: missing.len() });
        let (places, missing): (Vec<usize>, Vec<Planned>) = missing.into_iter().unzip();
        let executed = execute(self, &missing, &options.execute, (cancel, tell, asks));
        Ok(merge(held, places.into_iter().zip(missing).zip(executed)))
    }

    /// Looks runs up, those of others left out if `own`.
    pub(super) fn look(&self, runs: &[RunId], own: bool) -> Result<Vec<Lookup>, Error> {
        Ok(if own { self.store.lookup_own(runs)? } else { self.store.lookup_all(runs)? })
    }

    /// Divides planned runs into those the ledger holds and those to execute, each with its place.
    #[expect(clippy::type_complexity, reason = "two lists of the same numbered runs")]
    fn look_up(
        &self,
        planned: Vec<Planned>,
        options: &PassOptions,
    ) -> Result<(Vec<(usize, Done)>, Vec<(usize, Planned)>), Error> {
        if options.execute.force {
            return Ok((Vec::new(), planned.into_iter().enumerate().collect()));
        }
        let (mut held, mut missing) = (Vec::new(), Vec::new());
        let ids: Vec<RunId> = planned.iter().map(|planned| planned.request.id()).collect();
        let found = self.look(&ids, options.execute.own)?;
        let trash = self.in_trash(&ids)?;
        for (at, (planned, found)) in planned.into_iter().zip(found).enumerate() {
            let result = match found {
                Lookup::Hit(entry) if trash.contains(&entry.attempt.run) => {
                    RunResult::Deleted(entry)
                }
                Lookup::Hit(entry) => RunResult::Hit(entry),
                Lookup::Miss(MissReason::Failed(entry) | MissReason::Interrupted(entry))
                    if is_left_alone(&entry)
                        && !options.retry_failed
                        && !options.retry.contains(&spec_path(&planned)) =>
                {
                    RunResult::FailedBefore(entry)
                }
                Lookup::Miss(_) => {
                    missing.push((at, planned));
                    continue;
                }
            };
            held.push((at, Done { planned, result }));
        }
        Ok((held, missing))
    }
}

/// Whether a run is not tried again by itself: it failed, or somebody stopped it.
pub(super) fn is_left_alone(entry: &Entry) -> bool {
    let stopped = entry.attempt.cause.as_deref() == Some(STOPPED);
    entry.attempt.status == Status::Failed || stopped
}

/// Puts held and executed runs back into the order of the plan.
fn merge(
    held: Vec<(usize, Done)>,
    executed: impl Iterator<Item = ((usize, Planned), Execution)>,
) -> Vec<Done> {
    let executed = executed.map(|((at, planned), execution)| {
        let result = match execution {
            Execution::Sealed(entry) | Execution::Found(entry) => RunResult::Executed(entry),
            Execution::Cancelled => RunResult::Cancelled,
            Execution::Edited => RunResult::Edited,
            Execution::Refused(cause) => RunResult::Refused(cause),
        };
        (at, Done { planned, result })
    });
    let mut runs: Vec<(usize, Done)> = held.into_iter().chain(executed).collect();
    runs.sort_by_key(|(at, _)| *at);
    runs.into_iter().map(|(_, done)| done).collect()
}
