//! Digests of days and weeks that ended, made while a daemon watches.

use std::path::Path;

use crate::ledger::period::Period;

use super::error::Error;
use super::ledger::Ledger;
use super::news::{News, Tell};
use super::surroundings::now;

/// The folder of digests in the ledger.
const FOLDER: &str = "digests";

/// How many ended days and weeks get a digest: what ended while nobody watched is made up for.
const DAYS: i64 = 7;
const WEEKS: i64 = 4;

impl Ledger {
    /// The date in the ledger's time zone.
    pub(super) fn today(&self) -> String {
        now().date(&self.config.time_zone)
    }

    /// Brings the digests of the days and weeks that ended, and have runs, to what the ledger holds of
    /// them: `digests/daily-DATE.csv`, `.html` and `.md`. A file whose bytes stay the same is not touched, and
    /// older digests are left alone. git ignores the folder: two clones make the same files.
    pub(super) fn make_digests(&self, tell: Tell<'_>) -> Result<(), Error> {
        let periods = Period::ended(now(), (DAYS, WEEKS), &self.config.time_zone);
        let ledger = self.outline()?;
        let has_runs = |period: &&Period| {
            ledger.experiments.iter().flat_map(|it| &it.runs).any(|run| period.has(run.started))
        };
        let mut pages = Vec::new();
        for period in periods.iter().filter(has_runs) {
            let (digest, name) = (self.digest_of(&ledger, period), &period.name);
            pages.push((format!("{name}.csv"), digest.csv().into_bytes()));
            pages.push((format!("{name}.html"), digest.html()?));
            pages.push((format!("{name}.md"), digest.view.to_markdown().into_bytes()));
        }
        if pages.is_empty() {
            return Ok(());
        }
        pages.push((".gitignore".into(), b"*\n".to_vec()));
        let (mut news, mut publication) = (Vec::new(), self.store.publication(Path::new(FOLDER))?);
        for (path, bytes) in pages {
            let told = path.strip_suffix(".html").map(|_| format!("digest: {FOLDER}/{path}"));
            if publication.put(path, &bytes)? {
                news.extend(told);
            }
        }
        publication.finish(&|_| true)?;
        for words in news {
            tell(News::Notice(words));
        }
        Ok(())
    }
}
