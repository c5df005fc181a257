//! `fairledger models`

use clap::Args;

use crate::engine;
use crate::ledger::model_view::{ModelView, ParameterView};

use super::exit::Exit;
use super::output::{self, Align, line};

/// List the built-in models, or document the params of one
#[derive(Debug, Args)]
pub(super) struct Models {
    /// The model to document
    #[arg(value_parser = engine::find_model)]
    model: Option<ModelView>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Models {
    pub(super) fn execute(&self) -> Exit {
        match (&self.model, self.json) {
            (Some(model), true) => output::json(model),
            (Some(model), false) => show(model),
            (None, true) => output::json(&engine::models()),
            (None, false) => list(&engine::models()),
        }
        Exit::Done
    }
}

/// Writes a table a task.
fn list(models: &[ModelView]) {
    let mut tasks: Vec<&str> = Vec::new();
    for model in models {
        if !tasks.contains(&model.task) {
            tasks.push(model.task);
        }
    }
    for task in tasks {
        let own = models.iter().filter(|model| model.task == task);
        let rows = own.map(|model| vec![model.name.clone(), model.summary.clone()]).collect();
        output::table(&[(task, Align::Left), ("", Align::Left)], rows);
        line("");
    }
    if let Some(first) = models.first() {
        line(format!("next: fairledger models {}", first.name));
    }
}

fn show(model: &ModelView) {
    line(format!("{}, {}, version {}", model.name, model.task, model.version));
    line(&model.summary);
    line("\nparams with their defaults");
    if model.parameters.is_empty() {
        line("  none");
    }
    model.parameters.iter().for_each(parameter);
    if !model.metrics.is_empty() {
        let is_default = |name: &String| model.default_metrics.contains(name);
        let (usual, more): (Vec<String>, Vec<String>) =
            model.metrics.iter().cloned().partition(is_default);
        line("\nmetrics");
        line(format!("  {}", usual.join(", ")));
        if !more.is_empty() {
            line(format!("  when asked: {}", more.join(", ")));
        }
    }
    line("\nthe shortest spec");
    model.spec.lines().for_each(|text| line(format!("  {text}").trim_end()));
    line("\nnext: save it as experiments/NAME/SPEC.toml, then fairledger run");
}

fn parameter(parameter: &ParameterView) {
    line(format!("  {} = {}", parameter.name, parameter.default));
    line(format!("      {}", parameter.summary));
    line(format!("      Takes {}.", parameter.takes));
}
