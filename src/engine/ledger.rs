//! An opened ledger: the one handle that every command passes around.

use std::path::Path;

use crate::git::Repo;
use crate::ledger::attempt::FORMAT;
use crate::ledger::config::{ExperimentConfig, LedgerConfig};
use crate::ledger::problem::Problem;
use crate::ledger::schema;
use crate::ledger::source::Source;
use crate::path;
use crate::store::Store;

use super::error::{Error, Mistakes};

/// An opened ledger.
pub struct Ledger {
    pub(super) store: Store,
    pub(super) config: LedgerConfig,
}

impl Ledger {
    /// Opens the ledger that a folder belongs to.
    pub fn open(start: &Path) -> Result<Self, Error> {
        let none = || Error::NoLedger(start.display().to_string());
        let start = start.canonicalize().map_err(|_| none())?;
        let root = Store::find(&start).ok_or_else(none)?;
        let store = Store::open(&root)?;
        let config = read_config(&store)?;
        let ledger = Self { store, config };
        if let Ok(settings) = super::command::settings_of(&ledger) {
            ledger.store.use_settings(settings);
        }
        Ok(ledger)
    }

    /// The ledger's folder.
    pub fn root(&self) -> &Path {
        self.store.root()
    }

    /// The ledger's title, its folder's name when it has none.
    pub fn title(&self) -> String {
        if !self.config.title.is_empty() {
            return self.config.title.clone();
        }
        let name = self.root().file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// The repository around the ledger, if there is one.
    pub(super) fn repository(&self) -> Result<Option<Repo>, Error> {
        Ok(Repo::discover(self.root())?)
    }

    /// What an experiment's `experiment.toml` says, and its mistakes; the defaults without one.
    pub(super) fn experiment(&self, name: &str) -> (ExperimentConfig, Mistakes) {
        let file = format!("experiments/{name}/experiment.toml");
        let mut mistakes = Mistakes::default();
        if !self.root().join(&file).is_file() {
            return (ExperimentConfig::default(), mistakes);
        }
        let text = match self.store.read_text(&file) {
            Ok(text) => text,
            Err(error) => {
                mistakes.add(&file, "", vec![Problem::at(&file, "", 0..0, error.to_string())]);
                return (ExperimentConfig::default(), mistakes);
            }
        };
        let config = match Source::parse(&file, &text) {
            Ok(source) => {
                let read = schema::read::<ExperimentConfig>(&source);
                mistakes.add(&file, &text, read.problems);
                read.value.unwrap_or_default()
            }
            Err(problems) => {
                mistakes.add(&file, &text, problems);
                ExperimentConfig::default()
            }
        };
        (config, mistakes)
    }
}

fn read_config(store: &Store) -> Result<LedgerConfig, Error> {
    let file = "ledger.toml";
    let text = store.read_text(file)?;
    let refuse = |problems: Vec<Problem>| {
        let mut mistakes = Mistakes::default();
        mistakes.add(file, &text, problems);
        Error::Mistakes(mistakes)
    };
    let source = Source::parse(file, &text).map_err(refuse)?;
    let format = source.table.get("format").and_then(toml::Value::as_integer);
    if let Some(format) = format.filter(|format| *format > FORMAT) {
        let message =
            format!("this ledger is of format {format}; this version reads up to {FORMAT}");
        let problem = source.at_value(path!["format"], message).hint("upgrade fairledger");
        return Err(refuse(vec![problem]));
    }
    let read = schema::read::<LedgerConfig>(&source);
    match read.value {
        Some(config) if read.problems.is_empty() => Ok(config),
        _ => Err(refuse(read.problems)),
    }
}
