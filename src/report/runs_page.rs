//! The pages of all runs: the newest as a table for people, and every run with exact values, numbered
//! from the oldest, so that a full page never changes.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::ledger::id::RunId;
use crate::ledger::metric;
use crate::ledger::view::{LedgerView, RunView};

use super::history::Listed;
use super::parts::Told;
use super::sections::Link;
use super::table::{Cell, Table};
use super::template::Templates;
use super::{Curves, Page, Parts, ReportError, kept_views, path, runs, standing, text};

/// How many of the newest runs the first page lists.
const NEWEST: usize = 200;

/// How many runs a numbered page lists.
const PAGE: usize = 500;

/// How many params and metrics a table has at most; a run's own page has all of them.
const COLUMNS: usize = 40;

/// What the template prints.
#[derive(Serialize)]
struct Content<'a> {
    title: String,
    summary: String,
    /// Columns that were left out, in words; empty when none was.
    left: String,
    /// Where scripts find the data, seen from the page; empty on numbered pages.
    manifest: &'a str,
    table: Table,
    /// The views that `ledger.toml` keeps, as links to this page.
    views: Table,
    /// Links to the numbered pages.
    pages: Vec<Link>,
    commands: Vec<String>,
}

/// Renders `runs/index.html` and the numbered pages that do not stand; `manifest` is the version of the data,
/// and `curves` has what is known of the curves of runs.
pub(super) fn pages(
    templates: &Templates,
    ledger: &LedgerView,
    (all, curves): (&[Listed<'_>], &BTreeMap<RunId, Curves>),
    (manifest, parts): (&str, &Parts),
) -> Result<Vec<Page>, ReportError> {
    let mut pages = Vec::new();
    // One page beyond the full ones, so that a full page can name its next one before that is filled.
    let last = all.len() / PAGE + 1;
    for number in 1..=last {
        let first = (number - 1) * PAGE;
        let part = &all[first..all.len().min(first + PAGE)];
        let (name, key) = (path::runs(number), parts.key(part, ""));
        let make = || {
            let page = numbered(templates, ledger, part, number)?;
            Ok((vec![page], Told::default()))
        };
        pages.extend(parts.make(&name, key, make)?.0);
    }
    let links = (1..=last)
        .rev()
        .map(|number| Link::new(format!("{number}"), format!("p/{number:04}.html")));
    let newest: Vec<_> = all.iter().rev().take(NEWEST).copied().collect();
    let (columns, left) = columns(&newest);
    let root = path::root(path::RUNS);
    let summary = if all.len() > NEWEST {
        format!("The newest {NEWEST} of {}.", text::count(all.len(), "run"))
    } else {
        format!("{}, newest first.", text::count(all.len(), "run"))
    };
    let content = Content {
        title: "Runs".into(),
        summary,
        left,
        manifest: &format!("{root}{}?v={manifest}", path::MANIFEST),
        table: newest_table(&newest, &columns, curves, &root),
        views: kept_views::table(ledger),
        pages: links.collect(),
        commands: vec!["fairledger list".into(), "fairledger list --json".into()],
    };
    pages.push(templates.page("runs.html", path::RUNS.into(), "Runs", ledger, &content)?);
    Ok(pages)
}

fn numbered(
    templates: &Templates,
    ledger: &LedgerView,
    part: &[Listed<'_>],
    number: usize,
) -> Result<Page, ReportError> {
    let path = path::runs(number);
    let root = path::root(&path);
    let first = (number - 1) * PAGE;
    let (columns, left) = columns(part);
    let mut pages = vec![Link::new("newest", "../index.html")];
    if number > 1 {
        pages.push(Link::new("older", format!("{:04}.html", number - 1)));
    }
    if part.len() == PAGE {
        pages.push(Link::new("newer", format!("{:04}.html", number + 1)));
    }
    let title = format!("Runs, page {number}");
    let content = Content {
        title: title.clone(),
        summary: if part.is_empty() {
            "The next runs will be here.".into()
        } else {
            format!(
                "Runs {} to {}, oldest first, every value exact.",
                first + 1,
                first + part.len()
            )
        },
        left,
        manifest: "",
        table: exact_table(part, &columns, &root),
        views: Table::default(),
        pages,
        commands: Vec::new(),
    };
    templates.page("runs.html", path, &title, ledger, &content)
}

/// The params and metrics that a table shows.
struct Columns<'a> {
    metrics: Vec<&'a str>,
    params: Vec<&'a str>,
}

/// The columns of some runs, and a sentence about those left out: metrics on test rows before those on
/// training rows, then params.
fn columns<'a>(listed: &[Listed<'a>]) -> (Columns<'a>, String) {
    let all: Vec<&RunView> = listed.iter().map(|listed| listed.run).collect();
    let mut metrics = standing::metrics("", &all);
    metrics.sort_by_key(|name| !metric::is_listed(name));
    let names: std::collections::BTreeSet<&str> =
        all.iter().flat_map(|run| run.params.keys().map(String::as_str)).collect();
    let mut params: Vec<&str> = names.into_iter().collect();
    let count = metrics.len() + params.len();
    metrics.truncate(COLUMNS.saturating_sub(params.len().min(COLUMNS / 2)));
    params.truncate(COLUMNS - metrics.len());
    let left = count - metrics.len() - params.len();
    let note = if left == 0 {
        String::new()
    } else {
        format!("{} left out; a run's own page has all.", text::count(left, "column"))
    };
    (Columns { metrics, params }, note)
}

fn newest_table(
    listed: &[Listed<'_>],
    columns: &Columns<'_>,
    curves: &BTreeMap<RunId, Curves>,
    root: &str,
) -> Table {
    let mut table = Table::new("Runs, newest first")
        .class("sortable")
        .text("run")
        .text("experiment")
        .text("status")
        .text("trainer");
    let metrics: Vec<_> =
        columns.metrics.iter().copied().filter(|name| metric::is_listed(name)).collect();
    for name in &metrics {
        table = table.number(*name, text::direction(metric::Direction::of(name)));
    }
    for name in &columns.params {
        table = table.number(*name, "");
    }
    let drawn = listed.iter().any(|listed| curves.contains_key(&listed.run.id));
    if drawn {
        table = table.text("curve");
    }
    table = table.number("seed", "").text("started").number("took", "");
    for Listed { experiment, run } in listed {
        let page = path::experiment(&experiment.name);
        let mut cells = vec![
            Cell::text(&experiment.title).link(root, &page),
            runs::status(run.status),
            Cell::text(&run.trainer),
        ];
        cells.extend(metrics.iter().map(|name| runs::metric(run, name)));
        cells.extend(columns.params.iter().map(|name| runs::param(run, name)));
        if drawn {
            let shape = curves.get(&run.id).map_or("", |curves| &curves.shape);
            cells.push(Cell::shape(shape, format!("curve of {}", run.label)));
        }
        cells.push(Cell::number(run.seed.to_string()));
        cells.push(Cell::text(run.started.minute()));
        cells.push(Cell::number(text::duration(run.started, run.ended)));
        table.row(runs::name(run, root), cells);
    }
    table
}

fn exact_table(listed: &[Listed<'_>], columns: &Columns<'_>, root: &str) -> Table {
    let mut table = Table::new("Runs, oldest first")
        .class("exact")
        .text("run")
        .text("experiment")
        .text("status")
        .text("trainer")
        .number("seed", "");
    for name in columns.metrics.iter().chain(&columns.params) {
        table = table.number(*name, "");
    }
    table = table.text("started").text("ended");
    for Listed { experiment, run } in listed {
        let mut cells = vec![
            Cell::text(&experiment.name).link(root, &path::experiment(&experiment.name)),
            runs::status(run.status),
            Cell::text(&run.trainer),
            Cell::number(run.seed.to_string()),
        ];
        cells.extend(columns.metrics.iter().map(|name| runs::exact_metric(run, name)));
        cells.extend(columns.params.iter().map(|name| runs::exact_param(run, name)));
        cells.push(Cell::text(run.started.to_string()));
        cells.push(Cell::text(run.ended.to_string()));
        table.row(runs::name(run, root), cells);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::super::{Site, Theme, sample};
    use super::*;

    #[test]
    fn full_pages_never_change_and_lead_on() {
        let site = Site::new(&Theme::new()).unwrap();
        let mut experiment = sample::many(1001);
        experiment.name = "housing".into();
        let newest = experiment.runs.pop().unwrap();
        let mut ledger = LedgerView { experiments: vec![experiment], ..sample::ledger() };
        let none = BTreeMap::new();
        let runs = |ledger: &LedgerView| {
            let mut pages =
                site.across(ledger, &none, &BTreeMap::new(), &Parts::default()).unwrap();
            pages.retain(|page| page.path.starts_with("data/") || page.path.starts_with("runs/"));
            pages
        };
        let before = runs(&ledger);
        ledger.experiments[0].runs.push(newest);
        let after = runs(&ledger);
        let changed: Vec<_> =
            after.iter().filter(|page| !before.contains(page)).map(|page| &*page.path).collect();
        assert_eq!(
            changed,
            ["data/runs-0002.js", "data/manifest.js", "runs/p/0003.html", "runs/index.html"]
        );
        let second = after.iter().find(|page| page.path == "runs/p/0002.html").unwrap();
        let second = std::str::from_utf8(&second.bytes).unwrap();
        assert!(second.contains("href=\"0001.html\"") && second.contains("href=\"0003.html\""));
        let index = std::str::from_utf8(&after.last().unwrap().bytes).unwrap();
        assert_eq!(index.matches("<tr>").count(), 201);
        assert!(index.contains("The newest 200 of 1001 runs"));
        assert!(index.len() < 160_000, "{}", index.len());
    }
}
