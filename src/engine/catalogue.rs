//! The built-in models as they are shown. No ledger is needed to look at them.

use crate::ledger::model_view::ModelView;
use crate::ledger::problem::nearest;
use crate::train;

/// The built-in models, in the order of their declaration.
pub fn models() -> Vec<ModelView> {
    let shown = train::models().iter().map(|model| {
        ModelView::new(model, train::metrics(model.task), train::default_metrics(model.task))
    });
    shown.collect()
}

/// The built-in model of a name.
///
/// # Errors
/// The nearest name, or all of them, in words.
pub fn model(name: &str) -> Result<ModelView, String> {
    let mut models = models();
    if let Some(at) = models.iter().position(|model| model.name == name) {
        return Ok(models.swap_remove(at));
    }
    let names: Vec<&str> = models.iter().map(|model| model.name.as_str()).collect();
    Err(match nearest(name, names.iter().copied()) {
        Some(near) => format!("there is no such model; did you mean '{near}'?"),
        None => format!("there is no such model; the models are {}", names.join(", ")),
    })
}
