//! The flow from saved specs to published, committed runs. `run`, `watch` and the tests share it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::exec::Group;
use crate::ledger::annotation::{Annotation, AnnotationKind};
use crate::ledger::attempt::{Attempt, STOPPED, Status};
use crate::ledger::id::RunId;
use crate::ledger::plan::Planned;
use crate::ledger::settle::FileStamp;
use crate::ledger::sweep::Known;
use crate::ledger::view::LedgerView;
use crate::store::{Entry, Fate, Lookup, MissReason};
use crate::watch::stamp;

use super::cancel::Cancel;
use super::command::Pending;
use super::error::{Error, Mistakes};
use super::execute::{Asks, Execution, Options, execute};
use super::ledger::Ledger;
use super::membership::{Memberships, annotation, member};
use super::news::{News, Tell};
use super::reading::{Knowledge, Reading, SpecName};
use super::site::Built;
use super::snapshot::Taken;
use super::surroundings::now;

/// What became of one planned run.
#[derive(Clone, Debug)]
pub struct Done {
    /// The run as planned.
    pub planned: Planned,
    /// What became of it.
    pub result: RunResult,
}

/// What became of a run.
#[derive(Clone, Debug)]
pub enum RunResult {
    /// The ledger held it.
    Hit(Arc<Entry>),
    /// It was executed now, or by another process meanwhile.
    Executed(Arc<Entry>),
    /// It failed or was stopped before and nothing changed since; only `run` tries it again.
    FailedBefore(Arc<Entry>),
    /// Its spec was edited before its turn; what it asks for now comes next.
    Edited,
    /// The work was cancelled before its turn.
    Cancelled,
    /// It could not be executed or recorded.
    Refused(String),
}

impl RunResult {
    /// The attempt that stands for it, if there is one.
    pub fn entry(&self) -> Option<&Arc<Entry>> {
        match self {
            Self::Hit(entry) | Self::Executed(entry) | Self::FailedBefore(entry) => Some(entry),
            _ => None,
        }
    }

    /// Whether it ended as it should.
    pub fn is_good(&self) -> bool {
        self.entry().is_some_and(|entry| entry.attempt.status == Status::Finished)
    }
}

/// What one pass of the flow did.
#[derive(Debug)]
pub struct Pass {
    /// The runs, in the order of the specs.
    pub runs: Vec<Done>,
    /// Specs whose commands wait to be approved, and have runs to do.
    pub pending: Vec<Pending>,
    /// The files that commands name, absolute.
    pub inputs: BTreeSet<PathBuf>,
    /// Mistakes in specs.
    pub mistakes: Mistakes,
    /// The ledger as it is now.
    pub view: LedgerView,
    /// The site, or why it stayed as it was; the runs are sealed all the same.
    pub site: Result<Built, Error>,
    /// The snapshot; `None` when it was put off.
    pub snapshot: Option<Taken>,
}

/// How to pass.
#[derive(Clone, Debug)]
pub struct PassOptions {
    /// How to execute.
    pub execute: Options,
    /// Whether runs that failed before are tried again.
    pub retry_failed: bool,
    /// Specs that the user named: what their commands are now is approved by that.
    pub named: Vec<SpecName>,
    /// Paths of specs whose failed runs are tried again all the same, for they were just saved.
    pub retry: BTreeSet<String>,
    /// What the specs were when they settled; one that is something else by now is left for later.
    pub settled: Option<BTreeMap<String, FileStamp>>,
    /// Whether to take a snapshot at the end.
    pub snapshot: bool,
}

impl PassOptions {
    /// The options of a person who asks for a pass now.
    pub fn asked(execute: Options) -> Self {
        Self {
            execute,
            retry_failed: true,
            named: Vec::new(),
            retry: BTreeSet::new(),
            settled: None,
            snapshot: true,
        }
    }
}

/// What reading and executing gave.
#[derive(Debug, Default)]
struct Trained {
    runs: Vec<Done>,
    mistakes: Mistakes,
    pending: Vec<Pending>,
    inputs: BTreeSet<PathBuf>,
}

impl Ledger {
    /// Reads specs, executes what is missing, publishes the site and takes a snapshot.
    pub fn pass(
        &self,
        specs: &[SpecName],
        options: &PassOptions,
        cancel: &Cancel,
        tell: Tell<'_>,
    ) -> Result<Pass, Error> {
        self.recover(tell)?;
        self.approve_named(&options.named)?;
        let Trained { runs, mistakes, pending, inputs } =
            self.train(specs, options, cancel, tell)?;
        self.remember(&runs)?;
        let view = self.view()?;
        let site = self.update_site(&view);
        let snapshot = options.snapshot.then(|| self.take_snapshot());
        Ok(Pass { runs, pending, inputs, mistakes, view, site, snapshot })
    }

    /// Reads, looks up and executes, again for the sweeps that choose further runs by the results,
    /// until none does.
    fn train(
        &self,
        specs: &[SpecName],
        options: &PassOptions,
        cancel: &Cancel,
        tell: Tell<'_>,
    ) -> Result<Trained, Error> {
        let retried =
            |spec: &SpecName| options.retry_failed || options.retry.contains(&spec.path());
        let mut known = Knowledge::new(&retried);
        let mut all = Trained::default();
        let mut seen: BTreeSet<(String, RunId)> = BTreeSet::new();
        let mut open = specs.to_vec();
        while !open.is_empty() && !cancel.is_cancelled() {
            let stamps: BTreeMap<String, Option<FileStamp>> =
                open.iter().map(|spec| (spec.path(), self.stamp_of(spec))).collect();
            let mut reading = self.read_knowing(&open, &mut known)?;
            if let Some(settled) = &options.settled {
                reading.leave_out(|spec| !self.is_as_settled(spec, settled));
            }
            open = reading.open();
            all.mistakes.join(std::mem::take(&mut reading.mistakes));
            all.inputs.append(&mut reading.inputs);
            let waiting =
                self.take_pending(&mut reading, (options.execute.force, options.execute.own))?;
            open.retain(|spec| !waiting.iter().any(|pending| pending.spec == *spec));
            all.pending.extend(waiting);
            let mut fresh = reading.planned;
            fresh.retain(|planned| seen.insert((spec_path(planned), planned.request.id())));
            if fresh.is_empty() {
                break;
            }
            let asks = |planned: &Planned| {
                stamps.get(&spec_path(planned)) == Some(&self.stamp_of(&name(planned)))
            };
            let mut done = self.round(fresh, options, (cancel, tell, &asks))?;
            for edited in done.extract_if(.., |done| matches!(done.result, RunResult::Edited)) {
                seen.remove(&(spec_path(&edited.planned), edited.planned.request.id()));
                let spec = name(&edited.planned);
                if !open.contains(&spec) {
                    open.push(spec);
                }
            }
            known.results.extend(done.iter().filter_map(result_of));
            all.runs.extend(done);
        }
        let place = |done: &Done| specs.iter().position(|spec| *spec == name(&done.planned));
        all.runs.sort_by_key(place);
        Ok(all)
    }

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
    fn round(
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

    fn stamp_of(&self, spec: &SpecName) -> Option<FileStamp> {
        stamp(&self.root().join(spec.path()))
    }

    /// Whether a spec still is what it was when it settled.
    fn is_as_settled(&self, spec: &SpecName, settled: &BTreeMap<String, FileStamp>) -> bool {
        self.stamp_of(spec) == settled.get(&spec.path()).copied()
    }

    /// Records attempts whose process died as interrupted, and ends commands that outlived it.
    pub(super) fn recover(&self, tell: Tell<'_>) -> Result<(), Error> {
        let orphans = self.store.supervised()?;
        for (supervisor, group) in orphans {
            if !Group::is_process(supervisor) {
                Group::numbered(group).kill();
                let text = format!("ended a command that outlived its supervisor (group {group})");
                tell(News::Notice(text));
                // Its lease comes free with its last process.
                std::thread::sleep(Duration::from_millis(100));
            }
        }
        for recovered in self.store.recover(now())? {
            let place = recovered.place;
            tell(News::Notice(match recovered.fate {
                Fate::Interrupted(entry) => {
                    format!("interrupted before: {} ({})", entry.attempt.label, place.run.short())
                }
                Fate::Completed(entry) => {
                    format!("sealed late: {} ({})", entry.attempt.label, place.run.short())
                }
                Fate::Lost { folder, what } => {
                    format!("what was left of a run {what}; it is now in {}", folder.display())
                }
                Fate::Failed(error) => format!("an interrupted run could not be recorded: {error}"),
            }));
        }
        Ok(())
    }

    /// Looks runs up, those of others left out if `own`.
    pub(super) fn look(&self, runs: &[RunId], own: bool) -> Result<Vec<Lookup>, Error> {
        Ok(if own { self.store.lookup_own(runs)? } else { self.store.lookup_all(runs)? })
    }

    /// Whether an attempt came from somebody else, by git or otherwise.
    pub fn is_imported(&self, attempt: &Attempt) -> bool {
        attempt.status == Status::Finished && !self.store.is_own(attempt)
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
        for (at, (planned, found)) in planned.into_iter().zip(found).enumerate() {
            let result = match found {
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

    /// Notes in an experiment that it asked for a run under a label, where its files do not say so.
    fn remember(&self, runs: &[Done]) -> Result<(), Error> {
        let mut known: Option<(&str, Memberships)> = None;
        let mut records: Vec<(&str, Annotation)> = Vec::new();
        for done in runs {
            let Some(entry) = done.result.entry() else { continue };
            let planned = &done.planned;
            if known.as_ref().is_none_or(|(name, _)| *name != planned.experiment) {
                known = Some((&planned.experiment, self.memberships(&planned.experiment)?));
            }
            let Some((_, memberships)) = &known else { continue };
            if !memberships.holds(entry, planned) {
                let kind = AnnotationKind::Member(member(planned));
                let record = annotation(planned.request.id(), kind);
                records.push((&planned.experiment, record));
            }
        }
        for experiment in self.store.experiments()? {
            let own: Vec<Annotation> = records
                .iter()
                .filter(|(name, _)| *name == experiment)
                .map(|(_, record)| record.clone())
                .collect();
            if !own.is_empty() {
                self.store.annotate(&experiment, &own)?;
            }
        }
        Ok(())
    }
}

/// Whether a run is not tried again by itself: it failed, or somebody stopped it.
fn is_left_alone(entry: &Entry) -> bool {
    let stopped = entry.attempt.cause.as_deref() == Some(STOPPED);
    entry.attempt.status == Status::Failed || stopped
}

/// The spec that asks for a run.
fn name(planned: &Planned) -> SpecName {
    SpecName { experiment: planned.experiment.clone(), file: planned.spec.clone() }
}

fn spec_path(planned: &Planned) -> String {
    name(planned).path()
}

/// What a run that is done tells a sweep that goes by results; an interrupted one tells nothing.
fn result_of(done: &Done) -> Option<(RunId, Known)> {
    let attempt = &done.result.entry()?.attempt;
    let known = match attempt.status {
        Status::Finished => Known::Finished(attempt.metrics.clone()),
        Status::Failed => Known::Failed,
        _ => return None,
    };
    Some((attempt.run, known))
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
