//! `fairledger model history`

use clap::Args;
use serde_json::json;

use crate::engine::{Error, Ledger};
use crate::ledger::registry::{ModelView, MoveView};

use super::super::exit::Exit;
use super::super::output::{self, Align, line, note};

/// Show where the aliases of a model pointed, and since when
#[derive(Debug, Args)]
pub(super) struct History {
    /// The model
    model: String,
    /// Where they pointed then: a date, whose end is meant, or a date-time
    #[arg(long, value_name = "DATE")]
    at: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl History {
    pub(super) fn execute(&self, ledger: &Ledger) -> Result<Exit, Error> {
        let Some(date) = &self.at else {
            return Ok(self.moves(&ledger.registered_model(&self.model, None)?));
        };
        let Ok(instant) = ledger.end_of(date) else {
            note(format!("error: '{date}' is no date"));
            note("  hint: write 2026-11-16, or '2026-11-16 08:41'");
            return Ok(Exit::Usage);
        };
        let model = ledger.registered_model(&self.model, Some(instant))?;
        if self.json {
            output::json(&json!({ "at": instant, "aliases": model.aliases }));
            return Ok(Exit::Done);
        }
        if model.aliases.is_empty() {
            line(format!("{} had no alias by {date}", model.name));
        }
        for (alias, number) in &model.aliases {
            let version = model.versions.iter().find(|version| version.number == *number);
            let run =
                version.map_or_else(String::new, |it| format!(", {} ({})", it.label, it.short));
            let since = model.history.iter().rev().find(|moved| moved.alias == *alias);
            let since =
                since.map_or_else(String::new, |it| format!(", since {}", it.time.minute()));
            line(format!("@{alias} was version {number}{run}{since}"));
        }
        Ok(Exit::Done)
    }

    fn moves(&self, model: &ModelView) -> Exit {
        if self.json {
            output::json(&model.history);
            return Exit::Done;
        }
        if model.history.is_empty() {
            line(format!("{} never had an alias", model.name));
            line(format!("next: fairledger model alias {}@champion 1", model.name));
            return Exit::Done;
        }
        let columns = ["when", "alias", "version", "run", ""].map(|name| (name, Align::Left));
        let row = |moved: &MoveView| {
            let version =
                model.versions.iter().find(|version| Some(version.number) == moved.version);
            vec![
                moved.time.minute(),
                format!("@{}", moved.alias),
                moved.version.map_or_else(|| "none".into(), |number| number.to_string()),
                version.map_or_else(String::new, |it| format!("{} ({})", it.label, it.short)),
                if moved.back { "rolled back".into() } else { String::new() },
            ]
        };
        output::table(&columns, model.history.iter().map(row).collect());
        Exit::Done
    }
}
