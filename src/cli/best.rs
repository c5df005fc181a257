//! `fairledger best`

use clap::Args;
use serde_json::json;

use crate::engine::{Best as Found, BestOf, Error, Ledger};
use crate::ledger::number;
use crate::ledger::selection::{CROSS_VALIDATED, Lead, Ranked, Selection};
use crate::ledger::view::RunView;

use super::exit::Exit;
use super::output::{self, line};

/// Show the best finished run of an experiment by its goal, or of a spec's sweep
///
/// The runs of a spec that cross-validates are ranked by the mean over the folds, all others by the
/// test score. Runs that differ in nothing but the seed are ranked by their mean.
#[derive(Debug, Args)]
pub(super) struct Best {
    /// The experiment, or a spec such as housing/tuning.toml
    #[arg(value_name = "EXPERIMENT|SPEC")]
    what: String,
    /// Only among the runs that meet a filter such as `params.max_depth <= 10`; `order by METRIC [desc]`
    /// at its end ranks by that metric
    #[arg(value_name = "FILTER")]
    filter: Vec<String>,
    /// Another metric than the goal's
    #[arg(long)]
    metric: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Best {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let filter = self.filter.join(" ");
        let of = BestOf { what: &self.what, filter: &filter, metric: self.metric.as_deref() };
        let best = ledger.best(of)?;
        let run = &best.run;
        if self.json {
            let mut run = run.clone();
            ledger.complete(&mut run)?;
            ledger.note_cell(&mut run)?;
            output::json(&json(&best, &run));
            return Ok(Exit::Done);
        }
        head(&best);
        show(&best.selection, run);
        close(&best);
        line(format!("next: fairledger show {}", run.short));
        Ok(Exit::Done)
    }
}

/// What was compared, for a spec.
fn head(best: &Found) {
    let Some(spec) = &best.spec else { return };
    let selection = &best.selection;
    line(format!(
        "{}/{}: {} of {} finished, {}ranked by {} ({} is better)",
        spec.experiment,
        spec.file,
        best.finished,
        crate::engine::count(best.asked, "run"),
        if best.last_rung { "those of the last rung " } else { "" },
        selection.metric,
        super::show::better(selection.direction),
    ));
}

/// The winner: its label, what it measured, its params.
fn show(selection: &Selection, run: &RunView) {
    let Some(winner) = selection.cells.first() else { return };
    let metric = &selection.metric;
    let mut words = vec![format!("{} ({})  {metric} {}", run.label, run.short, value(winner))];
    if let Some(deviation) = selection.deviation {
        words.push(format!("deviation {} over the folds", number::for_people(deviation)));
    }
    let tested = metric.strip_prefix(CROSS_VALIDATED);
    if let Some((name, test)) = tested.and_then(|name| Some((name, run.metrics.get(name)?))) {
        words.push(format!("{name} {} on the test part", number::for_people(*test)));
    }
    line(words.join(", "));
    let params =
        run.params.iter().map(|(name, value)| format!("{name}={}", super::show::text(value)));
    line(params.collect::<Vec<_>>().join(" "));
}

/// A cell's mean: with the number of seeds and the confidence interval where there is more than one.
fn value(cell: &Ranked) -> String {
    let summary = &cell.summary;
    if summary.count == 1 {
        return summary.for_people();
    }
    format!("{} (mean of {} seeds, 95 % interval)", summary.for_people(), summary.count)
}

/// What stands close to the winner, and whether its lead is more than noise.
fn close(best: &Found) {
    let selection = &best.selection;
    if let Some(within) = selection.within_one_deviation {
        let others = selection.cells.len() - 1;
        let words = format!("{within} of the other {others} lie within one deviation of it");
        let first = selection.first_within.as_ref().filter(|_| best.spec.is_some());
        line(match first {
            Some(first) => {
                let named = format!("{} ({})", first.label, first.run.short());
                format!("{words}, first in the spec's order: {named}")
            }
            None => words,
        });
    }
    if let Some(lead) = &selection.lead {
        line(in_words(lead));
    }
    if best.spec.is_some() && !selection.cross_validated && selection.cells.len() > 1 {
        line("chosen by the test score, which flatters the winner; [evaluate] cv = 5 would not");
    }
}

fn in_words(lead: &Lead) -> String {
    format!(
        "lead over {} ({}): {}, {}",
        lead.over.label,
        lead.over.run.short(),
        number::for_people(lead.difference),
        lead.noise.words()
    )
}

/// The run as `show --json` prints it, with the selection beside.
fn json(best: &Found, run: &RunView) -> serde_json::Value {
    let mut value = serde_json::to_value(run).unwrap_or_default();
    let mut selection = serde_json::to_value(&best.selection).unwrap_or_default();
    if let Some(fields) = selection.as_object_mut() {
        fields.insert("asked".into(), json!(best.asked));
        fields.insert("finished".into(), json!(best.finished));
        fields.insert("last_rung".into(), json!(best.last_rung));
        let path = best.spec.as_ref().map(crate::engine::SpecName::path);
        fields.insert("spec".into(), json!(path));
    }
    if let Some(fields) = value.as_object_mut() {
        fields.insert("selection".into(), selection);
    }
    value
}
