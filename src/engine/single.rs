//! One file that tells of chosen runs.

use crate::ledger::filter::Filter;
use crate::ledger::view::LedgerView;
use crate::report::{Single, SingleForm, Site, Theme};

use super::error::Error;
use super::importance::measure;
use super::ledger::Ledger;
use super::listing::{Choice, in_order};
use super::views::best;

/// Which runs a file tells of, and how.
#[derive(Clone, Copy, Debug, Default)]
pub struct SingleOf<'a> {
    /// Names of experiments, else the words of a filter; none for all runs.
    pub words: &'a [String],
    /// At most so many of each experiment.
    pub top: Option<usize>,
    /// What is shown.
    pub form: SingleForm,
}

impl Ledger {
    /// One HTML file that needs no other and tells of the runs that some words choose: best first by the
    /// goal of each experiment, or as the filter says after `order by`. `None` when no run is chosen.
    ///
    /// # Errors
    /// When the filter cannot be read, or one word alone is nearly the name of an experiment.
    pub fn single_report(&self, asked: SingleOf<'_>) -> Result<Option<Vec<u8>>, Error> {
        let choice = self.choice(asked.words)?;
        let mut experiments = self.chosen(&choice)?;
        experiments.retain(|experiment| !experiment.runs.is_empty());
        let order = match choice {
            Choice::Filter(filter) => filter.order,
            Choice::Experiments(_) => Vec::new(),
        };
        let by = Filter::ordered(order);
        for experiment in &mut experiments {
            experiment.best = best(&experiment.runs, &experiment.goal);
            if !by.order.is_empty() {
                experiment.runs.sort_by(|a, b| in_order(&by, a, b));
            }
        }
        if experiments.is_empty() {
            return Ok(None);
        }
        if asked.form == SingleForm::Report {
            measure(&mut experiments);
        }
        let chosen = asked.words.join(" ");
        let single = Single {
            chosen: &chosen,
            top: asked.top,
            ordered: !by.order.is_empty(),
            form: asked.form,
        };
        let view = LedgerView { experiments, ..self.empty_view() };
        Ok(Some(Site::new(&Theme::new())?.single(&view, &single)?.bytes))
    }
}
