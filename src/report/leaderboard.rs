//! The leaderboard: by the goal of each experiment, who leads and by how much.

use crate::ledger::number;
use crate::ledger::view::{ExperimentView, LedgerView, RunView};

use super::sections::{Section, Sections};
use super::table::{Cell, Table};
use super::template::Templates;
use super::{Page, ReportError, experiment_table, path, runs, standing, text};

/// How many places an experiment lists.
const PLACES: usize = 50;

/// Renders `leaderboard/index.html`.
pub(super) fn page(templates: &Templates, ledger: &LedgerView) -> Result<Page, ReportError> {
    let path = path::LEADERBOARD.to_owned();
    let root = path::root(&path);
    let sections = Sections {
        title: "Leaderboard".into(),
        lead: "The best of each experiment by its goal. Runs that differ in nothing but the seed share a \
               place and count by their mean."
            .into(),
        parts: ledger.experiments.iter().map(|it| section(it, &root)).collect(),
        ..Sections::default()
    };
    sections.page(templates, "leaderboard.html", path, ledger)
}

fn section(experiment: &ExperimentView, root: &str) -> Section {
    let goal = &experiment.goal;
    let mut lines = standing::lines(experiment);
    lines.retain(|line| standing::goal_mean(goal, line).is_some());
    let mut section = Section::new(path::slug(&experiment.name), &experiment.title);
    section.link = format!("{root}{}", path::experiment(&experiment.name));
    let direction = text::direction(Some(goal.direction));
    section = section.say(format!("Goal: {}, {direction}.", goal.metric));
    if lines.is_empty() {
        return section.say("No finished run has it yet.");
    }
    if lines.len() > PLACES {
        section = section.say(format!("The first {PLACES} of {}.", lines.len()));
    }
    let mut table = Table::new(format!("Leaderboard of {}", experiment.title))
        .class("sortable")
        .text("run")
        .number("rank", "")
        .number(format!("mean {}", goal.metric), direction)
        .number("to the first", "")
        .number("deviation", "")
        .number("seeds", "")
        .text("trainer")
        .text("who")
        .text("when")
        .text("commit");
    let first = standing::goal_mean(goal, &lines[0]);
    let (mut rank, mut last) = (0, None);
    for (place, line) in lines.iter().take(PLACES).enumerate() {
        let Some(summary) = line.summary(&goal.metric) else { continue };
        // Equals share the better place; what is no number has none.
        if last != Some(summary.mean) {
            (rank, last) = (place + 1, Some(summary.mean));
        }
        let run = experiment_table::standing(line, experiment);
        let shown = if summary.mean.is_nan() { text::MISSING.into() } else { rank.to_string() };
        let deviation = summary.deviation.map(number::deviation_for_people);
        let link = Cell::text(if line.label().is_empty() { "run" } else { line.label() });
        table.row(
            link.link(root, &path::run(&run.id)).note(run.short.clone()),
            vec![
                Cell::number(shown),
                Cell::number(number::for_people(summary.mean)),
                runs::distance(goal, Some(summary.mean), first, place == 0),
                deviation.map_or_else(runs::missing, Cell::number),
                Cell::number(summary.count.to_string()),
                Cell::text(&run.trainer),
                Cell::text(&run.host.name),
                Cell::text(run.started.minute()),
                commit(run),
            ],
        );
    }
    section.table(table)
}

/// The commit of the repository around a run, a plus where its files differed from it.
fn commit(run: &RunView) -> Cell {
    run.git.as_ref().map_or_else(
        || Cell::text(text::MISSING),
        |git| {
            let cell = Cell::code(text::short(&git.commit));
            if git.dirty { cell.note("with changes") } else { cell }
        },
    )
}
