//! A sealed attempt as one text of the index.

use serde::{Deserialize, Serialize};
use toml::Table;

use crate::ledger::attempt::Attempt;
use crate::ledger::layout::AttemptPath;
use crate::ledger::manifest::Manifest;
use crate::ledger::request::Request;

use super::entry::Entry;
use super::recorder::params_text;

/// JSON reads several times faster than TOML but has no NaN; an attempt it cannot hold is kept as the
/// texts of its files.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Record {
    Values { attempt: Box<Attempt>, params: Table, manifest: Manifest },
    Texts { run: String, params: String, manifest: Manifest },
}

/// Writes an attempt, in a form that is known to read back equal.
pub(super) fn write(entry: &Entry) -> Option<String> {
    let values = Record::Values {
        attempt: Box::new(entry.attempt.clone()),
        params: entry.request.parts().clone(),
        manifest: entry.manifest.clone(),
    };
    let place = AttemptPath::parse(&entry.directory)?;
    let text = serde_json::to_string(&values).ok();
    if let Some(text) = text
        && read(&place, &text).as_ref() == Some(entry)
    {
        return Some(text);
    }
    let texts = Record::Texts {
        run: entry.attempt.to_text().ok()?,
        params: params_text(&entry.request).ok()?,
        manifest: entry.manifest.clone(),
    };
    serde_json::to_string(&texts).ok()
}

/// Reads an attempt; `None` when the text is none that [`write`] made.
pub(super) fn read(place: &AttemptPath, text: &str) -> Option<Entry> {
    match serde_json::from_str(text).ok()? {
        Record::Values { attempt, params, manifest } => Some(Entry {
            experiment: place.experiment.clone(),
            directory: place.directory(),
            attempt: *attempt,
            request: Request::from_table(params).ok()?,
            manifest,
        }),
        Record::Texts { run, params, manifest } => {
            Entry::from_texts(place, &run, &params, manifest).ok()
        }
    }
}
