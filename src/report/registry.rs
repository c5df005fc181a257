//! Registered models: which there are, and a page for each with its versions, aliases and history.

use std::collections::BTreeSet;

use crate::ledger::id::RunId;
use crate::ledger::metric::{self, Direction};
use crate::ledger::number;
use crate::ledger::registry::{ModelView, VersionView};
use crate::ledger::view::{FileState, LedgerView};

use super::sections::{Section, Sections};
use super::table::{Cell, Table};
use super::template::Templates;
use super::{Page, ReportError, path, runs, text};

const TEMPLATE: &str = "models.html";

/// How many metrics the table of versions shows.
const METRICS: usize = 6;

/// Renders `models/index.html` and the page of each model, `models/<slug>/index.html`.
pub(super) fn pages(templates: &Templates, ledger: &LedgerView) -> Result<Vec<Page>, ReportError> {
    let mut pages = vec![index(templates, ledger)?];
    let shown: BTreeSet<RunId> = ledger
        .experiments
        .iter()
        .flat_map(|experiment| experiment.runs.iter().map(|run| run.id))
        .collect();
    for model in &ledger.models {
        pages.push(page(templates, ledger, model, &shown)?);
    }
    Ok(pages)
}

fn index(templates: &Templates, ledger: &LedgerView) -> Result<Page, ReportError> {
    let path = path::MODELS.to_owned();
    let root = path::root(&path);
    let mut parts = Vec::new();
    let lead = if ledger.models.is_empty() {
        let mut none = Section::new("first", "The first one");
        none.commands = vec![
            "fairledger model register NAME RUN".into(),
            "fairledger model alias NAME@champion 1".into(),
        ];
        parts.push(none);
        "No model is registered yet."
    } else {
        parts.push(Section::new("models", "Models and their aliases").table(list(ledger, &root)));
        "Models under a name of their own. A version pins a run's model file by its digest; an alias such as \
         @champion points at the version that is in use."
    };
    let page = Sections { title: "Models".into(), lead: lead.into(), parts, ..Sections::default() };
    page.page(templates, TEMPLATE, path, ledger)
}

fn list(ledger: &LedgerView, root: &str) -> Table {
    let mut table = Table::new("Models")
        .class("sortable")
        .text("model")
        .number("versions", "")
        .text("newest version")
        .text("aliases")
        .text("registered")
        .text("description");
    for model in &ledger.models {
        let live: Vec<_> = model.versions.iter().filter(|it| it.deleted.is_none()).collect();
        let newest = live.last();
        let aliases = model.aliases.iter().map(|(alias, number)| format!("@{alias} → {number}"));
        let missing = || Cell::text(text::MISSING);
        table.row(
            Cell::text(&model.name).link(root, &path::model(&model.name)),
            vec![
                Cell::number(live.len().to_string()),
                newest.map_or_else(missing, |it| Cell::text(&it.label).note(it.short.clone())),
                Cell::text(aliases.collect::<Vec<_>>().join(", ")),
                newest.map_or_else(missing, |it| Cell::text(it.registered.minute())),
                Cell::text(model.description.lines().next().unwrap_or_default()),
            ],
        );
    }
    table
}

fn page(
    templates: &Templates,
    ledger: &LedgerView,
    model: &ModelView,
    shown: &BTreeSet<RunId>,
) -> Result<Page, ReportError> {
    let path = path::model(&model.name);
    let root = path::root(&path);
    let mut about = Section::new("about", "About");
    for paragraph in model.description.split("\n\n") {
        about = about.say(paragraph.trim());
    }
    for sentence in model.merged.iter().chain(&model.unreadable) {
        about = about.say(sentence.clone());
    }
    if !model.tags.is_empty() {
        let mut tags = Table::new("Tags").class("facts").text("tag").text("value");
        for (name, value) in &model.tags {
            tags.row(Cell::text(name), vec![Cell::text(value)]);
        }
        about = about.table(tags);
    }
    let mut parts = Vec::new();
    if !(about.words.is_empty() && about.tables.is_empty()) {
        parts.push(about);
    }
    parts.push(Section::new("versions", "Versions").table(versions(model, shown, &root)));
    parts.push(history(model));
    parts.push(Section::new("pinned", "What each version pins").table(pinned(model)));
    let name = text::shell_word(&model.name);
    let mut commands = Section::new("use", "Use");
    commands.commands = vec![
        format!("fairledger predict {name} --input new.csv"),
        format!("fairledger export onnx {name}"),
        format!("fairledger model card {name}"),
    ];
    parts.push(commands);
    let live = model.versions.iter().filter(|version| version.deleted.is_none()).count();
    let aliases =
        model.aliases.iter().map(|(alias, number)| format!("@{alias} is version {number}"));
    let words: Vec<String> = [text::count(live, "version")].into_iter().chain(aliases).collect();
    let page = Sections {
        title: model.name.clone(),
        lead: format!("{}.", words.join(", ")),
        parts,
        ..Sections::default()
    };
    page.page(templates, TEMPLATE, path, ledger)
}

fn versions(model: &ModelView, shown: &BTreeSet<RunId>, root: &str) -> Table {
    let metrics = metrics(model);
    let mut table = Table::new(format!("Versions of {}", model.name))
        .class("sortable")
        .text("version")
        .text("aliases")
        .text("run");
    for name in &metrics {
        table = table.number(*name, text::direction(Direction::of(name)));
    }
    table = table.text("registered").text("state").text("description").text("tags");
    for version in model.versions.iter().rev() {
        let mut run = Cell::text(&version.label).note(version.short.clone());
        if shown.contains(&version.run) {
            run = run.link(root, &path::run(&version.run));
        }
        let aliases: Vec<String> = version.aliases.iter().map(|it| format!("@{it}")).collect();
        let mut cells = vec![Cell::text(aliases.join(", ")), run];
        let value = |name: &&str| metric::for_people(&version.metrics, name);
        cells.extend(metrics.iter().map(|it| value(it).map_or_else(runs::missing, Cell::number)));
        let tags = version.tags.iter().map(|(name, value)| format!("{name} = {value}"));
        cells.extend([
            Cell::text(version.registered.minute()),
            state(version),
            Cell::text(&version.description),
            Cell::text(tags.collect::<Vec<_>>().join(", ")),
        ]);
        table.row(Cell::text(version.number.to_string()).note(version.version.clone()), cells);
    }
    table
}

/// Whether a version can be used here.
fn state(version: &VersionView) -> Cell {
    match (version.deleted.is_some(), version.state) {
        (true, _) => Cell::text("deleted"),
        (false, FileState::Damaged) => Cell::text(version.state.word()).class("bad"),
        (false, _) => Cell::text(version.state.word()),
    }
}

/// The metrics that the versions have, those on test rows, in the order of their names.
fn metrics(model: &ModelView) -> Vec<&str> {
    let names = model.versions.iter().flat_map(|version| version.metrics.keys());
    let names: BTreeSet<&str> =
        names.map(String::as_str).filter(|name| metric::is_listed(name)).collect();
    names.into_iter().filter(|name| !name.starts_with("cv_")).take(METRICS).collect()
}

fn history(model: &ModelView) -> Section {
    let section = Section::new("history", "Where aliases pointed");
    if model.history.is_empty() {
        return section.say("No alias has been given yet.");
    }
    let mut table = Table::new(format!("Aliases of {}", model.name))
        .text("since")
        .text("alias")
        .text("version")
        .text("how");
    for moved in model.history.iter().rev() {
        let version = moved.version.map_or_else(|| "none".into(), |number| number.to_string());
        table.row(
            Cell::text(moved.time.minute()),
            vec![
                Cell::text(format!("@{}", moved.alias)),
                Cell::text(version),
                Cell::text(if moved.back { "rolled back" } else { "" }),
            ],
        );
    }
    section.table(table)
}

fn pinned(model: &ModelView) -> Table {
    let mut table = Table::new(format!("Files of {}", model.name))
        .class("exact")
        .text("version")
        .text("file")
        .number("size", "")
        .text("sha256")
        .text("attempt")
        .text("data")
        .text("digest of the columns")
        .text("profile of the training rows");
    for version in model.versions.iter().rev() {
        let data = version.data.as_ref().map_or(text::MISSING, |data| data.path.as_str());
        table.row(
            Cell::text(version.number.to_string()),
            vec![
                Cell::code(format!("{}/{}", version.directory, version.file.path)),
                Cell::number(number::bytes_for_people(version.file.size)),
                Cell::code(&version.file.sha256),
                Cell::code(version.attempt.to_string()),
                Cell::text(data),
                Cell::code(version.data_digest.to_string()),
                Cell::text(if version.profile { "yes" } else { "none" }),
            ],
        );
    }
    table
}
