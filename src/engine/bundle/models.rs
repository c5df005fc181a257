//! Registered models of a bundle: the versions that pin its runs, and what is said of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::error::Error;
use crate::ledger::bundle::{self, Part, part};
use crate::ledger::digest::Digest;
use crate::ledger::journal;
use crate::ledger::layout::{self, MODEL};
use crate::ledger::registry::{Event, EventKind, Version, VersionId, check_name, fold};

use super::import::Bringing;

impl Bringing<'_> {
    /// Checks the models and unpacks what is new of them.
    ///
    /// # Errors
    /// When a version is not what its name says, pins an attempt that is neither in the bundle nor here, or is here with
    /// other bytes.
    pub(super) fn models(&mut self) -> Result<(), Error> {
        let mut models: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for file in &self.bundle.list().files {
            match part(&file.path) {
                Some(Part::Model(name, file)) => {
                    models.entry(name.to_owned()).or_default().insert(file.to_owned());
                }
                Some(Part::Events(name)) => drop(models.entry(name.to_owned()).or_default()),
                _ => {}
            }
        }
        for (name, files) in models {
            let refuse = |what: String| self.bundle.refuse(what);
            check_name(&name).map_err(|error| refuse(format!("is refused: {error}")))?;
            let ids = self.model_files(&name, &files)?;
            self.model_events(&name, &ids)?;
        }
        Ok(())
    }

    /// The files of one model, each version after what belongs to it; gives the versions.
    fn model_files(
        &mut self,
        name: &str,
        files: &BTreeSet<String>,
    ) -> Result<BTreeSet<VersionId>, Error> {
        let folder = layout::model(name);
        if files.contains(MODEL) {
            let path = format!("{folder}/{MODEL}");
            match self.ledger.store.digest_at(&path)? {
                None => self.unpacked.stage_file(&mut self.bundle, &path, &path)?,
                Some(there) => {
                    self.bundle.check(&path)?;
                    if self.bundle.file(&path).is_none_or(|file| file.blake3 != there) {
                        self.brought.kept.push(path);
                    }
                }
            }
        }
        let mut ids = BTreeSet::new();
        for id in files.iter().filter_map(|file| file.strip_suffix(".toml")?.parse().ok()) {
            self.version(&folder, &id, files)?;
            ids.insert(id);
        }
        let of_version = |file: &str| {
            let (stem, ending) = file.split_once('.')?;
            let id: VersionId = stem.parse().ok()?;
            (ids.contains(&id) && matches!(ending, "toml" | "md" | "profile.json")).then_some(())
        };
        let other = files.iter().find(|file| *file != MODEL && of_version(file).is_none());
        match other {
            Some(file) => {
                let what = format!("is refused: '{folder}/{file}' belongs to no version");
                Err(self.bundle.refuse(what).into())
            }
            None => Ok(ids),
        }
    }

    /// One version with its card and its profile.
    fn version(
        &mut self,
        folder: &str,
        id: &VersionId,
        files: &BTreeSet<String>,
    ) -> Result<(), Error> {
        let path = format!("{folder}/{id}.toml");
        let text = String::from_utf8_lossy(&self.bundle.read(&path)?).into_owned();
        let damaged = |what: String| self.bundle.refuse(format!("is damaged: {path} {what}"));
        if VersionId::of(&text) != *id {
            return Err(damaged("is another version than its name says".into()).into());
        }
        let version = Version::from_text(&text).map_err(|error| damaged(error.to_string()))?;
        let pinned = (version.run, version.attempt);
        let comes = self.attempts.keys().any(|place| (place.run, place.attempt) == pinned);
        if !comes && !self.here.contains_key(&pinned) {
            let what =
                format!("is refused: {path} pins {}, which is not in it", version.directory());
            return Err(self.bundle.refuse(what).into());
        }
        let profile = format!("{id}.profile.json");
        if files.contains(&profile) {
            let bytes = self.bundle.read(&format!("{folder}/{profile}"))?;
            if version.profile != Some(Digest::of(&bytes)) {
                let what = format!("is damaged: {folder}/{profile} is not what the version pins");
                return Err(self.bundle.refuse(what).into());
            }
        }
        let own = [profile, format!("{id}.md"), format!("{id}.toml")];
        let mut is_new = false;
        for file in own.iter().filter(|file| files.contains(*file)) {
            let path = format!("{folder}/{file}");
            match self.ledger.store.digest_at(&path)? {
                None => {
                    self.unpacked.stage_file(&mut self.bundle, &path, &path)?;
                    is_new = true;
                }
                Some(there) if self.bundle.file(&path).is_some_and(|it| it.blake3 == there) => {
                    self.bundle.check(&path)?;
                }
                // A newer program may write another card; what is pinned is the same.
                Some(_) if *file == format!("{id}.md") => self.bundle.check(&path)?,
                Some(_) => {
                    let what = format!(
                        "is refused: the ledger holds other bytes of {path}; nothing was brought"
                    );
                    return Err(self.bundle.refuse(what).into());
                }
            }
        }
        self.brought.versions += usize::from(is_new);
        Ok(())
    }

    /// What is said of a model, and where its aliases point once it is merged.
    fn model_events(&mut self, name: &str, ids: &BTreeSet<VersionId>) -> Result<(), Error> {
        let path = bundle::events(name);
        if self.bundle.file(&path).is_none() {
            return Ok(());
        }
        let folder = layout::model_events(name);
        let here = self.ledger.store.journal_lines::<Event>(&folder)?;
        let here: Vec<Event> = here.into_iter().map(|(event, _)| event).collect();
        let before = fold(&here);
        let mut lines = self.new_lines::<Event>(&path, &folder)?;
        // A version without its file would be a damaged one here.
        lines.retain(|(event, _)| match &event.kind {
            EventKind::Register { version, .. } => {
                ids.contains(version) || before.version(version).is_some()
            }
            _ => true,
        });
        let come = lines.iter().map(|(event, _)| event.clone());
        let after = fold(&journal::merge(here.iter().cloned().chain(come)));
        for (alias, was) in &before.aliases {
            let now = after.aliases.get(alias);
            if now != Some(was) {
                let number = now.and_then(|id| after.version(id)).map(|it| it.number);
                self.brought.aliases.push(match number {
                    Some(number) => format!("{name}@{alias} means {name}/{number} now"),
                    None => format!("{name}@{alias} is no more"),
                });
            }
        }
        self.brought.events += lines.len();
        let lines: Vec<String> = lines.into_iter().map(|(_, line)| line).collect();
        if !lines.is_empty() {
            self.lines.insert(folder, lines);
        }
        Ok(())
    }
}
