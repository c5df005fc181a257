//! The flow from saved specs to published, committed runs. `run`, `watch` and the tests share it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::ledger::attempt::{Attempt, Status};
use crate::ledger::id::RunId;
use crate::ledger::plan::Planned;
use crate::ledger::settle::FileStamp;
use crate::ledger::sweep::Known;
use crate::ledger::view::LedgerView;
use crate::store::Entry;
use crate::watch::stamp;

use super::cancel::Cancel;
use super::command::Pending;
use super::error::{Error, Mistakes};
use super::execute::Options;
use super::ledger::Ledger;
use super::membership::Noted;
use super::news::{News, Tell};
use super::reading::{Knowledge, SpecName};
use super::site::Built;
use super::snapshot::Taken;

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
    /// The ledger holds it in the trash, and nobody asked to execute it again.
    Deleted(Arc<Entry>),
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
            Self::Hit(entry)
            | Self::Deleted(entry)
            | Self::Executed(entry)
            | Self::FailedBefore(entry) => Some(entry),
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
    /// The files that commands name and that monitors read, absolute.
    pub inputs: BTreeSet<PathBuf>,
    /// Mistakes in specs and monitors.
    pub mistakes: Mistakes,
    /// What it wrote into files that people and other programs write into, too.
    pub(super) noted: Vec<Noted>,
}

/// What is to be seen after a pass.
#[derive(Debug)]
pub struct Shown {
    /// The ledger as it is now.
    pub view: LedgerView,
    /// The site, or why it stayed as it was; the runs are sealed all the same.
    pub site: Result<Built, Error>,
    /// The snapshot.
    pub snapshot: Taken,
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
    /// Whether monitors are evaluated too.
    pub monitors: bool,
    /// Whether the digests of what ended are made too.
    pub digests: bool,
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
            monitors: false,
            digests: false,
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
    /// Reads specs and executes what is missing. The site and the snapshot come after it: see [`Ledger::show_all`].
    pub fn pass(
        &self,
        specs: &[SpecName],
        options: &PassOptions,
        cancel: &Cancel,
        tell: Tell<'_>,
    ) -> Result<Pass, Error> {
        self.recover(tell)?;
        self.approve_named(&options.named)?;
        let Trained { runs, mut mistakes, pending, mut inputs } =
            self.train(specs, options, cancel, tell)?;
        let noted = self.remember(&runs)?;
        if options.monitors && !cancel.is_cancelled() {
            let watched = self.watch_monitors(tell)?;
            mistakes.join(watched.mistakes);
            inputs.extend(watched.data.iter().map(|path| self.root().join(path)));
        }
        if options.digests
            && !cancel.is_cancelled()
            && let Err(error) = self.make_digests(tell)
        {
            tell(News::Notice(format!("digests: {error}")));
        }
        Ok(Pass { runs, pending, inputs, mistakes, noted })
    }

    /// Brings the site up to date with what passes did, and takes a snapshot.
    pub fn show_all(&self) -> Result<Shown, Error> {
        let (view, site) = self.bring_site()?;
        Ok(Shown { view, site, snapshot: self.take_snapshot() })
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

    fn stamp_of(&self, spec: &SpecName) -> Option<FileStamp> {
        stamp(&self.root().join(spec.path()))
    }

    /// Whether a spec still is what it was when it settled.
    fn is_as_settled(&self, spec: &SpecName, settled: &BTreeMap<String, FileStamp>) -> bool {
        self.stamp_of(spec) == settled.get(&spec.path()).copied()
    }

    /// Whether an attempt came from somebody else, by git or otherwise.
    pub fn is_imported(&self, attempt: &Attempt) -> bool {
        attempt.status == Status::Finished && !self.store.is_own(attempt)
    }
}

/// The spec that asks for a run.
pub(super) fn name(planned: &Planned) -> SpecName {
    SpecName { experiment: planned.experiment.clone(), file: planned.spec.clone() }
}

/// The path of the spec that asks for a run.
pub(super) fn spec_path(planned: &Planned) -> String {
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
