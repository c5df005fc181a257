//! From what a person writes to the run or experiment it means.

use crate::ledger::filter::Moment;
use crate::ledger::problem::nearest;
use crate::ledger::view::{ExperimentView, LedgerView, RunView};

use super::error::Error;
use super::ledger::Ledger;
use super::surroundings::now;

/// The run an id, a unique beginning of an id, or a unique label means, among some runs.
pub fn among<'v>(
    runs: impl IntoIterator<Item = &'v RunView>,
    text: &str,
) -> Result<&'v RunView, Error> {
    let wanted = text.to_lowercase();
    let by_id = |run: &RunView| !wanted.is_empty() && run.id.to_string().starts_with(&wanted);
    let (mut matches, mut labelled) = (Vec::new(), Vec::new());
    for run in runs {
        if by_id(run) {
            matches.push(run);
        } else if run.label == text {
            labelled.push(run);
        }
    }
    if matches.is_empty() {
        matches = labelled;
    }
    let mut ids: Vec<String> = matches.iter().map(|run| run.short.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    match (matches.first(), ids.len()) {
        (None, _) => Err(Error::NoRun(text.to_owned())),
        // A run that two experiments list is shown for the one that holds its attempt.
        (Some(first), 1) => Ok(matches
            .iter()
            .find(|run| run.directory.starts_with(&format!("experiments/{}/", run.experiment)))
            .unwrap_or(first)),
        _ => Err(Error::Ambiguous { text: text.to_owned(), matches: ids }),
    }
}

impl Ledger {
    /// What the meaning of a filter depends on here and now.
    pub(super) fn moment(&self) -> Moment {
        Moment { now: now(), time_zone: self.config.time_zone.clone() }
    }
}

/// The experiment of a name.
pub fn experiment<'v>(view: &'v LedgerView, written: &str) -> Result<&'v ExperimentView, Error> {
    let names: Vec<String> = view.experiments.iter().map(|it| it.name.clone()).collect();
    let name = name(&names, written)?;
    let found = view.experiments.iter().find(|experiment| experiment.name == name);
    found.ok_or_else(|| Error::NoExperiment { name: name.to_owned(), near: None })
}

/// The name of an experiment as it was written, perhaps with its folder.
pub(super) fn name<'n>(names: &'n [String], written: &str) -> Result<&'n str, Error> {
    let name = written.trim_end_matches('/');
    let name = name.strip_prefix("experiments/").unwrap_or(name);
    names.iter().map(String::as_str).find(|known| *known == name).ok_or_else(|| {
        let near = nearest(name, names.iter().map(String::as_str)).map(str::to_owned);
        Error::NoExperiment { name: name.to_owned(), near }
    })
}
