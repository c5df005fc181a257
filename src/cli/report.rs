//! `fairledger report`

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::engine::{Error, Ledger, SingleForm, SingleOf, count};
use crate::ledger::number::bytes_for_people;
use crate::store::write_outside;

use super::exit::Exit;
use super::list_table;
use super::output::{self, line, note};

/// Bring the site up to date, or write one file to share
///
/// With --single the site stays as it is: one HTML file is written that needs no other file, no script and
/// no network, and tells of the runs that a filter chooses, best first by the goal of their experiment.
#[derive(Debug, Args)]
pub(super) struct Report {
    /// With --single: only the runs of these experiments, or those that meet a filter such as
    /// `metrics.r2 > 0.7 order by metrics.rmse`; default: all runs
    #[arg(value_name = "FILTER", requires = "single")]
    filter: Vec<String>,
    /// Open it in the browser
    #[arg(long)]
    open: bool,
    /// Also write every picture as an SVG file into this folder
    #[arg(long, value_name = "DIR")]
    pictures: Option<PathBuf>,
    /// Let the seven days of the overview end with this date or date-time instead of the newest attempt
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// Write one HTML file about chosen runs; - is standard output
    #[arg(long, value_name = "FILE", conflicts_with_all = ["pictures", "as_of"])]
    single: Option<PathBuf>,
    /// With --single: the best so many runs of each experiment
    #[arg(long, value_name = "N", requires = "single", value_parser = clap::value_parser!(u32).range(1..))]
    top: Option<u32>,
    /// With --single: what it shows
    #[arg(long, value_enum, default_value_t = Form::Report, requires = "single")]
    form: Form,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// The table, the comparison, distributions and the impact of params
    Report,
    /// Four charts: the goal and the next metric by run, a param against the goal, the goal over time
    Comparison,
    /// The table: run, metrics and the params that vary
    Table,
}

impl Report {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        if let Some(file) = &self.single {
            return self.write_single(ledger, file);
        }
        let as_of = self.as_of.as_deref().map(|date| ledger.end_of(date)).transpose()?;
        let built = ledger.build_site_as_of(as_of)?;
        line(format!("site: {}", built.index.display()));
        line(format!("{} changed, {} unchanged", count(built.written, "page"), built.unchanged));
        built.refused.iter().for_each(|refused| note(format!("not used: {refused}")));
        if let Some(folder) = &self.pictures {
            let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
            let number = ledger.write_pictures(&folder)?;
            line(format!("{} in {}", count(number, "picture"), folder.display()));
        }
        if self.open {
            return Ok(open(&built.index));
        }
        line("next: fairledger report --open");
        Ok(Exit::Done)
    }

    fn write_single(&self, ledger: &Ledger, file: &Path) -> Result<Exit, Error> {
        let form = match self.form {
            Form::Report => SingleForm::Report,
            Form::Comparison => SingleForm::Comparison,
            Form::Table => SingleForm::Table,
        };
        let top = self.top.and_then(|top| usize::try_from(top).ok());
        let Some(bytes) = ledger.single_report(SingleOf { words: &self.filter, top, form })? else {
            note("error: no run is chosen, so there is nothing to write");
            for unknown in list_table::unknown(ledger, &self.filter)? {
                note(format!("  hint: {unknown}"));
            }
            return Ok(Exit::Error);
        };
        if file == Path::new("-") {
            output::bytes(&bytes);
            return Ok(Exit::Done);
        }
        write_outside(file, &bytes)?;
        line(format!("{}: {}", file.display(), bytes_for_people(bytes.len() as u64)));
        Ok(if self.open { open(file) } else { Exit::Done })
    }
}

fn open(page: &Path) -> Exit {
    if let Err(error) = open::that_detached(page) {
        note(format!("error: no browser could be started ({error}); open the page by hand"));
        return Exit::Error;
    }
    Exit::Done
}
