//! Where results come from: data, the runs that used them, the experiments that asked.

use std::collections::BTreeMap;

use crate::ledger::id::RunId;
use crate::ledger::view::{ExperimentView, LedgerView};

use super::chart::{self, Node};
use super::history::Listed;
use super::sections::{Section, Sections};
use super::table::{Cell, Table};
use super::template::Templates;
use super::{Page, ReportError, data_sets, path, runs, standing, text};

/// How many experiments are drawn, and how many runs of each stand by themselves.
const EXPERIMENTS: usize = 30;
const RUNS: usize = 12;

/// Renders `provenance/index.html`.
pub(super) fn page(
    templates: &Templates,
    ledger: &LedgerView,
    all: &[Listed<'_>],
) -> Result<Page, ReportError> {
    let path = path::PROVENANCE.to_owned();
    let root = path::root(&path);
    let mut drawn: Vec<&ExperimentView> =
        ledger.experiments.iter().filter(|experiment| !experiment.runs.is_empty()).collect();
    drawn.sort_by_key(|experiment| {
        std::cmp::Reverse(experiment.runs.iter().map(|run| run.ended).max())
    });
    let many = drawn.len();
    drawn.truncate(EXPERIMENTS);
    let mut sections: Vec<_> = drawn.iter().map(|experiment| section(experiment, &root)).collect();
    if !all.is_empty() {
        sections.push(Section::new("lines", "All of it as a table").table(table(all, &root)));
    }
    let mut lead =
        "From the data a run read, by the run, to the experiment that asked for it. Every box \
                    leads to its page."
            .to_owned();
    if many > EXPERIMENTS {
        let drawn = format!(" Drawn are the {EXPERIMENTS} experiments that ran last, of {many}.");
        lead.push_str(&drawn);
    }
    if all.is_empty() {
        lead = "No run yet.".into();
    }
    let page =
        Sections { title: "Provenance".into(), lead, parts: sections, ..Sections::default() };
    page.page(templates, "provenance.html", path, ledger)
}

fn section(experiment: &ExperimentView, root: &str) -> Section {
    let ordered = standing::ordered(experiment);
    let shown = &ordered[..ordered.len().min(RUNS)];
    let listed: Vec<_> = ordered.iter().map(|run| Listed { experiment, run }).collect();
    let versions = data_sets::versions(&listed);
    let (mut nodes, mut lines) = (Vec::new(), Vec::new());
    for version in &versions {
        nodes.push(Node {
            column: 0,
            text: version.file.to_owned(),
            note: version.blake3.map_or_else(String::new, |digest| digest.to_string()[..10].into()),
            link: format!("{root}{}#{}", path::DATA_SETS, version.id()),
        });
    }
    let last = versions.len() + shown.len() + usize::from(shown.len() < ordered.len());
    let mut source: BTreeMap<RunId, usize> = BTreeMap::new();
    for (at, version) in versions.iter().enumerate() {
        source.extend(version.runs.iter().map(|listed| (listed.run.id, at)));
    }
    let from = |id: RunId| source.get(&id).copied().unwrap_or(0);
    for run in shown {
        lines.push((from(run.id), nodes.len()));
        lines.push((nodes.len(), last));
        let name = if run.label.is_empty() { "run" } else { &run.label };
        let value = standing::measured(&experiment.goal, run);
        let value = value.map(|value| format!("{} {value}", experiment.goal.metric));
        nodes.push(Node {
            column: 1,
            text: name.to_owned(),
            note: format!("{} · {}", run.short, value.unwrap_or_else(|| run.status.word().into())),
            link: format!("{root}{}", path::run(&run.id)),
        });
    }
    if shown.len() < ordered.len() {
        let mut sources: Vec<_> = ordered[shown.len()..].iter().map(|run| from(run.id)).collect();
        sources.sort_unstable();
        sources.dedup();
        lines.extend(sources.into_iter().map(|source| (source, nodes.len())));
        lines.push((nodes.len(), last));
        nodes.push(Node {
            column: 1,
            text: format!("and {}", text::count(ordered.len() - shown.len(), "further run")),
            note: "all are on the experiment's page".into(),
            link: format!("{root}{}#runs", path::experiment(&experiment.name)),
        });
    }
    nodes.push(Node {
        column: 2,
        text: experiment.title.clone(),
        note: text::count(ordered.len(), "run"),
        link: format!("{root}{}", path::experiment(&experiment.name)),
    });
    let title = format!("Provenance of {}", experiment.title);
    let mut section = Section::new(path::slug(&experiment.name), &experiment.title);
    section.drawing =
        Some(chart::layers(&title, &["data", "runs, best first", "experiment"], &nodes, &lines));
    section
}

/// Data, spec and experiment of all runs, counted.
fn table(all: &[Listed<'_>], root: &str) -> Table {
    let mut table = Table::new("Provenance")
        .class("sortable")
        .text("data")
        .text("spec")
        .text("experiment")
        .number("runs", "")
        .text("newest run");
    for version in data_sets::versions(all) {
        let mut specs: BTreeMap<(&str, &str), Vec<Listed<'_>>> = BTreeMap::new();
        for listed in &version.runs {
            let key = (listed.experiment.name.as_str(), listed.run.spec.as_str());
            specs.entry(key).or_default().push(*listed);
        }
        for ((_, spec), members) in specs {
            let newest = members[members.len() - 1];
            let page = path::experiment(&newest.experiment.name);
            let place = format!("{}#{}", path::DATA_SETS, version.id());
            table.row(
                Cell::text(version.name()).link(root, &place),
                vec![
                    Cell::text(spec),
                    Cell::text(&newest.experiment.title).link(root, &page),
                    Cell::number(members.len().to_string()),
                    runs::name(newest.run, root),
                ],
            );
        }
    }
    table
}
