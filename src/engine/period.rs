//! Digests: what happened in a period, for people and programs.

use crate::ledger::period::{Period, PeriodView, period_view};
use crate::ledger::view::{LedgerView, RunView};
use crate::report::{Site, Theme};

use super::error::Error;
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
        let mut ledger = self.outline()?;
        let view = period_view(&self.title(), period, &ledger.experiments);
        restrict(&mut ledger, period, &view);
        Ok(Digest { view, ledger })
    }

    /// A line a run of a digest, with all params and metrics.
    pub fn digest_csv(&self, digest: &Digest) -> Result<String, Error> {
        let experiments = &digest.ledger.experiments;
        let mut runs: Vec<&RunView> = experiments.iter().flat_map(|it| &it.runs).collect();
        runs.sort_by_key(|run| (run.started, run.attempt));
        runs.dedup_by_key(|run| run.id);
        Ok(self.run_table(&runs)?.to_csv())
    }
}

impl Digest {
    /// One page that needs no other file.
    pub fn html(&self) -> Result<Vec<u8>, Error> {
        Ok(Site::new(&Theme::new())?.digest(&self.ledger, &self.view)?.bytes)
    }
}

/// Leaves the runs of a period, and the best among them.
fn restrict(ledger: &mut LedgerView, period: &Period, view: &PeriodView) {
    for experiment in &mut ledger.experiments {
        experiment.runs.retain(|run| period.has(run.started));
        let own = view.experiments.iter().find(|own| own.name == experiment.name);
        experiment.best = own.and_then(|own| own.best.as_ref()).map(|best| best.run);
    }
}
