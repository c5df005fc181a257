//! What people and programs are told of a built-in model, from its declaration.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::model::{Bound, Kind, Model, Parameter, Task};

/// A built-in model. Its JSON is what `models --json` prints; fields are added, never renamed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelView {
    /// The name a spec uses.
    pub name: String,
    /// `regression`, `classification` or `clustering`.
    pub task: &'static str,
    /// Its version; part of a run's identity.
    pub version: i64,
    /// One line for people.
    pub summary: String,
    /// The parameters in the order they are documented.
    pub parameters: Vec<ParameterView>,
    /// The metrics a spec may name.
    pub metrics: Vec<String>,
    /// The metrics of a spec that names none.
    pub default_metrics: Vec<String>,
    /// The shortest spec that trains it, as TOML.
    pub spec: String,
}

/// A parameter of a model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ParameterView {
    /// Its name.
    pub name: String,
    /// The value it has when a spec does not name it.
    pub default: Json,
    /// The values it takes, in words.
    pub takes: String,
    /// The values it takes, as JSON Schema. Where it takes counts and shares, a whole number is a count.
    pub schema: Json,
    /// One sentence for people.
    pub summary: String,
}

impl ModelView {
    /// A model as it is shown, with the metrics of its task.
    pub fn new(model: &Model, metrics: &[&str], default_metrics: &[&str]) -> Self {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            name: model.name.to_owned(),
            task: model.task.word(),
            version: model.version,
            summary: model.summary.to_owned(),
            parameters: model.parameters.iter().map(ParameterView::new).collect(),
            metrics: owned(metrics),
            default_metrics: owned(default_metrics),
            spec: spec(model),
        }
    }
}

impl ParameterView {
    fn new(parameter: &Parameter) -> Self {
        let kinds: Vec<Json> = parameter.kinds.iter().map(schema).collect();
        let schema = match &kinds[..] {
            [one] => one.clone(),
            _ => json!({ "anyOf": kinds }),
        };
        Self {
            name: parameter.name.to_owned(),
            default: serde_json::to_value(parameter.default.value()).unwrap_or_default(),
            takes: parameter.describe(),
            schema,
            summary: parameter.summary.to_owned(),
        }
    }
}

/// A kind of value as JSON Schema.
fn schema(kind: &Kind) -> Json {
    match kind {
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Integer(low, high) => {
            let mut schema = json!({ "type": "integer" });
            if *low != i64::MIN {
                schema["minimum"] = json!(low);
            }
            if *high != i64::MAX {
                schema["maximum"] = json!(high);
            }
            schema
        }
        Kind::Float(low, high) => {
            let mut schema = json!({ "type": "number" });
            let ends =
                [(low, "minimum", "exclusiveMinimum"), (high, "maximum", "exclusiveMaximum")];
            for (end, included, excluded) in ends {
                match end {
                    Bound::Included(value) => schema[included] = json!(value),
                    Bound::Excluded(value) => schema[excluded] = json!(value),
                    Bound::None => {}
                }
            }
            schema
        }
        Kind::Word(words) => json!({ "enum": words }),
    }
}

/// The shortest spec that trains a model.
fn spec(model: &Model) -> String {
    let data = match model.task {
        Task::Regression => "path = \"data/housing.csv\"\ntarget = \"price\"",
        Task::Classification => "path = \"data/iris.csv\"\ntarget = \"species\"",
        Task::Clustering => {
            "path = \"data/iris.csv\"\nfeatures = [\"petal_length\", \"petal_width\"]"
        }
    };
    format!("[data]\n{data}\n\n[train]\nmodel = \"{}\"\n", model.name)
}

#[cfg(test)]
mod tests;
