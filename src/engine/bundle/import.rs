//! `import bundle`: everything is read, checked and unpacked beside the ledger before the first file is placed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::engine::error::Error;
use crate::engine::ledger::Ledger;
use crate::ledger::annotation::Annotation;
use crate::ledger::bundle::{Part, part};
use crate::ledger::id::{AttemptId, RunId};
use crate::ledger::journal::{self, Record};
use crate::ledger::layout::{self, AttemptPath, IGNORE, MANIFEST};
use crate::ledger::manifest::Manifest;
use crate::ledger::view::FileState;
use crate::store::{Bundle, Entry, Unpacked, ignore_line};

use super::brought::BroughtBundle;

/// Of many conflicting attempts, so many are named.
const NAMED: usize = 3;

/// An import under way.
pub(super) struct Bringing<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) bundle: Bundle,
    pub(super) unpacked: Unpacked,
    pub(super) brought: BroughtBundle,
    /// The attempts of the ledger.
    pub(super) here: BTreeMap<(RunId, AttemptId), Arc<Entry>>,
    /// The attempts of the bundle, with the paths of their files below their directories.
    pub(super) attempts: BTreeMap<AttemptPath, Vec<String>>,
    /// Lines for this clone's own journals, by folder.
    pub(super) lines: BTreeMap<String, Vec<String>>,
}

/// What an attempt of a bundle is to the ledger.
enum Standing {
    New,
    Held(Arc<Entry>),
    /// The ledger has other bytes under its name.
    Other,
}

impl Ledger {
    /// Brings what a bundle holds into the ledger; `progress` is told the files done and their number. A dry run reads and
    /// checks everything, and places nothing.
    ///
    /// # Errors
    /// In one line why the bundle is not taken: damaged, hostile, or with other bytes for an attempt or a version that the
    /// ledger holds. Nothing of it was placed then.
    pub fn import_bundle(
        &self,
        path: &Path,
        dry_run: bool,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<BroughtBundle, Error> {
        let bundle = Bundle::open(path)?;
        let list = bundle.list().clone();
        let mut attempts: BTreeMap<AttemptPath, Vec<String>> = BTreeMap::new();
        for file in &list.files {
            if let Some(Part::Attempt(place, below)) = part(&file.path) {
                attempts.entry(place).or_default().push(below.to_owned());
            }
        }
        let here = self.store.attempts()?.into_iter();
        let here = here.map(|entry| ((entry.attempt.run, entry.attempt.attempt), entry)).collect();
        let mut bringing = Bringing {
            ledger: self,
            bundle,
            unpacked: self.store.unpack_bundles()?,
            brought: BroughtBundle {
                title: list.title,
                filter: list.filter,
                runs: list.runs,
                ..BroughtBundle::default()
            },
            here,
            attempts,
            lines: BTreeMap::new(),
        };
        bringing.check(progress)?;
        if dry_run {
            return Ok(bringing.brought);
        }
        let brought = bringing.place()?;
        self.bring_along()?;
        Ok(brought)
    }
}

impl Bringing<'_> {
    /// Checks everything and unpacks what is new.
    fn check(&mut self, progress: &mut dyn FnMut(u64, u64)) -> Result<(), Error> {
        let attempts = self.standings()?;
        self.check_room(&attempts)?;
        let total = self.bundle.list().files.len() as u64;
        let mut done = 0;
        for (place, manifest, standing) in attempts {
            self.attempt(&place, &manifest, standing)?;
            done += manifest.files.len() as u64 + 1;
            progress(done.min(total), total);
        }
        let files = self.bundle.list().files.clone();
        for file in &files {
            match part(&file.path) {
                Some(Part::Annotations(experiment)) => self.annotations(&file.path, experiment)?,
                Some(Part::Experiment) => self.own(&file.path)?,
                Some(Part::Data) => self.data(&file.path)?,
                Some(Part::Site | Part::Settings) => self.bundle.check(&file.path)?,
                Some(Part::Attempt(..) | Part::Model(..) | Part::Events(_)) | None => continue,
            }
            done += 1;
            progress(done.min(total), total);
        }
        self.models()?;
        progress(total, total);
        Ok(())
    }

    /// Places what was unpacked: results before what is said of them, and specs last, so that nothing is trained that
    /// comes along.
    fn place(mut self) -> Result<BroughtBundle, Error> {
        if self.brought.files.iter().any(|path| part(path) == Some(Part::Experiment)) {
            self.ledger.end_following()?;
        }
        self.unpacked.bring_attempts()?;
        for (folder, lines) in &self.lines {
            self.ledger.store.append_lines(folder, lines)?;
        }
        self.unpacked.bring_files()?;
        Ok(self.brought)
    }

    /// Every attempt of the bundle with its manifest, and what it is to the ledger.
    ///
    /// # Errors
    /// When a manifest does not hold, or the ledger has other bytes.
    fn standings(&mut self) -> Result<Vec<(AttemptPath, Manifest, Standing)>, Error> {
        let (mut all, mut others) = (Vec::new(), Vec::new());
        for (place, paths) in self.attempts.clone() {
            let manifest = self.manifest(&place, &paths)?;
            let standing = self.standing(&place, &manifest);
            if matches!(standing, Standing::Other) {
                others.push(place.directory());
            }
            all.push((place, manifest, standing));
        }
        if others.is_empty() {
            return Ok(all);
        }
        let more = match others.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        others.truncate(NAMED);
        let what = format!(
            "is refused: the ledger holds other bytes of {}{more}; nothing was brought. `fairledger verify` tells whether the ledger's are whole",
            others.join(", ")
        );
        Err(self.bundle.refuse(what).into())
    }

    fn standing(&self, place: &AttemptPath, manifest: &Manifest) -> Standing {
        match self.here.get(&(place.run, place.attempt)) {
            // What is remembered of it is not enough: the files decide.
            Some(entry)
                if entry.manifest == *manifest
                    && self.ledger.store.read_manifest(entry).is_ok() =>
            {
                Standing::Held(entry.clone())
            }
            Some(_) => Standing::Other,
            None if self.ledger.store.is_taken(&place.directory()) => Standing::Other,
            None => Standing::New,
        }
    }

    /// Reads the manifest of an attempt and holds it against the list.
    fn manifest(&mut self, place: &AttemptPath, paths: &[String]) -> Result<Manifest, Error> {
        let directory = place.directory();
        let path = format!("{directory}/{MANIFEST}");
        if self.bundle.file(&path).is_none() {
            return Err(self.bundle.refuse(format!("is not whole: it has no {path}")).into());
        }
        let text = self.bundle.read(&path)?;
        let manifest = Manifest::from_text(&String::from_utf8_lossy(&text))
            .map_err(|error| self.bundle.refuse(format!("is damaged: {path}: {error}")))?;
        let damaged = |below: &str, what: &str| {
            self.bundle.refuse(format!("is damaged: {directory}/{below} {what}"))
        };
        if (manifest.run, manifest.attempt) != (place.run, place.attempt) {
            return Err(damaged(MANIFEST, "is of another attempt").into());
        }
        for below in paths.iter().filter(|below| *below != MANIFEST) {
            let listed = self.bundle.file(&format!("{directory}/{below}"));
            let sealed = manifest.file(below);
            let same = sealed.zip(listed).is_some_and(|(a, b)| {
                (a.size, a.blake3, &a.sha256) == (b.size, b.blake3, &b.sha256)
            });
            if !same {
                return Err(damaged(below, "is not what its manifest says").into());
            }
        }
        let ignored = if paths.iter().any(|below| below == IGNORE) {
            self.bundle.read(&format!("{directory}/{IGNORE}"))?
        } else {
            Vec::new()
        };
        let ignored = String::from_utf8_lossy(&ignored);
        let missing = manifest.files.iter().find(|file| {
            !paths.contains(&file.path)
                && !ignored.lines().any(|line| line == ignore_line(&file.path))
        });
        match missing {
            Some(file) => {
                let what = format!("is not whole: it has no {directory}/{}", file.path);
                Err(self.bundle.refuse(what).into())
            }
            None => Ok(manifest),
        }
    }

    /// Says how much room is missing, before anything is unpacked.
    fn check_room(&self, attempts: &[(AttemptPath, Manifest, Standing)]) -> Result<(), Error> {
        let held: u128 = (attempts.iter())
            .filter(|(_, _, standing)| matches!(standing, Standing::Held(_)))
            .flat_map(|(_, manifest, _)| &manifest.files)
            .map(|file| u128::from(file.size))
            .sum();
        let all: u128 = self.bundle.list().files.iter().map(|file| u128::from(file.size)).sum();
        let needed = all.saturating_sub(held);
        match self.ledger.store.space() {
            Some(space) if u128::from(space.bytes) < needed => {
                let what = format!(
                    "is refused: it needs {needed} bytes, and the disk of the ledger has {} left",
                    space.bytes
                );
                Err(self.bundle.refuse(what).into())
            }
            _ => Ok(()),
        }
    }

    /// One attempt: unpacked when it is new, else checked, and what is absent here filled in.
    fn attempt(
        &mut self,
        place: &AttemptPath,
        manifest: &Manifest,
        standing: Standing,
    ) -> Result<(), Error> {
        let paths = self.attempts.get(place).cloned().unwrap_or_default();
        let Standing::Held(entry) = standing else {
            self.unpacked.stage_attempt(&mut self.bundle, place, &paths)?;
            self.brought.attempts += 1;
            return Ok(());
        };
        self.brought.held += 1;
        let states = self.ledger.store.file_states(&entry);
        for (file, state) in manifest.files.iter().zip(states) {
            if !paths.contains(&file.path) {
                continue;
            }
            let path = format!("{}/{}", place.directory(), file.path);
            if state == FileState::Absent {
                let target = format!("{}/{}", entry.directory, file.path);
                self.unpacked.stage_file(&mut self.bundle, &path, &target)?;
                self.brought.filled.push(target);
            } else {
                self.bundle.check(&path)?;
            }
        }
        Ok(())
    }

    /// What is said of runs of the bundle in one experiment.
    fn annotations(&mut self, path: &str, experiment: &str) -> Result<(), Error> {
        let folder = layout::annotations(experiment);
        let lines = self.new_lines::<Annotation>(path, &folder)?;
        let is_theirs = |record: &Annotation| self.attempts.keys().any(|it| it.run == record.run);
        let lines: Vec<String> = lines
            .into_iter()
            .filter(|(record, _)| is_theirs(record))
            .map(|(_, line)| line)
            .collect();
        self.brought.annotations += lines.len();
        if !lines.is_empty() {
            self.lines.insert(folder, lines);
        }
        Ok(())
    }

    /// The records of a journal that a folder of the ledger does not hold.
    pub(super) fn new_lines<R: Record>(
        &mut self,
        path: &str,
        folder: &str,
    ) -> Result<Vec<(R, String)>, Error> {
        let bytes = self.bundle.read(path)?;
        let read = journal::read_lines::<R>(&bytes);
        if let Some(line) = read.unreadable.first() {
            let what = format!("is damaged: {path} has no record in line {line}");
            return Err(self.bundle.refuse(what).into());
        }
        let known = self.ledger.store.journal_lines::<R>(folder)?;
        let known: BTreeSet<_> = known.iter().map(|(record, _)| record.place().1).collect();
        let mut lines = journal::with_lines::<R>(&bytes);
        lines.retain(|(record, _)| !known.contains(&record.place().1));
        Ok(lines)
    }
}
