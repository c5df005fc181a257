//! `fairledger report`

use std::path::PathBuf;

use clap::Args;

use crate::engine::{Error, Ledger, count};

use super::exit::Exit;
use super::output::{line, note};

/// Bring the site up to date
#[derive(Debug, Args)]
pub(super) struct Report {
    /// Open it in the browser
    #[arg(long)]
    open: bool,
    /// Also write every picture as an SVG file into this folder
    #[arg(long, value_name = "DIR")]
    pictures: Option<PathBuf>,
    /// Let the seven days of the overview end with this date or date-time instead of the newest attempt
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
}

impl Report {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
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
            if let Err(error) = open::that_detached(&built.index) {
                note(format!(
                    "error: no browser could be started ({error}); open the page by hand"
                ));
                return Ok(Exit::Error);
            }
        } else {
            line("next: fairledger report --open");
        }
        Ok(Exit::Done)
    }
}
