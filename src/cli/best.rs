//! `fairledger best`

use clap::Args;

use crate::engine::{Error, Ledger, best_of, find_experiment};
use crate::ledger::number;

use super::exit::Exit;
use super::output::{self, line};

/// Show the best finished run of an experiment by its goal
#[derive(Debug, Args)]
pub(super) struct Best {
    /// The experiment
    experiment: String,
    /// Another metric than the goal's
    #[arg(long)]
    metric: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Best {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let view = ledger.view()?;
        let experiment = find_experiment(&view, &self.experiment)?;
        let run = best_of(experiment, self.metric.as_deref())?;
        if self.json {
            output::json(run);
            return Ok(Exit::Done);
        }
        let metric = self.metric.as_deref().unwrap_or(&experiment.goal.metric);
        let value = run.metrics.get(metric).copied().unwrap_or(f64::NAN);
        line(format!("{} ({})  {metric} {}", run.label, run.short, number::for_people(value)));
        let params =
            run.params.iter().map(|(name, value)| format!("{name}={}", super::show::text(value)));
        line(params.collect::<Vec<_>>().join(" "));
        line(format!("next: fairledger show {}", run.short));
        Ok(Exit::Done)
    }
}
