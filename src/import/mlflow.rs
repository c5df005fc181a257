//! An MLflow store: a folder of files, or a database beside one.

use std::path::{Path, PathBuf};

use super::database::Database;
use super::error::ImportError;
use super::files::Files;
use super::record::{Experiment, Model, Run, RunKey};

/// The name of MLflow's database and of its folder of files.
const NAMES: (&str, &str) = ("mlflow.db", "mlruns");

/// An MLflow store that is read.
#[derive(Debug)]
pub struct Mlflow(Kind);

#[derive(Debug)]
enum Kind {
    Files(Files),
    Database(Database),
}

impl Mlflow {
    /// Opens a database file, an `mlruns` folder, or the folder that holds one of them.
    ///
    /// # Errors
    /// When there is none, when there are both, or when a database is not MLflow's.
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        if path.is_file() {
            return Ok(Self(Kind::Database(Database::open(path)?)));
        }
        if Files::is_store(path) {
            return Ok(Self(Kind::Files(Files::open(path))));
        }
        let (database, files) = (path.join(NAMES.0), path.join(NAMES.1));
        match (database.is_file(), Files::is_store(&files)) {
            (true, false) => Ok(Self(Kind::Database(Database::open(&database)?))),
            (false, true) => Ok(Self(Kind::Files(Files::open(&files)))),
            (true, true) => {
                Err(ImportError::TwoStores { folder: path.to_owned(), database, files })
            }
            (false, false) => Err(ImportError::NoStore(path.to_owned())),
        }
    }

    /// What was opened.
    pub fn path(&self) -> &Path {
        let path: &PathBuf = match &self.0 {
            Kind::Files(files) => &files.root,
            Kind::Database(database) => &database.path,
        };
        path
    }

    /// The experiments, those in the trash among them, each with the keys of its runs.
    pub fn experiments(&self) -> Result<Vec<Experiment>, ImportError> {
        match &self.0 {
            Kind::Files(files) => files.experiments(),
            Kind::Database(database) => database.experiments(),
        }
    }

    /// Reads one run.
    pub fn run(&self, key: &RunKey) -> Result<Run, ImportError> {
        match &self.0 {
            Kind::Files(files) => files.run(key),
            Kind::Database(database) => database.run(key),
        }
    }

    /// The registered models.
    pub fn models(&self) -> Result<Vec<Model>, ImportError> {
        match &self.0 {
            Kind::Files(files) => files.models(),
            Kind::Database(database) => database.models(),
        }
    }

    /// What the store holds that nothing here has a place for, in a line each.
    pub fn left(&self) -> Result<Vec<String>, ImportError> {
        match &self.0 {
            Kind::Files(files) => files.left(),
            Kind::Database(database) => database.left(),
        }
    }
}
