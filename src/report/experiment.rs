//! The page of an experiment: which run is best, how the others compare, what it is about.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::ledger::attempt::Status;
use crate::ledger::view::{ExperimentView, GoalView, LedgerView, RunView};
use crate::ledger::{metric, number};

use super::picture::Picture;
use super::table::{Cell, Table};
use super::template::Templates;
use super::trusted::Trusted;
use super::{Page, ReportError, experiment_pictures, markdown, path, runs, standing, text};

/// How many runs a page lists; more would be a page too heavy to open.
const LISTED: usize = 500;

/// What the template prints.
#[derive(Serialize)]
struct Content<'a> {
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
}

/// Renders `x/<slug>/index.html`.
pub(super) fn page(
    templates: &Templates,
    ledger: &LedgerView,
    experiment: &ExperimentView,
) -> Result<Page, ReportError> {
    let path = path::experiment(&experiment.name);
    let root = path::root(&path);
    let ordered = standing::ordered(experiment);
    let listed = &ordered[..ordered.len().min(LISTED)];
    let mut others = experiment_pictures::params(experiment)?;
    others.extend(experiment_pictures::best_so_far(experiment)?);
    let content = Content {
        title: &experiment.title,
        name: &experiment.name,
        description: &experiment.description,
        goal: goal(&experiment.goal),
        tags: &experiment.tags,
        best: standing::best(experiment).map(|run| best(experiment, run, &root)),
        summary: summary(experiment),
        comparisons: experiment_pictures::comparisons(experiment)?,
        listed: listed_note(experiment.runs.len(), listed.len()),
        runs: table(experiment, listed, &root),
        others,
        readme: (!experiment.readme.trim().is_empty())
            .then(|| markdown::render(&experiment.readme, &experiment.title)),
        commands: commands(experiment),
        exact: runs::exact("All values", listed, &root),
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
        value: standing::goal_value(&experiment.goal, run)
            .map_or_else(|| text::MISSING.to_owned(), number::for_people),
        trainer: &run.trainer,
        params: varying.iter().filter_map(say).collect::<Vec<_>>().join(", "),
    }
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

fn listed_note(total: usize, listed: usize) -> String {
    if listed == total {
        return String::new();
    }
    format!("The best {listed} of {total} runs; `fairledger list` shows all of them.")
}

fn table(experiment: &ExperimentView, listed: &[&RunView], root: &str) -> Table {
    let goal = &experiment.goal;
    let params = standing::varying(listed);
    let trainers = listed.iter().any(|run| run.trainer != listed[0].trainer);
    let metrics: Vec<_> = standing::metrics(&goal.metric, listed)
        .into_iter()
        .filter(|name| *name != goal.metric && is_shown(name, &goal.metric))
        .collect();
    let mut table = Table::new("Runs, best first").class("sortable").text("run").text("status");
    if trainers {
        table = table.text("trainer");
    }
    table =
        table.number(&goal.metric, text::direction(Some(goal.direction))).number("to the best", "");
    for name in &metrics {
        table = table.number(*name, text::direction(standing::direction(goal, name)));
    }
    for name in &params {
        table = table.number(*name, "");
    }
    table = table.text("started").number("took", "");
    let best = standing::best(experiment);
    let scale = Scale::of(goal, listed);
    for run in listed {
        let mut cells = vec![runs::status(run.status)];
        if trainers {
            cells.push(Cell::text(&run.trainer));
        }
        cells.push(runs::metric(run, &goal.metric).class(&scale.class(goal, run)));
        cells.push(runs::behind(goal, run, best));
        cells.extend(metrics.iter().map(|name| runs::metric(run, name)));
        cells.extend(params.iter().map(|name| runs::param(run, name)));
        cells.push(Cell::text(run.started.minute()));
        cells.push(Cell::number(text::duration(run.started, run.ended)));
        table.row(runs::name(run, root), cells);
    }
    table
}

/// Of the metrics on training rows only the goal's is in the table; the others are below.
fn is_shown(name: &str, goal: &str) -> bool {
    metric::is_listed(name) || name.strip_prefix("train_") == Some(goal)
}

/// The length of in-cell bars: the best of the listed runs has the longest, the worst the shortest.
struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    fn of(goal: &GoalView, runs: &[&RunView]) -> Self {
        let values = || runs.iter().filter_map(|run| standing::goal_value(goal, run));
        let finite = || values().filter(|value| value.is_finite());
        let (low, high) =
            (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max));
        Self { low, high }
    }

    fn class(&self, goal: &GoalView, run: &RunView) -> String {
        let Some(value) = standing::goal_value(goal, run).filter(|value| value.is_finite()) else {
            return String::new();
        };
        let share = (value - self.low) / (self.high - self.low);
        let better = match goal.direction {
            crate::ledger::metric::Direction::Maximize => share,
            crate::ledger::metric::Direction::Minimize => 1.0 - share,
        };
        let better = if better.is_finite() { better } else { 1.0 };
        format!("bar w{}", (1.0 + 19.0 * better).round() as u8)
    }
}

fn commands(experiment: &ExperimentView) -> Vec<String> {
    let mut specs: Vec<_> = experiment.runs.iter().map(|run| run.spec.as_str()).collect();
    specs.sort_unstable();
    specs.dedup();
    let name = &experiment.name;
    let run = |spec: &&str| format!("fairledger run {}", spec_word(name, spec));
    let best = format!("fairledger best {}", text::shell_word(name));
    specs.iter().map(run).chain([best]).collect()
}

/// The path of a spec as one word of a command line.
pub(super) fn spec_word(experiment: &str, spec: &str) -> String {
    text::shell_word(&format!("experiments/{experiment}/{spec}"))
}
