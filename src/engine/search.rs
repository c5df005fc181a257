//! Searches that end when enough was found: the index gives candidates in order, the filter decides.

use std::cmp::Ordering;
use std::collections::{BTreeMap, btree_map};
use std::sync::Arc;

use crate::ledger::cell::note_replicates;
use crate::ledger::filter::{Attribute, Filter, Key, Moment, Subject, Value, metric_names};
use crate::ledger::id::{AttemptId, CellId};
use crate::ledger::view::{ExperimentView, GoalView, LedgerView, RunView};
use crate::store::{Candidate, Entry, SearchOrder};

use super::best::BestOf;
use super::error::Error;
use super::find;
use super::ledger::Ledger;
use super::listing::{Choice, in_order};
use super::views::{Said, declared};

/// Candidates that are asked for at first; each further round asks for eight times as many.
const FIRST: usize = 16;

impl Ledger {
    /// The first runs that are chosen, in an order; `None` where the index knows nothing of the order, so
    /// that all runs must be looked at.
    pub(super) fn first(
        &self,
        choice: &Choice,
        by: &Filter,
        limit: usize,
    ) -> Result<Option<Vec<RunView>>, Error> {
        let Some((order, descending)) = search_order(by) else { return Ok(None) };
        self.store.catch_up()?;
        let needs = match choice {
            Choice::Filter(filter) => filter.needs(),
            Choice::Experiments(_) => Vec::new(),
        };
        let search = Search::new(self, choice, by)?;
        let said = |word: &str| search.said.mentioned(word);
        let mut wanted = FIRST.max(limit.saturating_mul(2));
        loop {
            let candidates = self.store.search(&needs, &said, &order, descending, wanted)?;
            let exhausted = candidates.len() < wanted;
            if let Some(found) = search.take(&candidates, exhausted, limit) {
                return search.with_replicates(found).map(Some);
            }
            wanted = wanted.saturating_mul(8);
        }
    }
}

impl Ledger {
    /// The ledger as [`Ledger::best`] looks at it: of an experiment with a filter only the runs that may meet
    /// it, else everything. Files are not looked at.
    pub fn outline_for(&self, of: BestOf<'_>) -> Result<LedgerView, Error> {
        let filter = Filter::parse(of.filter)?;
        let needs = filter.needs();
        let names = self.store.experiments()?;
        let Ok(name) = find::name(&names, of.what) else { return self.outline() };
        let (config, _) = self.experiment(name);
        // Without a declared goal it is taken from all runs.
        let (Some(goal), false) = (config.goal.clone(), needs.is_empty()) else {
            return self.outline();
        };
        self.store.catch_up()?;
        let (choice, by) =
            (Choice::Experiments(vec![name.to_owned()]), Filter::ordered(Vec::new()));
        let search = Search::new(self, &choice, &by)?;
        let said = |word: &str| search.said.mentioned(word);
        let found = self.store.search(&needs, &said, &SearchOrder::Started, true, usize::MAX)?;
        let mut runs: Vec<RunView> = found.iter().flat_map(|it| search.runs(it)).collect();
        runs.sort_by_key(|run| std::cmp::Reverse((run.started, run.attempt)));
        let mut view = self.empty_view();
        view.experiments.push(ExperimentView {
            name: name.to_owned(),
            title: config.title,
            description: config.description,
            tags: config.tags,
            goal: declared(goal),
            readme: String::new(),
            runs,
            best: None,
            importance: None,
        });
        Ok(view)
    }

    /// The runs that ids, unique beginnings of ids, or unique labels mean, in their order and without their
    /// files. Only what may be meant is read.
    pub fn find_runs(&self, names: &[String]) -> Result<Vec<RunView>, Error> {
        self.store.catch_up()?;
        let (choice, by) = (Choice::Experiments(Vec::new()), Filter::ordered(Vec::new()));
        let search = Search::new(self, &choice, &by)?;
        let mut found = Vec::new();
        for name in names {
            let mut ids = self.store.runs_named(name)?;
            ids.extend(search.said.labelled(name));
            let mut runs = Vec::new();
            for id in ids {
                runs.extend(search.shown(&oldest_first(self.store.attempts_known_of(id)?)));
            }
            found.push(find::among(&runs, name)?.clone());
        }
        search.with_replicates(found)
    }

    /// The run that [`Ledger::find_runs`] finds by one name.
    pub fn run_named(&self, name: &str) -> Result<RunView, Error> {
        let found = self.find_runs(&[name.to_owned()])?.pop();
        found.ok_or_else(|| Error::NoRun(name.to_owned()))
    }

    /// The goal of an experiment; where it declares none, all of its runs are looked at.
    pub fn goal_of(&self, experiment: &str) -> Result<GoalView, Error> {
        if let Some(goal) = self.experiment(experiment).0.goal {
            return Ok(declared(goal));
        }
        Ok(find::experiment(&self.outline()?, experiment)?.goal.clone())
    }

    /// Notes what the runs that differ from one in nothing but the seed tell together.
    pub fn note_cell(&self, run: &mut RunView) -> Result<(), Error> {
        let (choice, by) = (Choice::Experiments(Vec::new()), Filter::ordered(Vec::new()));
        let search = Search::new(self, &choice, &by)?;
        if let Some(noted) = search.with_replicates(vec![run.clone()])?.pop() {
            *run = noted;
        }
        Ok(())
    }
}

/// What the index is asked to order by for the first key of an order; without a key the newest come first.
fn search_order(by: &Filter) -> Option<(SearchOrder, bool)> {
    match by.order.first() {
        None => Some((SearchOrder::Started, true)),
        Some(order) => match &order.key {
            Key::Metric(name) => Some((SearchOrder::Metric(metric_names(name)), order.descending)),
            Key::Attribute(Attribute::Started) => Some((SearchOrder::Started, order.descending)),
            _ => None,
        },
    }
}

struct Search<'a> {
    ledger: &'a Ledger,
    said: Said,
    choice: &'a Choice,
    by: &'a Filter,
    moment: Moment,
}

impl<'a> Search<'a> {
    fn new(ledger: &'a Ledger, choice: &'a Choice, by: &'a Filter) -> Result<Self, Error> {
        Ok(Self { ledger, said: ledger.said()?, choice, by, moment: ledger.moment() })
    }

    /// The first `limit` runs among candidates; `None` when further candidates could be among them.
    fn take(
        &self,
        candidates: &[Candidate],
        exhausted: bool,
        limit: usize,
    ) -> Option<Vec<RunView>> {
        let mut found: Vec<RunView> = Vec::new();
        let mut at = 0;
        while at < candidates.len() {
            // Equals of the first key are taken together: the further keys decide among them.
            let value = candidates[at].value;
            let equals = candidates[at..].iter().take_while(|it| same(it.value, value)).count();
            if at + equals == candidates.len() && !exhausted {
                return None;
            }
            for candidate in &candidates[at..at + equals] {
                found.extend(self.runs(candidate));
            }
            if found.len() >= limit {
                break;
            }
            at += equals;
        }
        if found.len() < limit && !exhausted {
            return None;
        }
        found.sort_by(|a, b| in_order(self.by, a, b));
        found.truncate(limit);
        Some(found)
    }

    /// The runs, one an experiment, that a candidate stands for and that are chosen. An attempt that does
    /// not stand for its run, or does not have the value it was found by, stands for none: the run is
    /// found by another candidate.
    fn runs(&self, candidate: &Candidate) -> Vec<RunView> {
        let entries = oldest_first(candidate.entries.clone());
        let shown = self.shown(&entries);
        let fits = |run: &RunView| {
            run.attempt == candidate.attempt
                && same(self.value(run), candidate.value)
                && self.is_chosen(run)
        };
        shown.into_iter().filter(fits).collect()
    }

    /// A run as each experiment shows it.
    fn shown(&self, entries: &[Arc<Entry>]) -> Vec<RunView> {
        let experiments = self.said.experiments_of(entries);
        let view = |name: &String| self.ledger.run_view(&self.said, entries, &experiments, name);
        experiments.iter().filter_map(view).collect()
    }

    fn is_chosen(&self, run: &RunView) -> bool {
        match self.choice {
            Choice::Experiments(names) => names.is_empty() || names.contains(&run.experiment),
            Choice::Filter(filter) => filter.matches(run, &self.moment),
        }
    }

    /// The value of the first key of the order.
    fn value(&self, run: &RunView) -> Option<f64> {
        let started = Key::Attribute(Attribute::Started);
        let key = self.by.order.first().map_or(&started, |order| &order.key);
        match run.value(key)? {
            Value::Number(number) => Some(number).filter(|number| !number.is_nan()),
            Value::Time(time) => Some(time.microseconds() as f64),
            _ => None,
        }
    }

    /// Notes what the other runs of each run's cell tell.
    fn with_replicates(&self, mut found: Vec<RunView>) -> Result<Vec<RunView>, Error> {
        let mut cells: BTreeMap<CellId, BTreeMap<String, Vec<RunView>>> = BTreeMap::new();
        for run in &found {
            if let btree_map::Entry::Vacant(place) = cells.entry(run.cell) {
                let mut own: BTreeMap<String, Vec<RunView>> = BTreeMap::new();
                for entries in self.ledger.store.attempts_of_cell(run.cell)? {
                    for shown in self.shown(&oldest_first(entries)) {
                        own.entry(shown.experiment.clone()).or_default().push(shown);
                    }
                }
                for runs in own.values_mut() {
                    note_replicates(runs);
                }
                place.insert(own);
            }
        }
        for run in &mut found {
            let own = cells.get(&run.cell).and_then(|own| own.get(&run.experiment));
            let noted = own.into_iter().flatten().find(|it| it.id == run.id);
            run.replicates = noted.and_then(|it| it.replicates.clone());
        }
        Ok(found)
    }
}

/// Attempts in the order in which they started.
pub(super) fn oldest_first(mut entries: Vec<Arc<Entry>>) -> Vec<Arc<Entry>> {
    let key =
        |entry: &Arc<Entry>| -> (_, AttemptId) { (entry.attempt.started, entry.attempt.attempt) };
    entries.sort_by_key(key);
    entries
}

fn same(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        // A zero below zero is a zero to the index.
        (Some(a), Some(b)) => a.partial_cmp(&b) == Some(Ordering::Equal),
        (None, None) => true,
        _ => false,
    }
}
