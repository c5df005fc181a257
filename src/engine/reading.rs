//! From the files of the ledger to the runs they ask for.

use std::fs::File;
use std::sync::Arc;

use crate::ledger::facts::DataFacts;
use crate::ledger::plan::{Planned, Surroundings, plan};
use crate::ledger::problem::{Problem, nearest};
use crate::ledger::schema;
use crate::ledger::source::Source;
use crate::ledger::spec::Spec;
use crate::train;

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
    /// The mistakes in the others.
    pub mistakes: Mistakes,
}

impl Reading {
    /// Takes specs out again, with their runs and their mistakes.
    pub(super) fn leave_out(&mut self, out: impl Fn(&SpecName) -> bool) {
        let left: Vec<SpecName> = self.specs.iter().filter(|spec| out(spec)).cloned().collect();
        let is_left = |path: &str| left.iter().any(|spec| spec.path() == path);
        self.specs.retain(|spec| !left.contains(spec));
        self.planned.retain(|run| {
            let name = SpecName { experiment: run.experiment.clone(), file: run.spec.clone() };
            !left.contains(&name)
        });
        self.mistakes.problems.retain(|problem| !is_left(&problem.file));
    }
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
        let mut reading = Reading { specs: specs.to_vec(), ..Reading::default() };
        let mut last: Option<&str> = None;
        for spec in specs {
            if last != Some(&spec.experiment) {
                let (_, mistakes) = self.experiment(&spec.experiment);
                reading.mistakes.problems.extend(mistakes.problems);
                reading.mistakes.texts.extend(mistakes.texts);
                last = Some(&spec.experiment);
            }
            let file = spec.path();
            match self.store.read_text(&file) {
                Ok(text) => match self.read_one(spec, &file, &text) {
                    Ok(planned) => reading.planned.extend(planned),
                    Err(problems) => reading.mistakes.add(&file, &text, problems),
                },
                // A spec that cannot be read is a mistake of that spec only.
                Err(error) => {
                    let problem = Problem::at(&file, "", 0..0, error.to_string());
                    reading.mistakes.add(&file, "", vec![problem]);
                }
            }
        }
        Ok(reading)
    }

    fn read_one(
        &self,
        spec: &SpecName,
        file: &str,
        text: &str,
    ) -> Result<Vec<Planned>, Vec<Problem>> {
        let source = Source::parse(file, text)?;
        let read = schema::read::<Spec>(&source);
        let mut problems = read.problems;
        let Some(value) = read.value else { return Err(problems) };
        let facts = match &value.data {
            Some(data) => self.facts(&data.path),
            None => Err(("no data".into(), None)),
        };
        let around = Surroundings {
            models: train::models(),
            metrics: train::metrics,
            default_metrics: train::default_metrics,
            defaults: &self.config.defaults,
            facts: facts.as_deref(),
        };
        let planned = plan(&spec.experiment, &source, &value, around);
        if problems.is_empty() {
            return planned;
        }
        // What was left out for a mistake must not be reported a second time as missing.
        problems.extend(planned.err().into_iter().flatten().filter(|p| !p.span.is_empty()));
        problems.sort_by_key(|problem| problem.span.start);
        Err(problems)
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
            .data_facts(path, &mut |file| take_facts(file))
            .map_err(|error| (error.to_string(), None))
    }
}

/// Reads an opened data file to its end.
pub(super) fn take_facts(file: File) -> Result<DataFacts, String> {
    train::profile(Box::new(file)).map_err(|error| error.to_string())
}
