//! What pages say of themselves to programs: a block of JSON-LD in each, and the file that all of them name.

use crate::ledger::digest::sha256_hex;
use crate::ledger::fair::page::{Beside, PageOf};
use crate::ledger::fair::swhid::Swhids;
use crate::ledger::view::{ExperimentView, LedgerView, RunView};

use super::trusted::Trusted;
use super::{Page, path};

/// How many runs the description of an experiment names.
const RUNS: usize = 50;

/// The block of the overview.
pub(super) fn ledger(ledger: &LedgerView) -> Trusted {
    Trusted::described(of_ledger(ledger))
}

/// The block of a page without one of its own.
pub(super) fn view(ledger: &LedgerView, path: &str, title: &str) -> Trusted {
    Trusted::described(PageOf { ledger, path, root: &path::root(path) }.view(title))
}

/// `metadata.jsonld`.
pub(super) fn file(ledger: &LedgerView) -> Page {
    Page { path: path::DESCRIPTION.into(), bytes: of_ledger(ledger).into_bytes() }
}

fn of_ledger(ledger: &LedgerView) -> String {
    let pages = ledger.experiments.iter().map(|it| (it, path::experiment(&it.name)));
    let pages: Vec<(&ExperimentView, String)> = pages.collect();
    PageOf { ledger, path: path::OVERVIEW, root: "" }.ledger(&pages)
}

/// The block of an experiment's page.
pub(super) fn experiment(ledger: &LedgerView, experiment: &ExperimentView) -> Trusted {
    let (path, runs) = (path::experiment(&experiment.name), experiment.runs.iter());
    let runs: Vec<(&RunView, String)> =
        runs.take(RUNS).map(|run| (run, path::run(&run.id))).collect();
    let page = PageOf { ledger, path: &path, root: &path::root(&path) };
    Trusted::described(page.experiment(experiment, &runs))
}

/// The block of a run's page, beside which some files lie.
pub(super) fn run(
    ledger: &LedgerView,
    experiment: &ExperimentView,
    run: &RunView,
    swhids: &Swhids,
    beside: &[Page],
) -> Trusted {
    let path = path::run(&run.id);
    let file = |page: &Page| Beside {
        path: page.path.clone(),
        size: page.bytes.len(),
        sha256: sha256_hex(&page.bytes),
    };
    let beside: Vec<Beside> = beside.iter().map(file).collect();
    let whole = path::experiment(&experiment.name);
    let page = PageOf { ledger, path: &path, root: &path::root(&path) };
    Trusted::described(page.run(run, swhids, (&whole, &experiment.title), &beside))
}
