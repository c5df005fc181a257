//! Exports: what a ledger holds, in the formats of others.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::ledger::frame::{self, Frame};
use crate::ledger::percent;
use crate::ledger::view::RunView;
use crate::store::write_outside;
use crate::train::{Provenance, to_parquet};

use super::error::Error;
use super::ledger::Ledger;
use super::listing::ListOf;
use super::model::FoundModel;

/// The folder of exported tables in the ledger.
const FOLDER: &str = "export";

/// A file made for others.
#[derive(Debug)]
pub struct Exported {
    /// Its content.
    pub bytes: Vec<u8>,
    /// The file name it has when nobody asks for another.
    pub name: String,
}

/// The model of a run, or of a model file, as ONNX.
///
/// # Errors
/// When there is no such run or file, when the model is not in this copy of the ledger or is
/// damaged, and when ONNX cannot express it.
pub fn onnx(here: &Path, what: &str) -> Result<Exported, Error> {
    let found = FoundModel::named(here, what)?;
    let entry = found.entry.as_deref();
    let run = entry.map(|entry| entry.attempt.run);
    let provenance = Provenance {
        run,
        data: entry.and_then(|entry| Some(entry.request.to_built_in().ok()?.data.digest)),
        program: Some(env!("CARGO_PKG_VERSION").into()),
    };
    let bytes = found.open()?.to_onnx(&provenance)?;
    let stem = || Path::new(what).file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let stem = run.map(|run| run.short()).or_else(stem).unwrap_or_else(|| "model".into());
    Ok(Exported { bytes, name: format!("{stem}.onnx") })
}

impl Exported {
    /// Writes the file: at a path, or in the current folder under its own name.
    pub fn write(&self, path: Option<&Path>) -> Result<PathBuf, Error> {
        let path = path.map_or_else(|| PathBuf::from(&self.name), Path::to_owned);
        write_outside(&path, &self.bytes)?;
        Ok(path)
    }

    /// Writes the file unless another is there, which may be the user's own.
    pub fn write_new(&self, path: Option<&Path>) -> Result<PathBuf, Error> {
        let path = path.map_or_else(|| PathBuf::from(&self.name), Path::to_owned);
        let same = std::fs::read(&path).is_ok_and(|there| there == self.bytes);
        if path.symlink_metadata().is_ok() && !same {
            return Err(Error::Occupied(".".into(), path.display().to_string()));
        }
        write_outside(&path, &self.bytes)?;
        Ok(path)
    }
}

/// Tables that were written for other programs.
#[derive(Clone, Debug)]
pub struct TableFiles {
    /// The folder they are in.
    pub folder: PathBuf,
    /// Number of rows of the run table.
    pub runs: usize,
    /// Number of rows of the metric-point tables.
    pub points: usize,
    /// Number of files that changed.
    pub written: usize,
    /// Runs whose metric points are left out because they are damaged, with what is wrong.
    pub left_out: Vec<String>,
}

impl Ledger {
    /// A table as a Parquet file.
    pub fn parquet(&self, frame: &Frame) -> Result<Exported, Error> {
        Ok(Exported { bytes: to_parquet(frame)?, name: "runs.parquet".into() })
    }

    /// Writes the runs that some words choose, and their metric points, as Parquet: `runs/part-0.parquet`
    /// with a row a run, and for each experiment `metrics/experiment=NAME/part-0.parquet` with a row a
    /// point, by run, name and step. Without a folder they go to `export/` in the ledger, which git
    /// ignores. The names of users and machines can be left out.
    pub fn export_tables(
        &self,
        words: &[String],
        folder: Option<&Path>,
        anonymous: bool,
    ) -> Result<TableFiles, Error> {
        let mut listing = self.list(ListOf { words, ..ListOf::default() })?;
        if anonymous {
            listing.runs_mut().into_iter().for_each(super::fair::hide);
        }
        let runs = listing.runs();
        let mut files =
            vec![("runs/part-0.parquet".to_owned(), to_parquet(&self.run_table(&runs)?)?)];
        let (mut points, mut left_out) = (0, Vec::new());
        let mut by_experiment: BTreeMap<&str, Vec<&RunView>> = BTreeMap::new();
        for run in &runs {
            by_experiment.entry(&run.experiment).or_default().push(run);
        }
        for (experiment, runs) in by_experiment {
            let table = self.point_table(&runs, &mut left_out)?;
            points += table.rows();
            let path = format!("metrics/experiment={}/part-0.parquet", partition(experiment));
            files.push((path, to_parquet(&table)?));
        }
        let own = folder.is_none();
        let folder = match folder {
            // As written on the command line, not from the ledger's root.
            Some(folder) => std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned()),
            None => self.root().join(FOLDER),
        };
        if own {
            files.push((".gitignore".into(), b"*\n".to_vec()));
        }
        let published = self.store.publish(&folder, files)?;
        let (runs, written) = (runs.len(), published.written);
        Ok(TableFiles { folder, runs, points, written, left_out })
    }

    fn point_table(&self, runs: &[&RunView], left_out: &mut Vec<String>) -> Result<Frame, Error> {
        let mut points = Vec::new();
        for run in runs {
            match self.points(run) {
                Ok(own) => points.extend(own.into_iter().map(|point| (run.id.to_string(), point))),
                Err(Error::Store(error)) => left_out.push(error.to_string()),
                Err(error) => return Err(error),
            }
        }
        Ok(frame::metric_points(points.iter().map(|(run, point)| (run.clone(), point))))
    }
}

/// A value in the name of a folder, as Hive writes it: what is neither letter, digit, `-`, `_` nor `.`
/// becomes `%` and two hex digits.
fn partition(value: &str) -> String {
    percent::encoded(value.as_bytes(), b"-_.")
}

#[cfg(test)]
mod tests {
    use super::partition;

    #[test]
    fn a_partition_is_a_portable_folder() {
        assert_eq!(partition("housing_v2.1"), "housing_v2.1");
        assert_eq!(partition("größe=1/2"), "gr%C3%B6%C3%9Fe%3D1%2F2");
    }
}
