//! `fairledger data`

use std::path::PathBuf;

use clap::Args;

use crate::engine::{self, Error, count};
use crate::ledger::data_view::{ColumnView, DataView};
use crate::ledger::number;

use super::exit::Exit;
use super::output::{self, Align, line};

/// Show what is in a data file: columns, types, empty cells, simple statistics, digests
///
/// The file is read in a stream, whatever its size. The deviation is that of a sample, as in pandas.
#[derive(Debug, Args)]
pub(super) struct Data {
    /// The file, CSV or Parquet
    file: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Data {
    pub(super) fn execute(&self) -> Result<Exit, Error> {
        let view = engine::data(&self.file)?;
        if self.json {
            output::json(&view);
        } else {
            show(&view);
        }
        Ok(Exit::Done)
    }
}

fn show(view: &DataView) {
    let columns = count(view.columns.len(), "column");
    let (rows, size) = (count(view.rows as usize, "row"), number::bytes_for_people(view.size));
    let format = if view.format == "csv" { "CSV" } else { "Parquet" };
    line(format!("{}: {rows}, {columns}, {format}, {size}\n", view.path));
    table(&view.columns);
    line(format!("\nblake3   {}", view.blake3));
    line(format!("sha256   {}", view.sha256));
    if let Some(content) = &view.content {
        line(format!("content  {content}"));
    }
    if !view.specs.is_empty() {
        line(format!("\nused by {}", view.specs.join(", ")));
    }
    match view.specs.first() {
        Some(spec) => line(format!("\nnext: fairledger run {spec}")),
        None => line(format!("\nnext: write a spec with path = \"{}\" in [data]", view.path)),
    }
}

/// A column of the table: its title, and its text for a column of the file.
type Shown = (&'static str, Align, fn(&ColumnView) -> String);

const STATISTICS: [Shown; 9] = [
    ("column", Align::Left, |it| it.name.clone()),
    ("type", Align::Left, |it| it.r#type.to_owned()),
    ("empty", Align::Right, |it| it.missing.to_string()),
    ("distinct", Align::Right, distinct),
    ("min", Align::Right, |it| of_numbers(it, it.numbers.as_ref().map(|numbers| numbers.min))),
    ("mean", Align::Right, |it| of_numbers(it, it.numbers.as_ref().map(|numbers| numbers.mean))),
    ("max", Align::Right, |it| of_numbers(it, it.numbers.as_ref().map(|numbers| numbers.max))),
    ("deviation", Align::Right, |it| {
        let deviation = it.numbers.as_ref().map(|numbers| numbers.deviation);
        deviation.map_or(String::new(), number::deviation_for_people)
    }),
    ("most frequent", Align::Left, most_frequent),
];

fn table(columns: &[ColumnView]) {
    // What no column has is not shown.
    let shown: Vec<&Shown> = STATISTICS
        .iter()
        .filter(|(.., text)| columns.iter().any(|column| !text(column).is_empty()))
        .collect();
    let titles: Vec<(&str, Align)> =
        shown.iter().map(|(title, align, _)| (*title, *align)).collect();
    let row = |column: &ColumnView| shown.iter().map(|(.., text)| text(column)).collect();
    output::table(&titles, columns.iter().map(row).collect());
}

fn distinct(column: &ColumnView) -> String {
    let more = if column.more_distinct { "> " } else { "" };
    format!("{more}{}", column.distinct)
}

fn of_numbers(column: &ColumnView, value: Option<f64>) -> String {
    match value {
        Some(value) if column.r#type == "integer" && value.fract() == 0.0 && value.abs() < 1e15 => {
            (value as i64).to_string()
        }
        Some(value) => number::for_people(value),
        None => String::new(),
    }
}

/// The most frequent cell of a column that is no measurement.
fn most_frequent(column: &ColumnView) -> String {
    const SHOWN: usize = 24;
    match &column.most_frequent {
        Some(frequent) if column.numbers.is_none() => {
            let mut value: String = frequent.value.chars().take(SHOWN).collect();
            if value.len() < frequent.value.len() {
                value.push('…');
            }
            format!("{value} ({})", frequent.count)
        }
        _ => String::new(),
    }
}
