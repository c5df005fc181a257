//! `fairledger export`

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::engine::{CrateOf, Error, Ledger, count, export_onnx};

use super::bundle;
use super::exit::Exit;
use super::output::{bytes, line, note};

/// Write what the ledger holds for other ledgers and other programs
#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(subcommand)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Format {
    Bundle(bundle::Export),
    Citation(Citation),
    Crate(Crate),
    Croissant(Croissant),
    Onnx(Onnx),
    Parquet(Parquet),
}

/// Write CITATION.cff, which says how the ledger is cited
#[derive(Debug, Args)]
struct Citation {
    /// Where to write; - is standard output; default: CITATION.cff, here. A file that is there stays
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Describe a data file as Croissant 1.0, by which other programs read its rows
#[derive(Debug, Args)]
struct Croissant {
    /// The data file
    data: PathBuf,
    /// Where to write; - is standard output; default: croissant.json, here
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Write a run, or runs with a crate around them, as RO-Crate 1.1 with Process Run Crate 0.5
///
/// ro-crate-metadata.json describes every file, what was used and what came out, in JSON-LD.
#[derive(Debug, Args)]
struct Crate {
    /// A run; or experiments, or a filter such as `metrics.r2 > 0.8`; default: all runs
    #[arg(value_name = "RUN|FILTER")]
    words: Vec<String>,
    /// The folder to write into, or an archive that ends in .zip
    #[arg(short, long, value_name = "PATH")]
    output: PathBuf,
    /// Write nothing but the metadata
    #[arg(long)]
    metadata_only: bool,
    /// Leave out the names of users and machines, and with them logs and patches
    #[arg(long)]
    anonymous: bool,
}

/// Write a trained model with its preparation as ONNX
#[derive(Debug, Args)]
struct Onnx {
    /// A run, a registered model such as house@champion, or a file such as artifacts/model.forest
    #[arg(value_name = "RUN|MODEL|FILE")]
    model: String,
    /// Where to write; - is standard output; default: the run's id with .onnx, here
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Write the runs and their metric points as Parquet tables, for data frames and query engines
///
/// runs/part-0.parquet has a row a run: param_… in their own types, last_…, min_… and max_… of each
/// metric, tag_…. metrics/experiment=NAME/part-0.parquet has a row a metric point.
#[derive(Debug, Args)]
struct Parquet {
    /// Only the runs of these experiments, or those that meet a filter such as `metrics.r2 > 0.8`
    #[arg(value_name = "FILTER")]
    filter: Vec<String>,
    /// The folder to write into; default: export in the ledger, which git ignores
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Leave out the names of users and machines
    #[arg(long)]
    anonymous: bool,
}

impl Export {
    pub(super) fn execute(&self, here: &Path) -> Result<Exit, Error> {
        match &self.format {
            Format::Bundle(bundle) => bundle.execute(&Ledger::open(here)?),
            Format::Citation(citation) => citation.execute(&Ledger::open(here)?),
            Format::Croissant(asked) => asked.execute(&Ledger::open(here)?),
            Format::Crate(asked) => asked.execute(&Ledger::open(here)?),
            Format::Onnx(onnx) => onnx.execute(here),
            Format::Parquet(parquet) => parquet.execute(&Ledger::open(here)?),
        }
    }
}

impl Citation {
    fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let exported = ledger.export_citation()?;
        if self.output.as_deref() == Some(Path::new("-")) {
            bytes(&exported.bytes);
        } else {
            let path = exported.write_new(self.output.as_deref())?;
            line(format!("{}", path.display()));
        }
        Ok(Exit::Done)
    }
}

impl Croissant {
    fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let output = self.output.as_deref();
        let folder = output.and_then(Path::parent).unwrap_or(Path::new(""));
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let exported = ledger.export_croissant(&self.data, folder)?;
        if output == Some(Path::new("-")) {
            bytes(&exported.bytes);
        } else {
            line(format!("{}", exported.write(output)?.display()));
        }
        Ok(Exit::Done)
    }
}

impl Crate {
    fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let made = ledger.export_crate(CrateOf {
            words: &self.words,
            output: &self.output,
            metadata_only: self.metadata_only,
            anonymous: self.anonymous,
        })?;
        for left_out in &made.left_out {
            note(format!("left out: {left_out}"));
        }
        let (runs, files) = (count(made.runs, "run"), count(made.files, "file"));
        line(format!("{runs} in {files}: {}", made.path.display()));
        Ok(if made.damaged { Exit::Damage } else { Exit::Done })
    }
}

impl Onnx {
    fn execute(&self, here: &Path) -> Result<Exit, Error> {
        let exported = export_onnx(here, &self.model)?;
        if self.output.as_deref() == Some(Path::new("-")) {
            bytes(&exported.bytes);
        } else {
            let path = exported.write(self.output.as_deref())?;
            line(format!("{}", path.display()));
        }
        Ok(Exit::Done)
    }
}

impl Parquet {
    fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let made = ledger.export_tables(&self.filter, self.output.as_deref(), self.anonymous)?;
        for left_out in &made.left_out {
            note(format!("left out: {left_out}"));
        }
        let (runs, points) = (count(made.runs, "run"), count(made.points, "metric point"));
        line(format!("{runs} and {points} in {}", made.folder.display()));
        Ok(if made.left_out.is_empty() { Exit::Done } else { Exit::Damage })
    }
}
