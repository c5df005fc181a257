//! Registered models of another tracker, as registered models of the ledger.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::import::{Model, Run, Version};
use crate::ledger::id::RunId;
use crate::ledger::layout::ARTIFACTS;
use crate::ledger::portable;
use crate::ledger::registry::{Event, EventKind, VersionId, check_alias, check_name};
use crate::ledger::time::Timestamp;

use crate::engine::error::{Error, count};
use crate::engine::ledger::Ledger;

use super::record::{Record, fixed_id};
use super::tally::Imported;

/// What MLflow puts beside what was learnt, to say how it is loaded.
const BESIDE: [&str; 7] = [
    "MLmodel",
    "conda.yaml",
    "python_env.yaml",
    "requirements.txt",
    "input_example.json",
    "serving_input_example.json",
    "registered_model_meta",
];

/// The runs that versions came from, as they are in the ledger.
#[derive(Debug, Default)]
pub(super) struct Sources {
    wanted: BTreeSet<String>,
    runs: BTreeMap<String, Source>,
}

/// A run that a version came from.
#[derive(Debug)]
struct Source {
    run: RunId,
    label: String,
    /// Path there, path here and size of each artifact.
    files: Vec<(String, String, u64)>,
    logged: BTreeMap<String, String>,
}

impl Sources {
    pub(super) fn of(models: &[Model]) -> Self {
        let versions = models.iter().flat_map(|model| &model.versions);
        Self { wanted: versions.map(|version| version.run.clone()).collect(), ..Self::default() }
    }

    /// Remembers a run if a version came from it.
    pub(super) fn note(&mut self, run: &Run, record: &Record) {
        if !self.wanted.contains(&run.id) {
            return;
        }
        let size = |file| fs::metadata(file).map_or(0, |metadata| metadata.len());
        let files = run.artifacts.iter().zip(&record.paths);
        let files = files.map(|(it, path)| (it.path.clone(), path.clone(), size(&it.file)));
        self.runs.insert(
            run.id.clone(),
            Source {
                run: record.request.id(),
                label: run.name.clone(),
                files: files.collect(),
                logged: run.logged.clone(),
            },
        );
    }

    /// The run of a version and the path of its model: of the files in the model's folder the largest that holds more than how
    /// to load it.
    fn model(&self, version: &Version) -> Result<(RunId, &str, &str), String> {
        let source =
            self.runs.get(&version.run).ok_or("the run it came from is not in the store")?;
        let logged = source.logged.get(&version.model).map(String::as_str);
        let prefix = logged.map_or_else(|| folder_in(&version.source), str::to_owned);
        let inside = source.files.iter().filter(|(path, ..)| path.starts_with(&prefix));
        let learnt = |path: &str| !BESIDE.contains(&path.rsplit('/').next().unwrap_or(path));
        let largest =
            inside.max_by_key(|(path, _, size)| (learnt(path), *size, std::cmp::Reverse(path)));
        let (_, path, _) = largest.ok_or("the files of its model are not here")?;
        Ok((source.run, &source.label, path))
    }
}

/// The folder below a run's artifacts that the source of a version names, such as `runs:/0f3e/model`.
fn folder_in(source: &str) -> String {
    let path = match source.strip_prefix("runs:/") {
        Some(rest) => rest.split_once('/').map_or("", |(_, path)| path),
        None => source.rsplit_once("/artifacts/").map_or("", |(_, path)| path),
    };
    if path.is_empty() { String::new() } else { format!("{}/", path.trim_end_matches('/')) }
}

impl Ledger {
    /// Brings a registered model: its versions, and what is said of it, each under an id that is the same in every import.
    pub(super) fn import_model(
        &self,
        model: &Model,
        sources: &Sources,
        tally: &mut Imported,
        dry_run: bool,
    ) -> Result<(), Error> {
        let name = name_of(&model.name);
        if name != model.name {
            tally.left.push(format!(
                "the name of the registered model '{}', which is {name} here",
                model.name
            ));
        }
        let (mut events, mut versions) = (Vec::new(), BTreeMap::new());
        for version in &model.versions {
            let (run, label, path) = match sources.model(version) {
                Ok(found) => found,
                Err(why) => {
                    tally.left.push(format!(
                        "version {} of the model '{}': {why}",
                        version.number, model.name
                    ));
                    continue;
                }
            };
            tally.versions += 1;
            if dry_run {
                continue;
            }
            let id = self.import_version(&name, run, label, path)?;
            events.extend(said_of_version(version, &id));
            versions.insert(version.number, id);
        }
        tally.models += 1;
        if dry_run {
            return Ok(());
        }
        let newest = model.versions.iter().map(|version| version.time).max();
        let newest = newest.unwrap_or_else(|| Timestamp::from_microseconds(0));
        events
            .extend(said_of_model(model, &versions, tally).into_iter().map(|kind| (newest, kind)));
        self.add_events(&name, events)
    }

    /// Makes a file of a run a version, unless it is one.
    fn import_version(
        &self,
        name: &str,
        run: RunId,
        label: &str,
        path: &str,
    ) -> Result<VersionId, Error> {
        let none =
            || Error::NoModel { label: label.to_owned(), cause: format!("it left no file {path}") };
        let path = format!("{ARTIFACTS}/{path}");
        let entries = self.store.attempts_of(run)?;
        let entry =
            entries.iter().find(|entry| entry.manifest.file(&path).is_some()).ok_or_else(none)?;
        let file = entry.manifest.file(&path).cloned().ok_or_else(none)?;
        let version = self.pin(name, label, entry, file, None)?;
        let known = self.known_model(name, None)?;
        let same = known.as_ref().and_then(|known| {
            known.files.versions.iter().find(|(_, other)| version.is_of_same_file(other))
        });
        match same {
            Some((id, _)) => Ok(id.clone()),
            None => self.write_version(name, &version, None),
        }
    }

    /// Appends the events of a model that its files do not have.
    fn add_events(&self, name: &str, kinds: Vec<(Timestamp, EventKind)>) -> Result<(), Error> {
        let Some(known) = self.known_model(name, None)? else { return Ok(()) };
        let mut events: Vec<Event> = Vec::new();
        for (number, (time, kind)) in kinds.into_iter().enumerate() {
            // Those of one instant keep their order.
            let time =
                Timestamp::from_microseconds(time.microseconds().saturating_add(number as i64));
            let text = serde_json::to_string(&kind).unwrap_or_default();
            let id = fixed_id(time, &format!("{name} {text}"));
            if !known.files.events.iter().any(|event| event.id == id) {
                events.push(Event { id, time, kind });
            }
        }
        if events.is_empty() { Ok(()) } else { Ok(self.store.append_events(name, &events)?) }
    }
}

/// The name of a model here: its own where that can be one.
fn name_of(name: &str) -> String {
    if check_name(name).is_ok() { name.to_owned() } else { portable::folder(name) }
}

fn said_of_version(version: &Version, id: &VersionId) -> Vec<(Timestamp, EventKind)> {
    let this = || Some(id.clone());
    let mut kinds = vec![EventKind::Register { version: id.clone(), number: version.number }];
    if !version.description.is_empty() {
        kinds.push(EventKind::Describe { version: this(), text: version.description.clone() });
    }
    let stage =
        Some(("stage".to_owned(), version.stage.clone())).filter(|(_, stage)| !stage.is_empty());
    let number = ("mlflow.version".to_owned(), version.number.to_string());
    for (key, value) in version.tags.clone().into_iter().chain(stage).chain([number]) {
        kinds.push(EventKind::Tag { version: this(), key, value });
    }
    kinds.into_iter().map(|kind| (version.time, kind)).collect()
}

fn said_of_model(
    model: &Model,
    versions: &BTreeMap<u64, VersionId>,
    tally: &mut Imported,
) -> Vec<EventKind> {
    let mut kinds = Vec::new();
    if !model.description.is_empty() {
        kinds.push(EventKind::Describe { version: None, text: model.description.clone() });
    }
    for (key, value) in model.tags.clone() {
        kinds.push(EventKind::Tag { version: None, key, value });
    }
    for (alias, number) in &model.aliases {
        match versions.get(number) {
            Some(id) if check_alias(alias).is_ok() => kinds.push(EventKind::Alias {
                alias: alias.clone(),
                version: Some(id.clone()),
                was: None,
                back: false,
            }),
            _ => tally.left.push(format!("the alias {alias} of the model '{}'", model.name)),
        }
    }
    if versions.len() < model.versions.len() {
        let missing = model.versions.len() - versions.len();
        tally.left.push(format!("{} of the model '{}'", count(missing, "version"), model.name));
    }
    kinds
}

#[cfg(test)]
mod tests {
    use super::folder_in;

    #[test]
    fn the_source_of_a_version_names_a_folder() {
        for (source, folder) in [
            ("runs:/0f3e/model", "model/"),
            ("runs:/0f3e/deep/model/", "deep/model/"),
            ("file:///x/mlruns/1/0f3e/artifacts/model", "model/"),
            ("models:/m-1", ""),
        ] {
            assert_eq!(folder_in(source), folder, "{source}");
        }
    }
}
