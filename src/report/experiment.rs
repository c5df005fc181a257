//! The page of an experiment: which run is best, how the others compare, what it is about.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::ledger::attempt::Status;
use crate::ledger::monitor;
use crate::ledger::selection::select;
use crate::ledger::statistics::Verdict;
use crate::ledger::view::{ExperimentView, GoalView, LedgerView, RunView};
use crate::ledger::{cell, number};

use super::experiment_pictures::Pictures;
use super::picture::Picture;
use super::table::Table;
use super::template::Templates;
use super::trusted::Trusted;
use super::{Page, ReportError, described, experiment_table};
use super::{markdown, monitors, path, runs, standing, text};

/// How many lines and how many runs a page lists; more would be a page too heavy to open.
const LISTED: usize = 500;

/// What the template prints.
#[derive(Serialize)]
struct Content<'a> {
    described: Trusted,
    title: &'a str,
    name: &'a str,
    description: &'a str,
    goal: String,
    tags: &'a BTreeMap<String, String>,
    best: Option<Best<'a>>,
    summary: String,
    comparisons: Vec<Picture>,
    listed: String,
    runs: Table,
    others: Vec<Picture>,
    readme: Option<Trusted>,
    commands: Vec<String>,
    exact: Table,
}

/// The best run in one line.
#[derive(Serialize)]
struct Best<'a> {
    label: &'a str,
    link: String,
    metric: &'a str,
    value: String,
    trainer: &'a str,
    params: String,
    /// What its replicates tell, empty when it has none.
    noise: String,
}

/// Renders `x/<slug>/index.html`.
pub(super) fn page(
    templates: &Templates,
    ledger: &LedgerView,
    experiment: &ExperimentView,
) -> Result<Page, ReportError> {
    let path = path::experiment(&experiment.name);
    let root = path::root(&path);
    let lines = standing::lines(experiment);
    let listed = &lines[..lines.len().min(LISTED)];
    let exact: Vec<&RunView> =
        listed.iter().flat_map(|line| line.runs.iter().copied()).take(LISTED).collect();
    let Pictures { comparisons, params: mut others, best_so_far } = Pictures::of(experiment)?;
    others.extend(best_so_far);
    let content = Content {
        described: described::experiment(ledger, experiment),
        title: &experiment.title,
        name: &experiment.name,
        description: &experiment.description,
        goal: goal(&experiment.goal),
        tags: &experiment.tags,
        best: standing::best(experiment).map(|run| best(experiment, run, &root)),
        summary: summary(experiment),
        comparisons,
        listed: listed_note(&lines, listed.len()),
        runs: experiment_table::runs(experiment, listed, &root),
        others,
        readme: (!experiment.readme.trim().is_empty())
            .then(|| markdown::render(&experiment.readme, &experiment.title)),
        commands: commands(experiment),
        exact: runs::exact("All values", &exact, &root),
    };
    templates.page("experiment.html", path, &experiment.title, ledger, &content)
}

fn goal(goal: &GoalView) -> String {
    format!("{}, {}", goal.metric, text::direction(Some(goal.direction)))
}

fn best<'a>(experiment: &'a ExperimentView, run: &'a RunView, root: &str) -> Best<'a> {
    let all: Vec<_> = experiment.runs.iter().collect();
    let varying = standing::varying(&all);
    let say = |name: &&str| run.params.get(*name).map(|it| format!("{name} {}", text::param(it)));
    Best {
        label: &run.label,
        link: format!("{root}{}", path::run(&run.id)),
        metric: &experiment.goal.metric,
        value: standing::measured(&experiment.goal, run)
            .unwrap_or_else(|| text::MISSING.to_owned()),
        trainer: &run.trainer,
        params: varying.iter().filter_map(say).collect::<Vec<_>>().join(", "),
        noise: noise(experiment),
    }
}

/// Of how many seeds the best is the mean, and whether its lead over the next is more than noise.
fn noise(experiment: &ExperimentView) -> String {
    let goal = &experiment.goal;
    let selection = select(experiment.runs.iter().rev(), &goal.metric, goal.direction);
    let Some(selection) = selection else { return String::new() };
    let mut parts = Vec::new();
    let seeds = selection.cells.first().map_or(1, |winner| winner.summary.count);
    if seeds > 1 {
        parts.push(format!("the mean of {seeds} seeds ± half its 95 % confidence interval"));
    }
    let lead = selection.lead.filter(|lead| lead.noise.verdict != Verdict::Unknown);
    parts.extend(lead.map(|lead| {
        let difference = number::for_people(lead.difference);
        format!("its lead over {}, {difference}, is {}", lead.over.label, lead.noise.words())
    }));
    parts.join("; ")
}

fn summary(experiment: &ExperimentView) -> String {
    let mut parts = vec![text::count(experiment.runs.len(), "run")];
    for status in [Status::Finished, Status::Failed, Status::Interrupted, Status::Running] {
        let number = experiment.runs.iter().filter(|run| run.status == status).count();
        if number > 0 {
            parts.push(format!("{number} {}", status.word()));
        }
    }
    parts.join(", ")
}

fn listed_note(lines: &[cell::Cell<'_>], listed: usize) -> String {
    let seeds = lines.iter().any(|line| line.runs.len() > 1);
    let mut notes = Vec::new();
    if listed < lines.len() {
        let all = if seeds { "cells" } else { "runs" };
        let total = lines.len();
        notes.push(format!(
            "The best {listed} of {total} {all}; `fairledger list` shows all of them."
        ));
    }
    if seeds {
        notes.push(
            "Runs that differ in nothing but the seed share a line: their mean ± half its 95 % \
             confidence interval. Each of them stands under All values."
                .to_owned(),
        );
    }
    notes.join(" ")
}

/// What to enter to run the specs again, and to see the best.
pub(super) fn commands(experiment: &ExperimentView) -> Vec<String> {
    let asked = experiment.runs.iter().filter(|run| run.tracker.is_none());
    let again = |run: &RunView| match run.trainer.as_str() {
        monitor::TRAINER => monitors::command(run),
        _ => format!("fairledger run {}", spec_word(&experiment.name, &run.spec)),
    };
    let specs: BTreeMap<&str, String> = asked.map(|run| (run.spec.as_str(), again(run))).collect();
    let best = format!("fairledger best {}", text::shell_word(&experiment.name));
    specs.into_values().chain([best]).collect()
}

/// The path of a spec as one word of a command line.
pub(super) fn spec_word(experiment: &str, spec: &str) -> String {
    text::shell_word(&format!("experiments/{experiment}/{spec}"))
}
