//! The runs as data for scripts: classic `<script>` files, because `file://` allows nothing else.
//!
//! `data/manifest.js` calls `LEDGER.manifest(head, chunks, columns, experiments)` once:
//! - `head`: `{"format":1,"rows":N,"chunk":1000,"time_zone":"UTC"}`, N runs in all, and the IANA time zone
//!   in which days begin;
//! - `chunks`, oldest first: `{"file":"runs-0001.js","rows":1000,"hash":"8 hex digits"}`, and
//!   `"more":{"file","hash"}` where columns were left out of it;
//! - `columns`: `{"name":"metrics.r2","rows":N}`, every column and how many runs have a value, and for a
//!   metric whose name tells what is better `"direction":"maximize"` or `"minimize"`;
//! - `experiments`: `{"name","title","page","metric","direction"}`, `page` seen from the site's folder,
//!   `direction` `"maximize"` or `"minimize"`.
//!
//! `data/runs-0001.js` calls `LEDGER.runs(number, rows, columns)`, and `data/more-0001.js` calls
//! `LEDGER.more(number, rows, columns)` with the columns that few runs have. A chunk has 1,000 runs, in
//! the order of [`super::history`]; a new run changes the last one only. `hash` goes behind the address
//! (`runs-0001.js?v=hash`), so that no cache shows an old chunk.
//!
//! A column is a table with a `name` and one of
//! - `numbers`: a number a row, `null` for none; a value that JSON cannot hold is `null` there and in
//!   `special` by its place in the list, as `"NaN"`, `"Infinity"`, `"-Infinity"`, or as the digits of a
//!   whole number beyond 2⁵³: a run that diverged is not one without a value;
//! - `words` and `values`: the distinct values, of any JSON type, and for each row its place in `words`;
//! - `texts`: a text a row;
//! - `same`: the one value, of any JSON type but `null`, that every row has.
//!
//! Where `rows` is there too, the lists are short: item *i* belongs to row `rows[i]`, and the rows not
//! named have no value. The kind of one column may differ from chunk to chunk.
//!
//! The columns are `params.*`, `metrics.*`, `tags.*` and `versions.*`, those of the programs that took part,
//! and the attributes by the names of the filter language: `id`, `label`, `experiment` (a list when there are several), `spec`, `status`, `cause`,
//! `star`, `started` (microseconds since 1970), `trainer`, `seed`, `description`, `note` (a list), `host`,
//! `commit`, `data`, `data_digest`, `target`; besides `took` (microseconds from start to end), `cell`
//! (short id, of runs with replicates), `attempt`, `attempts` (their number, where it is not 1), `home`
//! (the experiment whose folder holds the attempt, where it is not the first), `deterministic` (where it
//! is false), `curves` (the number of metrics in its series) and `curve` (the shape of one of them: letters
//! from `0`, its lowest value, over `9` and `a` to `z`, its highest; a hyphen is a gap). An empty text is
//! no value.
//!
//! Not written because it follows: `short` is the first ten digits of `id`, `ended` is
//! `started + took`, `duration` is `took` in seconds, `directory` is
//! `experiments/<home>/runs/<id[0..2]>/<id[2..]>.<attempt>`, and the page of a run is
//! `r/<id[0..2]>/<id>/index.html`.
//!
//! Beside the page of a run with curves, `series.js` calls `LEDGER.series(id, metrics)`; see [`series`].

mod column;
mod fields;
pub(super) mod series;
pub(super) mod shape;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::ledger::digest::Digest;
use crate::ledger::id::RunId;
use crate::ledger::metric::Direction;
use crate::ledger::view::LedgerView;

use super::history::Listed;
use super::parts::Told;
use super::{Page, Parts, ReportError, path};

use column::Column;
pub use shape::Curves;

/// How many runs a chunk holds.
const CHUNK: usize = 1000;

/// How many params, metrics and tags a chunk holds itself, those that most of its runs have.
const COLUMNS: usize = 60;

/// The files of some runs, as [`super::history::of`] orders them: the chunks that do not stand, then the
/// manifest.
///
/// `curves` says of how many metrics the run has a series, and the shape of one, for those that have any.
pub(super) fn files(
    ledger: &LedgerView,
    runs: &[Listed<'_>],
    curves: &BTreeMap<RunId, Curves>,
    parts: &Parts,
) -> Result<Vec<Page>, ReportError> {
    let (mut pages, mut chunks, mut counts) = (Vec::new(), Vec::new(), BTreeMap::new());
    for (index, part) in runs.chunks(CHUNK).enumerate() {
        let drawn: Vec<String> = part
            .iter()
            .filter_map(|listed| curves.get(&listed.run.id))
            .map(|it| format!("{}:{}", it.count, it.shape))
            .collect();
        let key = parts.key(part, &drawn.join(" "));
        let name = format!("data/{:04}", index + 1);
        let (made, told) = parts.make(&name, key, || Ok(chunk_files(index + 1, part, curves)))?;
        pages.extend(made);
        for (column, rows) in told.columns {
            *counts.entry(column).or_insert(0) += rows;
        }
        chunks.push(told.entry);
    }
    let columns: Vec<_> = counts.iter().map(|(name, rows)| listed(ledger, name, *rows)).collect();
    pages.push(manifest(ledger, runs.len(), &chunks, &columns));
    Ok(pages)
}

/// The files of a chunk, and what the manifest has to know of it.
fn chunk_files(
    number: usize,
    part: &[Listed<'_>],
    curves: &BTreeMap<RunId, Curves>,
) -> (Vec<Page>, Told) {
    let columns = fields::columns(part, curves);
    let counts = columns.iter().map(|column| (column.name.clone(), column.len())).collect();
    let (own, rest) = divide(columns);
    let mut pages = vec![chunk("runs", number, part.len(), &own)];
    let mut entry = named(&pages[0]);
    entry["rows"] = part.len().into();
    if !rest.is_empty() {
        let page = chunk("more", number, part.len(), &rest);
        entry["more"] = named(&page);
        pages.push(page);
    }
    (pages, Told { entry, columns: counts })
}

/// What the manifest says of a column.
fn listed(ledger: &LedgerView, name: &str, rows: usize) -> Value {
    let mut column = json!({"name": name, "rows": rows});
    if let Some(direction) = name.strip_prefix("metrics.").and_then(Direction::of) {
        column["direction"] = word(direction).into();
    }
    if ledger.report.ignores(name) {
        column["ignored"] = true.into();
    }
    column
}

fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Maximize => "maximize",
        Direction::Minimize => "minimize",
    }
}

/// The columns of a chunk itself, and those that it leaves to another file; both in their order.
fn divide(columns: Vec<Column>) -> (Vec<Column>, Vec<Column>) {
    let mut named: Vec<_> = columns
        .iter()
        .filter(|column| column.is_named())
        .map(|column| (std::cmp::Reverse(column.len()), column.name.clone()))
        .collect();
    named.sort_unstable();
    let rest: BTreeSet<String> = named.into_iter().skip(COLUMNS).map(|(_, name)| name).collect();
    columns.into_iter().partition(|column| !rest.contains(&column.name))
}

fn chunk(kind: &str, number: usize, rows: usize, columns: &[Column]) -> Page {
    let lines: Vec<_> = columns.iter().map(|column| column.to_json(rows)).collect();
    let text = format!("LEDGER.{kind}({number}, {rows}, {});\n", list(&lines));
    Page { path: format!("data/{kind}-{number:04}.js"), bytes: text.into_bytes() }
}

/// The name of a file and a few digits of its digest.
fn named(page: &Page) -> Value {
    let file = page.path.rsplit('/').next().unwrap_or_default();
    json!({"file": file, "hash": version(&page.bytes)})
}

/// The digits behind an address that change with the content.
pub(super) fn version(bytes: &[u8]) -> String {
    Digest::of(bytes).to_string()[..8].to_owned()
}

fn manifest(ledger: &LedgerView, rows: usize, chunks: &[Value], columns: &[Value]) -> Page {
    let experiments: Vec<_> = ledger
        .experiments
        .iter()
        .map(|experiment| {
            json!({
                "name": experiment.name,
                "title": experiment.title,
                "page": path::experiment(&experiment.name),
                "metric": experiment.goal.metric,
                "direction": word(experiment.goal.direction),
            })
        })
        .collect();
    let text = |values: &[Value]| list(&values.iter().map(Value::to_string).collect::<Vec<_>>());
    let head = json!({"format": 1, "rows": rows, "chunk": CHUNK, "time_zone": ledger.time_zone});
    let (chunks, columns, experiments) = (text(chunks), text(columns), text(&experiments));
    let head = parse(&head.to_string());
    let text = format!("LEDGER.manifest({head}, {chunks}, {columns}, {experiments});\n");
    Page { path: path::MANIFEST.into(), bytes: text.into_bytes() }
}

/// JSON texts as a list of a script, one a line.
fn list(texts: &[String]) -> String {
    let lines: Vec<_> = texts.iter().map(|text| parse(text)).collect();
    format!("[\n{}\n]", lines.join(",\n"))
}

/// A JSON text as an expression of a script: `JSON.parse` reads it faster than the script's own
/// grammar, takes no key for a prototype, and nothing in it can end the script.
fn parse(json: &str) -> String {
    let mut text = String::with_capacity(json.len() + 16);
    text.push_str("JSON.parse('");
    for letter in json.chars() {
        match letter {
            '\\' => text.push_str("\\\\"),
            '\'' => text.push_str("\\'"),
            '<' => text.push_str("\\\\u003c"),
            '\u{2028}' => text.push_str("\\\\u2028"),
            '\u{2029}' => text.push_str("\\\\u2029"),
            other => text.push(other),
        }
    }
    text.push_str("')");
    text
}

#[cfg(test)]
mod tests;
