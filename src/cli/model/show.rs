//! `fairledger model list` and `fairledger model show`

use clap::Args;

use crate::engine::{Error, Ledger, count};
use crate::ledger::number::{self, bytes_for_people};
use crate::ledger::registry::{ModelView, Pick, Reference, VersionView};

use super::super::exit::Exit;
use super::super::output::{self, Align, line, note};
use super::super::show::{pairs, text};

/// List the registered models
#[derive(Debug, Args)]
pub(super) struct List {
    /// Deleted ones too
    #[arg(long)]
    all: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl List {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let mut models = ledger.registered_models()?;
        models.retain(|model| self.all || model.deleted.is_none());
        if self.json {
            output::json(&models);
            return Ok(Exit::Done);
        }
        let Some(first) = models.first() else {
            line("No model is registered.\nnext: fairledger model register NAME RUN");
            return Ok(Exit::Done);
        };
        let columns = [
            ("model", Align::Left),
            ("versions", Align::Right),
            ("newest", Align::Left),
            ("aliases", Align::Left),
            ("description", Align::Left),
        ];
        output::table(&columns, models.iter().map(row).collect());
        line(format!("next: fairledger model show {}", first.name));
        Ok(Exit::Done)
    }
}

fn row(model: &ModelView) -> Vec<String> {
    let live: Vec<_> = model.versions.iter().filter(|it| it.deleted.is_none()).collect();
    let newest = live.last().map_or_else(String::new, |it| format!("{} ({})", it.label, it.short));
    let aliases = model.aliases.iter().map(|(alias, number)| format!("@{alias} → {number}"));
    let description = model.description.lines().next().unwrap_or_default().to_owned();
    let name = if model.deleted.is_some() { " (deleted)" } else { "" };
    vec![
        format!("{}{name}", model.name),
        live.len().to_string(),
        newest,
        aliases.collect::<Vec<_>>().join(", "),
        description,
    ]
}

/// Show a registered model with its versions, or one version
#[derive(Debug, Args)]
pub(super) struct Show {
    /// NAME, or NAME/3 or NAME@alias for one version
    model: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let reference = Reference::parse(&self.model);
        let model = ledger.registered_model(&reference.name, None)?;
        if reference.pick == Pick::Newest {
            if self.json {
                output::json(&model);
            } else {
                whole(&model);
            }
            return Ok(Exit::Done);
        }
        let number = ledger.version_number(&reference)?;
        let Some(version) = model.versions.iter().find(|version| version.number == number) else {
            model.unreadable.iter().for_each(|text| note(format!("error: {text}")));
            return Ok(Exit::Damage);
        };
        if self.json {
            output::json(version);
        } else {
            one(&model, version);
        }
        Ok(Exit::Done)
    }
}

fn whole(model: &ModelView) {
    let deleted = if model.deleted.is_some() { ", deleted" } else { "" };
    line(format!("{}, {}{deleted}", model.name, count(model.versions.len(), "version")));
    if !model.description.is_empty() {
        line(&model.description);
    }
    pairs("tags", model.tags.iter().map(|(name, value)| (name.clone(), value.clone())));
    line("");
    let metrics: Vec<&String> = listed(model);
    let mut columns = vec![
        ("version", Align::Right),
        ("aliases", Align::Left),
        ("run", Align::Left),
        ("registered", Align::Left),
    ];
    columns.extend(metrics.iter().map(|name| (name.as_str(), Align::Right)));
    columns.push(("description", Align::Left));
    let rows = model.versions.iter().rev().map(|version| {
        let aliases: Vec<String> = version.aliases.iter().map(|it| format!("@{it}")).collect();
        let mut row = vec![
            version.number.to_string(),
            aliases.join(", "),
            format!("{} ({})", version.label, version.short),
            version.registered.minute(),
        ];
        let value = |name: &&String| version.metrics.get(*name).copied().map(number::for_people);
        row.extend(metrics.iter().map(|name| value(name).unwrap_or_else(|| "—".into())));
        let deleted = if version.deleted.is_some() { "deleted " } else { "" };
        row.push(format!("{deleted}{}", version.description));
        row
    });
    output::table(&columns, rows.collect());
    for text in model.merged.iter().chain(&model.unreadable) {
        line(text);
    }
    line(format!(
        "\nnext: fairledger model alias {}@champion VERSION, or fairledger model history {0}",
        model.name
    ));
}

/// The metrics of the versions that were taken on test rows, at most four.
fn listed(model: &ModelView) -> Vec<&String> {
    let mut names: Vec<&String> = Vec::new();
    for name in model.versions.iter().rev().flat_map(|version| version.metrics.keys()) {
        if crate::ledger::metric::is_listed(name) && !name.contains('_') && !names.contains(&name) {
            names.push(name);
        }
    }
    names.truncate(4);
    names
}

fn one(model: &ModelView, version: &VersionView) {
    let aliases: Vec<String> = version.aliases.iter().map(|it| format!(" @{it}")).collect();
    let deleted = if version.deleted.is_some() { ", deleted" } else { "" };
    line(format!(
        "{}/{} ({}){}{deleted}",
        model.name,
        version.number,
        version.version,
        aliases.concat()
    ));
    if !version.description.is_empty() {
        line(&version.description);
    }
    pairs("tags", version.tags.iter().map(|(name, value)| (name.clone(), value.clone())));
    let metrics = version.metrics.iter();
    pairs("metrics", metrics.map(|(name, value)| (name.clone(), number::for_people(*value))));
    pairs("params", version.params.iter().map(|(name, value)| (name.clone(), text(value))));
    let data = version.data.as_ref().map_or_else(
        || "—".to_owned(),
        |data| format!("{}, {} rows, blake3 {}", data.path, data.rows, data.blake3),
    );
    let file = &version.file;
    let entries = [
        ("registered", version.registered.minute()),
        ("run", format!("{} ({}) in {}", version.label, version.short, version.experiment)),
        ("attempt", version.attempt.to_string()),
        ("trainer", version.trainer.clone()),
        ("file", format!("{}/{}", version.directory, file.path)),
        ("size", format!("{}, {}", bytes_for_people(file.size), version.state.word())),
        ("blake3", file.blake3.to_string()),
        ("sha256", file.sha256.clone()),
        ("data", data),
        ("columns digest", version.data_digest.to_string()),
        ("profile", if version.profile { "yes" } else { "none: the data was not here" }.to_owned()),
    ];
    pairs("pinned", entries.into_iter().map(|(name, value)| (name.to_owned(), value)));
    let (name, number) = (&model.name, version.number);
    line(format!("\nnext: fairledger predict {name}/{number} --input FILE"));
}
