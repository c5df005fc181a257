//! MLflow's database, a file of `SQLite`, and the folders of artifacts beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row};
use serde_json::{Map, Value, json};

use crate::ledger::attempt::Status;

use super::artifacts;
use super::error::ImportError;
use super::record::{
    Experiment, Model, Point, Run, RunKey, Version, instant, run_name, sort, stage,
};

/// The tables that are read; rows of any other are named as left.
const READ: [&str; 20] = [
    "alembic_version",
    "datasets",
    "experiment_tags",
    "experiments",
    "input_tags",
    "inputs",
    "latest_metrics",
    "logged_model_metrics",
    "logged_model_params",
    "logged_model_tags",
    "logged_models",
    "metrics",
    "model_version_tags",
    "model_versions",
    "params",
    "registered_model_aliases",
    "registered_model_tags",
    "registered_models",
    "runs",
    "tags",
];
/// What only serves MLflow's server.
const ITS_OWN: [&str; 4] = ["job_locks", "jobs", "scheduler_leases", "workspaces"];

/// A row by the names of its columns.
type Fields = Map<String, Value>;

/// A database.
#[derive(Debug)]
pub(super) struct Database {
    pub(super) path: PathBuf,
    connection: Connection,
    tables: BTreeSet<String>,
}

impl Database {
    pub(super) fn open(path: &Path) -> Result<Self, ImportError> {
        let refuse = |source| ImportError::Database { path: path.to_owned(), source };
        let connection =
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(refuse)?;
        let mut database = Self { path: path.to_owned(), connection, tables: BTreeSet::new() };
        let names = database.rows("SELECT name FROM sqlite_master WHERE type = 'table'", &[])?;
        database.tables = names.iter().map(|row| text(row, "name")).collect();
        if ["experiments", "runs", "params", "metrics", "tags"]
            .iter()
            .all(|name| database.tables.contains(*name))
        {
            Ok(database)
        } else {
            Err(ImportError::shape(path, &"is no database of MLflow"))
        }
    }

    pub(super) fn experiments(&self) -> Result<Vec<Experiment>, ImportError> {
        let mut found = Vec::new();
        for row in self.table("experiments", "1 = 1 ORDER BY experiment_id", &[])? {
            let id = text(&row, "experiment_id");
            let runs = self.table("runs", "experiment_id = ? ORDER BY run_uuid", &[&id])?;
            let runs =
                runs.iter().map(|run| RunKey { id: text(run, "run_uuid"), folder: PathBuf::new() });
            found.push(Experiment {
                name: text(&row, "name"),
                deleted: text(&row, "lifecycle_stage") == "deleted",
                tags: self.pairs(
                    "experiment_tags",
                    ["key", "value"],
                    "experiment_id = ?",
                    &[&id],
                )?,
                runs: runs.collect(),
                id,
            });
        }
        Ok(found)
    }

    pub(super) fn run(&self, key: &RunKey) -> Result<Run, ImportError> {
        let id = key.id.as_str();
        let row = self.table("runs", "run_uuid = ?", &[id])?.into_iter().next();
        let row =
            row.ok_or_else(|| ImportError::shape(&self.path, &format!("run {id} is gone")))?;
        let tags = self.pairs("tags", ["key", "value"], "run_uuid = ?", &[id])?;
        let (location, experiment) = (text(&row, "artifact_uri"), text(&row, "experiment_id"));
        let mut run = Run {
            id: id.to_owned(),
            name: run_name(text(&row, "name"), &tags, id),
            status: match text(&row, "status").as_str() {
                "FINISHED" => Status::Finished,
                "FAILED" => Status::Failed,
                "KILLED" => Status::Interrupted,
                _ => Status::Running,
            },
            started: instant(integer(&row, "start_time").unwrap_or_default()),
            ended: integer(&row, "end_time").map(instant),
            deleted: text(&row, "lifecycle_stage") == "deleted",
            params: self.pairs("params", ["key", "value"], "run_uuid = ?", &[id])?,
            tags,
            points: self.points(id)?,
            artifacts: Vec::new(),
            logged: BTreeMap::new(),
            absent: Vec::new(),
            rest: Map::from_iter([("run".to_owned(), Value::Object(row))]),
        };
        match self.place(&location, &[id, "artifacts"]) {
            Some(place) => artifacts::collect(&place, "", (&mut run.artifacts, &mut run.absent))?,
            None if location.is_empty() || artifacts::is_usual(&location, &experiment, id) => {}
            None => run.absent.push(format!("its artifacts are not here but at {location}")),
        }
        self.add_inputs(&mut run)?;
        self.add_models(&mut run)?;
        Ok(run)
    }

    fn place(&self, location: &str, ending: &[&str]) -> Option<PathBuf> {
        artifacts::find(self.path.parent()?, location, ending)
    }

    /// The metric points of a run, sorted. NaN is a flag, and infinities stand as the largest numbers.
    fn points(&self, run: &str) -> Result<Vec<Point>, ImportError> {
        let rows = self.table("metrics", "run_uuid = ?", &[run])?;
        let mut points: Vec<Point> = rows
            .iter()
            .map(|row| Point {
                name: text(row, "key"),
                value: match row.get("value").and_then(Value::as_f64) {
                    _ if is_set(row, "is_nan") => f64::NAN,
                    None => f64::NAN,
                    Some(value) if value.abs() >= f64::MAX => f64::INFINITY.copysign(value),
                    Some(value) => value,
                },
                step: integer(row, "step").unwrap_or_default(),
                time: instant(integer(row, "timestamp").unwrap_or_default()),
            })
            .collect();
        sort(&mut points);
        Ok(points)
    }

    /// Adds the data sets a run names as its input.
    fn add_inputs(&self, run: &mut Run) -> Result<(), ImportError> {
        let mut inputs = Vec::new();
        for input in self.table(
            "inputs",
            "destination_id = ? AND source_type = 'DATASET' ORDER BY input_uuid",
            &[&run.id],
        )? {
            let data = self.table("datasets", "dataset_uuid = ?", &[&text(&input, "source_id")])?;
            let tags = self.pairs(
                "input_tags",
                ["name", "value"],
                "input_uuid = ?",
                &[&text(&input, "input_uuid")],
            )?;
            inputs.push(json!({ "input": input, "dataset": data.first(), "tags": tags }));
        }
        if !inputs.is_empty() {
            run.rest.insert("inputs".into(), inputs.into());
        }
        Ok(())
    }

    /// Adds the models that a run logged.
    fn add_models(&self, run: &mut Run) -> Result<(), ImportError> {
        let mut models = Vec::new();
        for model in
            self.table("logged_models", "source_run_id = ? ORDER BY model_id", &[&run.id])?
        {
            let id = text(&model, "model_id");
            let place = self.place(&text(&model, "artifact_location"), &[&id, "artifacts"]);
            run.add_model(&id, &text(&model, "name"), place)?;
            models.push(json!({
                "model": model,
                "params": self.pairs("logged_model_params", ["param_key", "param_value"], "model_id = ?", &[&id])?,
                "tags": self.pairs("logged_model_tags", ["tag_key", "tag_value"], "model_id = ?", &[&id])?,
                "metrics": self.table("logged_model_metrics", "model_id = ? ORDER BY metric_name, metric_step", &[&id])?,
            }));
        }
        if !models.is_empty() {
            run.rest.insert("logged_models".into(), models.into());
        }
        Ok(())
    }

    pub(super) fn models(&self) -> Result<Vec<Model>, ImportError> {
        let mut models = Vec::new();
        for row in self.table("registered_models", "1 = 1 ORDER BY name", &[])? {
            let name = text(&row, "name");
            let mut versions = Vec::new();
            for row in self.table("model_versions", "name = ? ORDER BY version", &[&name])? {
                versions.push(self.version(&name, &row)?);
            }
            let aliases =
                self.pairs("registered_model_aliases", ["alias", "version"], "name = ?", &[&name])?;
            models.push(Model {
                description: text(&row, "description"),
                tags: self.pairs(
                    "registered_model_tags",
                    ["key", "value"],
                    "name = ?",
                    &[&name],
                )?,
                aliases: aliases
                    .into_iter()
                    .filter_map(|(alias, number)| Some((alias, number.parse().ok()?)))
                    .collect(),
                versions,
                name,
            });
        }
        Ok(models)
    }

    fn version(&self, name: &str, row: &Fields) -> Result<Version, ImportError> {
        let number = text(row, "version");
        let source = text(row, "source");
        Ok(Version {
            number: number.parse().unwrap_or_default(),
            time: instant(integer(row, "creation_time").unwrap_or_default()),
            description: text(row, "description"),
            stage: stage(text(row, "current_stage")),
            tags: self.pairs(
                "model_version_tags",
                ["key", "value"],
                "name = ? AND version = ?",
                &[name, &number],
            )?,
            run: text(row, "run_id"),
            model: source
                .strip_prefix("models:/")
                .filter(|id| id.starts_with("m-"))
                .unwrap_or_default()
                .to_owned(),
            source,
        })
    }

    pub(super) fn left(&self) -> Result<Vec<String>, ImportError> {
        let mut left = Vec::new();
        let known =
            |name: &&String| !READ.contains(&name.as_str()) && !ITS_OWN.contains(&name.as_str());
        for table in self.tables.iter().filter(known) {
            let quoted = table.replace('"', "\"\"");
            let rows = self.rows(&format!("SELECT count(*) AS number FROM \"{quoted}\""), &[])?;
            match rows.first().and_then(|row| integer(row, "number")) {
                Some(number) if number > 0 => {
                    left.push(format!("{number} rows of the table {table}"));
                }
                _ => {}
            }
        }
        Ok(left)
    }

    /// The rows of a table under a condition; none when this version of MLflow has no such table.
    fn table(
        &self,
        name: &str,
        condition: &str,
        values: &[&str],
    ) -> Result<Vec<Fields>, ImportError> {
        if !self.tables.contains(name) {
            return Ok(Vec::new());
        }
        self.rows(&format!("SELECT * FROM {name} WHERE {condition}"), values)
    }

    /// Two columns of a table under a condition, the first as key.
    fn pairs(
        &self,
        name: &str,
        [key, value]: [&str; 2],
        condition: &str,
        values: &[&str],
    ) -> Result<BTreeMap<String, String>, ImportError> {
        let rows = self.table(name, condition, values)?;
        Ok(rows.iter().map(|row| (text(row, key), text(row, value))).collect())
    }

    fn rows(&self, query: &str, values: &[&str]) -> Result<Vec<Fields>, ImportError> {
        let refuse = |source| ImportError::Database { path: self.path.clone(), source };
        let mut query = self.connection.prepare_cached(query).map_err(refuse)?;
        let names: Vec<String> = query.column_names().map(str::to_owned).collect();
        let mut rows = query.query(rusqlite::params_from_iter(values)).map_err(refuse)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(refuse)? {
            found.push(fields(&names, row).map_err(refuse)?);
        }
        Ok(found)
    }
}

fn fields(names: &[String], row: &Row<'_>) -> rusqlite::Result<Fields> {
    let mut fields = Fields::new();
    for (at, name) in names.iter().enumerate() {
        let value = match row.get_ref(at)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(value) => value.into(),
            ValueRef::Real(value) => value.into(),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into(),
        };
        fields.insert(name.clone(), value);
    }
    Ok(fields)
}

/// A field as text; empty when null or absent.
fn text(row: &Fields, name: &str) -> String {
    match row.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}

fn integer(row: &Fields, name: &str) -> Option<i64> {
    row.get(name)?.as_i64()
}

/// Whether a flag is set, as a number or as a truth value.
fn is_set(row: &Fields, name: &str) -> bool {
    integer(row, name).is_some_and(|flag| flag != 0) || row.get(name) == Some(&Value::Bool(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tables that the first versions with steps had, one run in them.
    const OLD: &str = "
        CREATE TABLE experiments (experiment_id INTEGER, name TEXT, artifact_location TEXT, lifecycle_stage TEXT);
        CREATE TABLE runs (run_uuid TEXT, status TEXT, start_time BIGINT, end_time BIGINT, lifecycle_stage TEXT,
            artifact_uri TEXT, experiment_id INTEGER);
        CREATE TABLE metrics (key TEXT, value FLOAT, timestamp BIGINT, run_uuid TEXT, step BIGINT, is_nan BOOLEAN);
        CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);
        CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);
        CREATE TABLE traces_of_agents (id TEXT);
        INSERT INTO experiments VALUES (3, 'old', './mlruns/3', 'active');
        INSERT INTO runs VALUES ('ab', 'FINISHED', 1000, 2000, 'active', './mlruns/3/ab/artifacts', 3);
        INSERT INTO metrics VALUES ('r2', 1.7976931348623157e308, 1500, 'ab', 1, 0), ('r2', 0, 1400, 'ab', 0, 1),
            ('r2', -1.7976931348623157e308, 1600, 'ab', 2, 0);
        INSERT INTO tags VALUES ('mlflow.runName', 'first', 'ab');
        INSERT INTO traces_of_agents VALUES ('x'), ('y');";

    #[test]
    fn a_database_of_an_old_version_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mlflow.db");
        Connection::open(&path).unwrap().execute_batch(OLD).unwrap();
        let database = Database::open(&path).unwrap();
        let experiments = database.experiments().unwrap();
        assert_eq!((experiments[0].name.as_str(), experiments[0].runs.len()), ("old", 1));
        let run = database.run(&experiments[0].runs[0]).unwrap();
        assert_eq!((run.name.as_str(), run.status), ("first", Status::Finished));
        let values: Vec<f64> = run.points.iter().map(|point| point.value).collect();
        assert!(values[0].is_nan());
        assert_eq!(values[1..], [f64::INFINITY, f64::NEG_INFINITY]);
        assert_eq!(database.models().unwrap(), []);
        assert_eq!(database.left().unwrap(), ["2 rows of the table traces_of_agents"]);
    }
}
