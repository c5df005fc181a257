//! Runs under way and to come: how far they are, and how long they still take.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Status;
use crate::engine::error::Error;
use crate::engine::flow::spec_path;
use crate::engine::ledger::Ledger;
use crate::engine::reading::Reading;
use crate::engine::round::is_left_alone;
use crate::engine::surroundings::now;
use crate::engine::views::Records;
use crate::ledger::attempt::Status as RunStatus;
use crate::ledger::estimate::{Estimate, left, left_of_all};
use crate::ledger::id::RunId;
use crate::ledger::metric;
use crate::ledger::number;
use crate::ledger::plan::Planned;
use crate::ledger::time::Timestamp;
use crate::store::{Lookup, MissReason, RunningAttempt};

/// An estimate goes by so many earlier runs at most, the newest.
const EARLIER: usize = 20;

/// A run being executed.
#[derive(Debug, Serialize)]
pub struct Running {
    /// The run's short id.
    pub run: String,
    /// Its label.
    pub label: String,
    /// Its experiment.
    pub experiment: String,
    /// The path of the spec that asked for it.
    pub spec: String,
    /// When it started.
    pub started: Timestamp,
    /// Seconds since then.
    pub elapsed: f64,
    /// Units of work done, such as trees or folds; `None` for commands and in the first half second.
    pub done: Option<u64>,
    /// Units of work in all.
    pub total: Option<u64>,
    /// The last value of each metric so far.
    #[serde(with = "number::json_map")]
    pub metrics: BTreeMap<String, f64>,
    /// The highest step of them.
    pub step: Option<u64>,
    /// How long it still takes, estimated; `None` when nothing is known.
    pub estimate: Option<Estimate>,
}

/// A run that is asked for and not there yet.
#[derive(Debug, Serialize)]
pub struct AskedRun {
    /// The run's short id.
    pub run: String,
    /// Its label.
    pub label: String,
    /// The spec that asks for it.
    pub spec: String,
}

/// A run that is asked for and failed.
#[derive(Debug, Serialize)]
pub struct FailedRun {
    /// The run's short id.
    pub run: String,
    /// Its label.
    pub label: String,
    /// The spec that asks for it.
    pub spec: String,
    /// Why it failed, or that it was stopped.
    pub cause: String,
}

/// How far a spec is whose runs are under way.
#[derive(Debug, Default, Serialize)]
pub struct SpecProgress {
    /// Its path.
    pub spec: String,
    /// Number of runs it asks for now.
    pub total: usize,
    /// Number of those that the ledger holds.
    pub done: usize,
    /// Number of those that failed.
    pub failed: usize,
    /// Number of those under way.
    pub running: usize,
    /// Number of those that wait for their turn.
    pub queued: usize,
    /// Number of runs that may follow, chosen by the results.
    pub following: usize,
    /// How long all of them still take, estimated; `None` when nothing is known.
    pub estimate: Option<Estimate>,
}

impl Ledger {
    /// Sorts the runs that specs ask for by how they stand.
    pub(super) fn look_at_runs(
        &self,
        records: &Records,
        reading: &mut Reading,
        status: &mut Status,
    ) -> Result<(), Error> {
        let running = self.store.running()?;
        let times = Times::of(records);
        status.running = running.iter().map(|it| self.running(it, &times)).collect();
        let under_way: BTreeSet<RunId> = running.iter().map(|it| it.attempt.run).collect();
        let mut specs: BTreeMap<String, SpecProgress> = BTreeMap::new();
        for it in &status.running {
            specs.entry(it.spec.clone()).or_default();
        }
        let at_work: BTreeSet<String> = specs.keys().cloned().collect();
        let planned = std::mem::take(&mut reading.planned);
        let ids: Vec<RunId> = planned.iter().map(|it| it.request.id()).collect();
        let trash: BTreeSet<RunId> = (records.runs())
            .filter(|entries| records.said.is_deleted(entries))
            .filter_map(|entries| Some(entries.first()?.attempt.run))
            .collect();
        for (planned, lookup) in planned.into_iter().zip(self.store.lookup_all(&ids)?) {
            let spec = spec_path(&planned);
            let comes = status.watched || at_work.contains(&spec);
            let progress = specs.entry(spec).or_default();
            progress.total += 1;
            match lookup {
                Lookup::Hit(entry) if trash.contains(&entry.attempt.run) => {
                    progress.done += 1;
                    status.deleted.push(asked(planned));
                }
                Lookup::Hit(_) => progress.done += 1,
                Lookup::Miss(_) if under_way.contains(&planned.request.id()) => {
                    progress.running += 1;
                }
                Lookup::Miss(MissReason::Failed(entry) | MissReason::Interrupted(entry))
                    if is_left_alone(&entry) =>
                {
                    progress.failed += 1;
                    let AskedRun { run, label, spec } = asked(planned);
                    let cause = entry.attempt.cause.clone().unwrap_or_default();
                    status.failures.push(FailedRun { run, label, spec, cause });
                }
                Lookup::Miss(_) if comes => {
                    progress.queued += 1;
                    status.queued.push(asked(planned));
                }
                Lookup::Miss(_) => status.missing.push(asked(planned)),
            }
        }
        for sweep in &reading.adaptive {
            specs.entry(sweep.spec.path()).or_default().following += sweep.following;
        }
        specs.retain(|spec, progress| at_work.contains(spec) || progress.queued > 0);
        for (spec, progress) in &mut specs {
            let own = status.running.iter().filter(|it| it.spec == *spec);
            let own: Vec<_> = own.map(|it| it.estimate.map(|it| it.seconds)).collect();
            progress.estimate = left_of_all(&own, progress.queued, times.like(spec));
            progress.spec.clone_from(spec);
        }
        status.progress = specs.into_values().collect();
        Ok(())
    }

    fn running(&self, it: &RunningAttempt, times: &Times) -> Running {
        let (points, attempt) = (it.points(), &it.attempt);
        let spec = format!("experiments/{}/{}", it.experiment, attempt.spec);
        let elapsed = seconds(attempt.started, now()).max(0.0);
        let progress = self.store.progress(attempt.run);
        Running {
            run: attempt.run.short(),
            label: attempt.label.clone(),
            experiment: it.experiment.clone(),
            started: attempt.started,
            elapsed,
            done: progress.map(|(done, _)| done),
            total: progress.map(|(_, total)| total),
            metrics: metric::final_values(&points),
            step: points.iter().map(|point| point.step).max(),
            estimate: left(elapsed, progress, times.like(&spec)),
            spec,
        }
    }
}

fn asked(planned: Planned) -> AskedRun {
    let spec = spec_path(&planned);
    AskedRun { run: planned.request.id().short(), label: planned.label, spec }
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    (to.microseconds() - from.microseconds()) as f64 / 1e6
}

/// The seconds that finished attempts took, by spec and by experiment.
#[derive(Default)]
struct Times(BTreeMap<String, Vec<f64>>);

impl Times {
    fn of(records: &Records) -> Self {
        let mut newest: BTreeMap<String, Vec<(Timestamp, f64)>> = BTreeMap::new();
        for entry in records.runs().flatten() {
            let attempt = &entry.attempt;
            if attempt.status == RunStatus::Finished {
                let took = (attempt.ended, seconds(attempt.started, attempt.ended).max(0.0));
                let experiment = format!("experiments/{}", entry.experiment);
                newest.entry(format!("{experiment}/{}", attempt.spec)).or_default().push(took);
                newest.entry(experiment).or_default().push(took);
            }
        }
        let of_newest = |mut times: Vec<(Timestamp, f64)>| {
            times.sort_by_key(|(ended, _)| std::cmp::Reverse(*ended));
            times.into_iter().take(EARLIER).map(|(_, took)| took).collect()
        };
        Self(newest.into_iter().map(|(key, times)| (key, of_newest(times))).collect())
    }

    /// Those of a spec, or of its experiment while the spec has none.
    fn like(&self, spec: &str) -> &[f64] {
        let experiment = || self.0.get(spec.rsplit_once('/')?.0);
        self.0.get(spec).or_else(experiment).map_or(&[], Vec::as_slice)
    }
}
