//! Digests: what happened in a period, for people and programs.

use crate::ledger::frame::plain;
use crate::ledger::period::{Period, PeriodView, period_view};
use crate::ledger::view::{ExperimentView, LedgerView, RunView};
use crate::report::{Site, Theme};

use super::error::Error;
use super::importance::measure;
use super::ledger::Ledger;
use super::surroundings::now;

/// What happened in a period.
#[derive(Debug)]
pub struct Digest {
    /// What happened.
    pub view: PeriodView,
    /// The runs of the period.
    ledger: LedgerView,
}

impl Ledger {
    /// The period of so many days that ends with a date, today when `None`, in the ledger's time zone;
    /// `None` when the text is no date.
    pub fn period(&self, word: &str, date: Option<&str>, days: i64) -> Option<Period> {
        let zone = &self.config.time_zone;
        let today = now().date(zone);
        Period::ending(word, date.unwrap_or(&today), days, zone)
    }

    /// The period from a date to another; `None` when one is no date, or they are in the wrong order.
    pub fn period_between(&self, first: &str, last: Option<&str>) -> Option<Period> {
        let zone = &self.config.time_zone;
        let today = now().date(zone);
        Period::between(first, last.unwrap_or(&today), zone)
    }

    /// What happened in a period.
    pub fn digest(&self, period: &Period) -> Result<Digest, Error> {
        Ok(self.digest_of(&self.outline()?, period))
    }

    /// What happened in a period, of the ledger as it was read.
    pub(super) fn digest_of(&self, ledger: &LedgerView, period: &Period) -> Digest {
        let view = period_view(&self.title(), period, &ledger.experiments);
        let mut experiments: Vec<ExperimentView> =
            ledger.experiments.iter().map(|it| restricted(it, period, &view)).collect();
        measure(&mut experiments);
        Digest { view, ledger: LedgerView { experiments, ..self.empty_view() } }
    }
}

impl Digest {
    /// A line a run in the order they started, with all metrics and params by their bare names.
    pub fn csv(&self) -> String {
        let experiments = &self.ledger.experiments;
        let mut runs: Vec<&RunView> = experiments.iter().flat_map(|it| &it.runs).collect();
        runs.sort_by_key(|run| (run.started, run.attempt));
        runs.dedup_by_key(|run| run.id);
        plain(&runs).to_csv()
    }

    /// One page that needs no other file.
    pub fn html(&self) -> Result<Vec<u8>, Error> {
        Ok(Site::new(&Theme::new())?.digest(&self.ledger, &self.view)?.bytes)
    }
}

/// The runs of a period, and the best among them.
fn restricted(experiment: &ExperimentView, period: &Period, view: &PeriodView) -> ExperimentView {
    let own = view.experiments.iter().find(|own| own.name == experiment.name);
    ExperimentView {
        name: experiment.name.clone(),
        title: experiment.title.clone(),
        description: experiment.description.clone(),
        tags: experiment.tags.clone(),
        goal: experiment.goal.clone(),
        readme: String::new(),
        runs: experiment.runs.iter().filter(|run| period.has(run.started)).cloned().collect(),
        best: own.and_then(|own| own.best.as_ref()).map(|best| best.run),
        importance: None,
    }
}
