//! Pages that are made of some runs only, such as a chunk of the data: as long as none of these runs
//! changes they stand, and need not be rendered again.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ledger::digest::{Digest, StreamDigest};
use crate::ledger::id::RunId;
use crate::ledger::view::{ExperimentView, LedgerView};

use super::history::Listed;
use super::{Page, ReportError, Theme, look};

/// Digests of the runs of each experiment as it shows them.
pub type RunDigests = BTreeMap<String, BTreeMap<RunId, Digest>>;

/// What is remembered of a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Digest of everything it shows.
    pub key: Digest,
    /// Its files, below the folder of the site, with their sizes.
    pub files: Vec<(u64, String)>,
    /// What the manifest of the data has to know of it.
    #[serde(flatten)]
    told: Told,
}

/// What the manifest of the data has to know of a chunk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Told {
    /// Its entry there.
    pub(super) entry: Value,
    /// How many runs have a value of each column.
    pub(super) columns: BTreeMap<String, usize>,
}

/// The parts of a site: those that stand, and those that this build needs.
#[derive(Debug)]
pub struct Parts {
    frame: Digest,
    runs: RunDigests,
    standing: BTreeMap<String, Part>,
    now: Mutex<BTreeMap<String, Part>>,
}

impl Default for Parts {
    fn default() -> Self {
        Self::new(Digest::of(&[]), RunDigests::new(), BTreeMap::new())
    }
}

/// Digest of what all pages share: how they look, and what the ledger says of itself.
pub fn frame(ledger: &LedgerView, theme: &Theme) -> Digest {
    let LedgerView { title, description, authors, licence, about, time_zone, .. } = ledger;
    let names = ledger.experiments.iter().map(|it| (it.name.as_str(), it.title.as_str()));
    let own = (title, description, authors, licence, about, time_zone);
    let shared = serde_json::to_vec(&(own, names.collect::<Vec<_>>())).unwrap_or_default();
    Digest::of(&[look(theme).as_bytes(), shared.as_slice()].concat())
}

impl Parts {
    /// Parts of which some stand, under the name that [`Self::into_parts`] gives each; `runs` has the
    /// digests of all runs.
    pub fn new(frame: Digest, runs: RunDigests, standing: BTreeMap<String, Part>) -> Self {
        Self { frame, runs, standing, now: Mutex::default() }
    }

    /// The digest of a run as an experiment shows it.
    pub fn of_run(&self, experiment: &str, run: RunId) -> Option<Digest> {
        self.runs.get(experiment)?.get(&run).copied()
    }

    /// Every part that was asked for.
    pub fn into_parts(self) -> BTreeMap<String, Part> {
        self.now.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Digest of some runs in their order and of what else a part shows.
    pub(super) fn key(&self, runs: &[Listed<'_>], more: &str) -> Digest {
        let mut stream = StreamDigest::default();
        stream.update(self.frame.as_bytes());
        for listed in runs {
            let digest = self.of_run(&listed.experiment.name, listed.run.id);
            if let Some(digest) = digest {
                stream.update(digest.as_bytes());
            }
        }
        stream.update(more.as_bytes());
        stream.finish()
    }

    /// Digest of an experiment with all its runs.
    pub(super) fn key_of(&self, experiment: &ExperimentView) -> Digest {
        let listed: Vec<Listed<'_>> =
            experiment.runs.iter().map(|run| Listed { experiment, run }).collect();
        let ExperimentView { description, tags, goal, readme, best, .. } = experiment;
        let head = serde_json::to_string(&(description, tags, goal, readme, best));
        self.key(&listed, &head.unwrap_or_default())
    }

    /// The pages of a part, none where it stands, and what it tells; `make` renders both.
    pub(super) fn make(
        &self,
        name: &str,
        key: Digest,
        make: impl FnOnce() -> Result<(Vec<Page>, Told), ReportError>,
    ) -> Result<(Vec<Page>, Told), ReportError> {
        if let Some(part) = self.standing.get(name).filter(|part| part.key == key) {
            self.note(name, part.clone());
            return Ok((Vec::new(), part.told.clone()));
        }
        let (pages, told) = make()?;
        let files = pages.iter().map(|page| (page.bytes.len() as u64, page.path.clone()));
        let part = Part { key, files: files.collect(), told: told.clone() };
        self.note(name, part);
        Ok((pages, told))
    }

    fn note(&self, name: &str, part: Part) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.insert(name.to_owned(), part);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Site, sample};
    use super::*;

    /// Digests of all runs, as whoever builds a site makes them.
    fn digests(ledger: &LedgerView) -> RunDigests {
        let of = |experiment: &ExperimentView| {
            let digest = |run| Digest::of(&serde_json::to_vec(run).unwrap());
            experiment.runs.iter().map(|run| (run.id, digest(run))).collect()
        };
        ledger.experiments.iter().map(|it| (it.name.clone(), of(it))).collect()
    }

    fn build(ledger: &LedgerView, standing: BTreeMap<String, Part>) -> (Vec<Page>, Parts) {
        let theme = Theme::new();
        let site = Site::new(&theme).unwrap();
        let parts = Parts::new(frame(ledger, &theme), digests(ledger), standing);
        let none = (BTreeMap::new(), BTreeMap::new());
        let mut pages = site.across(ledger, &none.0, &none.1, &parts).unwrap();
        for experiment in &ledger.experiments {
            pages.extend(site.experiment(ledger, experiment, &parts).unwrap());
        }
        (pages, parts)
    }

    #[test]
    fn what_stands_is_not_rendered_and_the_rest_is_the_same() {
        let mut many = sample::many(1500);
        many.name = "housing".into();
        let mut ledger = LedgerView { experiments: vec![many], ..sample::ledger() };
        let mut other = sample::experiment();
        other.name = "other".into();
        other.runs.iter_mut().for_each(|run| run.experiments = vec!["other".into()]);
        ledger.experiments.push(other);
        let (_, parts) = build(&ledger, BTreeMap::new());
        let newest = ledger.experiments[0].runs.iter_mut().max_by_key(|run| run.ended).unwrap();
        newest.star = true;
        let (all, _) = build(&ledger, BTreeMap::new());
        let (some, after) = build(&ledger, parts.into_parts());
        let paths = |pages: &[Page]| -> Vec<String> {
            let parts = |page: &&Page| {
                ["data/runs", "runs/p/", "x/"].iter().any(|it| page.path.starts_with(it))
            };
            pages.iter().filter(parts).map(|page| page.path.clone()).collect()
        };
        assert_eq!(paths(&all).len(), 2 + 4 + 2);
        let changed = paths(&some);
        assert_eq!(changed.len(), 3, "{changed:?}");
        assert!(changed.iter().all(|path| !path.starts_with("x/other")));
        for page in &some {
            assert!(all.contains(page), "{}", page.path);
        }
        assert_eq!(after.into_parts().len(), 2 + 4 + 2);
    }
}
