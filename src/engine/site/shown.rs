//! The runs as the site shows them. Of those of which nothing changed the index keeps the view, so that
//! one more run costs one view and the reading of a line for each other.

use std::collections::BTreeMap;

use crate::engine::error::Error;
use crate::engine::importance::measure;
use crate::engine::ledger::Ledger;
use crate::engine::search::oldest_first;
use crate::engine::views::Said;
use crate::ledger::digest::{Digest, StreamDigest};
use crate::ledger::id::RunId;
use crate::ledger::threads;
use crate::ledger::view::{ExperimentView, LedgerView, RunView};
use crate::report::RunDigests;
use crate::store::{Kept, ListedAttempt};

/// What views, and the importance of params, are kept under.
const SHOWN: &str = "shown";
const IMPORTANCE: &str = "importance";

/// So many views are kept at once.
const BATCH: usize = 1000;

/// A ledger as its site shows it.
pub(super) struct Shown {
    /// Everything but the files of runs.
    pub(super) view: LedgerView,
    /// Digests of the runs.
    pub(super) digests: RunDigests,
    /// The numbers of the last looks at the files of attempts, by directory.
    pub(super) looks: BTreeMap<String, i64>,
}

/// A run that is to be shown.
struct Wanted {
    /// Digest of all that its view depends on; empty where that takes a look at files.
    key: String,
    /// The experiments that show it, each with whether its view is still to be made.
    experiments: Vec<String>,
    open: Vec<bool>,
}

/// The views of runs by experiment, with their digests.
type Views = BTreeMap<String, Vec<(RunView, Digest)>>;

impl Ledger {
    /// Everything that the site shows but the files of runs. Runs are viewed only if anything of them
    /// changed since their view was kept, or all of them `anew`.
    pub(super) fn shown(&self, anew: bool) -> Result<Shown, Error> {
        let said = self.said()?;
        let listed = self.store.listed_attempts()?;
        let mut wanted = wanted(&said, &listed);
        let (mut views, mut texts, mut gone) = (Views::new(), Vec::new(), Vec::new());
        self.store.kept(SHOWN, &mut |name, key, text| {
            let Some((run, at)) = find(&wanted, name) else { return gone.push(name.to_owned()) };
            if !anew && !wanted[&run].key.is_empty() && wanted[&run].key == key {
                texts.push((run, at, text.to_owned()));
            }
            if texts.len() == BATCH {
                read(&mut texts, &mut wanted, &mut views);
            }
        })?;
        read(&mut texts, &mut wanted, &mut views);
        self.view_missing(&said, &wanted, &mut views)?;
        self.store.keep(SHOWN, &[], &gone)?;
        let mut shown = Shown {
            view: self.empty_view(),
            digests: RunDigests::new(),
            looks: listed.into_iter().map(|it| (it.directory, it.look)).collect(),
        };
        for name in self.store.experiments()? {
            let views = views.remove(&name).unwrap_or_default();
            let digests: BTreeMap<RunId, Digest> =
                views.iter().map(|(run, digest)| (run.id, *digest)).collect();
            let runs = views.into_iter().map(|(run, _)| run).collect();
            let experiment = self.experiment_of(&name, runs);
            shown.digests.insert(name, with_replicates(&experiment, digests));
            shown.view.experiments.push(experiment);
        }
        self.note_importance(&mut shown, anew)?;
        shown.view.models = self.registered_models()?;
        shown.view.models.retain(|model| model.deleted.is_none());
        Ok(shown)
    }

    /// Notes how much each param decides, measured anew only where a run or the goal changed.
    fn note_importance(&self, shown: &mut Shown, anew: bool) -> Result<(), Error> {
        let mut held: BTreeMap<String, (String, String)> = BTreeMap::new();
        self.store.kept(IMPORTANCE, &mut |name, key, text| {
            held.insert(name.to_owned(), (key.to_owned(), text.to_owned()));
        })?;
        let mut measured: Vec<Kept> = Vec::new();
        for experiment in &mut shown.view.experiments {
            let mut stream = StreamDigest::default();
            stream.update(&serde_json::to_vec(&experiment.goal).unwrap_or_default());
            for digest in shown.digests.get(&experiment.name).into_iter().flat_map(|it| it.values())
            {
                stream.update(digest.as_bytes());
            }
            let key = stream.finish().to_string();
            let known = held.remove(&experiment.name).filter(|(held, _)| !anew && *held == key);
            experiment.importance = known.and_then(|(_, text)| serde_json::from_str(&text).ok());
            if experiment.importance.is_none() {
                measure(std::slice::from_mut(experiment));
                let text = serde_json::to_string(&experiment.importance).unwrap_or_default();
                measured.push((experiment.name.clone(), key, text));
            }
        }
        let is_gone = |name: &String| !shown.digests.contains_key(name);
        let gone: Vec<String> = held.into_keys().filter(is_gone).collect();
        Ok(self.store.keep(IMPORTANCE, &measured, &gone)?)
    }

    /// Views the runs of which no view was kept, and keeps it.
    fn view_missing(
        &self,
        said: &Said,
        wanted: &BTreeMap<RunId, Wanted>,
        views: &mut Views,
    ) -> Result<(), Error> {
        let mut batch: Vec<Kept> = Vec::new();
        for (run, wanted) in wanted {
            if !wanted.open.contains(&true) {
                continue;
            }
            let entries = oldest_first(self.store.attempts_once(*run)?);
            for (experiment, _) in wanted.experiments.iter().zip(&wanted.open).filter(|it| *it.1) {
                let view = self.run_view(said, &entries, &wanted.experiments, experiment);
                let Some(view) = view else { continue };
                let text = serde_json::to_string(&view).unwrap_or_default();
                let digest = Digest::of(text.as_bytes());
                views.entry(experiment.clone()).or_default().push((view, digest));
                if !wanted.key.is_empty() {
                    batch.push((format!("{run} {experiment}"), wanted.key.clone(), text));
                }
            }
            if batch.len() >= BATCH {
                self.store.keep(SHOWN, &batch, &[])?;
                batch.clear();
            }
        }
        Ok(self.store.keep(SHOWN, &batch, &[])?)
    }
}

/// The runs to show.
fn wanted(said: &Said, listed: &[ListedAttempt]) -> BTreeMap<RunId, Wanted> {
    let run = |attempts: &[ListedAttempt]| {
        let experiments = said.experiments_of(attempts);
        let run = attempts.first().filter(|_| !experiments.is_empty())?.run;
        // Which of several finished attempts stands for the run depends on their files.
        let several = attempts.iter().filter(|it| it.finished).count() > 1;
        let key = if several {
            String::new()
        } else {
            said.digest_of(attempts, &experiments).to_string()
        };
        let open = vec![true; experiments.len()];
        Some((run, Wanted { key, experiments, open }))
    };
    listed.chunk_by(|a, b| a.run == b.run).filter_map(run).collect()
}

/// Reads the views of some runs on all processors. A text that cannot be read costs a view.
fn read(
    texts: &mut Vec<(RunId, usize, String)>,
    wanted: &mut BTreeMap<RunId, Wanted>,
    views: &mut Views,
) {
    let read = threads::each(texts, |(.., text)| {
        Some((serde_json::from_str::<RunView>(text).ok()?, Digest::of(text.as_bytes())))
    });
    for ((run, at, _), read) in texts.drain(..).zip(read).filter(|(_, read)| read.is_some()) {
        let Some(wanted) = wanted.get_mut(&run) else { continue };
        wanted.open[at] = false;
        views.entry(wanted.experiments[at].clone()).or_default().extend(read);
    }
}

/// The run that a kept view is of, and which of its experiments shows it so.
fn find(wanted: &BTreeMap<RunId, Wanted>, name: &str) -> Option<(RunId, usize)> {
    let (run, experiment) = name.split_once(' ')?;
    let run = run.parse().ok()?;
    let at = wanted.get(&run)?.experiments.iter().position(|it| it == experiment)?;
    Some((run, at))
}

/// The digests of runs with what their replicates tell.
fn with_replicates(
    experiment: &ExperimentView,
    mut digests: BTreeMap<RunId, Digest>,
) -> BTreeMap<RunId, Digest> {
    for run in &experiment.runs {
        if let (Some(replicates), Some(digest)) = (&run.replicates, digests.get_mut(&run.id)) {
            let told = serde_json::to_vec(replicates).unwrap_or_default();
            *digest = Digest::of(&[digest.as_bytes().as_slice(), &told].concat());
        }
    }
    digests
}
