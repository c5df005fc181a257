//! Which pages of runs are known to stand as they would be rendered: what spares most of a build.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::ledger::digest::{Digest, StreamDigest};
use crate::ledger::id::RunId;
use crate::ledger::view::{ExperimentView, LedgerView, RunView};
use crate::report::{Curves, Page, Standings, Theme, look};

/// The pages of one run as they were last written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    /// Digest of everything they show.
    key: Digest,
    /// What is known of its curves.
    pub(super) curves: Curves,
    /// The files below the site's folder with their sizes.
    files: Vec<(u64, String)>,
}

/// The pages of all runs as they were last written. It is derived: losing it costs a build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PagesKept(BTreeMap<RunId, Kept>);

impl Kept {
    /// Remembers pages that were rendered.
    pub(super) fn of(key: Digest, curves: Curves, pages: &[Page]) -> Self {
        let file = |page: &Page| (page.bytes.len() as u64, page.path.clone());
        Self { key, curves, files: pages.iter().map(file).collect() }
    }

    /// The paths of the files.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|(_, path)| path.as_str())
    }
}

impl PagesKept {
    /// Reads what [`Self::to_text`] wrote; a line that it did not write is left out.
    pub(super) fn from_text(text: &str) -> Self {
        Self(text.lines().filter_map(line).collect())
    }

    /// A line a run: id, key, number of curves and the shape of one, then size and path of each file.
    pub(super) fn to_text(&self) -> String {
        let mut text = String::new();
        for (run, kept) in &self.0 {
            let Curves { count, shape } = &kept.curves;
            let _ = write!(text, "{run} {} {count}:{shape}", kept.key);
            for (size, path) in &kept.files {
                let _ = write!(text, " {size}:{path}");
            }
            text.push('\n');
        }
        text
    }

    /// The pages of a run, if they show what the key says and lie in the folder with their sizes.
    pub(super) fn standing(&self, run: RunId, key: Digest, folder: &Path) -> Option<&Kept> {
        let kept = self.0.get(&run).filter(|kept| kept.key == key)?;
        let is_there = |(size, path): &(u64, String)| {
            folder.join(path).metadata().is_ok_and(|file| file.is_file() && file.len() == *size)
        };
        kept.files.iter().all(is_there).then_some(kept)
    }

    /// Remembers the pages of a run.
    pub(super) fn insert(&mut self, run: RunId, kept: Kept) {
        self.0.insert(run, kept);
    }
}

fn line(line: &str) -> Option<(RunId, Kept)> {
    let mut words = line.split(' ');
    let (run, key) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let (count, shape) = words.next()?.split_once(':')?;
    let curves = Curves { count: count.parse().ok()?, shape: shape.to_owned() };
    let files: Option<Vec<_>> = words
        .map(|word| {
            let (size, path) = word.split_once(':')?;
            Some((size.parse().ok()?, path.to_owned()))
        })
        .collect();
    Some((run, Kept { key, curves, files: files? }))
}

/// What decides how the pages of runs look.
pub(super) struct Keys<'a> {
    frame: Digest,
    /// The digests of runs as each experiment shows them.
    runs: BTreeMap<&'a str, BTreeMap<RunId, Digest>>,
}

impl<'a> Keys<'a> {
    /// Digests what the pages of all runs share, and each run by itself.
    pub(super) fn of(view: &'a LedgerView, theme: &Theme) -> Self {
        let names = view.experiments.iter().map(|it| (it.name.as_str(), it.title.as_str()));
        let names: Vec<_> = names.collect();
        let shared = (&view.title, &view.licence, &view.about, &view.time_zone, names);
        let shared = serde_json::to_vec(&shared).unwrap_or_default();
        let frame = Digest::of(&[look(theme).as_bytes(), shared.as_slice()].concat());
        let digests = |experiment: &'a ExperimentView| {
            let runs = experiment.runs.iter().map(|run| (run.id, digest(run)));
            (experiment.name.as_str(), runs.collect())
        };
        Self { frame, runs: view.experiments.iter().map(digests).collect() }
    }

    /// Digest of everything that the pages of a run show.
    pub(super) fn run(
        &self,
        experiment: &ExperimentView,
        run: &RunView,
        standings: &Standings<'_>,
    ) -> Digest {
        let mut stream = StreamDigest::default();
        let runs = self.runs.get(experiment.name.as_str());
        let own = |run: &RunView| runs?.get(&run.id).copied();
        stream.update(self.frame.as_bytes());
        let goal = serde_json::to_vec(&experiment.goal).unwrap_or_default();
        stream.update(Digest::of(&goal).as_bytes());
        for digest in [own(run), standings.before(run.id).and_then(own)].into_iter().flatten() {
            stream.update(digest.as_bytes());
        }
        if let Some((rank, of)) = standings.place(run.id) {
            stream.update(format!(" {rank} {of}").as_bytes());
        }
        stream.finish()
    }
}

fn digest(run: &RunView) -> Digest {
    Digest::of(&serde_json::to_vec(run).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_back_and_nothing_else() {
        let run = RunId::from_digest(&Digest::of(b"run"));
        let page = Page { path: "r/aa/bb/index.html".into(), bytes: b"abc".to_vec() };
        let key = Digest::of(b"key");
        let mut kept = PagesKept::default();
        let curves = Curves { count: 2, shape: "0-z".into() };
        kept.insert(run, Kept::of(key, curves, &[page]));
        assert_eq!(PagesKept::from_text(&kept.to_text()), kept);
        let torn = &kept.to_text()[..60];
        assert_eq!(PagesKept::from_text(torn), PagesKept::default());

        let folder = tempfile::tempdir().unwrap();
        assert_eq!(kept.standing(run, key, folder.path()), None, "it is not there");
        let file = folder.path().join("r/aa/bb/index.html");
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, "abcd").unwrap();
        assert_eq!(kept.standing(run, key, folder.path()), None, "it has another size");
        std::fs::write(&file, "abc").unwrap();
        assert!(kept.standing(run, key, folder.path()).is_some());
        assert_eq!(kept.standing(run, Digest::of(b"other"), folder.path()), None);
    }
}
