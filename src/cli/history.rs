//! `fairledger history`

use clap::Args;

use crate::engine::{Error, Ledger};
use crate::ledger::history::{Day, Record};
use crate::ledger::number;

use super::exit::Exit;
use super::output::{self, Align, line};
use super::terminal;

/// Show what happened day by day: attempts, how they ended, and new best runs
#[derive(Debug, Args)]
pub(super) struct History {
    /// Only the runs of these experiments, or those that meet a filter such as `started > 30d`
    #[arg(value_name = "FILTER")]
    filter: Vec<String>,
    /// At most so many days, the latest
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl History {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let mut days = ledger.history(&self.filter)?;
        days.truncate(self.limit.unwrap_or(usize::MAX));
        if self.json {
            output::json(&days);
            return Ok(Exit::Done);
        }
        let Some(first) = days.first() else {
            line("Nothing happened yet.\nnext: fairledger run");
            return Ok(Exit::Done);
        };
        let next = format!("next: fairledger list \"started >= '{}'\"\n", first.date);
        terminal::page(&(table(&days) + &next), true);
        Ok(Exit::Done)
    }
}

fn table(days: &[Day]) -> String {
    let columns = [
        ("day", Align::Left),
        ("attempts", Align::Right),
        ("finished", Align::Right),
        ("failed", Align::Right),
        ("interrupted", Align::Right),
        ("time", Align::Right),
        ("experiments", Align::Left),
        ("new best", Align::Left),
    ];
    let number = |number: usize| if number == 0 { String::new() } else { number.to_string() };
    let rows = days.iter().map(|day| {
        let experiments: Vec<&str> = day.experiments.iter().map(String::as_str).collect();
        vec![
            day.date.clone(),
            number(day.attempts),
            number(day.finished),
            number(day.failed),
            number(day.interrupted),
            super::show::seconds(day.seconds),
            experiments.join(", "),
            day.records.iter().map(in_words).collect::<Vec<_>>().join("; "),
        ]
    });
    output::render(&columns, rows.collect(), Vec::new())
}

fn in_words(record: &Record) -> String {
    let Record { experiment, label, metric, value, .. } = record;
    format!("{experiment}: {label}, {metric} {}", number::for_people(*value))
}
