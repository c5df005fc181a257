//! The site as pure rendering: what is known of a ledger in, pages out.
//!
//! Nothing here reads a disk or a clock; the same input gives the same bytes. Every page is complete
//! without JavaScript and has only relative links to files that the same calls produce.

mod analysis;
mod artifacts;
mod chart;
mod class_pictures;
mod cluster_pictures;
mod compare;
mod csv;
mod data;
mod data_sets;
mod described;
mod digest;
mod evaluation_pictures;
mod experiment;
mod experiment_pictures;
mod experiment_table;
mod failures;
mod fair;
mod history;
mod kept_views;
mod leaderboard;
mod markdown;
mod monitors;
mod overview;
mod parts;
mod path;
mod picture;
mod provenance;
mod record;
mod registry;
mod replicates;
mod report_file;
mod run;
mod run_pictures;
mod run_tables;
mod runs;
mod runs_page;
#[cfg(test)]
mod sample;
mod sections;
mod single;
mod standalone;
mod standing;
mod standings;
mod table;
mod template;
#[cfg(test)]
mod tests;
mod text;
mod trusted;
mod week;

pub use data::Curves;
pub use parts::{Part, Parts, RunDigests, frame};
pub use path::{run_folder, run_of};
pub use single::{Single, SingleForm};
pub use standings::Standings;
pub use template::{Theme, live_script, look};

use std::collections::BTreeMap;

use self::experiment_pictures::Pictures;
use crate::ledger::id::RunId;
use crate::ledger::period::PeriodView;
use crate::ledger::threads;
use crate::ledger::time::Timestamp;
use crate::ledger::view::{ExperimentView, GoalView, LedgerView, RunFiles, RunView};

/// Renders some pages.
pub type Make<'a> = &'a (dyn Fn() -> Result<Vec<Page>, ReportError> + Sync);

/// The templates of the site, parsed once.
pub struct Site(template::Templates);

/// A file of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its path below the folder of the site, with forward slashes.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// A page or a picture cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A template does not parse.
    #[error("templates: {0}")]
    Template(#[source] Source),
    /// A template and what it was given do not fit.
    #[error("the page {page} cannot be rendered: {reason}")]
    Render {
        /// The page.
        page: String,
        /// Why not.
        #[source]
        reason: Source,
    },
    /// A picture was not finished.
    #[error("the picture '{title}' cannot be drawn: {reason}")]
    Picture {
        /// What it shows.
        title: String,
        /// Why not.
        #[source]
        reason: Source,
    },
    /// A run cannot be written as JSON.
    #[error("the record of run {run} cannot be written: {reason}")]
    Record {
        /// The run.
        run: String,
        /// Why not.
        #[source]
        reason: serde_json::Error,
    },
}

/// What another library had to say.
type Source = Box<dyn std::error::Error + Send + Sync>;

impl Site {
    /// Parses the templates, those of a theme before our own of the same name.
    pub fn new(theme: &Theme) -> Result<Self, ReportError> {
        Ok(Self(template::Templates::new(theme)?))
    }

    /// Renders `index.html`; its seven days end at an instant, else with the newest attempt.
    pub fn overview(
        &self,
        ledger: &LedgerView,
        as_of: Option<Timestamp>,
    ) -> Result<Page, ReportError> {
        overview::page(&self.0, ledger, as_of)
    }

    /// Renders the page of an experiment, `x/<slug>/index.html`, unless it stands.
    pub fn experiment(
        &self,
        ledger: &LedgerView,
        experiment: &ExperimentView,
        parts: &Parts,
    ) -> Result<Vec<Page>, ReportError> {
        let (name, key) = (path::experiment(&experiment.name), parts.key_of(experiment));
        let make = || {
            let page = experiment::page(&self.0, ledger, experiment)?;
            Ok((vec![page], parts::Told::default()))
        };
        Ok(parts.make(&name, key, make)?.0)
    }

    /// Renders the page of a run, `r/<first two digits>/<id>/index.html`, and its pictures as SVG files
    /// and its curves for scripts beside it; the page comes first.
    pub fn run(
        &self,
        ledger: &LedgerView,
        experiment: &ExperimentView,
        standings: &Standings<'_>,
        run: &RunView,
        files: &RunFiles,
    ) -> Result<Vec<Page>, ReportError> {
        run::page(&self.0, ledger, (experiment, standings), run, files)
    }

    /// Renders the pages that look at all runs together, and before them the runs as data for scripts,
    /// `data/…`. The pages are those of all runs, `runs/index.html` and `runs/p/0001.html` and on, the
    /// leaderboard, the failures, the data sets, the provenance, the analysis, the comparisons, the
    /// registered models, how FAIR the ledger is, and its description, `metadata.jsonld`.
    ///
    /// `curves` has what [`curves`] tells of each run that has any; `logs` has the logs of the [`failed`]
    /// runs. Of the parts that stand there are no pages.
    pub fn across(
        &self,
        ledger: &LedgerView,
        curves: &BTreeMap<RunId, Curves>,
        logs: &BTreeMap<RunId, String>,
        parts: &Parts,
    ) -> Result<Vec<Page>, ReportError> {
        let runs = history::of(ledger);
        let mut pages = data::files(ledger, &runs, curves, parts)?;
        let manifest = pages.last().map(|page| data::version(&page.bytes)).unwrap_or_default();
        pages.extend(runs_page::pages(&self.0, ledger, (&runs, curves), (&manifest, parts))?);
        let others: [Make<'_>; 9] = [
            &|| compare::pages(&self.0, ledger, &runs, &manifest),
            &|| Ok(vec![leaderboard::page(&self.0, ledger)?]),
            &|| analysis::pages(&self.0, ledger, &manifest),
            &|| registry::pages(&self.0, ledger),
            &|| Ok(vec![data_sets::page(&self.0, ledger, &runs)?]),
            &|| Ok(vec![provenance::page(&self.0, ledger, &runs)?]),
            &|| Ok(vec![failures::page(&self.0, ledger, &runs, logs)?]),
            &|| Ok(vec![fair::page(&self.0, ledger)?]),
            &|| Ok(vec![described::file(ledger)]),
        ];
        for made in threads::each(&others, |make| make()) {
            pages.extend(made?);
        }
        Ok(pages)
    }

    /// Renders what happened in a period as one file that needs no other; the ledger holds only its runs.
    pub fn digest(&self, ledger: &LedgerView, period: &PeriodView) -> Result<Page, ReportError> {
        digest::page(&self.0, ledger, period)
    }

    /// Renders chosen runs as one file that needs no other; the ledger holds only them.
    pub fn single(&self, ledger: &LedgerView, asked: &Single<'_>) -> Result<Page, ReportError> {
        single::page(&self.0, ledger, asked)
    }

    /// The files that pages load: the style sheet and the script.
    pub fn assets(&self) -> Vec<Page> {
        self.0.assets()
    }
}

/// `REPORT.md` of an experiment and its pictures, all below `x/<slug>/`.
pub fn markdown_report(experiment: &ExperimentView) -> Result<Vec<Page>, ReportError> {
    report_file::pages(experiment)
}

/// The runs whose logs the page of failures shows: the newest of each cause.
pub fn failed(ledger: &LedgerView) -> Vec<&RunView> {
    failures::wanted(ledger)
}

/// What is known of a run's curves without reading them again.
pub fn curves(goal: &GoalView, files: &RunFiles) -> Curves {
    data::shape::of(goal, &files.points)
}

/// The pictures of an experiment as SVG files below `<slug>/`.
pub fn experiment_pictures(experiment: &ExperimentView) -> Result<Vec<Page>, ReportError> {
    let Pictures { comparisons: mut pictures, params, best_so_far } = Pictures::of(experiment)?;
    pictures.extend(params);
    pictures.extend(best_so_far);
    let folder = path::slug(&experiment.name);
    Ok(pictures.iter().map(|picture| picture.file(&folder)).collect())
}

/// The pictures of a run as SVG files below `<slug of its experiment>/<short id>/`.
pub fn run_pictures(
    experiment: &ExperimentView,
    run: &RunView,
    files: &RunFiles,
) -> Result<Vec<Page>, ReportError> {
    let (pictures, _) = picture::divide(run_pictures::all(&experiment.goal, run, files)?);
    let folder = format!("{}/{}", path::slug(&experiment.name), path::slug(&run.short));
    Ok(pictures.iter().map(|picture| picture.file(&folder)).collect())
}
