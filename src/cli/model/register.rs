//! `fairledger model register`

use clap::Args;
use serde_json::json;

use crate::engine::{Error, Ledger, Registration};
use crate::ledger::registry::{EventKind, VersionId};

use super::super::annotate::key_value;
use super::super::exit::Exit;
use super::super::output::{self, line, note};

/// Make the model of a run a version of a registered model
///
/// The version pins the attempt, the model file by digest, metrics, params, the data by digest, and a
/// profile of the training rows, which monitors compare new data with. git carries the model file up to
/// 50 MiB from then on.
#[derive(Debug, Args)]
pub(super) struct Register {
    /// The registered model; made when there is none
    name: String,
    /// The run
    run: String,
    /// The file below artifacts/, where a command left it under another name than model.…
    #[arg(long, value_name = "PATH")]
    file: Option<String>,
    /// What is special about this version
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// A tag of this version
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = key_value)]
    tags: Vec<(String, String)>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Register {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let run = &ledger.find_run(&self.run)?;
        let said = |version: &VersionId| self.said(version);
        let done = ledger.register(&self.name, run, self.file.as_deref(), &said)?;
        if let Some(why) = &done.no_profile {
            note(format!("no profile of the training data, so no drift can be measured: {why}"));
        }
        if done.too_large {
            note(format!("git does not carry {}: it is over 50 MiB", done.file));
        }
        if self.json {
            output::json(&as_json(&done));
            return Ok(Exit::Done);
        }
        let Registration { name, number, version, .. } = &done;
        if done.is_new {
            line(format!(
                "registered {} ({}) as {name}/{number} ({version})",
                run.label, run.short
            ));
        } else {
            line(format!("{} ({}) is {name}/{number} ({version}) already", run.label, run.short));
        }
        line(format!("next: fairledger model alias {name}@champion {number}"));
        Ok(Exit::Done)
    }

    fn said(&self, version: &VersionId) -> Vec<EventKind> {
        let describe = self
            .description
            .iter()
            .map(|text| EventKind::Describe { version: Some(version.clone()), text: text.clone() });
        let tags = self.tags.iter().map(|(key, value)| EventKind::Tag {
            version: Some(version.clone()),
            key: key.clone(),
            value: value.clone(),
        });
        describe.chain(tags).collect()
    }
}

fn as_json(done: &Registration) -> serde_json::Value {
    json!({
        "name": done.name,
        "number": done.number,
        "version": done.version,
        "new": done.is_new,
        "file": done.file,
        "profile": done.no_profile.is_none(),
    })
}
