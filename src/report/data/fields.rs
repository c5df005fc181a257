//! What of a run goes into which column.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::ledger::id::RunId;
use crate::ledger::view::RunView;

use super::super::history::Listed;
use super::Curves;
use super::column::{Column, Datum};

/// The columns of some runs: the attributes in a fixed order, then metrics, params, tags and versions by name.
/// A column without any value is left out.
pub(super) fn columns(runs: &[Listed<'_>], curves: &BTreeMap<RunId, Curves>) -> Vec<Column> {
    let mut attributes: Vec<Column> =
        ATTRIBUTES.iter().map(|(name, _)| Column::new(name)).collect();
    let (mut with_curves, mut shapes) = (Column::new("curves"), Column::new("curve"));
    let mut named: BTreeMap<String, Column> = BTreeMap::new();
    for (row, Listed { run, .. }) in runs.iter().enumerate() {
        for (column, (_, value)) in attributes.iter_mut().zip(&ATTRIBUTES) {
            if let Some(value) = value(run) {
                column.set(row, value);
            }
        }
        if let Some(curves) = curves.get(&run.id) {
            with_curves.set(row, Datum::Number(curves.count as f64));
            if let Some(shape) = text(&curves.shape) {
                shapes.set(row, shape);
            }
        }
        let mut set = |kind: &str, name: &str, value| {
            let name = format!("{kind}.{name}");
            named.entry(name).or_insert_with_key(|name| Column::new(name)).set(row, value);
        };
        run.params.iter().for_each(|(name, value)| set("params", name, value.into()));
        run.metrics.iter().for_each(|(name, value)| set("metrics", name, Datum::Number(*value)));
        run.tags.iter().for_each(|(name, value)| set("tags", name, value.as_str().into()));
        run.versions.iter().for_each(|(name, value)| set("versions", name, value.as_str().into()));
    }
    let columns = attributes.into_iter().chain([with_curves, shapes]).chain(named.into_values());
    columns.filter(|column| column.len() > 0).collect()
}

/// Reads an attribute of a run; `None` when it has none.
type Read = fn(&RunView) -> Option<Datum>;

const ATTRIBUTES: [(&str, Read); 23] = [
    ("id", |run| Some(run.id.to_string().as_str().into())),
    ("label", |run| text(&run.label)),
    ("experiment", |run| several(&run.experiments)),
    ("spec", |run| text(&run.spec)),
    ("status", |run| text(run.status.word())),
    ("cause", |run| text(run.cause.as_deref()?)),
    ("star", |run| run.star.then(|| Datum::Value(true.into()))),
    ("started", |run| Some(Datum::Whole(run.started.microseconds()))),
    ("took", |run| {
        let took = run.ended.microseconds().saturating_sub(run.started.microseconds());
        Some(Datum::Whole(took))
    }),
    ("trainer", |run| text(&run.trainer)),
    ("seed", |run| Some(Datum::Whole(run.seed))),
    ("description", |run| text(&run.description)),
    ("note", |run| {
        let notes: Vec<_> = run.notes.iter().map(|note| note.text.clone()).collect();
        (!notes.is_empty()).then(|| Datum::Value(notes.into()))
    }),
    ("host", |run| text(&run.host.name)),
    ("commit", |run| text(&run.git.as_ref()?.commit)),
    ("data", |run| text(&run.data.as_ref()?.path)),
    ("data_digest", |run| Some(run.data_digest.to_string().as_str().into())),
    ("target", |run| text(&run.target)),
    ("cell", |run| run.replicates.as_ref().map(|_| run.cell.short().as_str().into())),
    ("attempt", |run| Some(run.attempt.to_string().as_str().into())),
    ("attempts", |run| {
        (run.attempts.len() != 1).then_some(Datum::Number(run.attempts.len() as f64))
    }),
    ("home", |run| {
        let home = run.directory.strip_prefix("experiments/")?.split('/').next()?;
        (run.experiments.first().map(String::as_str) != Some(home)).then(|| home.into())
    }),
    ("deterministic", |run| (!run.deterministic).then(|| Datum::Value(false.into()))),
];

fn text(text: &str) -> Option<Datum> {
    (!text.is_empty()).then(|| text.into())
}

fn several(names: &[String]) -> Option<Datum> {
    match names {
        [] => None,
        [one] => Some(one.as_str().into()),
        several => Some(Datum::Value(several.iter().cloned().map(Value::String).collect())),
    }
}
