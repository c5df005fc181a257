//! `fairledger export`

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::engine::{Error, export_onnx};

use super::exit::Exit;
use super::output::{bytes, line};

/// Write what the ledger holds in the formats of other programs
#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(subcommand)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Format {
    Onnx(Onnx),
}

/// Write a trained model with its preparation as ONNX
#[derive(Debug, Args)]
struct Onnx {
    /// A run, or a model file such as artifacts/model.forest
    #[arg(value_name = "RUN|FILE")]
    model: String,
    /// Where to write; - is standard output; default: the run's id with .onnx, here
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Export {
    pub(super) fn execute(&self, here: &Path) -> Result<Exit, Error> {
        match &self.format {
            Format::Onnx(onnx) => onnx.execute(here),
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
