//! `model.toml`: what a person may write about a registered model.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// `model.toml`. The program writes format and name, the same bytes in every clone; the rest is for people.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    /// Version of the file format; 1.
    pub format: i64,
    /// The model's name, that of its folder.
    pub name: String,
    /// What the model is for; `fairledger model describe` says it over this.
    #[serde(default)]
    pub description: String,
    /// Tags; those of `fairledger model tag` stand over these.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

impl ModelConfig {
    /// The text of a new `model.toml`.
    pub fn new_text(name: &str) -> String {
        format!("format = 1\nname = {}\n", toml::Value::String(name.to_owned()))
    }
}
