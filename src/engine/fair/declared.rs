//! What the ledger declares about itself must hold before anything of it leaves.

use crate::engine::error::{Error, Mistakes};
use crate::engine::ledger::Ledger;
use crate::ledger::fair::check;
use crate::ledger::fair::indicators::{Indicator, indicators};
use crate::ledger::layout::LEDGER;
use crate::ledger::source::Source;

impl Ledger {
    /// How FAIR the ledger is, indicator by indicator.
    pub fn fair_indicators(&self) -> Result<Vec<Indicator>, Error> {
        Ok(indicators(&self.outline()?))
    }

    /// The mistakes in what `ledger.toml` declares: no licence, a mistyped ORCID.
    pub fn declared_mistakes(&self) -> Result<Mistakes, Error> {
        let mut mistakes = Mistakes::default();
        let text = self.store.read_text(LEDGER)?;
        // That it parses was found when the ledger was opened.
        if let Ok(source) = Source::parse(LEDGER, &text) {
            mistakes.add(LEDGER, &text, check::problems(&source, &self.config));
        }
        Ok(mistakes)
    }

    /// Refuses what would leave the ledger without a licence or with mistaken names.
    pub(in crate::engine) fn must_be_declared(&self) -> Result<(), Error> {
        let mistakes = self.declared_mistakes()?;
        if mistakes.problems.is_empty() { Ok(()) } else { Err(Error::Mistakes(mistakes)) }
    }
}
