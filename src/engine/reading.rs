//! From the files of the ledger to the runs they ask for.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::ledger::config::Goal;
use crate::ledger::facts::DataFacts;
use crate::ledger::id::RunId;
use crate::ledger::plan::{Plan, Planned, Surroundings, plan};
use crate::ledger::problem::{Problem, nearest};
use crate::ledger::schema;
use crate::ledger::source::Source;
use crate::ledger::spec::Spec;
use crate::ledger::sweep::{Guide, Known};
use crate::ledger::trust::Doubt;
use crate::store::{Lookup, MissReason, Store, StoreError};
use crate::train;

use super::command::{Commands, Pending};
use super::data::check_name;
use super::error::{Error, Mistakes};
use super::ledger::Ledger;

/// A spec by the experiment it belongs to and its file name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SpecName {
    /// The experiment.
    pub experiment: String,
    /// The file name.
    pub file: String,
}

impl SpecName {
    /// The path in the ledger.
    pub fn path(&self) -> String {
        format!("experiments/{}/{}", self.experiment, self.file)
    }
}

/// What the specs ask for.
#[derive(Debug, Default)]
pub struct Reading {
    /// The specs that were read.
    pub specs: Vec<SpecName>,
    /// The runs they ask for, spec by spec.
    pub planned: Vec<Planned>,
    /// The sweeps among them that choose runs by the results of others.
    pub adaptive: Vec<Adaptive>,
    /// The specs among them whose commands do not start by themselves.
    pub pending: Vec<Pending>,
    /// The files that commands name, absolute.
    pub inputs: BTreeSet<PathBuf>,
    /// The mistakes in the others.
    pub mistakes: Mistakes,
}

/// A sweep that chooses runs by the results of others.
#[derive(Clone, Debug)]
pub struct Adaptive {
    /// The spec.
    pub spec: SpecName,
    /// How many further runs follow at most once those planned have results.
    pub following: usize,
    /// What they are chosen by.
    pub guide: Guide,
}

/// What is known of runs while specs are read.
pub(super) struct Knowledge<'a> {
    /// The results so far; a reading adds those it looks up.
    pub(super) results: BTreeMap<RunId, Known>,
    /// Whether the failed runs of a spec are tried again, so that they have no result yet.
    pub(super) retried: &'a dyn Fn(&SpecName) -> bool,
}

impl<'a> Knowledge<'a> {
    /// Nothing yet.
    pub(super) fn new(retried: &'a dyn Fn(&SpecName) -> bool) -> Self {
        Self { results: BTreeMap::new(), retried }
    }

    /// Looks up the runs of a spec whose results are not known.
    fn learn(&mut self, store: &Store, spec: &SpecName, runs: &[RunId]) -> Result<(), StoreError> {
        let open: Vec<RunId> =
            runs.iter().copied().filter(|run| !self.results.contains_key(run)).collect();
        if open.is_empty() {
            return Ok(());
        }
        for (run, found) in open.iter().zip(store.lookup_all(&open)?) {
            let known = match found {
                Lookup::Hit(entry) => Known::Finished(entry.attempt.metrics.clone()),
                Lookup::Miss(MissReason::Failed(_)) if !(self.retried)(spec) => Known::Failed,
                Lookup::Miss(_) => continue,
            };
            self.results.insert(*run, known);
        }
        Ok(())
    }
}

impl Reading {
    /// The specs whose sweeps are not decided to the end.
    pub(super) fn open(&self) -> Vec<SpecName> {
        let open = self.adaptive.iter().filter(|adaptive| adaptive.following > 0);
        open.map(|adaptive| adaptive.spec.clone()).collect()
    }

    /// Takes specs out again, with their runs and their mistakes.
    pub(super) fn leave_out(&mut self, out: impl Fn(&SpecName) -> bool) {
        let left: Vec<SpecName> = self.specs.iter().filter(|spec| out(spec)).cloned().collect();
        let is_left = |path: &str| left.iter().any(|spec| spec.path() == path);
        self.specs.retain(|spec| !left.contains(spec));
        self.adaptive.retain(|adaptive| !left.contains(&adaptive.spec));
        self.pending.retain(|pending| !left.contains(&pending.spec));
        self.planned.retain(|run| {
            let name = SpecName { experiment: run.experiment.clone(), file: run.spec.clone() };
            !left.contains(&name)
        });
        self.mistakes.problems.retain(|problem| !is_left(&problem.file));
    }
}

/// What is known of a spec's command beside its plan.
#[derive(Default)]
struct Asking {
    doubt: Option<Doubt>,
    undecided: bool,
    inputs: BTreeSet<PathBuf>,
}

impl Ledger {
    /// The specs that some words name: a path, `experiment/spec`, or an experiment. No words: all.
    pub fn select(&self, words: &[String]) -> Result<Vec<SpecName>, Error> {
        let mut specs = Vec::new();
        for experiment in self.store.experiments()? {
            for file in self.store.specs(&experiment)? {
                specs.push(SpecName { experiment: experiment.clone(), file });
            }
        }
        if words.is_empty() {
            return Ok(specs);
        }
        let mut selected = Vec::new();
        for word in words {
            let name = self.inside(word);
            let name = name.strip_prefix("experiments/").unwrap_or(&name);
            let fits = |spec: &&SpecName| {
                let own = format!("{}/{}", spec.experiment, spec.file);
                name == spec.experiment || name == own || format!("{name}.toml") == own
            };
            let before = selected.len();
            selected.extend(specs.iter().filter(fits).cloned());
            if selected.len() == before && !self.store.experiments()?.iter().any(|e| e == name) {
                return Err(Error::NoSpec(word.clone()));
            }
        }
        selected.sort();
        selected.dedup();
        Ok(selected)
    }

    /// The specs among some words, each named by itself; an experiment names none.
    pub fn named(&self, words: &[String]) -> Result<Vec<SpecName>, Error> {
        let experiments = self.store.experiments()?;
        let is_experiment = |word: &String| {
            let name = self.inside(word);
            let name = name.strip_prefix("experiments/").unwrap_or(&name);
            experiments.iter().any(|experiment| experiment == name)
        };
        let words: Vec<String> =
            words.iter().filter(|word| !is_experiment(word)).cloned().collect();
        if words.is_empty() { Ok(Vec::new()) } else { self.select(&words) }
    }

    /// A path as written on the command line, from the ledger's root and with forward slashes.
    fn inside(&self, word: &str) -> String {
        let absolute = std::path::absolute(word).unwrap_or_else(|_| word.into());
        let canonical = absolute.canonicalize().unwrap_or(absolute);
        let inside = canonical.strip_prefix(self.root()).ok();
        let text = inside.filter(|path| self.root().join(path).exists());
        let text = text.map_or_else(|| word.to_owned(), |path| path.to_string_lossy().into_owned());
        text.replace('\\', "/").trim_end_matches('/').to_owned()
    }

    /// Reads some specs; a mistake in one never stops the others.
    pub fn read(&self, specs: &[SpecName]) -> Result<Reading, Error> {
        self.read_knowing(specs, &mut Knowledge::new(&|_| false))
    }

    /// As [`Ledger::read`], with results that are known and a word on which failures count.
    pub(super) fn read_knowing(
        &self,
        specs: &[SpecName],
        known: &mut Knowledge<'_>,
    ) -> Result<Reading, Error> {
        let mut reading = Reading { specs: specs.to_vec(), ..Reading::default() };
        let mut last: Option<&str> = None;
        let mut goal: Option<Goal> = None;
        let commands = Commands::new(self);
        for spec in specs {
            if last != Some(&spec.experiment) {
                let (config, mistakes) = self.experiment(&spec.experiment);
                goal = config.goal;
                reading.mistakes.problems.extend(mistakes.problems);
                reading.mistakes.texts.extend(mistakes.texts);
                last = Some(&spec.experiment);
            }
            let file = spec.path();
            match self.store.read_text(&file) {
                Ok(text) => {
                    match self.read_one((spec, &file, &text), goal.as_ref(), known, &commands)? {
                        Ok((Plan { runs, following, guide }, asked)) => {
                            reading.inputs.extend(asked.inputs);
                            if let Some(doubt) = asked.doubt {
                                let number = (!asked.undecided).then_some(runs.len());
                                reading.pending.push(Pending {
                                    spec: spec.clone(),
                                    doubt,
                                    runs: number,
                                });
                            }
                            if asked.undecided {
                                continue;
                            }
                            reading.planned.extend(runs);
                            let adaptive = guide.map(|guide| (spec.clone(), guide));
                            reading.adaptive.extend(adaptive.map(|(spec, guide)| Adaptive {
                                spec,
                                following,
                                guide,
                            }));
                        }
                        Err(problems) => reading.mistakes.add(&file, &text, problems),
                    }
                }
                // A spec that cannot be read is a mistake of that spec only.
                Err(error) => {
                    let problem = Problem::at(&file, "", 0..0, error.to_string());
                    reading.mistakes.add(&file, "", vec![problem]);
                }
            }
        }
        Ok(reading)
    }

    /// The plan of one spec, or its mistakes; the error is the disk's.
    fn read_one(
        &self,
        (spec, file, text): (&SpecName, &str, &str),
        goal: Option<&Goal>,
        known: &mut Knowledge<'_>,
        commands: &Commands<'_>,
    ) -> Result<Result<(Plan, Asking), Vec<Problem>>, Error> {
        let source = match Source::parse(file, text) {
            Ok(source) => source,
            Err(problems) => return Ok(Err(problems)),
        };
        let read = schema::read::<Spec>(&source);
        let mut problems = read.problems;
        let Some(value) = read.value else { return Ok(Err(problems)) };
        let facts = match (&value.data, &value.command) {
            (Some(data), None) => self.facts(&data.path),
            _ => Err(("no data".into(), None)),
        };
        let mut asking = Asking::default();
        let command = match &value.command {
            None => None,
            Some(command) => {
                let look = commands.look(spec, &source, &value, command)?;
                asking = Asking {
                    doubt: look.doubt,
                    undecided: look.undecided && look.facts.is_ok(),
                    inputs: look.files,
                };
                Some(look.facts)
            }
        };
        let (known, failed) = (RefCell::new(known), Cell::new(None));
        let results = |runs: &[RunId]| {
            let mut known = known.borrow_mut();
            if let Err(error) = known.learn(&self.store, spec, runs) {
                failed.set(Some(error));
            }
            runs.iter().map(|run| known.results.get(run).cloned()).collect()
        };
        let around = Surroundings {
            models: train::models(),
            metrics: train::metrics,
            default_metrics: train::default_metrics,
            defaults: &self.config.defaults,
            goal,
            results: &results,
            facts: facts.as_deref(),
            command: command.as_ref(),
        };
        let plan = plan(&spec.experiment, &source, &value, around);
        if let Some(error) = failed.take() {
            return Err(error.into());
        }
        if problems.is_empty() {
            return Ok(plan.map(|plan| (plan, asking)));
        }
        // What was left out for a mistake must not be reported a second time as missing.
        problems.extend(plan.err().into_iter().flatten().filter(|p| !p.span.is_empty()));
        problems.sort_by_key(|problem| problem.span.start);
        Ok(Err(problems))
    }

    /// The facts of a data file, or why there are none and what to do.
    fn facts(&self, path: &str) -> Result<Arc<DataFacts>, (String, Option<String>)> {
        let full = self.root().join(path);
        if crate::ledger::manifest::is_inside(path) && !full.is_file() {
            let files = self.store.data_files().unwrap_or_default();
            let near = nearest(path, files.iter().map(String::as_str));
            let hint = near.map(|near| format!("did you mean \"{near}\"?"));
            return Err((format!("there is no file {path}"), hint));
        }
        self.store
            .data_facts(path, &mut |file| take_facts(path, file))
            .map_err(|error| (error.to_string(), None))
    }
}

/// Reads an opened data file to its end.
pub(super) fn take_facts(path: &str, mut file: File) -> Result<DataFacts, String> {
    check_name(Path::new(path), &mut file)
        .and_then(|()| train::profile(Box::new(file)))
        .map_err(|error| error.to_string())
}
