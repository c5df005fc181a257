//! Monitors: registered models judged on data as it is now, each evaluation a run of its own.

mod evaluate;
mod notify;
mod outcome;

pub use notify::Unapproved;
pub use outcome::Monitored;

use crate::ledger::layout::MONITORS;
use crate::ledger::monitor::MonitorConfig;
use crate::ledger::problem::nearest;
use crate::ledger::registry::{Reference, RegistryError};

use super::cancel::Cancel;
use super::error::{Error, Mistakes};
use super::ledger::Ledger;
use super::news::{News, Tell};
use super::registry::Found;

/// What became of a monitor.
pub type Outcome = (String, Result<Monitored, Error>);

/// What the monitors of a pass gave, beside the runs.
#[derive(Default)]
pub(super) struct Watched {
    /// The data files they read, from the ledger's root.
    pub(super) data: Vec<String>,
    /// The mistakes in them.
    pub(super) mistakes: Mistakes,
}

impl Ledger {
    /// The names of the monitors that some words name, all of them when there are none.
    ///
    /// # Errors
    /// When there is no such monitor.
    pub fn monitors(&self, words: &[String]) -> Result<Vec<String>, Error> {
        let names = self.store.monitor_names()?;
        if words.is_empty() {
            return Ok(names);
        }
        let known = |word: &String| {
            let name = word.strip_prefix("monitors/").unwrap_or(word);
            let name = name.strip_suffix(".toml").unwrap_or(name);
            if names.iter().any(|known| known == name) {
                return Ok(name.to_owned());
            }
            let near = nearest(name, names.iter().map(String::as_str)).map(str::to_owned);
            Err(Error::NoMonitor { name: name.to_owned(), near })
        };
        words.iter().map(known).collect()
    }

    /// Evaluates monitors, one after the other: a mistake in one never stops the others. Brings the site
    /// along and takes a snapshot.
    pub fn run_monitors(&self, names: &[String], tell: Tell<'_>) -> Result<Vec<Outcome>, Error> {
        self.recover(tell)?;
        let one = |name: &String| {
            let done = self.monitor(name).and_then(|config| self.evaluate(name, &config, true));
            (name.clone(), done)
        };
        let done: Vec<Outcome> = names.iter().map(one).collect();
        self.bring_site()?.1?;
        self.take_snapshot();
        self.tell_alerts(&Cancel::default(), tell)?;
        Ok(done)
    }

    /// Evaluates every monitor in a pass of the daemon, and says what is new.
    pub(super) fn watch_monitors(&self, tell: Tell<'_>) -> Result<Watched, Error> {
        let mut watched = Watched::default();
        for name in self.store.monitor_names()? {
            let done = self.monitor(&name).and_then(|config| {
                watched.data.push(config.data.clone());
                self.evaluate(&name, &config, false)
            });
            match done {
                Ok(done) if done.is_new => {
                    for reason in &done.raised {
                        tell(News::Notice(format!("alert: monitor {name}: {reason}")));
                    }
                }
                Ok(_) => {}
                Err(Error::Mistakes(mistakes)) => watched.mistakes.join(mistakes),
                Err(error) => tell(News::Notice(format!("monitor {name}: {error}"))),
            }
        }
        Ok(watched)
    }

    /// Reads a monitor.
    pub fn monitor(&self, name: &str) -> Result<MonitorConfig, Error> {
        Ok(self.monitor_text(name)?.1)
    }

    /// Reads a monitor: its text, and what it says.
    pub(super) fn monitor_text(&self, name: &str) -> Result<(String, MonitorConfig), Error> {
        let file = format!("{MONITORS}/{name}.toml");
        let text = self.store.read_text(&file)?;
        match MonitorConfig::parse(&file, &text) {
            Ok(config) => Ok((text, config)),
            Err(problems) => {
                let mut mistakes = Mistakes::default();
                mistakes.add(&file, &text, problems);
                Err(Error::Mistakes(mistakes))
            }
        }
    }

    /// The version that a monitor is about.
    fn watched_version(&self, config: &MonitorConfig) -> Result<Found, Error> {
        if let Some(found) = self.version_named(&config.model)? {
            return Ok(found);
        }
        let name = Reference::parse(&config.model).name;
        let known = self.the_model(&name);
        Err(known.err().unwrap_or_else(|| RegistryError::Deleted(name).into()))
    }
}
