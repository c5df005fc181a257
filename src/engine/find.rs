//! From what a person writes to the run or experiment it means.

use crate::ledger::problem::nearest;
use crate::ledger::view::{ExperimentView, LedgerView, RunView};

use super::error::Error;

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

/// The experiment of a name.
pub fn experiment<'v>(view: &'v LedgerView, name: &str) -> Result<&'v ExperimentView, Error> {
    let name = name.trim_end_matches('/');
    let name = name.strip_prefix("experiments/").unwrap_or(name);
    view.experiments.iter().find(|experiment| experiment.name == name).ok_or_else(|| {
        let names = view.experiments.iter().map(|experiment| experiment.name.as_str());
        Error::NoExperiment { name: name.to_owned(), near: nearest(name, names).map(str::to_owned) }
    })
}
