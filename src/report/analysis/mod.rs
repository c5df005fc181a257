//! The analysis pages: what the goal did over time, how it is spread, and what the params have to do
//! with it. Each page shows the experiments that ran last.

mod distributions;
mod impact;
mod parallel;
mod scatter;
mod trends;

use crate::ledger::impact::{Impact, impacts};
use crate::ledger::threads;
use crate::ledger::view::{ExperimentView, LedgerView, RunView};

pub(super) use distributions::tell as distributions;
pub(super) use impact::tell as impact;
pub(super) use scatter::leading as leading_param;
pub(super) use trends::tell as trends;

use super::picture::Picture;
use super::sections::{Link, Section, Sections};
use super::template::Templates;
use super::{Page, ReportError, path, standing, trusted::Trusted};

/// How many experiments a page shows.
const EXPERIMENTS: usize = 20;

/// Draws and tells one experiment.
type Tell = fn(&Study<'_>, Section) -> Result<Section, ReportError>;

/// An experiment with what several pages tell of it, found once.
pub(super) struct Study<'a> {
    experiment: &'a ExperimentView,
    /// The finished runs with a finite goal, best first, with its value.
    measured: Vec<(&'a RunView, f64)>,
    /// What each param has to do with the goal by itself, the largest first.
    impacts: Vec<Impact>,
}

impl<'a> Study<'a> {
    /// Studies an experiment.
    pub(super) fn of(experiment: &'a ExperimentView) -> Self {
        let goal = &experiment.goal;
        let value = |run| standing::goal_value(goal, run).filter(|value| value.is_finite());
        let ordered = standing::ordered(experiment).into_iter();
        let all: Vec<&RunView> = experiment.runs.iter().collect();
        Self {
            experiment,
            measured: ordered.filter_map(|run| Some((run, value(run)?))).collect(),
            impacts: impacts(&all, &goal.metric),
        }
    }
}

/// One page: the word of its link, its title, what it tells, and how.
struct Kind {
    link: &'static str,
    title: &'static str,
    lead: &'static str,
    /// Whether scripts draw all runs on it.
    drawn: bool,
    tell: Tell,
}

/// The pages; the first is the one that the navigation leads to.
const KINDS: [Kind; 5] = [
    Kind {
        link: "Trends",
        title: "Trends",
        lead: "The goal of each experiment over time, every finished run a mark, the line the best so far. \
               Days are those of UTC.",
        drawn: false,
        tell: trends::tell,
    },
    Kind {
        link: "Distributions",
        title: "Distributions",
        lead: "How the metrics of finished runs are spread.",
        drawn: false,
        tell: distributions::tell,
    },
    Kind {
        link: "Impact",
        title: "Impact of params",
        lead: "How much each param decides of the goal. Importance is measured by fANOVA (Hutter, Hoos, \
               Leyton-Brown 2014) over a random forest of the runs: the share of the variance of its \
               predictions that a param makes alone, and what params make only together; each param ranges \
               over the values that the runs have. Beside it what each tells by itself: epsilon squared over \
               groups of equal values (more than eight numbers are put into five groups of neighbours), and \
               Spearman's correlation.",
        drawn: false,
        tell: impact::tell,
    },
    Kind {
        link: "Parallel coordinates",
        title: "Parallel coordinates",
        lead: "Each finished run a line through its params to its goal; the best in a colour of its own, \
               the others fainter the worse they are.",
        drawn: true,
        tell: |study, section| Ok(parallel::tell(study, section)),
    },
    Kind {
        link: "Scatter",
        title: "Scatter",
        lead: "The params with the most impact against the goal, coloured by the next one.",
        drawn: true,
        tell: scatter::tell,
    },
];

/// Renders the pages of `analysis/`, those of [`path::analysis`].
pub(super) fn pages(
    templates: &Templates,
    ledger: &LedgerView,
    manifest: &str,
) -> Result<Vec<Page>, ReportError> {
    let mut experiments: Vec<&ExperimentView> =
        ledger.experiments.iter().filter(|experiment| !experiment.runs.is_empty()).collect();
    experiments.sort_by_key(|it| std::cmp::Reverse(it.runs.iter().map(|run| run.ended).max()));
    let left = experiments.len().saturating_sub(EXPERIMENTS);
    experiments.truncate(EXPERIMENTS);
    let studies = threads::each(&experiments, |experiment| Study::of(experiment));
    let kinds: Vec<_> = KINDS.iter().enumerate().collect();
    let pages = threads::each(&kinds, |(number, kind)| {
        let number = *number;
        let path = path::analysis(number);
        let root = path::root(&path);
        let links = KINDS.iter().enumerate().filter(|(other, _)| *other != number);
        let links = links.map(|(other, kind)| {
            let file = path::analysis(other);
            Link::new(kind.link, file.trim_start_matches("analysis/"))
        });
        let mut lead = kind.lead.to_owned();
        if left > 0 {
            lead.push_str(&left_out(left));
        }
        let mut sections = Vec::new();
        for study in &studies {
            let experiment = study.experiment;
            let mut section = Section::new(path::slug(&experiment.name), &experiment.title);
            section.link = format!("{root}{}", path::experiment(&experiment.name));
            sections.push((kind.tell)(study, section)?);
        }
        let page = Sections {
            title: kind.title.into(),
            lead: if experiments.is_empty() { "No run yet.".into() } else { lead },
            links: links.collect(),
            manifest: if kind.drawn {
                format!("{root}{}?v={manifest}", path::MANIFEST)
            } else {
                String::new()
            },
            parts: sections,
        };
        page.page(templates, "analysis.html", path, ledger)
    });
    pages.into_iter().collect()
}

/// The sentence about experiments that are left out.
fn left_out(left: usize) -> String {
    format!(" The {EXPERIMENTS} experiments that ran last; {left} more are left out.")
}

/// A picture that is only on its page.
fn picture(title: String, caption: String, svg: Trusted) -> Picture {
    Picture::new("", title, caption, svg)
}

/// The sentence where there is too little to draw.
fn too_little(section: Section, needed: &str) -> Section {
    section.say(format!("Too little to show: {needed}."))
}
