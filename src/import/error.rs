//! The errors of reading another tracker's store.

use std::path::{Path, PathBuf};

/// Why a store, or a run of it, cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Nothing there is an MLflow store.
    #[error("{} holds no MLflow store: neither mlflow.db nor mlruns/*/meta.yaml", .0.display())]
    NoStore(PathBuf),
    /// A database and a file store lie side by side.
    #[error("{} holds two MLflow stores; name one: {}, {}", folder.display(), database.display(), files.display())]
    TwoStores {
        /// The folder that was named.
        folder: PathBuf,
        /// The database in it.
        database: PathBuf,
        /// The file store in it.
        files: PathBuf,
    },
    /// A file of the store cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// A file of the store is not what MLflow writes.
    #[error("{}: {what}", path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, with the line where there is one.
        what: String,
    },
    /// The database refuses.
    #[error("{}: {source}", path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// What it says.
        source: rusqlite::Error,
    },
}

impl ImportError {
    pub(super) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        |source| Self::File { path: path.to_owned(), source }
    }

    pub(super) fn shape(path: &Path, what: &dyn std::fmt::Display) -> Self {
        Self::Shape { path: path.to_owned(), what: what.to_string() }
    }
}
