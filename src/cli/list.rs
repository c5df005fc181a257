//! `fairledger list`

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::engine::{Error, Ledger, ListOf, Listing, count};
use crate::ledger::number;
use crate::ledger::view::RunView;

use super::exit::Exit;
use super::list_columns::Columns;
use super::output::{self, line};
use super::{list_table, terminal};

/// List the runs of the ledger, newest first
///
/// Runs that differ in nothing but the seed share a line: the mean of each metric over the finished
/// ones, and half the 95 % confidence interval of that mean. In an order, with a limit or with chosen
/// columns each run has a line of its own.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(super) struct List {
    /// Only the runs of these experiments, or those that meet a filter such as
    /// `metrics.r2 > 0.8 and params.max_depth = 10 order by metrics.rmse`
    #[arg(value_name = "FILTER")]
    filter: Vec<String>,
    /// Give each run a line of its own
    #[arg(long)]
    each: bool,
    /// The columns: run, files, any name of the filter language, curve.METRIC for the shape of a metric
    /// over its steps, `min.METRIC`, `max.METRIC`, `mean.METRIC`, `best_step.METRIC`; +NAME adds to the usual ones
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    columns: Vec<String>,
    /// What to sort by, such as `metrics.r2 desc, label`
    #[arg(long, value_name = "KEY")]
    sort: Option<String>,
    /// At most so many runs
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    #[command(flatten)]
    format: Format,
    /// Print long tables as they are
    #[arg(long)]
    no_pager: bool,
}

/// In which form; without one, a table for people.
#[derive(Debug, Args)]
#[group(multiple = false)]
struct Format {
    /// Print JSON; each run is an item of its own
    #[arg(long)]
    json: bool,
    /// Print CSV: without --columns everything known of each run
    #[arg(long)]
    csv: bool,
    /// Print a Markdown table
    #[arg(long)]
    markdown: bool,
    /// Write a Parquet file: without --columns everything known of each run
    #[arg(long, value_name = "FILE")]
    parquet: Option<PathBuf>,
}

const AFTER: &str = "\
Filters: metrics.NAME, params.NAME, tags.NAME and attributes such as label, experiment, spec, status,
started, duration, star, note, seed, trainer, commit; a bare name means whichever there is.
Compare with = != < <= > >= like ilike in is null; join with and, or, not and parentheses.
`started > 7d` is the last week, `started >= '2026-11-16'` a date; other words are searched for in
names, notes, tags and descriptions. Full: README.md, \"Find\".

A terminal gets colours, tables that fit, and $FAIRLEDGER_PAGER, $PAGER or less for long ones.";

impl List {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let columns = Columns::parse(&self.columns)?;
        let asked = ListOf { words: &self.filter, sort: self.sort.as_deref(), limit: self.limit };
        let listing = ledger.list(asked)?;
        let Format { json, csv, markdown, parquet } = &self.format;
        if *json {
            output::json(&listing.runs().into_iter().map(row_json).collect::<Vec<_>>());
        } else if *csv || *markdown || parquet.is_some() {
            self.format.write(ledger, &listing, &columns)?;
        } else {
            let text = list_table::text(ledger, listing, &columns, self)?;
            terminal::page(&text, !self.no_pager);
        }
        Ok(Exit::Done)
    }

    /// Whether each run has a line of its own.
    pub(super) fn each(&self) -> bool {
        self.each
    }

    /// The words that choose the runs.
    pub(super) fn words(&self) -> &[String] {
        &self.filter
    }

    /// Whether the runs were chosen among more.
    pub(super) fn is_chosen(&self) -> bool {
        !self.filter.is_empty()
    }
}

impl Format {
    fn write(&self, ledger: &Ledger, listing: &Listing, columns: &Columns) -> Result<(), Error> {
        let runs = listing.runs();
        let frame = if columns.are_usual() && !self.markdown {
            ledger.run_table(&runs)?
        } else {
            columns.frame(ledger, &runs)?
        };
        if let Some(path) = &self.parquet {
            let written = ledger.parquet(&frame)?.write(Some(path))?;
            line(format!("{} in {}", count(frame.rows(), "run"), written.display()));
            return Ok(());
        }
        let text = if self.csv { frame.to_csv() } else { frame.to_markdown() };
        // A label may come from somebody else's ledger; a file gets it as it is.
        let shown = terminal::width().map(|_| output::visible(&text));
        output::text(shown.as_deref().unwrap_or(&text));
        Ok(())
    }
}

/// A run in a JSON list: what identifies it, what was asked and what came out.
pub(super) fn row_json(run: &RunView) -> serde_json::Value {
    json!({
        "id": run.id,
        "short": run.short,
        "label": run.label,
        "experiment": run.experiment,
        "spec": run.spec,
        "status": run.status,
        "cause": run.cause,
        "trainer": run.trainer,
        "seed": run.seed,
        "cell": run.cell,
        "replicates": run.replicates,
        "params": run.params,
        "metrics": metrics_json(&run.metrics),
        "tags": run.tags,
        "timings": metrics_json(&run.timings),
        "started": run.started,
        "ended": run.ended,
        "deterministic": run.deterministic,
        "directory": run.directory,
    })
}

/// Numbers by name; one that JSON cannot hold becomes its name.
pub(super) fn metrics_json(metrics: &BTreeMap<String, f64>) -> serde_json::Value {
    #[derive(serde::Serialize)]
    struct Numbers<'a>(#[serde(with = "number::json_map")] &'a BTreeMap<String, f64>);
    serde_json::to_value(Numbers(metrics)).unwrap_or_default()
}
