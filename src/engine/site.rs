//! From the files of the ledger to the pages of its site.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::ledger::digest::Digest;
use crate::ledger::id::RunId;
use crate::ledger::layout;
use crate::ledger::metric::read_lines;
use crate::ledger::time::Timestamp;
use crate::ledger::view::{FileState, LedgerView, RunFiles, RunView};
use crate::report::{self, Curves, Page, Site, Standings, Theme, look};
use crate::store::Entry;

use super::error::Error;
use super::ledger::Ledger;
use super::pages_kept::{Kept, Keys, PagesKept};
use super::snapshot::Taken;

/// The folder of the site in the ledger.
pub(super) const FOLDER: &str = "site";

/// Its first page.
const INDEX: &str = "index.html";

/// Artifacts above this size are not read for a page.
const MAX_TEXT: u64 = 1 << 20;

/// The endings of artifacts that a page shows as text or draws, and as pictures and sounds.
const TEXTS: [&str; 8] = ["csv", "json", "txt", "md", "log", "yaml", "yml", "toml"];
const MEDIA: [&str; 12] =
    ["png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "wav", "mp3", "ogg", "flac", "m4a"];

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

/// The pages of all runs.
#[derive(Default)]
struct RunPages {
    /// Those that were rendered.
    pages: Vec<Page>,
    /// The paths of those that stand.
    standing: BTreeSet<String>,
    /// What is known of the curves of each run that has any.
    curves: BTreeMap<RunId, Curves>,
    /// What is to be remembered of them.
    remembered: PagesKept,
}

/// Digest of everything a site is made of: what it shows, and how.
fn site_key(view: &LedgerView, (theme, as_of): (&Theme, Option<Timestamp>)) -> Digest {
    let mut shown = serde_json::to_vec(view).unwrap_or_default();
    shown.extend(as_of.iter().flat_map(|time| time.microseconds().to_be_bytes()));
    Digest::of(&[shown.as_slice(), look(theme).as_bytes()].concat())
}

/// What a page shows of a file.
enum Shown<'a> {
    Metrics,
    Log,
    Text(&'a str),
    Medium(&'a str),
}

/// How a page shows the file of a path, `None` for one that it only lists.
fn shown(path: &str) -> Option<Shown<'_>> {
    match path {
        layout::METRICS => Some(Shown::Metrics),
        layout::LOG => Some(Shown::Log),
        _ => {
            let name = path.strip_prefix("artifacts/")?;
            let extension = name.rsplit_once('.')?.1.to_lowercase();
            if TEXTS.contains(&extension.as_str()) {
                return Some(Shown::Text(name));
            }
            MEDIA.contains(&extension.as_str()).then_some(Shown::Medium(name))
        }
    }
}

impl Ledger {
    /// Renders the whole site; pages whose bytes stay the same are not touched.
    pub fn build_site(&self) -> Result<Built, Error> {
        self.build_site_as_of(None)
    }

    /// Renders the whole site with the seven days of its overview up to an instant.
    pub fn build_site_as_of(&self, as_of: Option<Timestamp>) -> Result<Built, Error> {
        let _turn = self.store.site_turn()?;
        let (view, theme) = (self.view()?, self.theme()?);
        self.build_pages(&view, (&theme, as_of), &PagesKept::default())
    }

    /// The ledger as it is now, and its site brought up to date with it.
    ///
    /// One at a time, the reading included: pages of an older view must not come over newer ones.
    pub(super) fn bring_site(&self) -> Result<(LedgerView, Result<Built, Error>), Error> {
        let turn = self.store.site_turn();
        let view = self.view()?;
        let site = turn.map_err(Error::from).and_then(|_turn| self.update_site(&view));
        Ok((view, site))
    }

    /// Brings site and snapshot along after a small change. A daemon that watches the ledger does both
    /// by itself, and nobody has to wait for it.
    pub(super) fn bring_along(&self) -> Result<Taken, Error> {
        if self.store.is_watched()? {
            return Ok(Taken::Left);
        }
        self.bring_site()?.1?;
        Ok(self.take_snapshot())
    }

    /// Brings the site up to date unless it was built from the same view before and still stands.
    fn update_site(&self, view: &LedgerView) -> Result<Built, Error> {
        let theme = self.theme()?;
        let key = site_key(view, (&theme, None));
        let index = self.root().join(FOLDER).join(INDEX);
        if index.is_file() && self.store.site_key() == Some(key) {
            return Ok(Built { index, written: 0, unchanged: 0, refused: Vec::new() });
        }
        let kept = PagesKept::from_text(&self.store.site_pages());
        self.build_pages(view, (&theme, None), &kept)
    }

    /// Renders what is not known to stand, and publishes it in an order in which no page misses what it
    /// loads.
    fn build_pages(
        &self,
        view: &LedgerView,
        (theme, as_of): (&Theme, Option<Timestamp>),
        known: &PagesKept,
    ) -> Result<Built, Error> {
        let site = Site::new(theme)?;
        let mut refused = Vec::new();
        let mut runs = self.run_pages(&site, (view, theme), known, &mut refused)?;
        let pages = self.all_pages(&site, (view, as_of), &mut runs)?;
        let pages = pages.into_iter().map(|page| (page.path, page.bytes));
        let published = self.store.publish_beside(Path::new(FOLDER), runs.standing, pages)?;
        if runs.remembered != *known {
            self.store.keep_site_pages(&runs.remembered.to_text())?;
        }
        // The next change puts the overview back to the newest attempt.
        self.store.keep_site_key(site_key(view, (theme, as_of)))?;
        Ok(Built {
            index: self.root().join(FOLDER).join(INDEX),
            written: published.written,
            unchanged: published.unchanged,
            refused,
        })
    }

    /// The pages of a site that shows some view of the ledger, all of them; nothing is written.
    pub(super) fn pages_of(&self, view: &LedgerView) -> Result<Vec<Page>, Error> {
        let theme = self.theme()?;
        let site = Site::new(&theme)?;
        let mut runs =
            self.run_pages(&site, (view, &theme), &PagesKept::default(), &mut Vec::new())?;
        self.all_pages(&site, (view, None), &mut runs)
    }

    /// The pages of runs that were rendered, and all others: data, pages of runs, indexes, and the manifest of the data
    /// last.
    fn all_pages(
        &self,
        site: &Site,
        (view, as_of): (&LedgerView, Option<Timestamp>),
        runs: &mut RunPages,
    ) -> Result<Vec<Page>, Error> {
        let logs = self.failure_logs(view)?;
        let across = site.across(view, &runs.curves, &logs)?;
        let (data, indexes): (Vec<Page>, Vec<Page>) =
            across.into_iter().partition(|page| page.path.starts_with("data/"));
        let (manifest, data): (Vec<Page>, Vec<Page>) =
            data.into_iter().partition(|page| page.path.ends_with("/manifest.js"));
        let mut pages = site.assets();
        pages.extend(data.into_iter().chain(std::mem::take(&mut runs.pages)));
        for experiment in &view.experiments {
            pages.push(site.experiment(view, experiment)?);
        }
        pages.extend(indexes);
        pages.push(site.overview(view, as_of)?);
        pages.extend(manifest);
        Ok(pages)
    }

    /// The pages of runs, without those that are known to stand as they would be rendered.
    fn run_pages(
        &self,
        site: &Site,
        (view, theme): (&LedgerView, &Theme),
        known: &PagesKept,
        refused: &mut Vec<String>,
    ) -> Result<RunPages, Error> {
        let (keys, folder) = (Keys::of(view, theme), self.root().join(FOLDER));
        let mut all = RunPages::default();
        for experiment in &view.experiments {
            let standings = Standings::of(experiment);
            // A run that several experiments list has one page, that of the first.
            let own = |run: &&RunView| run.experiments.first() == Some(&experiment.name);
            for run in experiment.runs.iter().filter(own) {
                let key = keys.run(experiment, run, &standings);
                let kept = if let Some(kept) = known.standing(run.id, key, &folder) {
                    all.standing.extend(kept.paths().map(str::to_owned));
                    kept.clone()
                } else {
                    let mut files = self.files(run, refused)?;
                    files.swhids = self.swhids(run)?;
                    let pages = site.run(view, experiment, &standings, run, &files)?;
                    let kept = Kept::of(key, report::curves(&experiment.goal, &files), &pages);
                    all.pages.extend(pages);
                    kept
                };
                if kept.curves.count > 0 {
                    all.curves.insert(run.id, kept.curves.clone());
                }
                all.remembered.insert(run.id, kept);
            }
        }
        Ok(all)
    }

    /// The logs that the page of failures shows. What cannot be read is named by the run's own page.
    fn failure_logs(&self, view: &LedgerView) -> Result<BTreeMap<RunId, String>, Error> {
        let mut logs = BTreeMap::new();
        for run in report::failed(view) {
            let log = run.artifacts.iter().find(|file| file.path == layout::LOG);
            let log = log.filter(|log| log.state != FileState::Absent && log.size <= MAX_TEXT);
            let text = match (log, self.store.entry(&run.directory)?) {
                (Some(log), Some(entry)) => self.store.read_file(&entry, &log.path).ok(),
                _ => None,
            };
            let text = text.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            logs.insert(run.id, text.unwrap_or_default());
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

    /// The last instant of a date in the ledger's time zone, or the instant of a date-time.
    pub fn end_of(&self, date: &str) -> Result<Timestamp, Error> {
        let zone = &self.config.time_zone;
        let end = Timestamp::end_of_day(date, zone).or_else(|| Timestamp::of_date(date, zone));
        end.ok_or_else(|| Error::NoDate(date.to_owned()))
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
        // The view was made of the folders just now.
        let Some(entry) = self.store.entry(&run.directory)? else { return Ok(files) };
        for file in &run.artifacts {
            let name = shown(&file.path);
            let wanted = file.state != FileState::Absent && file.size <= MAX_TEXT && name.is_some();
            if !wanted && file.state != FileState::Damaged {
                continue;
            }
            let bytes = match self.store.read_file(&entry, &file.path) {
                Ok(bytes) => bytes,
                Err(error) => {
                    refused.push(error.to_string());
                    continue;
                }
            };
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            match name {
                Some(Shown::Metrics) => files.points = read_lines(&bytes).points,
                Some(Shown::Log) => files.log = text(&bytes),
                Some(Shown::Text(name)) => drop(files.texts.insert(name.to_owned(), text(&bytes))),
                Some(Shown::Medium(name)) => drop(files.media.insert(name.to_owned(), bytes)),
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
