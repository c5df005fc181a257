//! Which pages are known to stand as they would be rendered: what spares most of a build.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::engine::error::Error;
use crate::ledger::digest::{Digest, StreamDigest};
use crate::ledger::id::RunId;
use crate::ledger::threads;
use crate::ledger::view::{ArtifactView, ExperimentView, FileState, RunView};
use crate::report::{Curves, Page, Part, RunDigests, Standings, run_folder};
use crate::store::{Kept, Store};

/// What the pages of runs, parts of others, and the whole site are kept under.
pub(super) const PAGE: &str = "page";
pub(super) const PART: &str = "part";
const SITE: &str = "site";

/// The pages of one run as they were last written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RunPages {
    /// The number of the look at its files that found their states.
    pub(super) look: i64,
    /// The states of its files, a letter each.
    pub(super) states: String,
    /// What is known of its curves.
    pub(super) curves: Curves,
    /// Size and name of each file in the folder of its page.
    files: Vec<(u64, String)>,
}

impl RunPages {
    /// Remembers pages that were rendered.
    pub(super) fn of(run: &RunView, look: i64, curves: Curves, pages: &[Page]) -> Self {
        let folder = run_folder(&run.id);
        let file = |page: &Page| {
            let name = page.path.strip_prefix(&folder).unwrap_or(&page.path);
            (page.bytes.len() as u64, name.to_owned())
        };
        let files = pages.iter().map(file).collect();
        Self { look, states: states(&run.artifacts), curves, files }
    }

    /// As they are kept.
    pub(super) fn kept(&self, run: RunId, key: Digest) -> Kept {
        (run.to_string(), key.to_string(), serde_json::to_string(self).unwrap_or_default())
    }

    /// Whether the files lie in the folder of the site with their sizes.
    pub(super) fn stand(&self, site: &Path, run: RunId) -> bool {
        let folder = site.join(run_folder(&run));
        self.files.iter().all(|(size, name)| stands(&folder, *size, name))
    }

    /// The same pages after another look at the files.
    pub(super) fn looked_at(&self, look: i64) -> Self {
        Self { look, ..self.clone() }
    }

    /// Number of files.
    pub(super) fn len(&self) -> usize {
        self.files.len()
    }
}

fn stands(folder: &Path, size: u64, name: &str) -> bool {
    folder.join(name).metadata().is_ok_and(|file| file.is_file() && file.len() == size)
}

/// The states of files, a letter each.
pub(super) fn states(files: &[ArtifactView]) -> String {
    let letter = |file: &ArtifactView| match file.state {
        FileState::Present => 'p',
        FileState::Absent => 'a',
        FileState::Damaged => 'd',
    };
    files.iter().map(letter).collect()
}

/// What is remembered of an earlier build.
#[derive(Default)]
pub(super) struct Memory {
    /// The pages of runs, each with the key under which it was kept.
    pub(super) pages: BTreeMap<RunId, (String, RunPages)>,
    /// The parts that stand.
    pub(super) parts: BTreeMap<String, Part>,
    /// The runs of which pages are kept, names that are of no run, and every name of a part.
    runs: BTreeSet<RunId>,
    strange: Vec<String>,
    names: BTreeSet<String>,
    /// What the whole site was built from.
    site: Option<String>,
}

impl Memory {
    /// Reads what is kept of the site in a folder; of one that is built anew nothing but the names.
    pub(super) fn read(store: &Store, folder: &Path, anew: bool) -> Result<Self, Error> {
        let mut memory = Self::default();
        let mut texts: Vec<(RunId, String, String)> = Vec::new();
        store.kept(PAGE, &mut |name, key, text| match name.parse() {
            Ok(run) => {
                memory.runs.insert(run);
                if !anew {
                    texts.push((run, key.to_owned(), text.to_owned()));
                }
            }
            Err(_) => memory.strange.push(name.to_owned()),
        })?;
        let read = threads::each(&texts, |(.., text)| serde_json::from_str(text).ok());
        let read = texts.into_iter().zip(read);
        memory.pages =
            read.filter_map(|((run, key, _), pages)| Some((run, (key, pages?)))).collect();
        store.kept(PART, &mut |name, _, text| {
            memory.names.insert(name.to_owned());
            let part = serde_json::from_str(text).ok().filter(|_| !anew);
            let part = part.filter(|part: &Part| {
                part.files.iter().all(|(size, path)| stands(folder, *size, path))
            });
            memory.parts.extend(part.map(|part| (name.to_owned(), part)));
        })?;
        store.kept(SITE, &mut |_, key, _| memory.site = Some(key.to_owned()))?;
        Ok(memory)
    }

    /// Whether the site was last built from what a digest stands for, and every part of it stands.
    pub(super) fn is_whole(&self, site: Digest) -> bool {
        self.is_of(site) && self.parts.len() == self.names.len()
    }

    fn is_of(&self, site: Digest) -> bool {
        self.site.as_ref() == Some(&site.to_string())
    }

    /// Keeps parts that were made, and forgets the pages and parts that nobody asks for any more.
    pub(super) fn keep(
        &self,
        store: &Store,
        runs: &BTreeSet<RunId>,
        parts: &BTreeMap<String, Part>,
        site: Digest,
    ) -> Result<(), Error> {
        let gone = self.runs.difference(runs).map(ToString::to_string);
        let gone: Vec<String> = gone.chain(self.strange.iter().cloned()).collect();
        store.keep(PAGE, &[], &gone)?;
        let is_new = |(name, part): &(&String, &Part)| self.parts.get(*name) != Some(part);
        let kept = |(name, part): (&String, &Part)| {
            let text = serde_json::to_string(part).unwrap_or_default();
            (name.clone(), part.key.to_string(), text)
        };
        let made: Vec<Kept> = parts.iter().filter(is_new).map(kept).collect();
        let is_gone = |name: &&String| !parts.contains_key(*name);
        let gone: Vec<String> = self.names.iter().filter(is_gone).cloned().collect();
        store.keep(PART, &made, &gone)?;
        if !self.is_of(site) {
            store.keep(SITE, &[("all".into(), site.to_string(), String::new())], &[])?;
        }
        Ok(())
    }
}

/// Digest of everything that the pages of a run show, but for the states of its files: what was sealed
/// and said of it, and how it stood to others.
pub(super) fn key(
    frame: Digest,
    experiment: &ExperimentView,
    run: &RunView,
    (standings, digests, carried): (&Standings<'_>, &RunDigests, &[String]),
) -> Digest {
    let mut stream = StreamDigest::default();
    let runs = digests.get(&experiment.name);
    let own = |run: &RunView| runs?.get(&run.id).copied();
    stream.update(frame.as_bytes());
    stream.update(experiment.goal.metric.as_bytes());
    stream.update(&[experiment.goal.direction as u8]);
    for digest in [own(run), standings.before(run.id).and_then(own)].into_iter().flatten() {
        stream.update(digest.as_bytes());
    }
    if let Some((rank, of)) = standings.place(run.id) {
        stream.update(format!(" {rank} {of}").as_bytes());
    }
    for path in carried {
        stream.update(path.as_bytes());
    }
    stream.finish()
}

/// Those of some sorted files, which git carries however large they are, that the attempt of a run holds: its
/// identifiers depend on them.
pub(super) fn carried<'f>(files: &'f [String], run: &RunView) -> &'f [String] {
    let folder = format!("{}/", run.directory);
    let first = files.partition_point(|path| *path < folder);
    let own = files[first..].iter().take_while(|path| path.starts_with(&folder)).count();
    &files[first..first + own]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_stand_while_their_files_do() {
        let run = RunId::from_digest(&Digest::of(b"run"));
        let pages = RunPages {
            look: 1,
            states: "pa".into(),
            curves: Curves { count: 2, shape: "0-z".into() },
            files: vec![(3, "index.html".into())],
        };
        let (_, _, text) = pages.kept(run, Digest::of(b"key"));
        assert_eq!(serde_json::from_str::<RunPages>(&text).unwrap(), pages);
        let folder = tempfile::tempdir().unwrap();
        assert!(!pages.stand(folder.path(), run), "it is not there");
        let file = folder.path().join(run_folder(&run)).join("index.html");
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, "abcd").unwrap();
        assert!(!pages.stand(folder.path(), run), "it has another size");
        std::fs::write(&file, "abc").unwrap();
        assert!(pages.stand(folder.path(), run));
    }
}
