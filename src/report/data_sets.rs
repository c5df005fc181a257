//! The data sets that runs used: each file by its digests, its columns, and the runs.

use std::collections::{BTreeMap, BTreeSet};

use crate::ledger::digest::Digest;
use crate::ledger::number;
use crate::ledger::view::{LedgerView, RunView};

use super::history::Listed;
use super::sections::{Section, Sections};
use super::table::{Cell, Table};
use super::template::Templates;
use super::{Page, ReportError, path, runs, text};

/// How many versions of data and how many runs of each are listed.
const VERSIONS: usize = 100;
const RUNS: usize = 20;

/// One state of a data file and the runs that read it.
pub(super) struct Version<'a> {
    /// Path of the file in the ledger; a word where no run recorded it.
    pub(super) file: &'a str,
    /// Digest of the file's bytes.
    pub(super) blake3: Option<Digest>,
    /// The runs, oldest first.
    pub(super) runs: Vec<Listed<'a>>,
}

impl Version<'_> {
    /// The name of its place on the page.
    pub(super) fn id(&self) -> String {
        let digest = self.blake3.map(|digest| digest.to_string()[..10].to_owned());
        format!("data-{}-{}", path::slug(self.file), digest.unwrap_or_else(|| "unknown".into()))
    }

    /// File and digest in short.
    pub(super) fn name(&self) -> String {
        let digest = self.blake3.map(|digest| format!(" @ {}", &digest.to_string()[..10]));
        format!("{}{}", self.file, digest.unwrap_or_default())
    }
}

/// The states of data files that some runs read, the one used last first.
pub(super) fn versions<'a>(all: &[Listed<'a>]) -> Vec<Version<'a>> {
    let mut found: BTreeMap<(&str, Option<Digest>), Vec<Listed<'a>>> = BTreeMap::new();
    for listed in all {
        let key = listed.run.data.as_ref().map(|data| (data.path.as_str(), Some(data.blake3)));
        found.entry(key.unwrap_or(("data not recorded", None))).or_default().push(*listed);
    }
    let mut versions: Vec<_> =
        found.into_iter().map(|((file, blake3), runs)| Version { file, blake3, runs }).collect();
    let last = |version: &Version<'_>| version.runs.iter().map(|it| it.run.ended).max();
    versions.sort_by(|a, b| {
        last(b).cmp(&last(a)).then_with(|| (a.file, a.blake3).cmp(&(b.file, b.blake3)))
    });
    versions
}

/// Renders `data-sets/index.html`.
pub(super) fn page(
    templates: &Templates,
    ledger: &LedgerView,
    all: &[Listed<'_>],
) -> Result<Page, ReportError> {
    let path = path::DATA_SETS.to_owned();
    let root = path::root(&path);
    let versions = versions(all);
    let listed = &versions[..versions.len().min(VERSIONS)];
    let mut sections = Vec::new();
    if !listed.is_empty() {
        let mut first = Section::new("files", "Files and their versions");
        if listed.len() < versions.len() {
            first = first.say(format!("The {VERSIONS} used last of {}.", versions.len()));
        }
        sections.push(first.table(summary(listed)));
    }
    sections.extend(listed.iter().map(|version| section(version, &root)));
    let lead = if listed.is_empty() {
        "No run has used data yet."
    } else {
        "Every state of a data file that a run has read. The digest of the file covers its bytes; the \
         digest of the columns covers only what a run used, so that a rewritten file can be the same data."
    };
    let page = Sections {
        title: "Data sets".into(),
        lead: lead.into(),
        parts: sections,
        ..Sections::default()
    };
    page.page(templates, "data-sets.html", path, ledger)
}

fn summary(versions: &[Version<'_>]) -> Table {
    let mut table = Table::new("Data sets")
        .class("sortable")
        .text("file")
        .text("digest of the file")
        .number("rows", "")
        .number("columns used", "")
        .number("size", "")
        .number("runs", "")
        .number("experiments", "")
        .text("first used")
        .text("last used");
    for version in versions {
        let runs = || version.runs.iter().map(|listed| listed.run);
        let data = runs().find_map(|run| run.data.as_ref());
        let optional = |value: Option<String>| value.map_or_else(runs::missing, Cell::number);
        let experiments: BTreeSet<&String> = runs().flat_map(|run| &run.experiments).collect();
        let columns: BTreeSet<&str> = runs().flat_map(used).map(|(name, _)| name).collect();
        let minute = |time: Option<crate::ledger::time::Timestamp>| {
            Cell::text(time.map_or_else(|| text::MISSING.into(), |time| time.minute()))
        };
        let digest = version.blake3.map(|digest| digest.to_string()[..10].to_owned());
        table.row(
            Cell::text(version.file).link("", &format!("#{}", version.id())),
            vec![
                Cell::code(digest.unwrap_or_else(|| text::MISSING.into())),
                optional(data.map(|data| data.rows.to_string())),
                Cell::number(columns.len().to_string()),
                optional(data.map(|data| number::bytes_for_people(data.size))),
                Cell::number(version.runs.len().to_string()),
                Cell::number(experiments.len().to_string()),
                minute(runs().map(|run| run.started).min()),
                minute(runs().map(|run| run.ended).max()),
            ],
        );
    }
    table
}

/// The columns a run used and what for.
fn used(run: &RunView) -> impl Iterator<Item = (&str, &'static str)> {
    let target = Some(run.target.as_str()).filter(|target| !target.is_empty());
    let features = run.features.iter().map(|name| (name.as_str(), "feature"));
    features.chain(target.map(|name| (name, "target")))
}

fn section(version: &Version<'_>, root: &str) -> Section {
    let mut section = Section::new(version.id(), version.name());
    let runs = || version.runs.iter().map(|listed| listed.run);
    if let Some(data) = runs().find_map(|run| run.data.as_ref()) {
        let mut facts = Table::new(format!("Digests of {}", version.name())).class("facts");
        facts = facts.text("digest").text("value");
        facts.row(Cell::text("blake3"), vec![Cell::code(data.blake3.to_string())]);
        facts.row(Cell::text("sha256"), vec![Cell::code(&data.sha256)]);
        let contents: BTreeSet<_> = runs().map(|run| run.data_digest).collect();
        for content in contents.iter().take(RUNS) {
            let count = runs().filter(|run| run.data_digest == *content).count();
            let note = text::count(count, "run");
            let cell = Cell::code(content.to_string()).note(note);
            facts.row(Cell::text("columns in use"), vec![cell]);
        }
        section = section.table(facts);
    }
    let mut columns: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for column in runs().flat_map(used) {
        *columns.entry(column).or_insert(0) += 1;
    }
    let mut table = Table::new(format!("Columns of {}", version.name()));
    table = table.text("column").text("used as").number("runs", "");
    for ((name, role), count) in columns.into_iter().take(VERSIONS) {
        table.row(Cell::text(name), vec![Cell::text(role), Cell::number(count.to_string())]);
    }
    section = section.table(table).table(run_table(version, root));
    if version.runs.len() > RUNS {
        let all = version.runs.len();
        section = section.say(format!("The newest {RUNS} of the {all} runs that used it."));
    }
    section.commands = vec![format!("fairledger data {}", text::shell_word(version.file))];
    if version.blake3.is_none() {
        section.commands.clear();
    }
    section
}

fn run_table(version: &Version<'_>, root: &str) -> Table {
    let mut table = Table::new(format!("Runs on {}", version.name()))
        .text("run")
        .text("experiment")
        .text("status")
        .text("started");
    for listed in version.runs.iter().rev().take(RUNS) {
        let page = path::experiment(&listed.experiment.name);
        table.row(
            runs::name(listed.run, root),
            vec![
                Cell::text(&listed.experiment.title).link(root, &page),
                runs::status(listed.run.status),
                Cell::text(listed.run.started.minute()),
            ],
        );
    }
    table
}
