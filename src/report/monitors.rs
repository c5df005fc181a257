//! What monitors found: the alerts that hold now.

use crate::ledger::monitor::{ALERT, EVALUATED, TRAINER};
use crate::ledger::time::Timestamp;
use crate::ledger::view::{ExperimentView, LedgerView, RunView};

use super::table::{Cell, Table};
use super::{runs, text};

/// The evaluation that the data and the model of a monitor last led to; `None` where an experiment is
/// no monitor's.
fn current(experiment: &ExperimentView) -> Option<&RunView> {
    let when = |run: &RunView| run.tags.get(EVALUATED)?.parse::<Timestamp>().ok();
    let evaluations = experiment.runs.iter().filter(|run| run.trainer == TRAINER);
    let known = evaluations.filter_map(|run| Some(((when(run)?, run.id), run)));
    known.max_by_key(|(key, _)| *key).map(|(_, run)| run)
}

/// What evaluates the monitor of an evaluation again.
pub(super) fn command(run: &RunView) -> String {
    let name = run.spec.strip_suffix(".toml").unwrap_or(&run.spec);
    format!("fairledger monitor run {}", text::shell_word(name))
}

/// A line for each monitor whose data and model, as they are now, are an alert; `None` when none are.
pub(super) fn alerts(ledger: &LedgerView, root: &str) -> Option<Table> {
    let mut table =
        Table::new("Alerts").text("evaluation").text("monitor").text("why").text("since");
    let mut any = false;
    for experiment in &ledger.experiments {
        let Some(run) = current(experiment) else { continue };
        let Some(why) = run.tags.get(ALERT) else { continue };
        let monitor = run.tags.get("monitor").map_or(experiment.name.as_str(), String::as_str);
        let page = super::path::experiment(&experiment.name);
        let cells = vec![
            Cell::text(monitor).link(root, &page),
            Cell::text(why).class("bad"),
            Cell::text(run.started.minute()),
        ];
        table.row(runs::name(run, root), cells);
        any = true;
    }
    any.then_some(table)
}

#[cfg(test)]
mod tests {
    use super::super::{experiment, run_tables, sample};
    use super::*;

    #[test]
    fn an_evaluation_is_made_again_by_its_monitor() {
        let mut run = sample::experiment().runs.remove(0);
        assert!(run_tables::command(&run).starts_with("fairledger run --force experiments/"));
        (run.trainer, run.spec) = (TRAINER.into(), "worried.toml".into());
        assert_eq!(run_tables::command(&run), "fairledger monitor run worried");
        let evaluated = ExperimentView { runs: vec![run], ..sample::experiment() };
        let commands = experiment::commands(&evaluated);
        assert_eq!(commands, ["fairledger monitor run worried", "fairledger best housing"]);
    }
}
