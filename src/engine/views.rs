//! From sealed attempts and annotations to what people and programs are shown.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::ledger::annotation::{Annotated, Member, fold, merge};
use crate::ledger::attempt::Status;
use crate::ledger::cell::note_replicates;
use crate::ledger::config::{Comparison, Goal, View};
use crate::ledger::digest::{Digest, StreamDigest};
use crate::ledger::fair::about::About;
use crate::ledger::id::RunId;
use crate::ledger::selection::select;
use crate::ledger::time::Timestamp;
use crate::ledger::value::json;
use crate::ledger::view::{
    ArtifactView, AttemptView, ComparisonView, ExperimentView, FileState, GoalView, KeptView,
    LedgerView, NoteView, RunView,
};
use crate::store::{Entry, ListedAttempt};

use super::asked::Asked;
use super::error::Error;
use super::importance::measure;
use super::ledger::Ledger;
use super::membership::Memberships;

/// Everything that views are made of, read once.
#[derive(Debug)]
pub(super) struct Records {
    runs: BTreeMap<RunId, Vec<Arc<Entry>>>,
    pub(super) said: Said,
    members: BTreeMap<String, BTreeSet<RunId>>,
    experiments: BTreeMap<RunId, Vec<String>>,
}

/// What the mutable files say of runs, read once: annotations, and which specs there are.
#[derive(Debug)]
pub(super) struct Said {
    annotated: BTreeMap<RunId, Annotated>,
    memberships: BTreeMap<String, Memberships>,
    specs: BTreeMap<String, BTreeSet<String>>,
}

/// An attempt of a run, or what the index tells of one.
pub(super) trait Attempted {
    /// The run.
    fn run(&self) -> RunId;
    /// The experiment it lies in.
    fn experiment(&self) -> &str;
    /// When it started.
    fn started(&self) -> Timestamp;
}

impl Attempted for Arc<Entry> {
    fn run(&self) -> RunId {
        self.attempt.run
    }

    fn experiment(&self) -> &str {
        &self.experiment
    }

    fn started(&self) -> Timestamp {
        self.attempt.started
    }
}

impl Attempted for ListedAttempt {
    fn run(&self) -> RunId {
        self.run
    }

    fn experiment(&self) -> &str {
        ListedAttempt::experiment(self)
    }

    fn started(&self) -> Timestamp {
        self.started
    }
}

impl Ledger {
    /// Reads every attempt and annotation, through the index.
    pub(super) fn records(&self) -> Result<Records, Error> {
        let mut runs: BTreeMap<RunId, Vec<Arc<Entry>>> = BTreeMap::new();
        for entry in self.store.attempts()? {
            runs.entry(entry.attempt.run).or_default().push(entry);
        }
        for entries in runs.values_mut() {
            entries.sort_by_key(|entry| (entry.attempt.started, entry.attempt.attempt));
        }
        let (said, members, experiments) = (self.said()?, BTreeMap::new(), BTreeMap::new());
        let mut records = Records { runs, said, members, experiments };
        for (run, entries) in &records.runs {
            let experiments = records.said.experiments_of(entries);
            for experiment in &experiments {
                records.members.entry(experiment.clone()).or_default().insert(*run);
            }
            records.experiments.insert(*run, experiments);
        }
        Ok(records)
    }

    /// Reads the annotations and the names of the specs.
    pub(super) fn said(&self) -> Result<Said, Error> {
        let (mut memberships, mut specs) = (BTreeMap::new(), BTreeMap::new());
        let mut all = Vec::new();
        for experiment in self.store.experiments()? {
            let own = self.store.specs(&experiment)?.into_iter().collect();
            specs.insert(experiment.clone(), own);
            let records = self.store.annotations(&experiment)?;
            memberships.insert(experiment, Memberships(fold(&records)));
            all.extend(records);
        }
        Ok(Said { annotated: fold(&merge(all)), memberships, specs })
    }

    /// The whole ledger as it is shown.
    pub fn view(&self) -> Result<LedgerView, Error> {
        let mut view = self.outline()?;
        for run in view.experiments.iter_mut().flat_map(|experiment| &mut experiment.runs) {
            self.complete(run)?;
        }
        measure(&mut view.experiments);
        view.models = self.registered_models()?;
        view.models.retain(|model| model.deleted.is_none());
        Ok(view)
    }

    /// The whole ledger without the files of its runs, which it takes a look at each file to know.
    pub fn outline(&self) -> Result<LedgerView, Error> {
        let records = self.records()?;
        let names = self.store.experiments()?;
        let view = |name: &String| self.experiment_of(name, self.runs_of(&records, name));
        let experiments = names.iter().map(view).collect();
        Ok(LedgerView { experiments, ..self.empty_view() })
    }

    /// The ledger without its experiments.
    pub(super) fn empty_view(&self) -> LedgerView {
        LedgerView {
            title: self.title(),
            description: self.config.description.clone(),
            authors: self.config.authors.iter().map(|author| author.name.clone()).collect(),
            licence: self.config.licence.clone(),
            about: About::of(&self.config),
            time_zone: self.config.time_zone.clone(),
            experiments: Vec::new(),
            comparisons: self.config.compare.iter().map(comparison).collect(),
            models: Vec::new(),
            views: self.config.view.iter().map(kept_view).collect(),
            report: self.config.report.clone(),
        }
    }

    /// Looks at the files of a run.
    pub fn complete(&self, run: &mut RunView) -> Result<(), Error> {
        if let Some(entry) = self.store.entry(&run.directory)? {
            run.artifacts = self.artifacts(&entry);
        }
        Ok(())
    }

    /// The runs that an experiment shows, in no order.
    fn runs_of(&self, records: &Records, name: &str) -> Vec<RunView> {
        let members = records.members.get(name).into_iter().flatten();
        let view = |run: &RunId| {
            let (entries, experiments) = (records.runs.get(run)?, records.experiments.get(run)?);
            self.run_view(&records.said, entries, experiments, name)
        };
        members.filter_map(view).collect()
    }

    /// An experiment with the runs that it shows.
    pub(super) fn experiment_of(&self, name: &str, mut runs: Vec<RunView>) -> ExperimentView {
        let (config, _) = self.experiment(name);
        let readme = format!("experiments/{name}/README.md");
        let readme = if self.root().join(&readme).is_file() {
            // A page without its text is better than no page.
            self.store.read_text(&readme).unwrap_or_default()
        } else {
            String::new()
        };
        runs.sort_by_cached_key(|run| std::cmp::Reverse((run.started, run.attempt)));
        let goal = config.goal.map_or_else(|| goal(&runs), declared);
        note_replicates(&mut runs);
        let best = best(&runs, &goal);
        ExperimentView {
            name: name.to_owned(),
            title: if config.title.is_empty() { name.to_owned() } else { config.title },
            description: config.description,
            tags: config.tags,
            goal,
            readme,
            runs,
            best,
            importance: None,
        }
    }

    /// One run, by its attempts from the oldest on, as one of the experiments that list it shows it,
    /// without its files; `None` when it has no attempt that can be read.
    pub(super) fn run_view(
        &self,
        said: &Said,
        entries: &[Arc<Entry>],
        experiments: &[String],
        experiment: &str,
    ) -> Option<RunView> {
        let entry = self.standing(entries)?;
        let run = entry.attempt.run;
        let (attempt, asked) = (&entry.attempt, Asked::of(&entry.request)?);
        let mut member = said.member(experiment, entry);
        let given = attempt.command.iter().flat_map(|command| command.tags.clone());
        member.tags.extend(given);
        let annotated = said.annotated.get(&run).cloned().unwrap_or_default();
        Some(RunView {
            id: run,
            short: run.short(),
            experiment: experiment.to_owned(),
            experiments: experiments.to_vec(),
            tags: annotated.tags_over(&member.tags),
            label: member.label,
            spec: member.spec,
            description: member.description,
            status: attempt.status,
            cause: attempt.cause.clone(),
            notes: annotated
                .notes
                .into_iter()
                .map(|(time, text)| NoteView { time, text })
                .collect(),
            star: annotated.star,
            trainer: asked.trainer,
            trainer_version: asked.version,
            seed: asked.seed,
            cell: entry.request.cell(),
            replicates: None,
            params: asked.params.iter().map(|(name, value)| (name.clone(), json(value))).collect(),
            metrics: attempt.metrics.clone(),
            data_digest: asked.data,
            data: attempt.data.clone(),
            features: asked.features,
            target: asked.target,
            split: asked.split,
            timings: attempt.timings.clone(),
            model: attempt.model.iter().map(|(name, value)| (name.clone(), json(value))).collect(),
            started: attempt.started,
            ended: attempt.ended,
            host: attempt.host.clone(),
            git: attempt.git.clone(),
            command: attempt.command.clone(),
            tracker: asked.tracker,
            versions: attempt.versions.clone(),
            result: attempt.result,
            deterministic: is_deterministic(entries),
            attempt: attempt.attempt,
            directory: entry.directory.clone(),
            attempts: entries.iter().map(|entry| attempt_view(entry)).collect(),
            artifacts: Vec::new(),
        })
    }

    /// The attempt that stands for a run: the newest finished undamaged one, else the newest
    /// finished one, else the newest.
    pub(super) fn standing<'e>(&self, entries: &'e [Arc<Entry>]) -> Option<&'e Arc<Entry>> {
        let finished = || entries.iter().rev().filter(|e| e.attempt.status == Status::Finished);
        if finished().count() < 2 {
            return finished().next().or(entries.last());
        }
        let intact =
            |entry: &&Arc<Entry>| !self.store.file_states(entry).contains(&FileState::Damaged);
        finished().find(intact).or_else(|| finished().next()).or(entries.last())
    }

    /// The files of an attempt with their states.
    pub(super) fn artifacts(&self, entry: &Entry) -> Vec<ArtifactView> {
        let states = self.store.file_states(entry);
        entry
            .manifest
            .files
            .iter()
            .zip(states)
            .map(|(file, state)| ArtifactView {
                path: file.path.clone(),
                size: file.size,
                blake3: file.blake3,
                sha256: file.sha256.clone(),
                state,
            })
            .collect()
    }
}

impl Records {
    /// The attempts of each run, oldest first.
    pub(super) fn runs(&self) -> impl Iterator<Item = &[Arc<Entry>]> {
        self.runs.values().map(Vec::as_slice)
    }
}

impl Said {
    /// The experiments that list a run, sorted; none when it is deleted.
    pub(super) fn experiments_of<A: Attempted>(&self, attempts: &[A]) -> Vec<String> {
        if self.is_deleted(attempts) { Vec::new() } else { self.listing(attempts) }
    }

    /// Digest of all that the views of a run show, whose attempts are given oldest first: what was sealed and
    /// what was said of it. Which of several finished attempts stands for it is not in it.
    pub(super) fn digest_of(&self, attempts: &[ListedAttempt], experiments: &[String]) -> Digest {
        let mut stream = StreamDigest::default();
        let mut add = |part: &[u8]| {
            stream.update(&(part.len() as u64).to_be_bytes());
            stream.update(part);
        };
        for attempt in attempts {
            add(attempt.directory.as_bytes());
            add(&attempt.seal.to_be_bytes());
        }
        let run = attempts.first().map(|attempt| attempt.run);
        for experiment in experiments {
            add(experiment.as_bytes());
            let members = || self.memberships.get(experiment)?.0.get(&run?);
            let members = members().map(|said| &said.members);
            let specs = self.specs.get(experiment);
            let asked = members.into_iter().flat_map(|members| members.keys());
            for spec in attempts.iter().map(|attempt| &attempt.spec).chain(asked) {
                add(&[u8::from(specs.is_some_and(|specs| specs.contains(spec)))]);
            }
            add(&members.and_then(|it| serde_json::to_vec(it).ok()).unwrap_or_default());
        }
        let said = run.and_then(|run| self.annotated.get(&run));
        add(&said.and_then(|it| serde_json::to_vec(it).ok()).unwrap_or_default());
        stream.finish()
    }

    /// Whether somebody deleted a run and nobody restored it; it is in the trash unless it was tried again.
    pub(super) fn may_be_deleted(&self, run: RunId) -> bool {
        self.annotated.get(&run).is_some_and(|said| said.deleted.is_some())
    }

    /// Whether annotations say more of a run's place in an experiment than its attempts do.
    pub(super) fn tells_more_of(&self, experiment: &str, run: RunId) -> bool {
        let members = self.memberships.get(experiment).and_then(|all| all.0.get(&run));
        self.may_be_deleted(run) || members.is_some_and(|said| !said.members.is_empty())
    }

    /// Whether a run is in the trash: an attempt that started since it was deleted takes it out.
    pub(super) fn is_deleted<A: Attempted>(&self, attempts: &[A]) -> bool {
        let deleted = |attempt: &A| self.annotated.get(&attempt.run())?.deleted;
        let before = |attempt: &A| deleted(attempt).is_some_and(|time| attempt.started() < time);
        !attempts.is_empty() && attempts.iter().all(before)
    }

    /// The runs of which an annotation says something with a word, in lower case, in it.
    pub(super) fn mentioned(&self, word: &str) -> Vec<RunId> {
        let holds = |text: &str| text.to_lowercase().contains(word);
        let tags = |tags: &BTreeMap<String, String>| {
            tags.iter().any(|(name, value)| holds(name) || holds(value))
        };
        let member = |member: &Member| {
            [&member.spec, &member.label, &member.description].into_iter().any(|it| holds(it))
                || tags(&member.tags)
        };
        let says = |said: &Annotated| {
            tags(&said.tags)
                || said.notes.iter().any(|(_, text)| holds(text))
                || said.members.values().any(member)
        };
        let all = self.annotated.iter().filter(|(_, said)| says(said)).map(|(run, _)| *run);
        let asked = self.memberships.iter().filter(|(name, _)| holds(name));
        let asked = asked.flat_map(|(_, memberships)| memberships.0.keys().copied());
        all.chain(asked).collect::<BTreeSet<RunId>>().into_iter().collect()
    }

    /// The runs that a spec asks for under a label.
    pub(super) fn labelled(&self, label: &str) -> BTreeSet<RunId> {
        let all = self.memberships.values().flat_map(|memberships| &memberships.0);
        let so = |said: &Annotated| said.members.values().any(|member| member.label == label);
        all.filter(|(_, said)| so(said)).map(|(run, _)| *run).collect()
    }

    /// What people wrote about a run, in a word each.
    pub(super) fn of_run(&self, run: RunId) -> Vec<&'static str> {
        let Some(said) = self.annotated.get(&run) else { return Vec::new() };
        let words = [
            (said.star, "star"),
            (said.tags.values().any(|value| !value.is_empty()), "tags"),
            (!said.notes.is_empty(), "notes"),
        ];
        words.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect()
    }

    /// The experiments with an attempt of a run and those that asked for it, sorted.
    pub(super) fn listing<A: Attempted>(&self, attempts: &[A]) -> Vec<String> {
        let Some(run) = attempts.first().map(Attempted::run) else { return Vec::new() };
        let asked = self.memberships.iter().filter(|(_, memberships)| {
            memberships.0.get(&run).is_some_and(|annotated| !annotated.members.is_empty())
        });
        let names = attempts.iter().map(Attempted::experiment);
        let names: BTreeSet<&str> = names.chain(asked.map(|(name, _)| name.as_str())).collect();
        // An experiment whose folder went with its last attempt is none any more.
        names.into_iter().filter(|name| self.specs.contains_key(*name)).map(str::to_owned).collect()
    }

    /// How an experiment calls a run: by the spec that trained it while that exists, else by
    /// another spec that exists, else by the last one known.
    fn member(&self, experiment: &str, entry: &Entry) -> Member {
        let none = Memberships::default();
        let memberships = self.memberships.get(experiment).unwrap_or(&none);
        let mut members = memberships.of(experiment, entry);
        let known =
            |spec: &&String| self.specs.get(experiment).is_some_and(|it| it.contains(*spec));
        let own = Some(&entry.attempt.spec).filter(known);
        let chosen = own
            .filter(|spec| members.contains_key(*spec))
            .or_else(|| members.keys().find(known))
            .or_else(|| members.keys().next_back())
            .cloned();
        chosen.and_then(|spec| members.remove(&spec)).unwrap_or_else(|| Member {
            spec: entry.attempt.spec.clone(),
            label: entry.attempt.label.clone(),
            description: String::new(),
            tags: BTreeMap::new(),
        })
    }
}

fn comparison(kept: &Comparison) -> ComparisonView {
    ComparisonView {
        name: kept.name.clone(),
        title: kept.title.clone(),
        runs: kept.runs.clone(),
        baseline: kept.baseline.clone(),
    }
}

fn kept_view(kept: &View) -> KeptView {
    let View { name, filter, sort, columns, group, baseline, runs } = kept.clone();
    KeptView { name, filter, sort, columns, group, baseline, runs }
}

/// A declared goal, in the usual direction of its metric unless it says another.
pub(super) fn declared(goal: Goal) -> GoalView {
    GoalView::of(goal.metric, goal.direction)
}

/// The goal where none is declared: the first metric of the runs.
fn goal(runs: &[RunView]) -> GoalView {
    let names = || runs.iter().flat_map(|run| run.metrics.keys());
    let known = names().find(|name| *name == "r2").or_else(|| names().next());
    let metric = known.cloned().unwrap_or_else(|| "r2".into());
    declared(Goal { metric, direction: None })
}

/// The best finished run by a goal: that of the best cell; the earliest of equals.
pub(super) fn best(runs: &[RunView], goal: &GoalView) -> Option<RunId> {
    let selection = select(runs.iter().rev(), &goal.metric, goal.direction)?;
    selection.cells.first().map(|cell| cell.named.run)
}

/// False when two finished attempts on one target disagree in their result digests.
fn is_deterministic(entries: &[Arc<Entry>]) -> bool {
    let mut results: BTreeMap<&str, _> = BTreeMap::new();
    entries
        .iter()
        .filter(|entry| entry.attempt.status == Status::Finished)
        .filter_map(|entry| Some((entry.attempt.host.target.as_str(), entry.attempt.result?)))
        .all(|(target, result)| *results.entry(target).or_insert(result) == result)
}

fn attempt_view(entry: &Entry) -> AttemptView {
    let attempt = &entry.attempt;
    AttemptView {
        attempt: attempt.attempt,
        status: attempt.status,
        cause: attempt.cause.clone(),
        started: attempt.started,
        ended: attempt.ended,
        result: attempt.result,
    }
}
