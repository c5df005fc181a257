//! `fairledger digest`

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::engine::{Error, Ledger};
use crate::ledger::period::Period;

use super::exit::Exit;
use super::output::{self, line, note};

/// Tell what happened in a day, a week or any span of dates
///
/// Counts, the best run of each experiment and whether it beats all before, failures and alerts; the page
/// adds trends, distributions, summary statistics and the impact of params, the CSV a line a run with all
/// params and metrics. Days are those of the ledger's time zone.
#[derive(Debug, Args)]
pub(super) struct Digest {
    #[command(subcommand)]
    span: Span,
}

#[derive(Debug, Subcommand)]
enum Span {
    /// One day
    Daily(Until),
    /// Seven days
    Weekly(Until),
    /// From a date to another
    Range(Range),
}

#[derive(Debug, Args)]
struct Until {
    /// The last day; default: today
    #[arg(value_name = "DATE")]
    date: Option<String>,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Args)]
struct Range {
    /// The first day
    #[arg(value_name = "DATE")]
    first: String,
    /// The last day; default: today
    #[arg(value_name = "DATE")]
    last: Option<String>,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Args)]
#[group(multiple = false)]
struct Form {
    /// Print a line a run as CSV
    #[arg(long)]
    csv: bool,
    /// Print one HTML page that needs no other file
    #[arg(long)]
    html: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Write CSV, HTML and Markdown into this folder, named by the dates
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

impl Digest {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let (period, form) = match &self.span {
            Span::Daily(until) => (ledger.period("daily", until.date.as_deref(), 1), &until.form),
            Span::Weekly(until) => (ledger.period("weekly", until.date.as_deref(), 7), &until.form),
            Span::Range(range) => {
                (ledger.period_between(&range.first, range.last.as_deref()), &range.form)
            }
        };
        let Some(period) = period else {
            note("error: these are no dates, or they are in the wrong order");
            note("  hint: write 2026-11-16");
            return Ok(Exit::Usage);
        };
        let digest = ledger.digest(&period)?;
        match form {
            Form { csv: true, .. } => output::bytes(digest.csv().as_bytes()),
            Form { html: true, .. } => output::bytes(&digest.html()?),
            Form { json: true, .. } => output::json(&digest.view),
            Form { output: Some(folder), .. } => {
                write(folder, &period, "csv", digest.csv().as_bytes())?;
                write(folder, &period, "html", &digest.html()?)?;
                write(folder, &period, "md", digest.view.to_markdown().as_bytes())?;
            }
            _ => line(digest.view.to_markdown().trim_end()),
        }
        Ok(Exit::Done)
    }
}

fn write(folder: &Path, period: &Period, ending: &str, bytes: &[u8]) -> Result<(), Error> {
    let path = folder.join(format!("{}.{ending}", period.name));
    crate::store::write_outside(&path, bytes)?;
    line(format!("{}", path.display()));
    Ok(())
}
