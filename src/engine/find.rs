//! From what a person writes to the run or experiment it means.

use crate::ledger::filter::{Filter, Moment};
use crate::ledger::problem::nearest;
use crate::ledger::view::{ExperimentView, LedgerView, RunView};

use super::error::Error;
use super::ledger::Ledger;
use super::surroundings::now;

/// The run an id, a unique beginning of an id, or a unique label means.
pub fn run<'v>(view: &'v LedgerView, text: &str) -> Result<&'v RunView, Error> {
    let wanted = text.to_lowercase();
    let all = || view.experiments.iter().flat_map(|experiment| &experiment.runs);
    let by_id =
        || all().filter(|run| !wanted.is_empty() && run.id.to_string().starts_with(&wanted));
    let by_label = || all().filter(|run| run.label == text);
    let mut matches: Vec<&RunView> = by_id().collect();
    if matches.is_empty() {
        matches = by_label().collect();
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
    /// The view of the runs that some words choose: names of experiments, else together a filter.
    pub fn chosen(&self, words: &[String]) -> Result<LedgerView, Error> {
        let mut view = self.view()?;
        if words.is_empty() {
            return Ok(view);
        }
        let named: Result<Vec<String>, Error> =
            words.iter().map(|word| experiment(&view, word).map(|it| it.name.clone())).collect();
        match named {
            Ok(names) => view.experiments.retain(|experiment| names.contains(&experiment.name)),
            // One mistyped name is no filter that finds nothing.
            Err(error @ Error::NoExperiment { near: Some(_), .. }) if words.len() == 1 => {
                return Err(error);
            }
            Err(_) => {
                let (filter, moment) = (Filter::parse(&words.join(" "))?, self.moment());
                for experiment in &mut view.experiments {
                    experiment.runs.retain(|run| filter.matches(run, &moment));
                    experiment.runs.sort_by(|a, b| filter.compare(a, b));
                }
            }
        }
        Ok(view)
    }

    /// What the meaning of a filter depends on here and now.
    pub(super) fn moment(&self) -> Moment {
        Moment { now: now(), time_zone: self.config.time_zone.clone() }
    }
}

/// The experiment of a name.
pub fn experiment<'v>(view: &'v LedgerView, name: &str) -> Result<&'v ExperimentView, Error> {
    let name = name.trim_end_matches('/');
    let name = name.strip_prefix("experiments/").unwrap_or(name);
    view.experiments.iter().find(|experiment| experiment.name == name).ok_or_else(|| {
        let names = view.experiments.iter().map(|experiment| experiment.name.as_str());
        Error::NoExperiment { name: name.to_owned(), near: nearest(name, names).map(str::to_owned) }
    })
}
