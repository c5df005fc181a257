//! What did not finish, grouped by what went wrong.

use std::collections::{BTreeMap, BTreeSet};

use crate::ledger::attempt::Status;
use crate::ledger::id::RunId;
use crate::ledger::time::Timestamp;
use crate::ledger::view::{AttemptView, LedgerView, RunView};

use super::history::{self, Listed};
use super::sections::{Section, Sections};
use super::table::{Cell, Table};
use super::template::Templates;
use super::{Page, ReportError, path, runs, text};

/// How many causes the page tells of, those seen last.
const CAUSES: usize = 50;

/// How many runs of a cause are named, and how many lines of a log are shown.
const RUNS: usize = 10;
const LINES: usize = 20;

/// The attempts that ended for one reason.
struct Group<'a> {
    /// The reason without the numbers and names that differ from attempt to attempt.
    kind: String,
    /// The newest reason as it was given.
    cause: &'a str,
    /// By their end, the first one first.
    attempts: Vec<(&'a AttemptView, Listed<'a>)>,
    /// The runs, those that failed last first.
    runs: Vec<Listed<'a>>,
}

impl<'a> Group<'a> {
    fn first(&self) -> Option<Timestamp> {
        self.attempts.first().map(|(attempt, _)| attempt.ended)
    }

    fn last(&self) -> Option<Timestamp> {
        self.attempts.last().map(|(attempt, _)| attempt.ended)
    }

    /// Runs that have not finished since.
    fn open(&self) -> usize {
        self.runs.iter().filter(|listed| listed.run.status != Status::Finished).count()
    }

    /// The run whose log is shown: the newest whose last word this is.
    fn shown(&self) -> Option<&'a RunView> {
        self.runs.iter().map(|listed| listed.run).find(|run| run.status != Status::Finished)
    }
}

/// The runs whose logs the page shows.
pub(super) fn wanted(ledger: &LedgerView) -> Vec<&RunView> {
    let all = history::of(ledger);
    groups(&all).iter().filter_map(Group::shown).collect()
}

/// Renders `failures/index.html`; `logs` has the logs of [`wanted`] runs.
pub(super) fn page(
    templates: &Templates,
    ledger: &LedgerView,
    all: &[Listed<'_>],
    logs: &BTreeMap<RunId, String>,
) -> Result<Page, ReportError> {
    let path = path::FAILURES.to_owned();
    let root = path::root(&path);
    let groups = groups(all);
    let mut sections = Vec::new();
    if !groups.is_empty() {
        sections.push(Section::new("causes", "Causes").table(summary(&groups)));
    }
    for (index, group) in groups.iter().enumerate() {
        sections.push(section(group, index, logs, &root));
    }
    let lead = if groups.is_empty() {
        "Every attempt of every run finished.".to_owned()
    } else {
        "Attempts that did not finish, by what they said last; numbers and names do not tell causes \
         apart."
            .to_owned()
    };
    let page = Sections { title: "Failures".into(), lead, parts: sections, ..Sections::default() };
    page.page(templates, "failures.html", path, ledger)
}

/// The causes, those seen last first.
fn groups<'a>(all: &[Listed<'a>]) -> Vec<Group<'a>> {
    let mut found: BTreeMap<String, Group<'a>> = BTreeMap::new();
    for listed in all {
        for attempt in &listed.run.attempts {
            if !attempt.status.is_bad() {
                continue;
            }
            let cause = cause_of(attempt);
            let kind = format!("{}: {}", attempt.status.word(), normalised(cause));
            let group = found.entry(kind.clone()).or_insert_with(|| Group {
                kind,
                cause,
                attempts: Vec::new(),
                runs: Vec::new(),
            });
            group.attempts.push((attempt, *listed));
        }
    }
    let mut groups: Vec<_> = found.into_values().collect();
    for group in &mut groups {
        group.attempts.sort_by_key(|(attempt, _)| (attempt.ended, attempt.attempt));
        if let Some((attempt, _)) = group.attempts.last() {
            group.cause = cause_of(attempt);
        }
    }
    groups.sort_by(|a, b| b.last().cmp(&a.last()).then_with(|| a.kind.cmp(&b.kind)));
    groups.truncate(CAUSES);
    for group in &mut groups {
        let mut seen = BTreeSet::new();
        let newest = group.attempts.iter().rev().map(|(_, listed)| *listed);
        group.runs = newest.filter(|listed| seen.insert(listed.run.id)).collect();
    }
    groups
}

/// What went wrong, in words; never blank.
pub(super) fn cause_of(attempt: &AttemptView) -> &str {
    let cause = attempt.cause.as_deref().filter(|cause| !cause.trim().is_empty());
    cause.unwrap_or("no cause recorded")
}

/// A cause without what differs from attempt to attempt: numbers, ids, and what stands in quotes.
fn normalised(cause: &str) -> String {
    let mut words = Vec::new();
    for word in cause.split_whitespace() {
        let bare = word.trim_matches(|letter: char| !letter.is_alphanumeric());
        let hex = bare.len() >= 8 && bare.chars().all(|letter| letter.is_ascii_hexdigit());
        if hex || bare.chars().any(|letter| letter.is_ascii_digit()) || bare.contains(['/', '\\']) {
            words.push("#".to_owned());
        } else {
            words.push(word.to_lowercase());
        }
    }
    words.dedup();
    let text = words.join(" ");
    let parts = text.split(['\'', '"', '`']).enumerate();
    let kept = parts.map(|(index, part)| if index % 2 == 0 { part } else { "#" });
    kept.collect::<Vec<_>>().join("'")
}

fn summary(groups: &[Group<'_>]) -> Table {
    let mut table = Table::new("Causes")
        .class("sortable")
        .text("cause")
        .text("status")
        .number("attempts", "")
        .number("runs", "")
        .number("not finished since", "")
        .text("first seen")
        .text("last seen");
    for (index, group) in groups.iter().enumerate() {
        let minute = |time: Option<Timestamp>| {
            Cell::text(time.map_or_else(|| text::MISSING.into(), |time| time.minute()))
        };
        let status = group.attempts.last().map_or(Status::Failed, |(attempt, _)| attempt.status);
        let open = group.open();
        table.row(
            Cell::text(shortened(group.cause)).link("", &format!("#cause-{}", index + 1)),
            vec![
                runs::status(status),
                Cell::number(group.attempts.len().to_string()),
                Cell::number(group.runs.len().to_string()),
                Cell::number(open.to_string()).class(if open > 0 { "bad" } else { "" }),
                minute(group.first()),
                minute(group.last()),
            ],
        );
    }
    table
}

/// A cause as one line of a table.
fn shortened(cause: &str) -> String {
    super::chart::label(cause.trim(), 80)
}

fn section(group: &Group<'_>, index: usize, logs: &BTreeMap<RunId, String>, root: &str) -> Section {
    let runs = &group.runs;
    let mut table = Table::new(format!("Runs of cause {}", index + 1))
        .text("run")
        .text("experiment")
        .text("status now")
        .text("ended");
    for listed in runs.iter().take(RUNS) {
        let page = path::experiment(&listed.experiment.name);
        table.row(
            runs::name(listed.run, root),
            vec![
                Cell::text(&listed.experiment.title).link(root, &page),
                runs::status(listed.run.status),
                Cell::text(listed.run.ended.minute()),
            ],
        );
    }
    let mut section = Section::new(format!("cause-{}", index + 1), shortened(group.cause))
        .say(if shortened(group.cause) == group.cause { "" } else { group.cause })
        .table(table);
    if runs.len() > RUNS {
        section = section.say(format!("The newest {RUNS} of {} runs.", runs.len()));
    }
    if let Some(run) = group.shown() {
        let log = logs.get(&run.id).map_or("", String::as_str);
        let lines: Vec<_> = log.lines().collect();
        section.log = lines[lines.len().saturating_sub(LINES)..].join("\n");
        section.commands.push(format!("fairledger log {}", run.short));
        // What another tracker executed cannot be executed here.
        if run.tracker.is_none() {
            section.commands.push(super::run_tables::command(run));
        }
    }
    section
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn causes_that_differ_in_numbers_and_names_are_one() {
        for (a, b) in [
            ("out of memory: 5000 trees need 41 GB", "out of memory: 900 trees need 7.5 GB"),
            ("cannot read /tmp/a/b.csv", "cannot read data/other.csv"),
            ("unknown column 'area'", "unknown column \"price of it\""),
            ("attempt 0f3e9a7bcd died", "attempt deadbeefcafe died"),
        ] {
            assert_eq!(normalised(a), normalised(b));
        }
        assert_ne!(normalised("out of memory"), normalised("out of disk"));
    }

    #[test]
    fn the_log_of_the_newest_of_each_cause_is_asked_for() {
        let ledger = sample::ledger();
        let wanted = wanted(&ledger);
        assert_eq!(wanted.len(), 1);
        assert_eq!(wanted[0].status, Status::Failed);
    }
}
