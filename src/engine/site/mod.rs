//! From the files of the ledger to the pages of its site.

mod build;
mod kept;
mod shown;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::ledger::id::RunId;
use crate::ledger::layout;
use crate::ledger::metric::read_lines;
use crate::ledger::time::Timestamp;
use crate::ledger::view::{FileState, LedgerView, RunFiles, RunView};
use crate::report::{self, Page, Theme};
use crate::store::Entry;

use super::error::Error;
use super::ledger::Ledger;
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
        let shown = self.shown(true)?;
        self.build(&shown, as_of, true)
    }

    /// The ledger as it is now, without the files of its runs, and its site brought up to date with it.
    ///
    /// One at a time, the reading included: pages of an older view must not come over newer ones.
    pub(super) fn bring_site(&self) -> Result<(LedgerView, Result<Built, Error>), Error> {
        let turn = self.store.site_turn();
        let shown = self.shown(false)?;
        let site = turn.map_err(Error::from).and_then(|_turn| self.build(&shown, None, false));
        Ok((shown.view, site))
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

    /// The logs that the page of failures shows. What cannot be read is named by the run's own page.
    fn failure_logs(&self, view: &LedgerView) -> Result<BTreeMap<RunId, String>, Error> {
        let mut logs = BTreeMap::new();
        for run in report::failed(view) {
            let entry = self.store.entry_once(&run.directory)?;
            let text = entry.and_then(|entry| {
                let size = entry.manifest.file(layout::LOG)?.size;
                let log =
                    (size <= MAX_TEXT).then(|| self.store.read_file(&entry, layout::LOG).ok());
                Some(String::from_utf8_lossy(&log??).into_owned())
            });
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
                let entry = self.store.entry(&run.directory)?;
                let files = entry.map(|entry| self.files(&entry, run, &mut refused));
                let files = files.unwrap_or_default();
                pictures.extend(report::run_pictures(experiment, run, &files)?);
            }
        }
        let number = pictures.len();
        self.store.publish(folder, pictures.into_iter().map(|page| (page.path, page.bytes)))?;
        Ok(number)
    }

    /// The files of a run that a page shows. One that is damaged is refused: it is left out, and named
    /// in `refused`.
    fn files(&self, entry: &Entry, run: &RunView, refused: &mut Vec<String>) -> RunFiles {
        let mut files = RunFiles::default();
        for file in &run.artifacts {
            let name = shown(&file.path);
            let wanted = file.state != FileState::Absent && file.size <= MAX_TEXT && name.is_some();
            if !wanted && file.state != FileState::Damaged {
                continue;
            }
            let bytes = match self.store.read_file(entry, &file.path) {
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
        files
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
