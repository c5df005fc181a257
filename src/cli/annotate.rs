//! `fairledger tag` and `fairledger note`

use clap::Args;

use crate::engine::{Error, Ledger};
use crate::ledger::annotation::AnnotationKind;

use super::exit::Exit;
use super::output::{line, note};

/// Put tags on a run; an empty value removes one
#[derive(Debug, Args)]
pub(super) struct Tag {
    /// The run
    run: String,
    /// Tags as key=value
    #[arg(required = true, value_name = "KEY=VALUE", value_parser = key_value)]
    tags: Vec<(String, String)>,
}

/// Reads `key=value`.
pub(super) fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => {
            Ok((key.trim().into(), value.trim().into()))
        }
        _ => Err("write key=value".into()),
    }
}

impl Tag {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let run = ledger.find_run(&self.run)?;
        let tags = self.tags.iter();
        ledger.annotate(
            &run,
            tags.map(|(key, value)| AnnotationKind::Tag { key: key.clone(), value: value.clone() }),
        )?;
        line(format!("tagged {} ({})", run.label, run.short));
        line(format!("next: fairledger show {}", run.short));
        Ok(Exit::Done)
    }
}

/// Add a note to a run
#[derive(Debug, Args)]
pub(super) struct Note {
    /// The run
    run: String,
    /// The note
    #[arg(required = true)]
    text: Vec<String>,
}

impl Note {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let run = ledger.find_run(&self.run)?;
        let text = self.text.join(" ");
        if text.trim().is_empty() {
            note("error: the note is empty");
            return Ok(Exit::Error);
        }
        ledger.annotate(&run, [AnnotationKind::Note { text }])?;
        line(format!("noted on {} ({})", run.label, run.short));
        line(format!("next: fairledger show {}", run.short));
        Ok(Exit::Done)
    }
}
