//! The model card of a version: Markdown with the front matter that the Hugging Face Hub reads.
//!
//! It says only what the version pins, so that two clones write the same bytes. Fields:
//! <https://huggingface.co/docs/hub/model-cards>, `model-index` as `huggingface_hub.ModelCard` reads it.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::version::{Version, VersionId};
use crate::ledger::number;

/// The card of a version.
pub fn card(version: &Version, id: &VersionId) -> String {
    let mut text = front_matter(version);
    let target = if version.target.is_empty() { "" } else { " that predicts " };
    let _ = writeln!(text, "# {}\n", version.name);
    let task = if version.task.is_empty() { "model" } else { &version.task };
    let _ = writeln!(
        text,
        "Version `{id}` of a {task} model{target}{}, made by `{}` version {}.\n",
        code(&version.target),
        version.trainer,
        version.trainer_version
    );
    uses(&mut text, version);
    training(&mut text, version);
    rows(&mut text, "Params", version.params.iter().map(|(name, value)| (name, value.to_string())));
    let metrics = version.metrics.iter();
    rows(&mut text, "Metrics", metrics.map(|(name, value)| (name, number::for_people(*value))));
    origin(&mut text, version);
    text
}

/// YAML of which every value is JSON, which is YAML too: nothing a user wrote can break out of it.
fn front_matter(version: &Version) -> String {
    let mut text = String::from("---\n");
    let mut line = |key: &str, value: Json| {
        let _ = writeln!(text, "{key}: {value}");
    };
    if !version.licence.is_empty() {
        line("license", json!(version.licence.to_lowercase()));
    }
    line("library_name", json!("fairledger"));
    let tags = ["tabular", version.task.as_str(), version.trainer.as_str()];
    let tags: Vec<&str> = tags.into_iter().filter(|tag| !tag.is_empty()).collect();
    line("tags", json!(tags));
    let pipeline = match version.task.as_str() {
        "regression" => Some("tabular-regression"),
        "classification" => Some("tabular-classification"),
        _ => None,
    };
    if let Some(pipeline) = pipeline {
        line("pipeline_tag", json!(pipeline));
    }
    line("model_name", json!(version.name));
    let finite = version.metrics.iter().filter(|(_, value)| value.is_finite());
    let metrics: Vec<Json> =
        finite.map(|(name, value)| json!({ "type": name, "name": name, "value": value })).collect();
    if !metrics.is_empty() {
        let data = version.data.as_ref().map_or("unknown", |data| data.path.as_str());
        let dataset = json!({ "type": "tabular", "name": data, "revision": version.data_digest });
        let task = json!({ "type": pipeline.unwrap_or("other") });
        let result = json!({ "task": task, "dataset": dataset, "metrics": metrics });
        line("model-index", json!([{ "name": version.name, "results": [result] }]));
    }
    text.push_str("---\n\n");
    text
}

fn uses(text: &mut String, version: &Version) {
    let columns: Vec<String> = version.features.iter().map(|name| code(name)).collect();
    if !columns.is_empty() {
        let _ = writeln!(text, "## Use\n\nIt needs the columns {}.\n", columns.join(", "));
        let _ = writeln!(text, "```sh\nfairledger predict {} --input new.csv\n```\n", version.name);
    }
}

fn training(text: &mut String, version: &Version) {
    let _ = writeln!(text, "## Training data\n");
    match &version.data {
        Some(data) => {
            let _ = writeln!(
                text,
                "{}, {} rows, SHA-256 `{}`. Digest of the columns in use: `{}`.\n",
                code(&data.path),
                data.rows,
                data.sha256,
                version.data_digest
            );
        }
        None => {
            let _ = writeln!(text, "Digest of the columns in use: `{}`.\n", version.data_digest);
        }
    }
}

fn rows<'a>(text: &mut String, title: &str, rows: impl Iterator<Item = (&'a String, String)>) {
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(text, "## {title}\n\n| name | value |\n|---|---|");
    for (name, value) in rows {
        let _ = writeln!(text, "| {} | {} |", code(name), code(&value));
    }
    text.push('\n');
}

fn origin(text: &mut String, version: &Version) {
    let Version { run, attempt, experiment, label, file, .. } = version;
    let _ = writeln!(
        text,
        "## Where it comes from\n\nRun `{run}` ({}) of the experiment {}, attempt `{attempt}`. Model file: {}, {} bytes, \
         SHA-256 `{}`.",
        code(label),
        code(experiment),
        code(&file.path),
        file.size,
        file.sha256
    );
    if !version.authors.is_empty() {
        let _ = writeln!(text, "\nAuthors: {}.", version.authors.join(", "));
    }
}

/// Text as code of a line of Markdown, in a table or outside.
fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let text = text.replace(['\n', '\r'], " ").replace('|', "\\|").replace('`', "'");
    format!("`{text}`")
}
