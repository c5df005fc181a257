//! A sealed attempt as one text of the index.

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::ledger::attempt::Attempt;
use crate::ledger::id::CellId;
use crate::ledger::layout::AttemptPath;
use crate::ledger::manifest::Manifest;
use crate::ledger::request::Request;

use super::entry::Entry;
use super::recorder::params_text;

/// JSON reads several times faster than TOML but has no NaN and no dates; an attempt it cannot hold is kept
/// as the texts of its files.
#[derive(Serialize, Deserialize)]
enum Record {
    Values { attempt: Box<Attempt>, params: Table, cell: CellId, manifest: Manifest },
    Texts { run: String, params: String, manifest: Manifest },
}

/// Writes an attempt, in a form that reads back equal.
pub(super) fn write(entry: &Entry) -> Option<String> {
    let Entry { attempt, request, manifest, .. } = entry;
    let manifest = manifest.clone();
    let record = if is_json(entry) {
        let attempt = Box::new(attempt.clone());
        let (params, cell) = (request.parts().clone(), request.cell());
        Record::Values { attempt, params, cell, manifest }
    } else {
        let (run, params) = (attempt.to_text().ok()?, params_text(request).ok()?);
        Record::Texts { run, params, manifest }
    };
    serde_json::to_string(&record).ok()
}

/// Whether JSON holds every value of an attempt.
fn is_json(entry: &Entry) -> bool {
    let Attempt { metrics, timings, model, other, .. } = &entry.attempt;
    let tables = [model, other, entry.request.parts()];
    metrics.values().chain(timings.values()).all(|number| number.is_finite())
        && tables.into_iter().flat_map(Table::values).all(is_json_value)
}

fn is_json_value(value: &Value) -> bool {
    match value {
        Value::Float(number) => number.is_finite(),
        Value::Datetime(_) => false,
        Value::Array(items) => items.iter().all(is_json_value),
        Value::Table(table) => table.values().all(is_json_value),
        Value::String(_) | Value::Integer(_) | Value::Boolean(_) => true,
    }
}

/// Reads an attempt; `None` when the text is none that [`write`] made.
pub(super) fn read(place: &AttemptPath, text: &str) -> Option<Entry> {
    match serde_json::from_str(text).ok()? {
        Record::Values { attempt, params, cell, manifest } => Some(Entry {
            experiment: place.experiment.clone(),
            directory: place.directory(),
            attempt: *attempt,
            request: Request::known(params, place.run, cell),
            manifest,
        }),
        Record::Texts { run, params, manifest } => {
            Entry::from_texts(place, &run, &params, manifest).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn attempt(extra: &str) -> Attempt {
        let text = format!(
            "format = 1\nrun = \"{}\"\nattempt = \"01ARZ3NDEKTSV4RRFFQ69G5FAV\"\nstatus = \"finished\"\n\
             label = \"a\"\nspec = \"s.toml\"\nstarted = \"2026-01-01T00:00:00Z\"\n\
             ended = \"2026-01-01T00:00:00Z\"\n{extra}\n\
             [host]\nname = \"h\"\ntarget = \"t\"\ncores = 1\n",
            "0".repeat(32)
        );
        Attempt::from_text(&text).unwrap()
    }

    /// An attempt as the index gives it back.
    fn kept(attempt: Attempt, params: &str) -> (Entry, Entry) {
        let request = Request::from_table(params.parse().unwrap()).unwrap();
        let attempt = Attempt { run: request.id(), ..attempt };
        let place =
            AttemptPath { experiment: "e".into(), run: attempt.run, attempt: attempt.attempt };
        let manifest =
            Manifest { format: 1, run: place.run, attempt: place.attempt, files: Vec::new() };
        let (experiment, directory) = (place.experiment.clone(), place.directory());
        let entry = Entry { experiment, directory, attempt, request, manifest };
        let read = read(&place, &write(&entry).unwrap()).unwrap();
        (entry, read)
    }

    #[test]
    fn an_attempt_that_json_cannot_hold_is_kept_too() {
        for (extra, params) in [
            ("later = 2026-01-01T00:00:00Z", "seed = 1"),
            ("later = [1, { a = inf }]", "seed = 1"),
            ("later = 1", "seed = 1\nparams = { since = 2026-01-01 }"),
            ("[metrics]\nloss = inf", "seed = 1"),
            ("[timings]\nfit = 0.1\n[model]\ntrees = 3", "seed = -9223372036854775808"),
        ] {
            let (entry, read) = kept(attempt(extra), params);
            assert_eq!(read, entry, "{extra} {params}");
        }
        let (entry, read) = kept(attempt("[metrics]\nloss = nan"), "seed = 1");
        assert!(read.attempt.metrics["loss"].is_nan() && read.request == entry.request);
    }

    proptest! {
        #[test]
        fn every_number_reads_back_to_the_bit(number in any::<f64>(), whole in any::<i64>()) {
            let mut attempt = attempt("");
            attempt.metrics.insert("loss".into(), number);
            attempt.model.insert("n".into(), Value::Integer(whole));
            attempt.model.insert("x".into(), Value::Float(number));
            let (entry, read) = kept(attempt, "seed = 1");
            prop_assert_eq!(read.attempt.metrics["loss"].to_bits() == number.to_bits() || number.is_nan(), true);
            prop_assert_eq!(&read.attempt.model["n"], &entry.attempt.model["n"]);
        }
    }
}
