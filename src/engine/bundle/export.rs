//! `export bundle`: what goes into a bundle, sorted out before anything is written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::engine::error::Error;
use crate::engine::ledger::Ledger;
use crate::engine::listing::ListOf;
use crate::engine::site;
use crate::ledger::annotation::Annotation;
use crate::ledger::bundle::{self, BundleList, FORMAT, JOURNAL, Part, part};
use crate::ledger::digest::Digest;
use crate::ledger::id::{AttemptId, RunId};
use crate::ledger::layout::{self, LEDGER, MANIFEST};
use crate::ledger::registry::{Event, EventKind, VersionId};
use crate::ledger::view::{FileState, LedgerView, RunView};
use crate::store::{BundleSource, Bundled, Entry};

/// A bundle that was made.
#[derive(Clone, Debug)]
pub struct MadeBundle {
    /// Where it is.
    pub path: PathBuf,
    /// Number of runs in it.
    pub runs: usize,
    /// Number of attempts in it.
    pub attempts: usize,
    /// Number of versions of registered models in it.
    pub versions: usize,
    /// Number of files in it.
    pub files: usize,
    /// What is not in it although it belongs to its runs, a line each.
    pub left_out: Vec<String>,
    /// Whether something is left out because it is damaged.
    pub damaged: bool,
}

/// A bundle on its way out.
#[derive(Default)]
struct Packing {
    files: Vec<Bundled>,
    /// The attempts that go with it.
    attempts: BTreeSet<(RunId, AttemptId)>,
    versions: usize,
    left_out: Vec<String>,
    damaged: bool,
}

impl Packing {
    fn bytes(&mut self, path: String, bytes: Vec<u8>) {
        self.files.push(Bundled { path, source: BundleSource::Bytes(bytes) });
    }

    fn own(&mut self, path: String) {
        self.files.push(Bundled { path, source: BundleSource::Own });
    }
}

impl Ledger {
    /// Writes the runs that some words choose into one file: with all their attempts and files, what is said of them, the
    /// versions of registered models that pin them, the files of their experiments, their data, and their site.
    ///
    /// # Errors
    /// When the words choose nothing or cannot be read, and when the file cannot be written.
    pub fn export_bundle(&self, words: &[String], output: &Path) -> Result<MadeBundle, Error> {
        let listing = self.list(ListOf { words, ..ListOf::default() })?;
        let runs: BTreeSet<RunId> = listing.runs().into_iter().map(|run| run.id).collect();
        if runs.is_empty() {
            return Err(Error::NothingToExport(words.join(" ")));
        }
        let mut packing = Packing::default();
        self.pack_attempts(&runs, &mut packing)?;
        let runs: BTreeSet<RunId> = packing.attempts.iter().map(|(run, _)| *run).collect();
        self.pack_experiments(&listing.runs(), &runs, &mut packing)?;
        self.pack_models(&mut packing)?;
        packing.own(LEDGER.to_owned());
        for page in self.pages_of(&self.view_of(&runs)?, false)? {
            packing.bytes(format!("{}/{}", site::FOLDER, page.path), page.bytes);
        }
        let list = BundleList {
            format: FORMAT,
            title: self.title(),
            filter: words.join(" "),
            runs: runs.len(),
            files: Vec::new(),
        };
        let path = std::path::absolute(output).unwrap_or_else(|_| output.to_owned());
        let files = self.store.write_bundle(&path, list, packing.files)?;
        Ok(MadeBundle {
            path,
            runs: runs.len(),
            attempts: packing.attempts.len(),
            versions: packing.versions,
            files,
            left_out: packing.left_out,
            damaged: packing.damaged,
        })
    }

    /// The ledger as if it held nothing but some runs.
    fn view_of(&self, runs: &BTreeSet<RunId>) -> Result<LedgerView, Error> {
        let mut view = self.view()?;
        for experiment in &mut view.experiments {
            experiment.runs.retain(|run| runs.contains(&run.id));
        }
        view.experiments.retain(|experiment| !experiment.runs.is_empty());
        view.models.iter_mut().for_each(|model| {
            model.versions.retain(|version| runs.contains(&version.run));
        });
        view.models.retain(|model| !model.versions.is_empty());
        Ok(view)
    }

    /// Every whole attempt of some runs, and the data they read.
    fn pack_attempts(&self, runs: &BTreeSet<RunId>, packing: &mut Packing) -> Result<(), Error> {
        let mut data: BTreeMap<String, BTreeSet<Digest>> = BTreeMap::new();
        for entry in self.store.attempts()? {
            if runs.contains(&entry.attempt.run) && self.pack_attempt(&entry, packing) {
                packing.attempts.insert((entry.attempt.run, entry.attempt.attempt));
                if let Some(file) = &entry.attempt.data {
                    data.entry(file.path.clone()).or_default().insert(file.blake3);
                }
            }
        }
        for (path, wanted) in data {
            let there = self.store.digest_at(&path)?;
            let is_data = part(&path) == Some(Part::Data);
            let missing = wanted.iter().filter(|digest| Some(**digest) != there).count();
            if !is_data {
                packing.left_out.push(format!("{path}: only files below data/ go along"));
            } else if missing > 0 {
                packing.left_out.push(format!("{path}: is not here as runs read it"));
            }
            if is_data && missing < wanted.len() {
                packing.own(path);
            }
        }
        Ok(())
    }

    /// One attempt; `false` when it is damaged, and then nothing of it goes along.
    fn pack_attempt(&self, entry: &Arc<Entry>, packing: &mut Packing) -> bool {
        let (directory, mut files) = (&entry.directory, Vec::new());
        let Ok(manifest) = self.store.read_manifest(entry) else {
            packing.left_out.push(format!("{directory}: its manifest is damaged"));
            packing.damaged = true;
            return false;
        };
        for (file, state) in entry.manifest.files.iter().zip(self.store.file_states(entry)) {
            let path = format!("{directory}/{}", file.path);
            match state {
                FileState::Present => {
                    files.push(Bundled { path, source: BundleSource::Sealed(file.clone()) });
                }
                FileState::Absent => {
                    packing.left_out.push(format!("{path}: is not in this copy of the ledger"));
                }
                FileState::Damaged => {
                    packing.left_out.push(format!("{directory}: its {} is damaged", file.path));
                    packing.damaged = true;
                    return false;
                }
            }
        }
        packing.files.extend(files);
        packing.bytes(format!("{directory}/{MANIFEST}"), manifest);
        true
    }

    /// The files of the experiments that list some runs, and what is said of those.
    fn pack_experiments(
        &self,
        listed: &[&RunView],
        runs: &BTreeSet<RunId>,
        packing: &mut Packing,
    ) -> Result<(), Error> {
        let experiments: BTreeSet<&String> =
            listed.iter().flat_map(|run| run.experiments.iter().chain([&run.experiment])).collect();
        for path in self.store.own_files(u64::MAX)? {
            let inside = path.strip_prefix("experiments/").and_then(|path| path.split_once('/'));
            let is_theirs = inside.is_some_and(|(name, _)| experiments.contains(&name.to_owned()));
            if is_theirs && part(&path) == Some(Part::Experiment) {
                packing.own(path);
            }
        }
        for experiment in self.store.experiments()? {
            let folder = layout::annotations(&experiment);
            let said = self.store.journal_lines::<Annotation>(&folder)?;
            let text: String = (said.into_iter())
                .filter(|(record, _)| runs.contains(&record.run))
                .map(|(_, line)| line)
                .collect();
            if !text.is_empty() {
                packing.bytes(format!("{folder}/{JOURNAL}"), text.into_bytes());
            }
        }
        Ok(())
    }

    /// The versions of registered models that pin what goes along, and what is said of them.
    fn pack_models(&self, packing: &mut Packing) -> Result<(), Error> {
        for known in self.every_model()? {
            let pinned: BTreeSet<VersionId> = (known.files.versions.iter())
                .filter(|(_, version)| packing.attempts.contains(&(version.run, version.attempt)))
                .map(|(id, _)| id.clone())
                .collect();
            if pinned.is_empty() || known.model.deleted.is_some() {
                continue;
            }
            packing.versions += pinned.len();
            let folder = layout::model(&known.name);
            for path in self.store.own_files(u64::MAX)? {
                let file = path.strip_prefix(&format!("{folder}/")).unwrap_or_default();
                let stem = file.split_once('.').and_then(|(stem, _)| stem.parse().ok());
                if file == layout::MODEL || stem.is_some_and(|id| pinned.contains(&id)) {
                    packing.own(path);
                }
            }
            let said = self.store.journal_lines::<Event>(&layout::model_events(&known.name))?;
            let ours = said.into_iter().filter(|(event, _)| is_about(&event.kind, &pinned));
            let text: String = ours.map(|(_, line)| line).collect();
            packing.bytes(bundle::events(&known.name), text.into_bytes());
        }
        Ok(())
    }
}

/// Whether an event is about one of some versions, or about the model as a whole.
fn is_about(kind: &EventKind, versions: &BTreeSet<VersionId>) -> bool {
    match kind {
        EventKind::Register { version, .. } => versions.contains(version),
        EventKind::Describe { version, .. }
        | EventKind::Tag { version, .. }
        | EventKind::Alias { version, .. }
        | EventKind::Delete { version }
        | EventKind::Restore { version } => version.as_ref().is_none_or(|it| versions.contains(it)),
        EventKind::Other(_) => false,
    }
}
