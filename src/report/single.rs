//! Chosen runs as one HTML file that needs no other: to mail, to print, to hang into a chat.

use std::collections::BTreeSet;

use crate::ledger::cell::{Cell, cells};
use crate::ledger::id::RunId;
use crate::ledger::view::{ExperimentView, LedgerView, RunView};

use super::analysis::Study;
use super::picture::Picture;
use super::sections::Section;
use super::standalone::{Standalone, section};
use super::table::Table;
use super::template::Templates;
use super::{Page, ReportError, analysis, experiment_pictures, experiment_table, standing, text};

/// How many lines a table has at most; a file of more is no page to read.
const LINES: usize = 1000;

/// What the file shows of each experiment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SingleForm {
    /// The comparison, the table, further pictures and statistics.
    #[default]
    Report,
    /// The two-by-two comparison: the goal and the next metric by run, a param against the goal, time.
    Comparison,
    /// The table of runs: ids, metrics and the params that vary.
    Table,
}

/// What a file of chosen runs is made of, beside the runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Single<'a> {
    /// How the runs were chosen, as a person wrote it; empty for all runs.
    pub chosen: &'a str,
    /// At most so many lines of each experiment.
    pub top: Option<usize>,
    /// Whether the runs are in an order that somebody asked for, instead of best first by the goal.
    pub ordered: bool,
    /// What is shown.
    pub form: SingleForm,
}

/// Renders the file; `ledger` holds the chosen runs only.
pub(super) fn page(
    templates: &Templates,
    ledger: &LedgerView,
    asked: &Single<'_>,
) -> Result<Page, ReportError> {
    let (mut parts, mut runs) = (Vec::new(), BTreeSet::new());
    let chosen: Vec<&ExperimentView> =
        ledger.experiments.iter().filter(|experiment| !experiment.runs.is_empty()).collect();
    for experiment in &chosen {
        let shown = shown(experiment, asked);
        runs.extend(shown.runs.iter().map(|run| run.id));
        parts.extend(of_experiment(experiment, &shown, asked)?);
    }
    let title = match chosen.as_slice() {
        [only] => only.title.clone(),
        _ => super::template::name(ledger).to_owned(),
    };
    let file = Standalone { title, lead: lead(&runs, asked), parts, about: about(ledger) };
    file.page(templates, "single.html", ledger)
}

/// The experiment with the runs that the file shows, in their order.
fn shown(experiment: &ExperimentView, asked: &Single<'_>) -> ExperimentView {
    let top = asked.top.unwrap_or(usize::MAX).min(LINES);
    let kept: Vec<RunView> = lines(experiment, asked)
        .into_iter()
        .take(top)
        .flat_map(|line| line.runs)
        .cloned()
        .collect();
    ExperimentView { runs: kept, ..experiment.clone() }
}

/// The lines of an experiment: best first, or in the order that was asked for.
fn lines<'e>(experiment: &'e ExperimentView, asked: &Single<'_>) -> Vec<Cell<'e>> {
    if asked.ordered { cells(&experiment.runs) } else { standing::lines(experiment) }
}

fn lead(runs: &BTreeSet<RunId>, asked: &Single<'_>) -> String {
    let count = text::count(runs.len(), "run");
    let which = match asked.chosen {
        "" => String::new(),
        chosen => format!(" of {chosen}"),
    };
    match asked.top {
        Some(top) => format!("{count}{which}, at most {top} of an experiment."),
        None => format!("{count}{which}."),
    }
}

/// Where the runs are from: the ledger, who answers for it, and its licence.
fn about(ledger: &LedgerView) -> String {
    let parts = [super::template::name(ledger), &ledger.authors.join(", "), &ledger.licence];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}

/// The sections of an experiment. `all` has every chosen run of it, `shown` those that the file shows.
fn of_experiment(
    all: &ExperimentView,
    shown: &ExperimentView,
    asked: &Single<'_>,
) -> Result<Vec<Section>, ReportError> {
    let section = |word: &str, title: &str| section(all, word, title);
    let goal = &all.goal;
    let words = format!("Goal: {}, {}.", goal.metric, text::direction(Some(goal.direction)));
    let mut parts = Vec::new();
    let with_table = asked.form != SingleForm::Comparison;
    if with_table {
        let section = section("runs", "runs").say(&all.description).say(&words);
        parts.push(section.say(left_out(all, shown)).table(table(all, shown, asked)));
    }
    if asked.form != SingleForm::Table {
        let mut four = section("comparison", "comparison");
        if !with_table {
            four = four.say(&words).say(left_out(all, shown));
        }
        let study = Study::of(shown);
        four.pictures = comparison(shown, &study)?;
        if four.pictures.is_empty() {
            four = four.say("Too little to show: no finished run has the goal.");
        }
        parts.push(four);
        if asked.form == SingleForm::Report {
            parts.push(analysis::distributions(&study, section("distributions", "distributions"))?);
            parts.push(analysis::impact(&study, section("impact", "impact of params"))?);
        }
    }
    Ok(parts)
}

/// The sentence about lines that are not shown.
fn left_out(all: &ExperimentView, shown: &ExperimentView) -> String {
    if shown.runs.len() == all.runs.len() {
        return String::new();
    }
    format!("{} of {} are shown.", shown.runs.len(), text::count(all.runs.len(), "chosen run"))
}

/// The table of the runs, without links: there is no page to lead to.
fn table(all: &ExperimentView, shown: &ExperimentView, asked: &Single<'_>) -> Table {
    let every: Vec<&RunView> = all.runs.iter().collect();
    // A param that the best have in common tells as much as one that varies among them.
    let params = standing::varying(&every);
    let label = if asked.ordered { "Runs" } else { "Runs, best first" };
    experiment_table::with_params(shown, &lines(shown, asked), (label, &params), "").without_links()
}

/// The goal and the next metric by run, the param with the most impact against the goal, and time.
fn comparison(experiment: &ExperimentView, study: &Study<'_>) -> Result<Vec<Picture>, ReportError> {
    let mut pictures = experiment_pictures::comparisons(experiment)?;
    pictures.truncate(2);
    pictures.extend(analysis::leading_param(study)?);
    pictures.extend(analysis::trends(study, Section::default())?.pictures.into_iter().take(1));
    Ok(pictures)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{HOSTILE, spoiled};
    use super::super::{Site, Theme, sample};
    use super::*;

    fn text(ledger: &LedgerView, asked: &Single<'_>) -> String {
        let page = Site::new(&Theme::new()).unwrap().single(ledger, asked).unwrap();
        String::from_utf8(page.bytes).unwrap()
    }

    #[test]
    fn the_comparison_is_four_pictures() {
        let asked = Single { form: SingleForm::Comparison, ..Single::default() };
        let page = text(&sample::ledger(), &asked);
        let titles: Vec<&str> =
            page.split("<h3>").skip(1).filter_map(|it| it.split('<').next()).collect();
        assert_eq!(titles.len(), 4, "{titles:?}");
        assert_eq!(titles[..2], ["r2, higher is better", "rmse, lower is better"]);
        assert!(titles[2].ends_with(" and r2") && titles[3] == "r2 over time", "{titles:?}");
        assert!(page.contains("coloured by") && !page.contains("<table"));
        assert_eq!(text(&sample::ledger(), &asked), page);
    }

    #[test]
    fn the_best_share_a_table_with_the_params_that_vary_among_all() {
        let asked = Single { form: SingleForm::Table, top: Some(1), ..Single::default() };
        let page = text(&sample::ledger(), &asked);
        assert_eq!(page.matches("<tr>").count(), 2, "a head and a row");
        for column in ["rmse", "n_estimators", "max_depth", "min_samples_split"] {
            assert!(
                page.contains(&format!(">{column}<")) || page.contains(&format!(">{column} <")),
                "{column}"
            );
        }
        assert!(page.contains("1 of 9 chosen runs are shown.") && !page.contains("<a "), "{page}");
    }

    #[test]
    fn hostile_text_stays_text_and_nothing_is_loaded() {
        for hostile in HOSTILE {
            let (ledger, _) = spoiled(hostile);
            let page = text(&ledger, &Single { chosen: hostile, ..Single::default() });
            for forbidden in ["<script", "<a ", "href=", "src=", "url(", "@import"] {
                assert!(!page.contains(forbidden), "{forbidden}");
            }
            let body = page.split("</style>").nth(1).unwrap();
            for tag in body.split('<').skip(1).filter_map(|part| part.split('>').next()) {
                let outside: String = tag.split('"').step_by(2).collect();
                assert!(tag.matches('"').count().is_multiple_of(2), "{tag}");
                assert!(!outside.contains(" on") && !outside.contains("style="), "{tag}");
            }
        }
    }
}
