//! MLflow's store of files: a folder an experiment, in it a folder a run, in it a file a param, tag and metric.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::ledger::attempt::Status;

use super::artifacts;
use super::error::ImportError;
use super::record::{
    Artifact, Experiment, Model, Point, Run, RunKey, Version, instant, run_name, sort, stage,
};

/// What describes an experiment, a run, a model, a version.
const META: &str = "meta.yaml";
/// Experiments in the trash.
const TRASH: &str = ".trash";
/// Registered models.
const MODELS: &str = "models";
/// What lies in an experiment's folder beside its runs.
const BESIDE_RUNS: [&str; 4] = ["datasets", "models", "tags", "traces"];
/// A name that leads this deep is none that MLflow wrote.
const DEEPEST: usize = 32;

/// A store of files.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) root: PathBuf,
}

impl Files {
    /// Whether a folder is such a store: an experiment lies in it.
    pub(super) fn is_store(folder: &Path) -> bool {
        folders(folder).unwrap_or_default().iter().any(|it| it.join(META).is_file())
    }

    pub(super) fn open(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    pub(super) fn experiments(&self) -> Result<Vec<Experiment>, ImportError> {
        let trash = folders(&self.root.join(TRASH))?;
        let here = folders(&self.root)?.into_iter().filter(|folder| !folder.ends_with(MODELS));
        let mut found = Vec::new();
        for folder in here.chain(trash).filter(|folder| folder.join(META).is_file()) {
            let meta = Meta::read(&folder)?;
            let mut runs = Vec::new();
            for run in folders(&folder)? {
                let name = name_of(&run);
                if run.join(META).is_file() && !BESIDE_RUNS.contains(&name.as_str()) {
                    runs.push(RunKey { id: name, folder: run });
                }
            }
            found.push(Experiment {
                id: name_of(&folder),
                name: meta.text("name"),
                deleted: meta.is_deleted(),
                tags: texts(&folder.join("tags"))?,
                runs,
            });
        }
        Ok(found)
    }

    pub(super) fn run(&self, key: &RunKey) -> Result<Run, ImportError> {
        let (folder, meta) = (&key.folder, Meta::read(&key.folder)?);
        let tags = texts(&folder.join("tags"))?;
        let mut run = Run {
            id: key.id.clone(),
            name: run_name(meta.text("run_name"), &tags, &key.id),
            status: status(&meta),
            started: instant(meta.integer("start_time").unwrap_or_default()),
            ended: meta.integer("end_time").map(instant),
            deleted: meta.is_deleted(),
            params: texts(&folder.join("params"))?,
            tags,
            points: points(&folder.join("metrics"))?,
            artifacts: Vec::new(),
            logged: BTreeMap::new(),
            absent: Vec::new(),
            rest: Map::from_iter([("run".to_owned(), Value::Object(meta.values.clone()))]),
        };
        let experiment = folder.parent().unwrap_or(folder);
        let place = folder.join("artifacts");
        let stored = meta.text("artifact_uri");
        let place = if place.is_dir() {
            Some(place)
        } else {
            artifacts::find(&self.root, &stored, &[&key.id, "artifacts"])
        };
        match place {
            Some(place) => artifacts::collect(&place, "", (&mut run.artifacts, &mut run.absent))?,
            None if stored.is_empty()
                || artifacts::is_usual(&stored, &name_of(experiment), &key.id) => {}
            None => run.absent.push(format!("its artifacts are not here but at {stored}")),
        }
        add_inputs(experiment, folder, &mut run)?;
        add_models(experiment, folder, &mut run)?;
        Ok(run)
    }

    pub(super) fn models(&self) -> Result<Vec<Model>, ImportError> {
        let top = self.root.join(MODELS);
        let mut models = Vec::new();
        for folder in folders(&top)? {
            let meta = Meta::read(&folder)?;
            let mut versions = Vec::new();
            for folder in folders(&folder)? {
                let number = name_of(&folder)
                    .strip_prefix("version-")
                    .and_then(|number| number.parse().ok());
                if let Some(number) = number {
                    versions.push(version(&folder, number)?);
                }
            }
            versions.sort_by_key(|version| version.number);
            let aliases = texts(&folder.join("aliases"))?.into_iter();
            models.push(Model {
                name: meta.text("name"),
                description: meta.text("description"),
                tags: texts(&folder.join("tags"))?,
                aliases: aliases
                    .filter_map(|(alias, number)| Some((alias, number.trim().parse().ok()?)))
                    .collect(),
                versions,
            });
        }
        Ok(models)
    }

    pub(super) fn left(&self) -> Result<Vec<String>, ImportError> {
        let mut traces = 0;
        for experiment in folders(&self.root)? {
            let folder = experiment.join("traces");
            traces += folders(&folder)?.len();
        }
        Ok(if traces == 0 { Vec::new() } else { vec![format!("{traces} traces")] })
    }
}

fn version(folder: &Path, number: u64) -> Result<Version, ImportError> {
    let meta = Meta::read(folder)?;
    Ok(Version {
        number,
        time: instant(meta.integer("creation_timestamp").unwrap_or_default()),
        description: meta.text("description"),
        stage: stage(meta.text("current_stage")),
        tags: texts(&folder.join("tags"))?,
        run: meta.text("run_id"),
        model: meta.text("model_id"),
        source: meta.text("source"),
    })
}

fn status(meta: &Meta) -> Status {
    match (meta.integer("status"), meta.text("status").as_str()) {
        (Some(3), _) | (_, "FINISHED") => Status::Finished,
        (Some(4), _) | (_, "FAILED") => Status::Failed,
        (Some(5), _) | (_, "KILLED") => Status::Interrupted,
        _ => Status::Running,
    }
}

/// Adds the data sets a run names as its input.
fn add_inputs(experiment: &Path, run: &Path, to: &mut Run) -> Result<(), ImportError> {
    let folder = run.join("inputs");
    let mut inputs = Vec::new();
    for folder in folders(&folder)? {
        let meta = Meta::read(&folder)?;
        let data = experiment.join("datasets").join(name_of_id(&meta.text("source_id")));
        let data = if data.join(META).is_file() {
            Value::Object(Meta::read(&data)?.values)
        } else {
            Value::Null
        };
        inputs.push(json!({ "input": meta.values, "dataset": data }));
    }
    if !inputs.is_empty() {
        to.rest.insert("inputs".into(), inputs.into());
    }
    Ok(())
}

/// Adds the models that a run logged, whose files lie beside the runs.
fn add_models(experiment: &Path, run: &Path, to: &mut Run) -> Result<(), ImportError> {
    let folder = run.join("outputs");
    let mut models = Vec::new();
    for folder in folders(&folder)? {
        let id = name_of(&folder);
        let folder = experiment.join(MODELS).join(&id);
        if !folder.join(META).is_file() {
            to.absent.push(format!("the logged model {id} is not here"));
            continue;
        }
        let meta = Meta::read(&folder)?;
        to.add_model(&id, &meta.text("name"), Some(folder.join("artifacts")))?;
        models.push(json!({
            "model": meta.values,
            "params": texts(&folder.join("params"))?,
            "tags": texts(&folder.join("tags"))?,
        }));
    }
    if !models.is_empty() {
        to.rest.insert("logged_models".into(), models.into());
    }
    Ok(())
}

impl Run {
    /// Adds the files of a model it logged, in a folder of the model's name; of the model's id when the run has a file there.
    pub(super) fn add_model(
        &mut self,
        id: &str,
        name: &str,
        folder: Option<PathBuf>,
    ) -> Result<(), ImportError> {
        let Some(folder) = folder.filter(|folder| folder.is_dir()) else {
            self.absent.push(format!("the files of the logged model {id} are not here"));
            return Ok(());
        };
        let taken =
            |prefix: &str| self.artifacts.iter().any(|it: &Artifact| it.path.starts_with(prefix));
        let prefix = format!("{name}/");
        let prefix =
            if name.is_empty() || taken(&prefix) { format!("{MODELS}/{id}/") } else { prefix };
        self.logged.insert(id.to_owned(), prefix.clone());
        artifacts::collect(&folder, &prefix, (&mut self.artifacts, &mut self.absent))
    }
}

/// The metric points of a run, sorted: a file a metric, a line a point: time, value, step.
fn points(folder: &Path) -> Result<Vec<Point>, ImportError> {
    let mut points = Vec::new();
    for (name, text) in texts(folder)? {
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let point = point(&name, line);
            let wrong = || {
                ImportError::shape(
                    &folder.join(&name),
                    &format!("line {} is no metric point: {line}", at + 1),
                )
            };
            points.push(point.ok_or_else(wrong)?);
        }
    }
    sort(&mut points);
    Ok(points)
}

fn point(name: &str, line: &str) -> Option<Point> {
    let mut words = line.split_whitespace();
    let (time, value) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    // Before version 1.0 there were no steps.
    let step = words.next().map_or(Ok(0), str::parse).ok()?;
    Some(Point { name: name.to_owned(), value, step, time: instant(time) })
}

/// The text of every file below a folder, by its path: a name with slashes leads into folders. Empty without the folder.
fn texts(folder: &Path) -> Result<BTreeMap<String, String>, ImportError> {
    let mut found = BTreeMap::new();
    if folder.is_dir() {
        add_texts(folder, "", DEEPEST, &mut found)?;
    }
    Ok(found)
}

fn add_texts(
    folder: &Path,
    prefix: &str,
    deep: usize,
    to: &mut BTreeMap<String, String>,
) -> Result<(), ImportError> {
    for entry in fs::read_dir(folder).map_err(ImportError::file(folder))? {
        let entry = entry.map_err(ImportError::file(folder))?;
        let (path, name) =
            (entry.path(), format!("{prefix}{}", entry.file_name().to_string_lossy()));
        let kind = entry.file_type().map_err(ImportError::file(&path))?;
        if kind.is_dir() && deep > 0 {
            add_texts(&path, &format!("{name}/"), deep - 1, to)?;
        } else if kind.is_file() {
            let bytes = fs::read(&path).map_err(ImportError::file(&path))?;
            to.insert(name, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    Ok(())
}

/// The folders in a folder, sorted by name; links are left out. None without the folder.
fn folders(folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let mut found = Vec::new();
    if !folder.is_dir() {
        return Ok(found);
    }
    for entry in fs::read_dir(folder).map_err(ImportError::file(folder))? {
        let entry = entry.map_err(ImportError::file(folder))?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !hidden && entry.file_type().map_err(ImportError::file(&entry.path()))?.is_dir() {
            found.push(entry.path());
        }
    }
    found.sort_unstable();
    Ok(found)
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// An id as the name of a folder: what would lead elsewhere names none.
fn name_of_id(id: &str) -> &str {
    if id.contains(['/', '\\']) || id.starts_with('.') { "" } else { id }
}

/// The values of a `meta.yaml`.
struct Meta {
    values: Map<String, Value>,
}

impl Meta {
    fn read(folder: &Path) -> Result<Self, ImportError> {
        let path = folder.join(META);
        let text = fs::read_to_string(&path).map_err(ImportError::file(&path))?;
        let values =
            serde_saphyr::from_str(&text).map_err(|error| ImportError::shape(&path, &error))?;
        Ok(Self { values })
    }

    /// A text, or a number as text; empty when absent or null.
    fn text(&self, name: &str) -> String {
        match self.values.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        }
    }

    fn integer(&self, name: &str) -> Option<i64> {
        self.values.get(name)?.as_i64()
    }

    fn is_deleted(&self) -> bool {
        self.text("lifecycle_stage") == "deleted"
    }
}
