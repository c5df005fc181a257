//! Runs side by side: the page that scripts fill, and the comparisons that `ledger.toml` keeps.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::ledger::attempt::Status;
use crate::ledger::comparison::{Part, parts};
use crate::ledger::metric::Direction;
use crate::ledger::number;
use crate::ledger::view::{ComparisonView, LedgerView, RunView};

use super::chart::{self, Bar};
use super::history::Listed;
use super::picture::Picture;
use super::sections::{Link, Section, Sections};
use super::table::{Cell, Table};
use super::template::Templates;
use super::{Page, ReportError, path, runs, text};

/// How many metrics of a comparison have a picture, and how many runs it holds.
const PICTURES: usize = 4;
const RUNS: usize = 24;

/// Renders `compare/index.html` and a page for each comparison that is kept.
pub(super) fn pages(
    templates: &Templates,
    ledger: &LedgerView,
    all: &[Listed<'_>],
    manifest: &str,
) -> Result<Vec<Page>, ReportError> {
    let mut pages = vec![index(templates, ledger, all, manifest)?];
    let mut seen = std::collections::BTreeSet::new();
    for comparison in &ledger.comparisons {
        if seen.insert(&comparison.name) {
            pages.push(kept(templates, ledger, all, comparison)?);
        }
    }
    Ok(pages)
}

fn index(
    templates: &Templates,
    ledger: &LedgerView,
    all: &[Listed<'_>],
    manifest: &str,
) -> Result<Page, ReportError> {
    let path = path::COMPARE.to_owned();
    let root = path::root(&path);
    let mut own = Section::new("compare", "Any runs").say(
        "With JavaScript, runs chosen on the page of all runs are compared here. Without it, the command \
         line does it:",
    );
    // Two runs that exist, so that the command can be tried as it stands.
    let newest: Vec<String> = all.iter().rev().take(2).map(|it| it.run.short.clone()).collect();
    own.commands = match newest.as_slice() {
        [a, b] => vec![format!("fairledger diff {a} {b}")],
        _ => vec!["fairledger diff RUN RUN".into()],
    };
    let mut sections = vec![own];
    let mut saved = Section::new("kept", "Kept comparisons");
    if ledger.comparisons.is_empty() {
        saved = saved.say(
            "None. A table [[compare]] in ledger.toml with a name and a list of runs keeps one, with a page \
             that needs no script.",
        );
    } else {
        let mut table = Table::new("Kept comparisons").text("comparison").number("runs", "");
        for comparison in &ledger.comparisons {
            let page = path::comparison(&comparison.name);
            let count = Cell::number(comparison.runs.len().to_string());
            table.row(Cell::text(title(comparison)).link(&root, &page), vec![count]);
        }
        saved = saved.table(table);
    }
    sections.push(saved);
    let page = Sections {
        title: "Compare".into(),
        lead: "Runs side by side: what was asked, what came out, and only what differs.".into(),
        manifest: format!("{root}{}?v={manifest}", path::MANIFEST),
        parts: sections,
        ..Sections::default()
    };
    page.page(templates, "compare.html", path, ledger)
}

fn title(comparison: &ComparisonView) -> &str {
    if comparison.title.is_empty() { &comparison.name } else { &comparison.title }
}

fn kept(
    templates: &Templates,
    ledger: &LedgerView,
    all: &[Listed<'_>],
    comparison: &ComparisonView,
) -> Result<Page, ReportError> {
    let path = path::comparison(&comparison.name);
    let root = path::root(&path);
    let (mut found, mut unknown): (Vec<&RunView>, Vec<&str>) = (Vec::new(), Vec::new());
    for name in comparison.baseline.iter().chain(&comparison.runs) {
        match named(all, name) {
            Some(run) if found.iter().any(|known| known.id == run.id) => {}
            Some(run) => found.push(run),
            None => unknown.push(name),
        }
    }
    let mut sections = Vec::new();
    let more = found.len().saturating_sub(RUNS);
    found.truncate(RUNS);
    let mut first = Section::new("differences", "What differs");
    if !unknown.is_empty() {
        first = first.say(format!("Not one run each: {}.", unknown.join(", ")));
    }
    if more > 0 {
        first = first.say(format!("The first {RUNS} runs; {more} more are left out."));
    }
    if found.len() < 2 {
        sections.push(first.say("It takes two runs to compare."));
    } else {
        let pairs: Vec<_> = found.iter().map(|run| (*run, None)).collect();
        let mut parts = parts(&pairs);
        parts.retain(|part| part.differs(0) && !ledger.report.ignores(&part.name));
        let is_metric = |part: &Part| part.name.starts_with("metrics.");
        parts.sort_by_key(|part| !is_metric(part));
        sections.push(first.table(differences(&found, &parts, &root)));
        let mut bars = Section::new("metrics", "Metrics");
        for part in parts.iter().filter(|part| is_metric(part)).take(PICTURES) {
            bars.pictures.push(picture(&found, part)?);
        }
        if !bars.pictures.is_empty() {
            sections.push(bars);
        }
        let words: Vec<_> = found.iter().map(|run| run.short.as_str()).collect();
        let mut command = Section::new("commands", "Commands");
        command.commands = vec![format!("fairledger diff {}", words.join(" "))];
        sections.push(command);
    }
    let page = Sections {
        title: title(comparison).to_owned(),
        lead: found.first().map_or_else(String::new, |run| {
            format!("{} compared with {}.", text::count(found.len() - 1, "run"), run.label)
        }),
        links: vec![Link::new("All comparisons", format!("{root}{}", path::COMPARE))],
        parts: sections,
        ..Sections::default()
    };
    page.page(templates, "compare.html", path, ledger)
}

/// The run an id, a unique beginning of one, or a unique label means.
fn named<'a>(all: &[Listed<'a>], name: &str) -> Option<&'a RunView> {
    let one = |of: &dyn Fn(&RunView) -> bool| {
        let mut found = all.iter().map(|listed| listed.run).filter(|run| of(run));
        let first = found.next();
        first.filter(|_| found.next().is_none())
    };
    let lower = name.to_lowercase();
    let by_id = one(&|run| !lower.is_empty() && run.id.to_string().starts_with(&lower));
    by_id.or_else(|| one(&|run| run.label == name))
}

/// The parts that differ, a line each, numbers with their distance from the first run's.
fn differences(found: &[&RunView], parts: &[Part], root: &str) -> Table {
    let mut table = Table::new("What differs").text("part");
    for (at, run) in found.iter().enumerate() {
        table = table.number(
            format!("{} {}", run.label, &run.short[..5]),
            if at == 0 { "baseline" } else { "" },
        );
    }
    let page = |run: &&RunView| Cell::text(&run.short).link(root, &path::run(&run.id)).class("n c");
    table.row(Cell::text("run"), found.iter().map(page).collect());
    for part in parts {
        let direction = part.name.strip_prefix("metrics.").and_then(Direction::of);
        let cells = part.values.iter().enumerate().map(|(at, value)| {
            let cell = match value {
                Value::Null => runs::missing(),
                value => Cell::number(shown(value)),
            };
            let Some(difference) = part.difference(0, at).filter(|it| at > 0 && *it != 0.0) else {
                return cell;
            };
            let cell = cell.note(text::signed(difference));
            match direction {
                Some(direction) if direction.better(difference, 0.0) => cell.class("good"),
                Some(_) => cell.class("bad"),
                None => cell,
            }
        });
        table.row(Cell::text(&part.name), cells.collect());
    }
    table
}

fn shown(value: &Value) -> String {
    match value {
        Value::Number(it) if it.is_f64() => {
            it.as_f64().map_or_else(String::new, number::for_people)
        }
        Value::String(text) => chart::label(text, 24),
        other => text::exact(other),
    }
}

fn picture(found: &[&RunView], part: &Part) -> Result<Picture, ReportError> {
    let name = part.name.trim_start_matches("metrics.");
    let labels: BTreeMap<&str, usize> = found.iter().fold(BTreeMap::new(), |mut labels, run| {
        *labels.entry(run.label.as_str()).or_insert(0) += 1;
        labels
    });
    let bars: Vec<_> = found
        .iter()
        .enumerate()
        .filter(|(_, run)| run.status == Status::Finished)
        .filter_map(|(at, run)| {
            let value = run.metrics.get(name).copied()?;
            let unique = labels.get(run.label.as_str()) == Some(&1) && !run.label.is_empty();
            Some(Bar {
                label: if unique { run.label.clone() } else { run.short.clone() },
                value,
                text: number::for_people(value),
                spread: 0.0,
                strong: at == 0,
            })
        })
        .collect();
    let better = text::direction(Direction::of(name));
    Ok(Picture::new(
        format!("compare-{name}"),
        if better.is_empty() { name.to_owned() } else { format!("{name}, {better}") },
        "The baseline in full colour.",
        chart::bars(&format!("{name} of the compared runs"), &bars)?,
    ))
}

#[cfg(test)]
mod tests {
    use super::super::{Site, Theme, sample};
    use super::*;

    fn comparison(runs: &[&str]) -> ComparisonView {
        ComparisonView {
            name: "forests".into(),
            title: "Two forests".into(),
            runs: runs.iter().map(|run| (*run).to_owned()).collect(),
            baseline: Some("rf-100-8".into()),
        }
    }

    #[test]
    fn a_kept_comparison_shows_what_differs() {
        let mut ledger = sample::ledger();
        ledger.comparisons = vec![comparison(&["rf-300-20", "linear", "nobody"])];
        let site = Site::new(&Theme::new()).unwrap();
        let all = super::super::history::of(&ledger);
        let pages = pages(&site.0, &ledger, &all, "0").unwrap();
        assert_eq!(pages[1].path, "compare/forests/index.html");
        let page = std::str::from_utf8(&pages[1].bytes).unwrap();
        for words in
            ["2 runs compared with rf-100-8", "params.n_estimators", "Not one run each: nobody"]
        {
            assert!(page.contains(words), "{words}");
        }
        assert!(!page.contains(">params.bootstrap<") || page.contains("—"));
        assert!(!page.contains("data.target"), "what is equal is left out");
    }
}
