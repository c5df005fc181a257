//! `fairledger export`

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::engine::{Error, Ledger, count, export_onnx};

use super::exit::Exit;
use super::output::{bytes, line, note};

/// Write what the ledger holds in the formats of other programs
#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(subcommand)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Format {
    Onnx(Onnx),
    Parquet(Parquet),
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
}

impl Export {
    pub(super) fn execute(&self, here: &Path) -> Result<Exit, Error> {
        match &self.format {
            Format::Onnx(onnx) => onnx.execute(here),
            Format::Parquet(parquet) => parquet.execute(&Ledger::open(here)?),
        }
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
        let made = ledger.export_tables(&self.filter, self.output.as_deref())?;
        for left_out in &made.left_out {
            note(format!("left out: {left_out}"));
        }
        let (runs, points) = (count(made.runs, "run"), count(made.points, "metric point"));
        line(format!("{runs} and {points} in {}", made.folder.display()));
        Ok(if made.left_out.is_empty() { Exit::Done } else { Exit::Damage })
    }
}
