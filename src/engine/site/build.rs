//! Renders what is not known to stand, and publishes it in an order in which no page misses what it loads:
//! pages of runs, data, indexes, and the manifest of the data last.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::engine::error::Error;
use crate::engine::ledger::Ledger;
use crate::ledger::digest::{Digest, StreamDigest};
use crate::ledger::id::RunId;
use crate::ledger::threads;
use crate::ledger::time::Timestamp;
use crate::ledger::view::{ExperimentView, LedgerView, RunView};
use crate::report::{self, Curves, Page, Parts, Site, Standings, run_of};
use crate::store::{Entry, Kept, Publication, Store};

use super::kept::{self, Memory, PAGE, RunPages};
use super::shown::Shown;
use super::{Built, FOLDER, INDEX};

/// The pages of so many runs are held in memory. Where no more are rendered nothing is written before all
/// pages are, so that a theme that breaks one of them leaves the whole site as it was.
const AT_ONCE: usize = 250;

/// A run whose pages have to be rendered.
struct Due<'v> {
    experiment: &'v ExperimentView,
    standings: usize,
    run: &'v RunView,
    key: Digest,
}

/// What the pages of all runs are rendered with.
#[derive(Clone, Copy)]
struct With<'w> {
    site: &'w Site,
    view: &'w LedgerView,
    /// The files of registered models that git carries although they are large.
    forced: &'w [String],
    /// Whether logs are left out.
    anonymous: bool,
}

/// What is known of the pages of all runs.
#[derive(Default)]
struct RunsKnown<'v> {
    /// Those to render.
    due: Vec<Due<'v>>,
    /// Those that stand.
    standing: BTreeSet<RunId>,
    /// The number of their files.
    files: usize,
    /// What is known of the curves of each run that has any.
    curves: BTreeMap<RunId, Curves>,
    /// What is to be kept anew though it stands.
    looked: Vec<Kept>,
}

/// Pages on their way to the disk.
struct Outgoing<'s> {
    store: &'s Store,
    publication: Option<Publication>,
    pages: Vec<Page>,
    runs: Vec<Kept>,
}

impl Outgoing<'_> {
    /// Writes what is held, and keeps that it stands.
    fn flush(&mut self) -> Result<(), Error> {
        let mut publication = match self.publication.take() {
            Some(publication) => publication,
            None => self.store.publication(Path::new(FOLDER))?,
        };
        for page in self.pages.drain(..) {
            publication.put(page.path, &page.bytes)?;
        }
        self.publication = Some(publication);
        self.store.keep(PAGE, &self.runs, &[])?;
        self.runs.clear();
        Ok(())
    }
}

impl Ledger {
    /// Brings the site to show a ledger; what is known to stand is neither rendered nor looked at, unless
    /// everything is to be rendered `anew`.
    pub(super) fn build(
        &self,
        shown: &Shown,
        as_of: Option<Timestamp>,
        anew: bool,
    ) -> Result<Built, Error> {
        let (view, theme) = (&shown.view, self.theme()?);
        let frame = report::frame(view, &theme);
        let folder = self.root().join(FOLDER);
        let index = folder.join(INDEX);
        let memory = Memory::read(&self.store, &folder, anew)?;
        let standings: Vec<Standings<'_>> = view.experiments.iter().map(Standings::of).collect();
        let forced = self.registered_files()?;
        let (mut known, keys) = self.judge(shown, &standings, (frame, &forced), &memory)?;
        let key = site_key((frame, keys), shown, as_of);
        if !anew && known.due.is_empty() && memory.is_whole(key) && index.is_file() {
            self.store.keep(PAGE, &known.looked, &[])?;
            return Ok(Built { index, written: 0, unchanged: 0, refused: Vec::new() });
        }
        let site = Site::new(&theme)?;
        let mut refused = Vec::new();
        let mut out = Outgoing {
            store: &self.store,
            publication: None,
            pages: Vec::new(),
            runs: std::mem::take(&mut known.looked),
        };
        let with = With { site: &site, view, forced: &forced, anonymous: false };
        self.render_due(with, &standings, &mut known, (&mut out, &mut refused))?;
        let parts = Parts::new(frame, shown.digests.clone(), memory.parts.clone());
        let logs = self.failure_logs(view)?;
        out.pages.extend(indexes(&site, (view, as_of), (&known.curves, &logs), &parts)?);
        out.flush()?;
        let parts = parts.into_parts();
        let files: BTreeSet<&str> =
            parts.values().flat_map(|part| &part.files).map(|(_, path)| path.as_str()).collect();
        let stands = |page: &str| {
            files.contains(page) || run_of(page).is_some_and(|run| known.standing.contains(&run))
        };
        let published = out.publication.map(|it| it.finish(&stands)).transpose()?;
        let published = published.unwrap_or_default();
        let runs = view.experiments.iter().flat_map(|it| &it.runs).map(|run| run.id).collect();
        memory.keep(&self.store, &runs, &parts, key)?;
        let unchanged = published.unchanged + known.files;
        Ok(Built { index, written: published.written, unchanged, refused })
    }

    /// The pages of a site that shows some view of the ledger, all of them; nothing is written. `anonymous` pages are of a view
    /// without the names of users and machines, and have no logs, as a crate has none then.
    pub(in crate::engine) fn pages_of(
        &self,
        view: &LedgerView,
        anonymous: bool,
    ) -> Result<Vec<Page>, Error> {
        let site = Site::new(&self.theme()?)?;
        let logs = if anonymous { BTreeMap::new() } else { self.failure_logs(view)? };
        let forced = self.registered_files()?;
        let with = With { site: &site, view, forced: &forced, anonymous };
        let (mut pages, mut curves) = (Vec::new(), BTreeMap::new());
        let standings: Vec<Standings<'_>> = view.experiments.iter().map(Standings::of).collect();
        let all = own_runs(view);
        let rendered = threads::each(&all, |(at, experiment, run)| {
            self.render(with, (experiment, &standings[*at], run), &mut Vec::new())
        });
        for ((.., run), rendered) in all.iter().zip(rendered) {
            let Some((rendered, kept)) = rendered? else { continue };
            if kept.curves.count > 0 {
                curves.insert(run.id, kept.curves);
            }
            pages.extend(rendered);
        }
        let parts = &Parts::default();
        pages.extend(indexes(&site, (view, None), (&curves, &logs), parts)?);
        Ok(pages)
    }

    /// Renders the pages of runs that are due, and writes them where they are many.
    fn render_due(
        &self,
        with: With<'_>,
        standings: &[Standings<'_>],
        known: &mut RunsKnown<'_>,
        (out, refused): (&mut Outgoing<'_>, &mut Vec<String>),
    ) -> Result<(), Error> {
        for (number, due) in std::mem::take(&mut known.due).chunks(AT_ONCE).enumerate() {
            if number > 0 {
                out.flush()?;
            }
            let rendered = threads::each(due, |due| {
                let of = (due.experiment, &standings[due.standings], due.run);
                let mut refused = Vec::new();
                self.render(with, of, &mut refused).map(|rendered| (rendered, refused))
            });
            for (due, rendered) in due.iter().zip(rendered) {
                let (rendered, damaged) = rendered?;
                refused.extend(damaged);
                let Some((pages, kept)) = rendered else { continue };
                if kept.curves.count > 0 {
                    known.curves.insert(due.run.id, kept.curves.clone());
                }
                out.runs.push(kept.kept(due.run.id, due.key));
                out.pages.extend(pages);
            }
        }
        Ok(())
    }

    /// Which pages of runs stand and which are due, and a digest of what all of them show.
    fn judge<'v>(
        &self,
        shown: &'v Shown,
        standings: &[Standings<'v>],
        (frame, forced): (Digest, &[String]),
        memory: &Memory,
    ) -> Result<(RunsKnown<'v>, Digest), Error> {
        let folder = self.root().join(FOLDER);
        let all = own_runs(&shown.view);
        let judged = threads::each(&all, |(at, experiment, run)| {
            let of_others = (&standings[*at], &shown.digests, kept::carried(forced, run));
            let key = kept::key(frame, experiment, run, of_others);
            let kept = memory.pages.get(&run.id).filter(|(held, _)| *held == key.to_string());
            (key, kept.filter(|(_, pages)| pages.stand(&folder, run.id)).map(|(_, pages)| pages))
        });
        let (mut known, mut keys) = (RunsKnown::default(), StreamDigest::default());
        for ((standings, experiment, run), (key, kept)) in all.into_iter().zip(judged) {
            keys.update(key.as_bytes());
            let look = shown.looks.get(&run.directory).copied().unwrap_or(0);
            let due = Due { experiment, standings, run, key };
            match kept {
                Some(pages) if pages.look == look => known.stands(run.id, pages),
                Some(pages) => match self.looked_again(run, pages)? {
                    Some(pages) => {
                        known.stands(run.id, &pages);
                        known.looked.push(pages.kept(run.id, key));
                    }
                    None => known.due.push(due),
                },
                None => known.due.push(due),
            }
        }
        Ok((known, keys.finish()))
    }

    /// Pages of a run whose files somebody looked at since, if the files are as the pages say.
    fn looked_again(&self, run: &RunView, pages: &RunPages) -> Result<Option<RunPages>, Error> {
        let Some(entry) = self.store.entry_once(&run.directory)? else { return Ok(None) };
        let states = kept::states(&self.artifacts(&entry));
        let look = self.store.look_of(&run.directory)?;
        Ok((states == pages.states).then(|| pages.looked_at(look)))
    }

    /// Renders the pages of a run; `None` when its attempt is gone since it was viewed.
    fn render(
        &self,
        With { site, view, forced, anonymous }: With<'_>,
        (experiment, standings, run): (&ExperimentView, &Standings<'_>, &RunView),
        refused: &mut Vec<String>,
    ) -> Result<Option<(Vec<Page>, RunPages)>, Error> {
        let entry: Option<Arc<Entry>> = self.store.entry_once(&run.directory)?;
        let Some(entry) = entry else { return Ok(None) };
        let mut run = run.clone();
        run.artifacts = self.artifacts(&entry);
        let look = self.store.look_of(&run.directory)?;
        let mut files = self.files(&entry, &run, refused);
        files.swhids = self.swhids_of(&entry, forced);
        if anonymous {
            files.log.clear();
        }
        let pages = site.run(view, experiment, standings, &run, &files)?;
        let curves = report::curves(&experiment.goal, &files);
        let kept = RunPages::of(&run, look, curves, &pages);
        Ok(Some((pages, kept)))
    }
}

impl RunsKnown<'_> {
    fn stands(&mut self, run: RunId, pages: &RunPages) {
        self.standing.insert(run);
        self.files += pages.len();
        if pages.curves.count > 0 {
            self.curves.insert(run, pages.curves.clone());
        }
    }
}

/// Every run once, with the place of its experiment and that: a run that several experiments list has one
/// page, that of the first.
fn own_runs(view: &LedgerView) -> Vec<(usize, &ExperimentView, &RunView)> {
    let all = view.experiments.iter().enumerate().flat_map(|(at, experiment)| {
        let own = experiment.runs.iter().filter(|run| experiment.is_home_of(run));
        own.map(move |run| (at, experiment, run))
    });
    all.collect()
}

/// Digest of everything a site is made of: how it looks, its runs, and all else that it shows.
fn site_key((frame, runs): (Digest, Digest), shown: &Shown, as_of: Option<Timestamp>) -> Digest {
    let LedgerView { comparisons, models, views, report, experiments, .. } = &shown.view;
    let heads: Vec<_> = experiments
        .iter()
        .map(|it| (&it.description, &it.tags, &it.goal, &it.readme, &it.best, it.runs.len()))
        .collect();
    let rest = serde_json::to_vec(&(comparisons, models, views, report, heads)).unwrap_or_default();
    let mut stream = StreamDigest::default();
    stream.update(frame.as_bytes());
    stream.update(runs.as_bytes());
    for digest in shown.digests.values().flat_map(BTreeMap::values) {
        stream.update(digest.as_bytes());
    }
    stream.update(&rest);
    stream.update(&as_of.map_or([0; 8], |time| time.microseconds().to_be_bytes()));
    stream.finish()
}

/// Everything but the pages of runs, in the order in which it is written.
fn indexes(
    site: &Site,
    (view, as_of): (&LedgerView, Option<Timestamp>),
    (curves, logs): (&BTreeMap<RunId, Curves>, &BTreeMap<RunId, String>),
    parts: &Parts,
) -> Result<Vec<Page>, Error> {
    let of_experiments = || {
        let pages = threads::each(&view.experiments, |it| site.experiment(view, it, parts));
        Ok(pages.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    };
    // Each looks at every run, and none waits for another.
    let kinds: [report::Make<'_>; 3] =
        [&|| site.across(view, curves, logs, parts), &of_experiments, &|| {
            Ok(vec![site.overview(view, as_of)?])
        }];
    let made: Result<Vec<_>, _> = threads::each(&kinds, |make| make()).into_iter().collect();
    let mut made: Vec<Page> = made?.into_iter().flatten().collect();
    made.sort_by_key(|page| turn(&page.path));
    let mut pages = site.assets();
    pages.extend(made);
    Ok(pages)
}

/// When a page is written: after all that it loads and leads to.
fn turn(path: &str) -> usize {
    match path {
        path if path.ends_with("/manifest.js") => 4,
        INDEX => 3,
        path if path.starts_with("data/") => 0,
        path if path.starts_with("x/") => 1,
        _ => 2,
    }
}
