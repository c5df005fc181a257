//! The best run of a whole experiment, ranked by what the index tells of its runs: of hundreds of thousands
//! only the winner is read.

use std::sync::Arc;

use crate::ledger::attempt::Status;
use crate::ledger::filter::{Filter, metric_alias};
use crate::ledger::layout;
use crate::ledger::metric::{Direction, deviation_of};
use crate::ledger::selection::select;
use crate::ledger::view::{GoalView, RunView};
use crate::store::Entry;

use super::best::{Best, BestOf};
use super::entrant::Entrant;
use super::error::Error;
use super::find;
use super::ledger::Ledger;
use super::search::oldest_first;
use super::views::{Said, declared};

impl Ledger {
    /// The best run of an experiment that declares a goal, without a filter; `None` where more must be read
    /// to say, or to say why there is none.
    pub(super) fn best_by_index(&self, of: BestOf<'_>) -> Result<Option<Best>, Error> {
        let names = self.store.experiments()?;
        let filter = Filter::parse(of.filter)?;
        let Ok(name) = find::name(&names, of.what) else { return Ok(None) };
        let Some(goal) = self.experiment(name).0.goal.map(declared) else { return Ok(None) };
        if filter.has_condition() || !filter.order.is_empty() {
            return Ok(None);
        }
        let goal = match of.metric {
            None => goal,
            Some(metric) if metric_alias(metric).is_some() => return Ok(None),
            Some(metric) => {
                let direction = Direction::of(metric).unwrap_or(goal.direction);
                GoalView::of(metric.to_owned(), Some(direction))
            }
        };
        self.store.catch_up()?;
        let said = self.said()?;
        let deviation = deviation_of(&goal.metric);
        let mut entrants = self.entrants(&said, name, [&goal.metric, &deviation])?;
        // Of equals the earliest is best.
        entrants.sort_by_key(|entrant| entrant.begun);
        let Some(selection) = select(&entrants, &goal.metric, goal.direction) else {
            return Ok(None);
        };
        let Some(winner) = selection.cells.first().map(|cell| cell.named.run) else {
            return Ok(None);
        };
        let entries = oldest_first(self.store.attempts_known_of(winner)?);
        let Some(run) = self.shown_in(&said, &entries, name) else { return Ok(None) };
        let finished = entrants.iter().filter(|it| it.status == Status::Finished).count();
        let (asked, last_rung) = (entrants.len(), false);
        Ok(Some(Best { spec: None, asked, finished, last_rung, selection, run }))
    }

    /// The runs of an experiment. Only those that an annotation or a second attempt tells more of are read.
    fn entrants<'a>(
        &self,
        said: &Said,
        experiment: &str,
        metrics: [&'a str; 2],
    ) -> Result<Vec<Entrant<'a>>, Error> {
        let below = format!("{}/", layout::runs(experiment));
        let standings = self.store.standings(metrics)?;
        let mut entrants = Vec::new();
        for attempts in standings.chunk_by(|a, b| a.run == b.run) {
            let run = attempts[0].run;
            let own = attempts.iter().any(|attempt| attempt.directory.starts_with(&below));
            let more = attempts.len() > 1 || said.tells_more_of(experiment, run);
            match (more, attempts[0].seed) {
                (false, Some(seed)) if own => {
                    entrants.push(Entrant::plain(&attempts[0], seed, metrics));
                }
                (true, _) => {
                    let entries = oldest_first(self.store.attempts_known_of(run)?);
                    let shown = self.shown_in(said, &entries, experiment);
                    entrants.extend(shown.map(|run| Entrant::of(&run, metrics)));
                }
                (false, _) => {}
            }
        }
        Ok(entrants)
    }

    /// A run as an experiment shows it; `None` when it does not.
    fn shown_in(&self, said: &Said, entries: &[Arc<Entry>], experiment: &str) -> Option<RunView> {
        let experiments = said.experiments_of(entries);
        let lists = experiments.iter().any(|name| name == experiment);
        lists.then(|| self.run_view(said, entries, &experiments, experiment)).flatten()
    }
}
