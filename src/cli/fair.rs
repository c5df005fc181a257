//! `fairledger fair`

use clap::Args;

use crate::engine::{Error, Ledger};
use crate::ledger::fair::indicators::{Standing, summary};

use super::exit::Exit;
use super::output::{self, Align, line};

/// Show which FAIR indicators the ledger meets, and what to write for the others
///
/// By the 41 indicators of the FAIR Data Maturity Model of the Research Data Alliance.
#[derive(Debug, Args)]
pub(super) struct Fair {
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Only what is not met
    #[arg(long)]
    missing: bool,
}

impl Fair {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let all = ledger.fair_indicators()?;
        let is_shown =
            |standing: &Standing| !self.missing || matches!(standing, Standing::NotMet { .. });
        let shown: Vec<_> = all.iter().filter(|it| is_shown(&it.standing)).collect();
        if self.json {
            output::json(&shown);
            return Ok(Exit::Done);
        }
        let columns = [
            ("indicator", Align::Left),
            ("priority", Align::Left),
            ("standing", Align::Left),
            ("by what, or what to write", Align::Left),
            ("asks for", Align::Left),
        ];
        let rows = shown.iter().map(|it| {
            let (priority, word) = (it.priority.word().to_owned(), it.standing.word().to_owned());
            vec![it.id.clone(), priority, word, it.standing.line(), it.asks.to_owned()]
        });
        output::table(&columns, rows.collect());
        line(format!("\n{}", summary(&all)));
        let mistakes = ledger.declared_mistakes()?;
        output::mistakes(&mistakes);
        Ok(if mistakes.problems.is_empty() { Exit::Done } else { Exit::Mistakes })
    }
}
