//! From the files of the ledger to the pages of its site.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::ledger::digest::Digest;
use crate::ledger::id::RunId;
use crate::ledger::layout;
use crate::ledger::metric::read_lines;
use crate::ledger::view::{FileState, LedgerView, RunFiles, RunView};
use crate::report::{self, Page, Site, Theme, look};
use crate::store::Entry;

use super::error::Error;
use super::ledger::Ledger;

/// The folder of the site in the ledger.
const FOLDER: &str = "site";

/// Its first page.
const INDEX: &str = "index.html";

/// Text artifacts above this size are not read for a page.
const MAX_TEXT: u64 = 1 << 20;

/// A site as it was built.
#[derive(Clone, Debug)]
pub struct Built {
    /// Its first page.
    pub index: PathBuf,
    /// Number of pages that changed.
    pub written: usize,
    /// Number of pages that stayed as they were.
    pub unchanged: usize,
    /// Files that were not used because they are damaged, with what is wrong.
    pub refused: Vec<String>,
}

/// Digest of everything a site is made of: what it shows, and how.
fn site_key(view: &LedgerView, theme: &Theme) -> Digest {
    let shown = serde_json::to_vec(view).unwrap_or_default();
    Digest::of(&[shown.as_slice(), look(theme).as_bytes()].concat())
}

/// What a page shows of a file.
enum Shown<'a> {
    Metrics,
    Log,
    Text(&'a str),
}

/// How a page shows the file of a path, `None` for one that it only lists.
fn shown(path: &str) -> Option<Shown<'_>> {
    match path {
        layout::METRICS => Some(Shown::Metrics),
        layout::LOG => Some(Shown::Log),
        _ => {
            let name = path.strip_prefix("artifacts/")?;
            matches!(name.rsplit('.').next(), Some("csv" | "json")).then_some(Shown::Text(name))
        }
    }
}

impl Ledger {
    /// Brings the site up to date; pages whose bytes stay the same are not touched.
    pub fn build_site(&self) -> Result<Built, Error> {
        let (view, theme) = (self.view()?, self.theme()?);
        self.build_pages(&view, &theme, site_key(&view, &theme))
    }

    /// Brings the site up to date unless it was built from the same view before and still stands.
    pub(super) fn update_site(&self, view: &LedgerView) -> Result<Built, Error> {
        let theme = self.theme()?;
        let key = site_key(view, &theme);
        let index = self.root().join(FOLDER).join(INDEX);
        if index.is_file() && self.store.site_key() == Some(key) {
            return Ok(Built { index, written: 0, unchanged: 0, refused: Vec::new() });
        }
        self.build_pages(view, &theme, key)
    }

    fn build_pages(&self, view: &LedgerView, theme: &Theme, key: Digest) -> Result<Built, Error> {
        let site = Site::new(theme)?;
        let (mut pages, mut refused) = (site.assets(), Vec::new());
        let mut curves = BTreeMap::new();
        for experiment in &view.experiments {
            for run in &experiment.runs {
                // A run that several experiments list has one page, that of the first.
                if run.experiments.first() == Some(&experiment.name) {
                    let files = self.files(run, &mut refused)?;
                    let count = report::curves(run, &files);
                    if count > 0 {
                        curves.insert(run.id, count);
                    }
                    pages.extend(site.run(view, experiment, run, &files)?);
                }
            }
        }
        for experiment in &view.experiments {
            pages.push(site.experiment(view, experiment)?);
        }
        let logs = self.failure_logs(view, &mut refused)?;
        pages.extend(site.across(view, &curves, &logs)?);
        pages.push(site.overview(view)?);
        let pages = pages.into_iter().map(|page| (page.path, page.bytes));
        let published = self.store.publish(Path::new(FOLDER), pages)?;
        self.store.keep_site_key(key)?;
        Ok(Built {
            index: self.root().join(FOLDER).join(INDEX),
            written: published.written,
            unchanged: published.unchanged,
            refused,
        })
    }

    /// The logs that the page of failures shows.
    fn failure_logs(
        &self,
        view: &LedgerView,
        refused: &mut Vec<String>,
    ) -> Result<BTreeMap<RunId, String>, Error> {
        let mut logs = BTreeMap::new();
        for run in report::failed(view) {
            // What its own page refuses is named once.
            let before = refused.len();
            logs.insert(run.id, self.files(run, refused)?.log);
            refused.truncate(before);
        }
        Ok(logs)
    }

    /// The ledger's own templates and style sheet, which stand before the built-in ones.
    fn theme(&self) -> Result<Theme, Error> {
        let mut theme = Theme::new();
        for path in self.store.own_files(MAX_TEXT)? {
            if let Some(name) = path.strip_prefix("theme/")
                && matches!(name.rsplit('.').next(), Some("html" | "css"))
            {
                theme.insert(name.to_owned(), self.store.read_text(&path)?);
            }
        }
        Ok(theme)
    }

    /// Writes the pictures of the ledger as SVG files into a folder; gives their number.
    pub fn write_pictures(&self, folder: &Path) -> Result<usize, Error> {
        let view = self.view()?;
        let (mut pictures, mut refused): (Vec<Page>, _) = (Vec::new(), Vec::new());
        for experiment in &view.experiments {
            pictures.extend(report::experiment_pictures(experiment)?);
            for run in &experiment.runs {
                pictures.extend(report::run_pictures(
                    experiment,
                    run,
                    &self.files(run, &mut refused)?,
                )?);
            }
        }
        let number = pictures.len();
        self.store.publish(folder, pictures.into_iter().map(|page| (page.path, page.bytes)))?;
        Ok(number)
    }

    /// The files of a run that a page shows. One that is damaged is refused: it is left out, and named
    /// in `refused`.
    fn files(&self, run: &RunView, refused: &mut Vec<String>) -> Result<RunFiles, Error> {
        let mut files = RunFiles::default();
        let Some(entry) = self.entry(run.id, &run.directory)? else { return Ok(files) };
        for file in &run.artifacts {
            let name = shown(&file.path);
            let wanted = file.state != FileState::Absent && file.size <= MAX_TEXT && name.is_some();
            if !wanted && file.state != FileState::Damaged {
                continue;
            }
            let text = match self.store.read_file(&entry, &file.path) {
                Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                Err(error) => {
                    refused.push(error.to_string());
                    continue;
                }
            };
            match name {
                Some(Shown::Metrics) => files.points = read_lines(text.as_bytes()).points,
                Some(Shown::Log) => files.log = text,
                Some(Shown::Text(name)) => drop(files.texts.insert(name.to_owned(), text)),
                None => {}
            }
        }
        Ok(files)
    }

    /// The attempt in a directory.
    pub(super) fn entry(
        &self,
        run: RunId,
        directory: &str,
    ) -> Result<Option<std::sync::Arc<Entry>>, Error> {
        let entries = self.store.attempts_of(run)?;
        Ok(entries.into_iter().find(|entry| entry.directory == directory))
    }
}
